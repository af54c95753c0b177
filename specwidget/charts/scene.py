"""What a figure shows, without drawing it: axes with items on them, and a sentence that says it in words.

A scene is made by a pure function of a figure's controls. The page draws it on canvases, `drawing` with matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

Values: TypeAlias = NDArray[np.float64]
Range: TypeAlias = tuple[float, float]
Scale = Literal["linear", "log"]
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
"""Colours by the part that they play: on a light and on a dark page, each with a contrast of at least 4.5 to it."""

DASHES: dict[Style, tuple[float, ...]] = {"solid": (), "dashed": (5, 4), "dotted": (1.5, 3)}
"""Lengths of ink and of gaps, pixels."""

SEQUENCE: tuple[Colour, ...] = ("first", "second", "third", "fourth")
"""Colours of things of the same kind, in their order."""


@dataclass(frozen=True, eq=False)
class Line:
    """A curve through points; NaN breaks it.

    Parameters
    ----------
    x, y : array-like (n,)
        Where it goes, in the units of the axes.
    label : str
        Its name in the legend; without one it is not listed.
    colour : str
        One of `COLOURS`.
    style : {"solid", "dashed", "dotted"}
        How it is drawn.
    filled : bool
        Whether what lies between it and 0 is filled.
    """

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    style: Style = "solid"
    filled: bool = False

    def __post_init__(self) -> None:
        """Keep arrays of equal length."""
        _keep_points(self)


@dataclass(frozen=True, eq=False)
class Stems:
    """Values at single places, each with a line from `base`; as `Line` otherwise."""

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    base: float = 0.0

    def __post_init__(self) -> None:
        """Keep arrays of equal length."""
        _keep_points(self)


@dataclass(frozen=True, eq=False)
class Points:
    """Marks at single places; as `Line` otherwise."""

    x: Any
    y: Any
    label: str = ""
    colour: Colour = "first"
    marker: Literal["dot", "ring", "cross"] = "dot"

    def __post_init__(self) -> None:
        """Keep arrays of equal length."""
        _keep_points(self)


@dataclass(frozen=True)
class Band:
    """A part of the axes: a span of one axis where the other's is None, else a rectangle.

    Parameters
    ----------
    x, y : tuple of float or None
        From where to where; None is the whole axis.
    label : str
        Its name in the legend.
    text : str
        What is written in its middle, where it has room.
    colour : str
        One of `COLOURS`.
    fill : {"soft", "strong", "none"}
        How much of the colour fills it; "soft" and "none" have an outline where both ends are given.
    """

    x: Range | None = None
    y: Range | None = None
    label: str = ""
    text: str = ""
    colour: Colour = "first"
    fill: Fill = "soft"


@dataclass(frozen=True)
class Rule:
    """A straight line over the whole axes, at `x` or at `y`."""

    x: float | None = None
    y: float | None = None
    label: str = ""
    colour: Colour = "muted"
    style: Style = "dashed"


@dataclass(frozen=True, eq=False)
class Image:
    """Values on a regular grid, as colours, with a colour bar.

    Parameters
    ----------
    values : array-like (rows, columns)
        Row 0 is the lowest, column 0 the leftmost; what is not finite is grey.
    x, y : tuple of float
        Outer edges of the first and the last cell.
    label, unit : str
        What the values are.
    kind : {"sequential", "diverging", "cyclic"}
        Colours from low to high, to both sides of 0, or round a circle.
    range : tuple of float, optional
        Values of the lowest and the highest colour; None is what the values span.
    """

    values: Any
    x: Range
    y: Range
    label: str = ""
    unit: str = ""
    kind: ImageKind = "sequential"
    range: Range | None = None

    def __post_init__(self) -> None:
        """Keep an array of two axes, and the range that its colours span."""
        values = np.asarray(self.values, dtype=np.float64)
        if values.ndim != 2 or values.size == 0:
            raise ValueError(f"`values` must have shape (rows, columns); got shape {values.shape}.")
        object.__setattr__(self, "values", values)
        if self.range is None:
            object.__setattr__(self, "range", _span(values, self.kind))

    @property
    def colour_range(self) -> Range:
        """Values of the lowest and the highest colour."""
        assert self.range is not None
        return self.range


@dataclass(frozen=True)
class Note:
    """A text at a place of the axes.

    Parameters
    ----------
    x, y : float
        Where it stands.
    text : str
        What it says.
    align : {"left", "centre", "right"}
        Which of its ends is at `x`.
    colour : str
        One of `COLOURS`.
    """

    x: float
    y: float
    text: str
    align: Literal["left", "centre", "right"] = "left"
    colour: Colour = "ink"


Item: TypeAlias = Line | Stems | Points | Band | Rule | Image | Note
ITEMS: tuple[type[Any], ...] = get_args(Item)


@dataclass(frozen=True)
class Axes:
    """One pair of axes.

    Parameters
    ----------
    title : str
        What is seen, above it.
    x_label, y_label : str
        Name and unit of each axis, such as ``"frequency (Hz)"``.
    x_range, y_range : tuple of float
        Values at the ends of each axis.
    items : sequence of Item
        What is drawn, the lowest first.
    x_scale, y_scale : {"linear", "log"}
        How values lie on the axes.
    x_ticks, y_ticks : tuple of (value, text), optional
        What is written along an axis; None are round numbers, an empty tuple nothing.
    height : float
        Height relative to the scene's other axes.

    Raises
    ------
    ValueError
        If a range does not rise, or a logarithmic one is not above 0.
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

    def __post_init__(self) -> None:
        """Check the ranges, and keep the items as a tuple."""
        object.__setattr__(self, "items", tuple(self.items))
        for axis in ("x", "y"):
            low, high = (float(end) for end in getattr(self, f"{axis}_range"))
            is_log = getattr(self, f"{axis}_scale") == "log"
            if not (np.isfinite([low, high]).all() and low < high and (low > 0 or not is_log)):
                rule = "rise and be above 0" if is_log else "rise"
                raise ValueError(f"`{axis}_range` must {rule}; got {(low, high)}.")
            object.__setattr__(self, f"{axis}_range", (low, high))


@dataclass(frozen=True)
class Scene:
    """What a figure shows for one position of its controls.

    Parameters
    ----------
    axes : sequence of Axes
        From top to bottom.
    caption : str
        What is to be seen, in a sentence with this scene's numbers: a screen reader is told it.
    columns : int
        How many axes stand side by side where there is room.
    """

    axes: Sequence[Axes]
    caption: str
    columns: int = 1

    def __post_init__(self) -> None:
        """Keep the axes as a tuple."""
        object.__setattr__(self, "axes", tuple(self.axes))


def spread(values: Any, *, margin: float = 0.06, least: float = 1e-9, zero: bool = False) -> Range:
    """Return a range with room round some values.

    Parameters
    ----------
    values : array-like
        Values; what is not finite is passed over.
    margin : float
        Room at each end, as a share of the span.
    least : float
        Smallest span.
    zero : bool
        Whether 0 is to be within the range.

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> spread([0.0, 10.0], margin=0.1)
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


def _keep_points(item: Any) -> None:
    """Keep `x` and `y` as arrays of one length."""
    x, y = (np.atleast_1d(np.asarray(values, dtype=np.float64)) for values in (item.x, item.y))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"`x` and `y` must have the same length; got shapes {x.shape} and {y.shape}.")
    object.__setattr__(item, "x", x)
    object.__setattr__(item, "y", y)


def _span(values: Values, kind: ImageKind) -> Range:
    """Return what the colours of an image span."""
    if kind == "cyclic":
        return -np.pi, np.pi
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if kind == "diverging":
        high = max(abs(low), abs(high))
        low = -high
    return (low, high) if high > low else (low - 0.5, low + 0.5)
