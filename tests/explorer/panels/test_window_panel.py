"""The window panel: its charts are short, and lose no extreme of the window and its response."""

import json

import numpy as np
import pytest

from specwidget.explorer.panels.window_panel import WindowPanel, make_window_part, response_bottom, window_scene
from specwidget.sounds import as_sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.comparison import Variant
from specwidget.summary.window_readouts import MAX_POINTS, response_decibels, window_forms, zoom_bins


def charts_of(settings):
    """Return the forms of a window, and the axes of its charts."""
    forms = window_forms(settings)
    return forms, window_scene(forms, settings, 8000.0).axes


def line_of(axes, label):
    """Return the line of a form."""
    return next(item for item in axes.items if item.label == label)


@pytest.mark.parametrize("frame_length", [1, 2, 31, 256, 16_384])
def test_curves_are_short_and_keep_every_extreme(frame_length):
    forms, charts = charts_of(STFTSettings(frame_length=frame_length, window="hamming"))
    assert all(len(item.x) <= 2 * MAX_POINTS for axes in charts for item in axes.items)
    for form in forms:
        response = response_decibels(form.values)
        line = line_of(charts[2], form.name)
        highest = line.y if line.y_max is None else line.y_max
        assert (line.y.min(), highest.max()) == (np.float32(response.min()), np.float32(response.max()))
        points = np.arange(len(response)) / 16
        size = -(-len(response) // MAX_POINTS)
        assert line.x[0] == points[:size].mean()
        assert line.x[-1] == pytest.approx(frame_length / 2, abs=size / 16)


def test_the_response_near_the_main_lobe_is_even_and_has_each_point_once():
    settings = STFTSettings(window="blackmanharris")
    forms, charts = charts_of(settings)
    line = line_of(charts[1], "symmetric")
    assert (line.x[0], line.x[-1]) == (-17, 17) == (-zoom_bins(forms, 256), zoom_bins(forms, 256))
    np.testing.assert_array_equal(np.diff(line.x), 1 / 16)
    np.testing.assert_array_equal(line.y, line.y[::-1])
    assert line.y[len(line.y) // 2] == 0


def test_the_bins_of_the_fft_are_marked_unless_they_are_too_dense():
    _, charts = charts_of(STFTSettings(frame_length=256, fft_length=512))
    points = line_of(charts[1], "bins of the FFT")
    np.testing.assert_array_equal(np.diff(points.x), 0.5)
    assert points.min_gap > 0
    _, charts = charts_of(STFTSettings(frame_length=8, fft_length=32_768))
    assert "bins of the FFT" not in [item.label for item in charts[1].items]


@pytest.mark.parametrize(("side_lobe", "bottom"), [(-13.3, -80), (-92.0, -140), (float("nan"), -100), (-250, -220)])
def test_the_response_is_drawn_some_way_below_its_side_lobes(side_lobe, bottom):
    assert response_bottom(side_lobe) == bottom


@pytest.mark.parametrize("window", [None, "hann", ("kaiser_bessel_derived", 8.6)])
@pytest.mark.parametrize("rate", [None, 8000.0])
def test_the_content_is_json_with_a_row_of_values_for_each_form(window, rate):
    content, arrays = make_window_part(STFTSettings(window=window), rate)
    json.dumps(content, allow_nan=False)
    assert all(len(row["values"]) == len(content["names"]) for row in content["rows"])
    assert all(array.dtype == np.uint8 for array in arrays)


A = STFTSettings(window="hann", frame_length=256, fft_length=4096)
SOUND = as_sound(np.zeros(8000), 8000)


@pytest.mark.parametrize("length", [256, 1024, 64])
def test_a_and_b_are_drawn_in_one_plot_on_the_same_frequencies(length):
    b = STFTSettings(window="blackman", frame_length=length, fft_length=4096)
    scene = window_scene(window_forms(A), A, 8000.0, Variant(b, SOUND))
    assert scene.axes[1].x_label == "Frequency (bins of A of 31.25 Hz)"
    for axes in scene.axes:
        lines = [item for item in axes.items if item.label[:2] in ("A:", "B:")]
        assert [line.label for line in lines] == ["A: hann, 256 samples", f"B: blackman, {length} samples"]
        assert lines[0].style != lines[1].style
    for settings, label in ((A, "A: hann, 256 samples"), (b, lines[1].label)):
        line = line_of(scene.axes[1], label)
        response = np.abs(np.fft.rfft(settings.window_values, 2**16))
        found = np.interp(np.abs(line.x) * 8000 / 256, np.fft.rfftfreq(2**16, 1 / 8000), response / response[0])
        lowest, highest = (10 ** (each / 20) for each in (line.y, line.y if line.y_max is None else line.y_max))
        assert ((lowest - 0.01 <= found) & (found <= highest + 0.01)).all()
    assert line_of(scene.axes[0], label).x[-1] == pytest.approx(length - 1, abs=2)


def test_the_table_has_a_column_for_a_and_one_for_b():
    b = STFTSettings(window="blackman", periodic=True)
    content, _ = make_window_part(A, 8000.0, Variant(b, SOUND))
    assert content["names"] == ["A, symmetric", "B, periodic"]
    lobes = next(row for row in content["rows"] if row["name"].startswith("highest side lobe"))
    alone = [make_window_part(each, 8000.0)[0]["rows"] for each in (A, b)]
    assert list(lobes["values"]) == [
        next(row for row in rows if row["name"] == lobes["name"])["values"][0] for rows in alone
    ]


def test_the_panel_shows_b_as_soon_as_there_is_another_window(state):
    panel = WindowPanel(state)
    state.set_b()
    before = panel.contents()["window"].key
    state.update(window="blackman")
    content, _ = panel.contents()["window"].make()
    assert panel.contents()["window"].key != before
    assert content["title"] == "Windows of A and B"
    labels = [item["label"] for item in content["scene"]["axes"][0]["items"]]
    assert labels == ["A: blackman, 256 samples", "B: hann, 256 samples"]
    state.swap_ab()
    content, _ = panel.contents()["window"].make()
    assert [item["label"] for item in content["scene"]["axes"][0]["items"]] == labels
    panel.close()


def test_sounds_of_other_rates_share_the_frequencies_of_a():
    slow = Variant(STFTSettings(window="blackman", frame_length=256), as_sound(np.zeros(8000), 4000))
    lines = [item for item in window_scene(window_forms(A), A, 8000.0, slow).axes[2].items if item.label[:2] == "B:"]
    # Half of 4 kHz is 64 bins of 31.25 Hz.
    assert lines[0].x[-1] == pytest.approx(64, abs=1)
