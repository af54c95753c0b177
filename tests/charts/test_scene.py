"""Scenes: what they refuse, and how their values travel."""

import io

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.image import imread

from specwidget.charts.encoding import encode_image, encode_scene
from specwidget.charts.matplotlib_renderer import ImageStyle, draw_axes
from specwidget.charts.scene import COLOURS, Axes, Image, Line, Scene, padded_extent
from specwidget.charts.spectrogram_figure import to_png
from specwidget.raster.picture import N_CODES


def test_points_must_have_one_length():
    with pytest.raises(ValueError, match=r"`x` and `y` must have the same length; got shapes \(2,\) and \(3,\)"):
        Line([0, 1], [0, 1, 2])


@pytest.mark.parametrize(
    ("ends", "scale", "rule"), [((1, 1), "linear", "increase"), ((0, 1), "log", "increase and be positive")]
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
    assert padded_extent([2.0, np.nan, 4.0], margin=0.5) == (1.0, 5.0)
    assert padded_extent([2.0, 4.0], margin=0.25, zero=True) == (-1.0, 5.0)
    low, high = padded_extent([3.0])
    assert low < 3.0 < high


def test_cells_of_an_image_need_an_edge_more_than_there_are_cells():
    with pytest.raises(ValueError, match=r"`x_edges` must have shape \(3,\); got shape \(2,\)"):
        Image([[0.0, 1.0]], (0, 1), (0, 1), x_edges=[0, 1])


@pytest.mark.parametrize(("scale", "bottom"), [("linear", 0), ("log", 0.01)])
def test_cells_of_an_image_are_as_wide_as_their_edges_say(scale, bottom):
    image = Image([[0.0, 1.0]], (0, 1), (bottom, 1), x_edges=[0, 0.25, 1])
    ax = Figure(figsize=(2, 1), dpi=100).add_axes((0, 0, 1, 1))
    draw_axes(Axes("", "", "", (0, 1), (bottom, 1), [image], y_scale=scale), ax, ImageStyle(has_bar=False))
    ax.set_axis_off()
    row = imread(io.BytesIO(to_png(ax.figure)))[50, :, :3]
    assert np.flatnonzero(np.abs(np.diff(row, axis=0)).sum(axis=1)).tolist() == [49]


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_an_image_lies_above_the_grid(scale):
    image = Image([[0.0, 1.0]], (0, 1), (0.01, 1))
    pictures = []
    for has_grid in (False, True):
        with rc_context({"axes.grid": has_grid, "axes.axisbelow": True}):
            ax = Figure(figsize=(2, 1), dpi=100).add_axes((0, 0, 1, 1))
            draw_axes(Axes("", "", "", (0, 1), (0.01, 1), [image], y_scale=scale), ax, ImageStyle(has_bar=False))
        pictures.append(imread(io.BytesIO(to_png(ax.figure)))[2:-2, 2:-2])
    assert np.array_equal(*pictures)


def test_a_line_of_extremes_is_sent_and_drawn_with_both():
    line = Line([0, 1], [-1.0, -2.0], y_max=[3.0, 4.0])
    axes = Axes("", "", "", (0, 1), (-3, 5), [line])
    header, buffers = encode_scene(Scene([axes], ""))
    reference = header["axes"][0]["items"][0]["y_max"]
    assert np.frombuffer(buffers[reference["buffer"]], np.float32).tolist() == [3.0, 4.0]
    ax = Figure().add_subplot()
    draw_axes(axes, ax)
    assert ax.lines[0].get_ydata().tolist() == [-1.0, 3.0, -2.0, 4.0]
