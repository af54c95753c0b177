"""The leaf modules of the panels under the picture, each alone in the browser."""

import pytest


@pytest.mark.parametrize("first", [0.0, 0.25])
def test_a_mirrored_curve_is_even_and_has_each_point_once(call, first):
    curve = {"first": first, "step": 0.5, "low": [4, 3, 2], "high": [5, 4, 3]}
    typed = "{ ...argument, low: Float32Array.from(argument.low), high: Float32Array.from(argument.high) }"
    points = "(({ first, step, low }) => [...low].map((y, i) => [first + i * step, y]))"
    places = call("explorer/panels/window_panel.js", f"{points}(m.mirrored({typed}))", curve)
    expected = {sign * (0.5 * i + first): y for sign in (1, -1) for i, y in enumerate([4, 3, 2])}
    assert dict(map(tuple, places)) == expected
    assert len(places) == len(expected)


def test_a_plot_keeps_infinite_values_on_the_canvas_and_reads_the_nearest_point(call):
    assert call("charts/plots.js", "m.placeOn({ low: 0, high: 10 }, argument, 100)", 2.5) == 25
    assert call("charts/plots.js", "m.placeOn({ low: 0, high: 10 }, -1 / 0, 100)") == -100
    curve = "{ first: 1, step: 2, low: Float32Array.of(5, 6, 7) }"
    assert call("charts/plots.js", f"[0.9, 2.1, 5.9].map((x) => m.valueAt({curve}, x))") == [5, 6, 7]
    assert call("charts/plots.js", f"Number.isNaN(m.valueAt({curve}, 8))") is True


@pytest.mark.parametrize(("side_lobe", "bottom"), [(-13.3, -80), (-92.0, -140), (None, -100), (-250, -220)])
def test_the_response_is_drawn_some_way_below_its_side_lobes(call, side_lobe, bottom):
    assert call("explorer/panels/window_panel.js", "m.bottomOf(argument)", side_lobe) == bottom
