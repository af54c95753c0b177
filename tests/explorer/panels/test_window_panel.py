"""The window panel: its charts are short, and lose no extreme of the window and its response."""

import json

import numpy as np
import pytest

from specwidget.explorer.panels.window_panel import make_window_part, response_bottom, window_scene
from specwidget.stft.settings import STFTSettings
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
