"""Draw scenes with matplotlib: for files, paper and places without widgets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from specwidget.charts.scene import COLOURS, DASHES, Axes, Band, Image, Line, Points, ReferenceLine, Scene, Stems, Text
from specwidget.raster.colours import COLOUR_MAPS
from specwidget.raster.scales import MEL_BREAK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes as MplAxes
    from matplotlib.figure import Figure

WIDTH = 9.0
"""Width of a figure, inches."""

UNIT_HEIGHT = 2.3
"""Height, inches, of axes whose height is 1."""

NOT_FINITE = "0.5"
"""Grey for values that are NaN or infinite."""

MARKERS = {"dot": "o", "ring": "o", "cross": "x"}
FILL_OPACITY = {"soft": 0.18, "strong": 0.6, "none": 0.0}
SCALES: dict[str, tuple[Any, dict[str, Any]]] = {
    "linear": ("linear", {}),
    "log": ("log", {}),
    "mel": (
        "function",
        {"functions": (lambda hertz: np.log1p(hertz / MEL_BREAK), lambda mel: np.expm1(mel) * MEL_BREAK)},
    ),
}
"""Scales of axes as matplotlib's arguments."""


@dataclass(frozen=True)
class ImageStyle:
    """How images are drawn.

    Parameters
    ----------
    colour_map : str, optional
        Name of a matplotlib colour map; None is the default of the kind.
    has_bar : bool
        Whether each image has a colour bar.
    """

    colour_map: str | None = None
    has_bar: bool = True


def draw_scene(scene: Scene) -> Figure:
    """Draw a scene.

    Parameters
    ----------
    scene : Scene
        The scene.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not manage.
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


def draw_axes(axes: Axes, ax: MplAxes, image_style: ImageStyle | None = None) -> list[Artist]:
    """Draw one pair of axes of a scene.

    Parameters
    ----------
    axes : Axes
        The axes and their items.
    ax : matplotlib.axes.Axes
        The axes to draw on.
    image_style : ImageStyle, optional
        How images are drawn.

    Returns
    -------
    list of matplotlib.artist.Artist
        The images.
    """
    for axis, scale, limits, label, ticks in (
        ("x", axes.x_scale, axes.x_range, axes.x_label, axes.x_ticks),
        ("y", axes.y_scale, axes.y_range, axes.y_label, axes.y_ticks),
    ):
        name, arguments = SCALES[scale]
        getattr(ax, f"set_{axis}scale")(name, **arguments)
        ax.set(**{f"{axis}lim": limits, f"{axis}label": label})
        if ticks is not None:
            ax.set(**{f"{axis}ticks": [value for value, _ in ticks], f"{axis}ticklabels": [text for _, text in ticks]})
    if axes.title:
        ax.set_title(axes.title, fontsize="medium", loc="left")
    if axes.grid:
        ax.grid(axis="y", linewidth=0.5)
    style = image_style or ImageStyle()
    images: list[Artist] = []
    for item in axes.items:
        if isinstance(item, Image):
            images.append(_draw_image(item, ax, style))
        else:
            DRAWERS[type(item)](item, ax)
    handles, labels = ax.get_legend_handles_labels()
    if labels:
        ax.legend(handles, labels, fontsize="small", loc="best", framealpha=0.85)
    return images


def draw_colour_bar(image: Any, ax: MplAxes, label: str, unit: str) -> None:
    """Draw the colour bar of an image beside its axes."""
    bar = ax.figure.colorbar(image, ax=ax, pad=0.02)
    # Not parsed: two dollar signs in the unit of a signal would be mathematics.
    bar.set_label(f"{label} ({unit})" if unit else label, parse_math=False)


def _colour(item: Any) -> str:
    colour: str = COLOURS[item.colour][0]
    return colour


def _labelled(item: Any) -> dict[str, Any]:
    """Return colour and label as matplotlib's arguments."""
    return {"color": _colour(item), "label": item.label or None}


def _line_style(item: Line | ReferenceLine) -> Any:
    dashes = DASHES[item.style]
    return (0, dashes) if dashes else "solid"


def _draw_line(item: Line, ax: MplAxes) -> None:
    x, y = item.x, item.y
    if item.y_max is not None:
        # A zigzag between the lowest and the highest values, as on the page.
        x, y = np.repeat(x, 2), np.stack([y, item.y_max], axis=1).ravel()
    ax.plot(x, y, linestyle=_line_style(item), linewidth=1.4, **_labelled(item))
    if item.filled:
        ax.fill_between(item.x, item.y, 0, color=_colour(item), alpha=FILL_OPACITY["soft"], linewidth=0)


def _draw_stems(item: Stems, ax: MplAxes) -> None:
    ax.vlines(item.x, item.base, item.y, color=_colour(item), linewidth=1.2)
    ax.plot(item.x, item.y, "o", markersize=3.5, **_labelled(item))


def _draw_points(item: Points, ax: MplAxes) -> None:
    hollow: dict[str, Any] = {"markerfacecolor": "none"} if item.marker == "ring" else {}
    marker = MARKERS[item.marker]
    ax.plot(item.x, item.y, linestyle="none", marker=marker, markersize=4.5, **hollow, **_labelled(item))


def _draw_band(item: Band, ax: MplAxes) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Rectangle

    (x0, x1), (y0, y1) = item.x or ax.get_xlim(), item.y or ax.get_ylim()
    has_outline = item.x is not None and item.y is not None and item.fill != "strong"
    rectangle = Rectangle(
        (x0, y0),
        x1 - x0,
        y1 - y0,
        facecolor=to_rgba(_colour(item), FILL_OPACITY[item.fill]),
        edgecolor=_colour(item) if has_outline else "none",
        linewidth=0.9,
        label=item.label or None,
    )
    ax.add_patch(rectangle)
    if item.text:
        centre = (x0 + x1) / 2, (y0 + y1) / 2
        ax.text(*centre, item.text, ha="center", va="center", fontsize="small", color=COLOURS["ink"][0], clip_on=True)


def _draw_reference_line(item: ReferenceLine, ax: MplAxes) -> None:
    draw, value = (ax.axvline, item.x) if item.x is not None else (ax.axhline, item.y)
    draw(value, linestyle=_line_style(item), linewidth=1.2, **_labelled(item))  # type: ignore[arg-type]


def _draw_image(item: Image, ax: MplAxes, style: ImageStyle) -> Artist:
    low, high = item.colour_range
    ax.set_facecolor(NOT_FINITE)
    rows, columns = item.values.shape
    # An image takes a tenth of the memory of a mesh, and knows no other scale. It lies above the grid, as a mesh does.
    is_linear = ax.get_xscale() == ax.get_yscale() == "linear"
    draw = partial(ax.pcolorfast, zorder=1) if is_linear else partial(ax.pcolormesh, shading="flat", rasterized=True)
    image: Artist = draw(
        np.linspace(*item.x, columns + 1) if item.x_edges is None else item.x_edges,
        np.linspace(*item.y, rows + 1) if item.y_edges is None else item.y_edges,
        np.where(np.isfinite(item.values), item.values, np.nan),
        cmap=style.colour_map or COLOUR_MAPS[item.kind][0],
        vmin=low,
        vmax=high,
    )
    if style.has_bar:
        draw_colour_bar(image, ax, item.label, item.unit)
    return image


def _draw_text(item: Text, ax: MplAxes) -> None:
    align = {"centre": "center"}.get(item.align, item.align)
    ax.text(item.x, item.y, item.text, ha=align, va="center", fontsize="small", color=_colour(item), clip_on=True)


DRAWERS: dict[type[Any], Callable[[Any, MplAxes], None]] = {
    Line: _draw_line,
    Stems: _draw_stems,
    Points: _draw_points,
    Band: _draw_band,
    ReferenceLine: _draw_reference_line,
    Text: _draw_text,
}
"""The function that draws each kind of item but images."""
