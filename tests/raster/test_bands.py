"""Pictures of bands and coefficients: quantity, rows, and where the page finds them."""

import numpy as np
import pytest

from specwidget import MelSettings, front_ends
from specwidget.charts.spectrogram_figure import band_axis, make_figure, picture_axes
from specwidget.front_end import make_layer
from specwidget.mel.stages import BandSettings, Cepstrum
from specwidget.raster.picture import make_picture
from specwidget.raster.quantity import get_quantity, to_displayed
from specwidget.raster.region import group_rows
from specwidget.stft.settings import STFTSettings


@pytest.fixture
def spectrogram():
    """Noise in 40 bands."""
    signal = np.random.default_rng(0).standard_normal((1, 16_000, 1)).astype("float32")
    return make_layer(BandSettings(MelSettings(512, 160, 400, num_mel_bins=40))).spectrogram(signal, 16_000.0)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("keras", "band power (dB re 1)"),
        ("librosa", "band power"),
        ("whisper", "normalized log10 band power"),
        ("kaldi", "ln band power"),
        ("speecht5", "log10 band magnitude"),
        ("nemo", "normalized ln band power"),
        ("kaldi-mfcc", "cepstral coefficient"),
    ],
)
def test_the_quantity_says_what_the_layer_gives(name, label):
    settings = BandSettings.of(front_ends[name].layer)
    assert get_quantity(settings, decibels=False).axis_label == label


def test_sums_of_bins_are_shown_in_decibels_and_with_the_unit_of_the_signal():
    power, magnitude = (BandSettings(MelSettings(power_to_db=False, mag_exp=exponent)) for exponent in (2.0, 1.0))
    assert get_quantity(power, decibels=True, unit="V").axis_label == "band power (dB re 1 V²)"
    assert get_quantity(power, decibels=False, unit="m/s").axis_label == "band power ((m/s)²)"
    assert get_quantity(magnitude, decibels=False, unit="V").axis_label == "band magnitude (V)"
    values = np.array([1.0, 10.0])
    assert to_displayed(values, power, get_quantity(power, decibels=True)).tolist() == [0, 10]
    assert to_displayed(values, magnitude, get_quantity(magnitude, decibels=True)).tolist() == [0, 20]
    cubes = BandSettings(MelSettings(power_to_db=False, mag_exp=3.0))
    assert get_quantity(cubes, decibels=True, unit="V").axis_label == "band power"


def test_each_band_is_a_row_on_every_axis(spectrogram):
    for axis in ("linear", "log", "mel"):
        picture = make_picture(spectrogram, axis=axis)
        assert picture.row_starts.tolist() == list(range(41))
    header = picture.header()
    assert (header["spacing"], header["top"], header["n_bins"]) == (1.0, 40.0, 40)
    assert make_picture(make_layer(STFTSettings()).spectrogram(np.zeros((1, 4000, 1)))).header()["bands"] is None


def test_more_bands_than_rows_are_grouped_evenly():
    settings = BandSettings(MelSettings(num_mel_bins=128))
    assert group_rows(settings, 16_000.0, "linear", 32).tolist() == list(range(0, 129, 4))
    # The margin above and below the visible half is half of its height.
    part = group_rows(settings, 16_000.0, "linear", 64, (0.25, 0.75))
    assert (part[0], part[-1]) == (0, 128)


def test_a_figure_has_the_axis_of_bands(spectrogram):
    (axes,) = picture_axes(make_picture(spectrogram), "mel", "seconds")
    assert axes.y_label == "Mel bands (kHz)"
    assert axes.y_range == (0.0, 40.0)
    bank = spectrogram.settings.mel.bank
    for place, label in axes.y_ticks:
        assert np.interp(float(label) * 1000, bank.centres, np.arange(40) + 0.5) == pytest.approx(place, abs=0.1)
    make_figure(spectrogram).canvas.draw()


def test_the_labels_of_an_axis_of_bands_do_not_collide():
    # Whisper's bands are narrow below 200 Hz.
    for settings in (BandSettings(MelSettings(num_mel_bins=80)), BandSettings.of(front_ends["whisper"].layer)):
        label, ticks = band_axis(settings, (0.0, 80.0))
        places = [place for place, _ in ticks]
        assert label == "Mel bands (kHz)"
        assert places == sorted(places)
        assert min(np.diff(places)) >= 0.06 * 80
        assert {"0.1", "0.5", "1", "2", "5"} <= {text for _, text in ticks}, ticks


def test_a_figure_of_coefficients_has_their_numbers():
    signal = np.random.default_rng(0).standard_normal((1, 16_000, 1))
    settings = BandSettings(MelSettings(512, 160, 400, num_mel_bins=40), Cepstrum(13, "htk"))
    (axes,) = picture_axes(make_picture(make_layer(settings).spectrogram(signal, 16_000.0)), "linear", "seconds")
    assert axes.y_label == "Cepstral coefficient"
    assert axes.y_ticks[-1] == (12.5, "0")
