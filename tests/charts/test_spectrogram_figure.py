"""Figures: axes in units, the values where they belong, every mode and axis, files that are what they say."""

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

from specwidget import STFTSpectrogram
from specwidget.charts.spectrogram_figure import column_edges, decode, draw_spectrogram, make_figure, row_edges, to_png
from specwidget.raster.picture import make_picture
from specwidget.stft.settings import MODES
from tests.colour import count_colours

RATE = 8000.0


def make_spectrogram(mode="log", rate=RATE, frequency=1000.0, **settings):
    """The transform of one second of a sine."""
    sine = np.sin(2 * np.pi * frequency / RATE * np.arange(int(RATE))).astype("float32")
    return STFTSpectrogram(mode, **settings).spectrogram(sine[None, :, None], rate)


def draw(spectrogram, **choices):
    """The axes, and the images drawn on it."""
    axes = Figure().add_subplot()
    return axes, draw_spectrogram(spectrogram, axes, **choices)


@pytest.mark.parametrize(
    ("mode", "frequency_axis"),
    [*((mode, "linear") for mode in MODES), ("log", "log"), ("log", "mel"), ("log", "notes")],
)
def test_every_mode_is_drawn_and_on_every_axis(mode, frequency_axis):
    figure = make_figure(make_spectrogram(mode), frequency_axis=frequency_axis)
    pixels = imread(io.BytesIO(to_png(figure)))
    assert pixels.shape == (400, 900, 4)
    assert count_colours(pixels) > 20


def test_a_sine_is_brightest_at_its_frequency():
    _, images = draw(make_spectrogram())
    rows = images[0].get_array().mean(axis=1)
    edges = np.linspace(*images[0].get_extent()[2:], len(rows) + 1)
    brightest = int(rows.argmax())
    assert edges[brightest] <= 1000.0 <= edges[brightest + 1]


def test_a_full_scale_sine_has_its_level_in_decibels():
    _, images = draw(make_spectrogram("magnitude", window="boxcar", scaling="spectrum"))
    assert images[0].get_array().max() == pytest.approx(20 * np.log10(0.5), abs=0.01)


@pytest.mark.parametrize(
    ("time_axis", "title", "first", "last"),
    [("seconds", "Time (s)", 0.008, 0.984), ("samples", "Time (samples)", 64, 7872), ("frames", "Frame", -0.5, 60.5)],
)
def test_time_is_counted_in_the_unit_that_is_asked_for(time_axis, title, first, last):
    axes, images = draw(make_spectrogram(), time_axis=time_axis)
    assert axes.get_xlabel() == title
    assert images[0].get_extent()[:2] == pytest.approx((first, last))


def test_an_axis_of_notes_has_c_in_every_octave():
    axes, _ = draw(make_spectrogram(), frequency_axis="notes")
    ticks = {label.get_text(): value for label, value in zip(axes.get_yticklabels(), axes.get_yticks(), strict=True)}
    assert list(ticks) == ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7"]
    assert ticks["C4"] == pytest.approx(261.626, abs=0.001)


def test_axes_have_units_only_where_there_is_a_sample_rate():
    with_rate, _ = draw(make_spectrogram())
    without, _ = draw(make_spectrogram(rate=None))
    assert (with_rate.get_xlabel(), with_rate.get_ylabel()) == ("Time (s)", "Frequency (kHz)")
    assert (without.get_xlabel(), without.get_ylabel()) == ("Time (samples)", "Frequency (cycles per sample)")
    assert without.get_ylim()[1] == 0.5


@pytest.mark.parametrize(
    ("rate", "unit", "hertz"), [(0.1, "mHz", 1e-3), (1000.0, "Hz", 1.0), (8000.0, "kHz", 1e3), (5e6, "MHz", 1e6)]
)
@pytest.mark.parametrize("axis", ["linear", "log"])
def test_the_ticks_of_the_frequency_axis_are_in_the_unit_of_its_label(rate, unit, hertz, axis):
    ax, _ = draw(make_spectrogram(rate=rate), frequency_axis=axis)
    ax.figure.canvas.draw()
    assert ax.get_ylabel() == f"Frequency ({unit})"
    low, high = ax.get_ylim()
    ticks = [(value, label.get_text()) for value, label in zip(ax.get_yticks(), ax.get_yticklabels(), strict=True)]
    shown = [(value, text) for value, text in ticks if low <= value <= high]
    assert len(shown) >= 2
    for value, text in shown:
        assert float(text) * hertz == pytest.approx(value)


def test_columns_lie_about_the_centres_of_their_frames():
    spectrogram = make_spectrogram(frame_length=256, frame_step=64)
    edges = column_edges(make_picture(spectrogram, n_columns=10_000))
    np.testing.assert_allclose((edges[:-1] + edges[1:]) / 2, spectrogram.times)


def test_rows_lie_about_the_frequencies_of_their_bins():
    spectrogram = make_spectrogram()
    edges = row_edges(make_picture(spectrogram, n_rows=10_000))
    np.testing.assert_allclose((edges[1:-2] + edges[2:-1]) / 2, spectrogram.frequencies[1:-1])
    assert (edges[0], edges[-1]) == (0.0, RATE / 2)


def test_codes_are_read_back_as_the_values_they_stand_for():
    spectrogram = make_spectrogram("magnitude")
    picture = make_picture(spectrogram, decibels=False, n_columns=10_000, n_rows=10_000)
    values = spectrogram.channel_values().T
    np.testing.assert_allclose(decode(picture), values, atol=(values.max() - values.min()) / 65_534)


def test_what_is_not_finite_is_left_blank():
    signal = np.ones((1, 4000, 1), "float32")
    signal[0, 2000] = np.nan
    _, images = draw(STFTSpectrogram().spectrogram(signal, RATE))
    assert np.ma.getmaskarray(images[0].get_array()).any()


def test_real_and_imaginary_part_have_an_axes_each():
    axes, images = draw(make_spectrogram("stft"))
    assert [part.get_title(loc="left") for part in axes.child_axes] == ["real part", "imaginary part"]
    assert len(images) == 2


def test_a_range_by_hand_is_kept():
    _, images = draw(make_spectrogram(), value_range=(-30.0, -10.0))
    assert images[0].get_clim() == (-30.0, -10.0)


def test_mel_needs_a_sample_rate():
    with pytest.raises(ValueError, match="`frequency_axis` must be 'linear' or 'log' without a sample rate; got 'mel'"):
        draw(make_spectrogram(rate=None), frequency_axis="mel")


@pytest.mark.parametrize(("time_axis", "middle"), [("seconds", 0.508), ("frames", 62.5)])
def test_frames_without_values_are_named_on_the_figure(time_axis, middle):
    samples = np.random.default_rng(0).standard_normal((1, int(RATE), 1))
    samples[0, 4000:4128] = np.nan
    layer = STFTSpectrogram(frame_length=128, frame_step=64)
    axes, _ = draw(layer.spectrogram(samples, RATE), time_axis=time_axis)
    (text,) = axes.texts
    assert text.get_text() == "NaN"
    # Frames 61 to 64 overlap samples 4000 to 4127; the centre of frame t is 64 t + 64.
    assert text.get_position()[0] == pytest.approx(middle)


@pytest.mark.parametrize(
    ("seconds", "title", "labels"),
    [
        ((0, 0.5), "Time (ms)", {"0", "100", "500"}),
        ((0, 60), "Time (s)", {"0", "60"}),
        ((0, 600), "Time (min:s)", {"0:00", "2:00", "10:00"}),
        ((4000, 4100), "Time (h:min:s)", {"1:06:45", "1:08:15"}),
    ],
)
def test_time_has_the_units_and_the_clock_of_the_page(seconds, title, labels):
    first, last = seconds
    spectrogram = STFTSpectrogram(frame_length=100).spectrogram(np.zeros((1, 420_000, 1)), 100.0)
    axes, _ = draw(spectrogram, visible=(100 * first, 100 * last, 0, 1))
    axes.figure.draw_without_rendering()
    assert axes.get_xlabel() == title
    assert labels <= {label.get_text() for label in axes.get_xticklabels()}


def test_a_caption_is_broken_into_lines_that_fit():
    caption = "Mode log, frame length 256 (32 ms), $not mathematics$, window 'hann'. " * 4
    figure = make_figure(make_spectrogram(), caption=caption, size=(3.5, 2.5))
    figure.draw_without_rendering()
    text = figure.get_supxlabel()
    assert text.count("\n") >= 2
    assert text.replace("\n", " ") == caption.strip()
    [drawn] = [each for each in figure.texts if each.get_text() == text]
    assert drawn.get_window_extent().x1 < figure.bbox.width
