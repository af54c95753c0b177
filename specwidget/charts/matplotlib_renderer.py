"""Scenes on paper: with matplotlib, where no widget runs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from specwidget.charts.scene import COLOURS, DASHES, Axes, Band, Image, Line, Note, Points, Rule, Scene, Stems
from specwidget.raster.colours import COLOUR_MAPS

if TYPE_CHECKING:
    from matplotlib.axes import Axes as Place
    from matplotlib.figure import Figure

WIDTH = 9.0
"""Width of a figure, inches."""

UNIT_HEIGHT = 2.3
"""Height, inches, of axes whose height is 1."""

NOT_FINITE = "0.5"
MARKERS = {"dot": "o", "ring": "o", "cross": "x"}
FILLS = {"soft": 0.18, "strong": 0.6, "none": 0.0}


def draw_scene(scene: Scene) -> Figure:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
        What a figure shows.

    Returns
    -------
    matplotlib.figure.Figure
        With `savefig`; pyplot does not know it.
    """
    from matplotlib.figure import Figure

    columns = min(scene.columns, len(scene.axes))
    rows = [scene.axes[first : first + columns] for first in range(0, len(scene.axes), columns)]
    heights = [max(axes.height for axes in row) for row in rows]
    figure = Figure(figsize=(WIDTH, UNIT_HEIGHT * sum(heights) + 0.3), layout="constrained")
    grid = figure.add_gridspec(len(rows), columns, height_ratios=heights)
    for number, axes in enumerate(scene.axes):
        draw_axes(axes, figure.add_subplot(grid[divmod(number, columns)]))
    return figure


def draw_axes(axes: Axes, place: Place) -> None:
    """Draw one pair of axes of a scene.

    Parameters
    ----------
    axes : Axes
        What is drawn.
    place : matplotlib.axes.Axes
        Where.
    """
    for axis, scale, ends, label, ticks in (
        ("x", axes.x_scale, axes.x_range, axes.x_label, axes.x_ticks),
        ("y", axes.y_scale, axes.y_range, axes.y_label, axes.y_ticks),
    ):
        place.set(**{f"{axis}scale": scale, f"{axis}lim": ends, f"{axis}label": label})
        if ticks is not None:
            place.set(
                **{f"{axis}ticks": [value for value, _ in ticks], f"{axis}ticklabels": [text for _, text in ticks]}
            )
    place.set_title(axes.title, fontsize="medium", loc="left")
    for item in axes.items:
        DRAWERS[type(item)](item, place)
    handles, labels = place.get_legend_handles_labels()
    if labels:
        place.legend(handles, labels, fontsize="small", loc="best", framealpha=0.85)


def _colour(item: Any) -> str:
    """Return an item's colour on paper."""
    colour: str = COLOURS[item.colour][0]
    return colour


def _named(item: Any) -> dict[str, Any]:
    """Return colour and name as matplotlib's arguments."""
    return {"color": _colour(item), "label": item.label or None}


def _dashes(item: Line | Rule) -> Any:
    """Return a style of line."""
    dashes = DASHES[item.style]
    return (0, dashes) if dashes else "solid"


def _line(item: Line, place: Place) -> None:
    """Draw a curve."""
    place.plot(item.x, item.y, linestyle=_dashes(item), linewidth=1.4, **_named(item))
    if item.filled:
        place.fill_between(item.x, item.y, 0, color=_colour(item), alpha=FILLS["soft"], linewidth=0)


def _stems(item: Stems, place: Place) -> None:
    """Draw stems."""
    place.vlines(item.x, item.base, item.y, color=_colour(item), linewidth=1.2)
    place.plot(item.x, item.y, "o", markersize=3.5, **_named(item))


def _points(item: Points, place: Place) -> None:
    """Draw marks."""
    hollow: dict[str, Any] = {"markerfacecolor": "none"} if item.marker == "ring" else {}
    place.plot(item.x, item.y, linestyle="none", marker=MARKERS[item.marker], markersize=4.5, **hollow, **_named(item))


def _band(item: Band, place: Place) -> None:
    """Draw a span or a rectangle, with its text."""
    from matplotlib.patches import Rectangle

    (x0, x1), (y0, y1) = item.x or place.get_xlim(), item.y or place.get_ylim()
    has_outline = item.x is not None and item.y is not None and item.fill != "strong"
    face = (*_rgb(_colour(item)), FILLS[item.fill])
    edge = _colour(item) if has_outline else "none"
    shape = Rectangle(
        (x0, y0), x1 - x0, y1 - y0, facecolor=face, edgecolor=edge, linewidth=0.9, label=item.label or None
    )
    place.add_patch(shape)
    if item.text:
        middle = (x0 + x1) / 2, (y0 + y1) / 2
        place.text(
            *middle, item.text, ha="center", va="center", fontsize="small", color=COLOURS["ink"][0], clip_on=True
        )


def _rule(item: Rule, place: Place) -> None:
    """Draw a straight line over the whole axes."""
    draw = place.axvline if item.x is not None else place.axhline
    where = item.x if item.x is not None else item.y
    draw(where, linestyle=_dashes(item), linewidth=1.2, **_named(item))  # type: ignore[arg-type]


def _image(item: Image, place: Place) -> None:
    """Draw values as colours, with a bar that tells them."""
    low, high = item.colour_range
    place.set_facecolor(NOT_FINITE)
    rows, columns = item.values.shape
    mesh = place.pcolormesh(
        np.linspace(*item.x, columns + 1),
        np.linspace(*item.y, rows + 1),
        np.where(np.isfinite(item.values), item.values, np.nan),
        cmap=COLOUR_MAPS[item.kind][0],
        vmin=low,
        vmax=high,
        shading="flat",
        rasterized=True,
    )
    unit = f" ({item.unit})" if item.unit else ""
    place.figure.colorbar(mesh, ax=place, label=f"{item.label}{unit}", pad=0.02)


def _note(item: Note, place: Place) -> None:
    """Write a text."""
    align = {"centre": "center"}.get(item.align, item.align)
    place.text(item.x, item.y, item.text, ha=align, va="center", fontsize="small", color=_colour(item), clip_on=True)


def _rgb(colour: str) -> tuple[float, ...]:
    """Return a hexadecimal colour as red, green and blue from 0 to 1."""
    return tuple(int(colour[first:last], 16) / 255 for first, last in pairwise((1, 3, 5, 7)))


DRAWERS: dict[type[Any], Callable[[Any, Place], None]] = {
    Line: _line,
    Stems: _stems,
    Points: _points,
    Band: _band,
    Rule: _rule,
    Image: _image,
    Note: _note,
}
"""How each kind of item is drawn."""
