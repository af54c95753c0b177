"""Charts as data: axes with the items drawn on them, and a caption.

A scene is computed by a pure function. The page draws it on canvases (`canvas_renderer.js`), `matplotlib_renderer` with
matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Range: TypeAlias = tuple[float, float]
Scale = Literal["linear", "log", "mel"]
Style = Literal["solid", "dashed", "dotted"]
Fill = Literal["soft", "strong", "none"]
ImageKind = Literal["sequential", "diverging", "cyclic"]
Colour = Literal["first", "second", "third", "fourth", "muted", "ink", "bad"]

COLOURS: dict[Colour, tuple[str, str]] = {
    "first": ("#0b57b0", "#7db7ff"),
    "second": ("#b34700", "#ffab6b"),
    "third": ("#1b7a4b", "#74d39a"),
    "fourth": ("#8a2f8f", "#e39be8"),
    "muted": ("#767676", "#9a9a9a"),
    "ink": ("#212121", "#e8e8e8"),
    "bad": ("#b3261e", "#ff9d94"),
}
"""Colours by role, on a light and on a dark page; the contrast to the page is at least 4.5."""

DASHES: dict[Style, tuple[float, ...]] = {"solid": (), "dashed": (5, 4), "dotted": (1.5, 3)}
"""Lengths of dashes and gaps by line style, pixels."""

COLOUR_CYCLE: tuple[Colour, ...] = ("first", "second", "third", "fourth")
"""Colours of items of the same kind, in order."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve through points; NaN interrupts it.

    Parameters
    ----------
    x, y : array-like (n,)
        Coordinates of the points.
    label : str
        Label in the legend; an empty one is not listed.
    colour : str
        One of `COLOURS`.
    style : {"solid", "dashed", "dotted"}
        Line style.
    filled : bool
        Whether the area between the curve and 0 is filled.
    y_max : array-like (n,), optional
        Where each point stands for many values, the highest of them; `y` is then the lowest.
    """

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    style: Style = "solid"
    filled: bool = False
    y_max: Any = None

    def __post_init__(self) -> None:
        """Convert the coordinates to arrays of equal length."""
        _convert_points(self)
        if self.y_max is not None:
            object.__setattr__(self, "y_max", np.asarray(self.y_max, dtype=np.float64).reshape(self.y.shape))


@dataclass(frozen=True, eq=False)
class Stems:
    """Values at single points, each with a line from `base`; other parameters as for `Line`."""

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    base: float = 0.0

    def __post_init__(self) -> None:
        """Convert the coordinates to arrays of equal length."""
        _convert_points(self)


@dataclass(frozen=True, eq=False)
class Points:
    """Markers at single points; other parameters as for `Line`.

    In the page, points whose neighbours are less than `min_gap` pixels apart are not drawn.
    """

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    marker: Literal["dot", "ring", "cross"] = "dot"
    min_gap: float = 0.0

    def __post_init__(self) -> None:
        """Convert the coordinates to arrays of equal length."""
        _convert_points(self)


@dataclass(frozen=True)
class Band:
    """A span of one axis, or a rectangle.

    Parameters
    ----------
    x, y : tuple of float or None
        Lowest and highest value; None is the whole axis.
    label : str
        Label in the legend.
    text : str
        Text in the middle, drawn where it fits.
    colour : str
        One of `COLOURS`.
    fill : {"soft", "strong", "none"}
        Opacity of the fill; rectangles that are "soft" or "none" have an outline.
    """

    x: Range | None = None
    y: Range | None = None
    label: str = ""
    text: str = ""
    colour: Colour = "first"
    fill: Fill = "soft"


@dataclass(frozen=True)
class ReferenceLine:
    """A straight line across the whole axes, at `x` or at `y`."""

    x: float | None = None
    y: float | None = None
    label: str = ""
    colour: Colour = "muted"
    style: Style = "dashed"


@dataclass(frozen=True, eq=False)
class Image:
    """Values on a grid, as colours, with a colour bar.

    Parameters
    ----------
    values : array-like (rows, columns)
        Row 0 is at the bottom, column 0 on the left; values that are not finite are grey.
    x, y : tuple of float
        Outer edges of the first and the last cell.
    label, unit : str
        Quantity and unit of the values.
    kind : {"sequential", "diverging", "cyclic"}
        Kind of colour map.
    range : tuple of float, optional
        Values of the lowest and the highest colour; None is the range of the values.
    x_edges, y_edges : array-like (columns + 1,), (rows + 1,), optional
        Edges of the cells; None are cells of equal size.
    """

    values: Any
    x: Range
    y: Range
    label: str = ""
    unit: str = ""
    kind: ImageKind = "sequential"
    range: Range | None = None
    x_edges: Any = None
    y_edges: Any = None

    def __post_init__(self) -> None:
        """Convert the values to an array, and determine the range of the colours."""
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 2 or values.size == 0:
            raise ValueError(f"`values` must have shape (rows, columns); got shape {values.shape}.")
        object.__setattr__(self, "values", values)
        if self.range is None:
            object.__setattr__(self, "range", _colour_range(values, self.kind))
        for name, n_cells in (("y_edges", values.shape[0]), ("x_edges", values.shape[1])):
            if getattr(self, name) is not None:
                edges = np.asarray(getattr(self, name), dtype=np.float64)
                if edges.shape != (n_cells + 1,):
                    raise ValueError(f"`{name}` must have shape ({n_cells + 1},); got shape {edges.shape}.")
                object.__setattr__(self, name, edges)

    @property
    def colour_range(self) -> Range:
        """Values of the lowest and the highest colour."""
        assert self.range is not None
        return self.range


@dataclass(frozen=True)
class Text:
    """A text on the axes.

    Parameters
    ----------
    x, y : float
        Position; vertically that of the middle.
    text : str
        The text.
    align : {"left", "centre", "right"}
        Horizontal alignment at `x`.
    colour : str
        One of `COLOURS`.
    """

    x: float
    y: float
    text: str
    align: Literal["left", "centre", "right"] = "left"
    colour: Colour = "ink"


Item: TypeAlias = Line | Stems | Points | Band | ReferenceLine | Image | Text
ITEMS: tuple[type[Any], ...] = get_args(Item)


@dataclass(frozen=True)
class Axes:
    """One pair of axes.

    Parameters
    ----------
    title : str
        Title above the axes.
    x_label, y_label : str
        Label of each axis: its quantity and unit, such as ``"frequency (Hz)"``.
    x_range, y_range : tuple of float
        Limits of each axis.
    items : sequence of Item
        The items, drawn in this order.
    x_scale, y_scale : {"linear", "log", "mel"}
        Scale of each axis.
    x_ticks, y_ticks : tuple of (value, label), optional
        Ticks of an axis; None are round numbers, an empty tuple is none.
    height : float
        Height relative to the other axes of the scene.
    grid : bool
        Whether thin lines cross the axes at the ticks of the y-axis.

    Raises
    ------
    ValueError
        If the limits of an axis do not increase, or those of a logarithmic one are not positive.
    """

    title: str
    x_label: str
    y_label: str
    x_range: Range
    y_range: Range
    items: Sequence[Item] = field(default=(), repr=False)
    x_scale: Scale = "linear"
    y_scale: Scale = "linear"
    x_ticks: tuple[tuple[float, str], ...] | None = None
    y_ticks: tuple[tuple[float, str], ...] | None = None
    height: float = 1.0
    grid: bool = False

    def __post_init__(self) -> None:
        """Check the limits, and convert the items to a tuple."""
        object.__setattr__(self, "items", tuple(self.items))
        for axis in ("x", "y"):
            low, high = (float(end) for end in getattr(self, f"{axis}_range"))
            is_log = getattr(self, f"{axis}_scale") == "log"
            if not (np.isfinite([low, high]).all() and low < high and (low > 0 or not is_log)):
                rule = "increase and be positive" if is_log else "increase"
                raise ValueError(f"`{axis}_range` must {rule}; got {(low, high)}.")
            object.__setattr__(self, f"{axis}_range", (low, high))


@dataclass(frozen=True)
class Scene:
    """Axes with a caption: a figure for one setting of its controls.

    Parameters
    ----------
    axes : sequence of Axes
        Axes, from top to bottom.
    caption : str
        What the figure shows, in a sentence with its numbers; screen readers announce it.
    columns : int
        Number of axes side by side, where the page is wide enough.
    """

    axes: Sequence[Axes]
    caption: str
    columns: int = 1

    def __post_init__(self) -> None:
        """Convert the axes to a tuple."""
        object.__setattr__(self, "axes", tuple(self.axes))


def padded_extent(values: Any, *, margin: float = 0.06, least: float = 1e-9, zero: bool = False) -> Range:
    """Return the limits of an axis for some values, with a margin.

    Parameters
    ----------
    values : array-like
        Values; those that are not finite are ignored.
    margin : float
        Margin at each end, as a fraction of the extent.
    least : float
        Smallest extent.
    zero : bool
        Whether the limits include 0.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> padded_extent([0.0, 10.0], margin=0.1)
    (-1.0, 11.0)
    """
    finite = np.asarray(values, dtype=np.float64)
    finite = finite[np.isfinite(finite)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if zero:
        low, high = min(low, 0.0), max(high, 0.0)
    room = max(high - low, least) * margin
    if high - low < least:
        room = least / 2
    return low - room, high + room


def _convert_points(item: Any) -> None:
    x, y = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (item.x, item.y))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"`x` and `y` must have the same length; got shapes {x.shape} and {y.shape}.")
    object.__setattr__(item, "x", x)
    object.__setattr__(item, "y", y)


def _colour_range(values: Values, kind: ImageKind) -> Range:
    if kind == "cyclic":
        return -np.pi, np.pi
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if kind == "diverging":
        high = max(abs(low), abs(high))
        low = -high
    return (low, high) if high > low else (low - 0.5, low + 0.5)
