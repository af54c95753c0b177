"""Scenes: what they refuse, and how their values travel."""

import numpy as np
import pytest

from specwidget.charts.encoding import encode_image, encode_scene
from specwidget.charts.scene import COLOURS, Axes, Image, Line, Scene, spread
from specwidget.raster.picture import N_CODES
from specwidget.teach.figure_spec import Control, choice, length, slider, switch


def test_points_must_have_one_length():
    with pytest.raises(ValueError, match=r"`x` and `y` must have the same length; got shapes \(2,\) and \(3,\)"):
        Line([0, 1], [0, 1, 2])


@pytest.mark.parametrize(
    ("ends", "scale", "rule"), [((1, 1), "linear", "rise"), ((0, 1), "log", "rise and be above 0")]
)
def test_an_axis_must_rise(ends, scale, rule):
    with pytest.raises(ValueError, match=f"`x_range` must {rule}; got"):
        Axes("", "", "", ends, (0, 1), x_scale=scale)


def test_an_image_has_two_axes_and_spans_its_values():
    with pytest.raises(ValueError, match=r"`values` must have shape \(rows, columns\); got shape \(3,\)"):
        Image([1, 2, 3], (0, 1), (0, 1))
    assert Image([[0, 3]], (0, 1), (0, 1)).range == (0, 3)
    assert Image([[-1, 3]], (0, 1), (0, 1), kind="diverging").range == (-3, 3)
    assert Image([[2, 2]], (0, 1), (0, 1)).range == (1.5, 2.5)


def test_the_codes_of_an_image_are_its_values_to_half_a_step():
    values = np.random.default_rng(0).uniform(-5, 20, (7, 9))
    codes = encode_image(Image(values, (0, 1), (0, 1), range=(-5.0, 20.0)))
    back = -5 + (codes - 1.0) * 25 / (N_CODES - 1)
    assert np.abs(back - values).max() <= 12.5 / (N_CODES - 1) * (1 + 1e-9)


def test_arrays_travel_beside_the_header():
    axes = Axes("a", "x", "y", (0, 1), (0, 1), [Line([0.0, 0.5], [1.0, np.nan], "l"), Image([[0, 1]], (0, 1), (0, 1))])
    header, buffers = encode_scene(Scene((axes,), "A caption."))
    line, image = header["axes"][0]["items"]
    assert np.frombuffer(buffers[line["x"]["buffer"]], np.float32).tolist() == [0.0, 0.5]
    assert np.isnan(np.frombuffer(buffers[line["y"]["buffer"]], np.float32)[1])
    assert (image["kind"], image["map"], image["rows"], image["columns"]) == ("image", "sequential", 1, 2)
    assert np.frombuffer(buffers[image["values"]["buffer"]], np.uint16).tolist() == [1, N_CODES]


def luminance(colour):
    """Return the relative luminance of a colour, as WCAG 2 defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return np.dot(linear, [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("name", COLOURS)
def test_colours_stand_out_from_the_page_in_both_themes(name):
    on_white = 1.05 / (luminance(COLOURS[name][0]) + 0.05)
    on_dark = (luminance(COLOURS[name][1]) + 0.05) / (luminance("#111111") + 0.05)
    assert on_white >= 4.5
    assert on_dark >= 4.5


def test_a_range_has_room_round_its_values():
    assert spread([2.0, np.nan, 4.0], margin=0.5) == (1.0, 5.0)
    assert spread([2.0, 4.0], margin=0.25, zero=True) == (-1.0, 5.0)
    low, high = spread([3.0])
    assert low < 3.0 < high


@pytest.mark.parametrize(
    ("control", "value", "sentence"),
    [
        (length("n", 8, "", span=(1, 16)), 2.0, "`n` must be an integer; got 2.0."),
        (length("n", 8, "", span=(1, 16)), 17, "`n` must be between 1 and 16; got 17."),
        (slider("f", 0.5, "", span=(0, 1)), float("nan"), "`f` must be between 0 and 1; got nan."),
        (slider("f", 0.5, "", span=(0, 1)), "abc", "`f` must be a number; got 'abc'."),
        (switch("s", True, ""), 1, "`s` must be True or False; got 1."),
        (choice("c", "a", "", choices=("a", None)), "b", "`c` must be one of 'a', None; got 'b'."),
    ],
)
def test_a_control_refuses_what_it_cannot_be(control, value, sentence):
    with pytest.raises((ValueError, TypeError), match=r"^`") as caught:
        control.check(value)
    assert str(caught.value) == sentence


def test_a_whole_number_on_a_slider_stays_whole():
    assert Control("k", "K", "slider", 3, "", span=(0, 9)).check(4) == 4
    assert slider("f", 3.0, "", span=(0, 9)).check(4) == 4.0
