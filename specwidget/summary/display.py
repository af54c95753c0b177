"""Display choices: their defaults, and their check.

`DisplayChoices` holds all of them; `PictureOptions` holds those that change the values of a picture, and so make a new
one necessary. Colour map, value range and time axis are applied in the browser.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any

from specwidget.mel.stages import FrontEndSettings
from specwidget.raster.colours import AUTOMATIC, COLOUR_MAPS
from specwidget.raster.quantity import Quantity, get_quantity
from specwidget.raster.region import Visible
from specwidget.raster.scales import FREQUENCY_AXES, IN_HERTZ, TIME_AXES, FrequencyAxis
from specwidget.sounds import Sound

COLOUR_CHOICES = (AUTOMATIC, *(name for maps in COLOUR_MAPS.values() for name in maps))

COLUMNS_PER_PIXEL = 1.5
"""Columns that are sent for a pixel of the canvas. A column stands for a whole number of frames, so that there may be
half as many as asked for. One row for a pixel is enough, as a row stands for as many bins as a row of pixels does."""

MAX_UNIT_LENGTH = 20
"""Most characters of the unit of a signal."""

ChannelIndex = tuple[int, int]
"""Index of a batch item and of a channel."""


@dataclass(frozen=True)
class PictureOptions:
    """The choices that the values of a picture depend on.

    Parameters
    ----------
    batch_item, channel : int
        Indices into the samples (B, L, C).
    decibels : bool
        Whether values are in decibels, where the mode has them.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Spacing of the rows.
    visible : tuple of 4 float, or None
        First and last sample, lowest and highest frequency as fractions of half the sample rate; None is everything.
    n_columns, n_rows : int
        Most columns and rows.
    unit : str
        Unit of the signal; empty if it is not known.
    """

    batch_item: int
    channel: int
    decibels: bool
    frequency_axis: FrequencyAxis
    visible: Visible | None
    n_columns: int
    n_rows: int
    unit: str = ""

    @property
    def channel_index(self) -> ChannelIndex:
        """Batch item and channel."""
        return self.batch_item, self.channel


@dataclass(frozen=True)
class DisplayChoices:
    """Display choices: which part of a result is shown, and how.

    Parameters
    ----------
    channel, batch_item : int
        Indices into the samples (B, L, C).
    colour_map : str
        Name of a colour map, or "automatic" for the one that suits the mode.
    value_range : tuple of 2 float, or None
        Values at the two ends of the colours; None is automatic.
    decibels : bool
        Decibels where the mode has them; False is the layer's own values.
    frequency_axis : {"linear", "log", "mel", "notes"}
        Spacing of the frequency axis.
    time_axis : {"seconds", "frames", "samples"}
        Unit of the time axis.
    unit : str
        Unit of the signal, such as "V", "Pa" or "m/s²"; empty if it is not known.
    visible : tuple of 4 float, or None
        First and last sample, lowest and highest frequency as fractions of half the sample rate; None is everything.
    canvas_size : tuple of 2 int
        Width and height of the canvas in device pixels.
    """

    channel: int = 0
    batch_item: int = 0
    colour_map: str = AUTOMATIC
    value_range: tuple[float, float] | None = None
    decibels: bool = True
    frequency_axis: FrequencyAxis = "linear"
    time_axis: str = "seconds"
    unit: str = ""
    visible: Visible | None = None
    canvas_size: tuple[int, int] = (900, 400)

    def quantity(self, settings: FrontEndSettings, sample_rate: float | None) -> Quantity:
        """Return the displayed quantity of an output."""
        return get_quantity(settings, decibels=self.decibels, unit=self.unit, sample_rate=sample_rate)

    @property
    def picture(self) -> PictureOptions:
        """The choices that make a new picture necessary where they change."""
        width, height = self.canvas_size
        return PictureOptions(
            self.batch_item,
            self.channel,
            self.decibels,
            self.frequency_axis,
            self.visible,
            n_columns=int(COLUMNS_PER_PIXEL * max(1, int(width))),
            n_rows=max(1, int(height)),
            unit=self.unit,
        )


SET_BY_VIEW = ("visible", "canvas_size")
"""Display choices that have no control: the view sets them when somebody zooms, or resizes it."""

DISPLAY_DEFAULTS: dict[str, Any] = {
    field.name: field.default for field in fields(DisplayChoices) if field.name not in SET_BY_VIEW
}
"""The display choices that have a control, and their defaults."""


def check_display(requested: Mapping[str, Any], sound: Sound) -> tuple[DisplayChoices, dict[str, str]]:
    """Check display choices.

    Parameters
    ----------
    requested : mapping of str to value
        Display choices by name, possible or not; the others have their defaults.
    sound : Sound
        The sound that is displayed.

    Returns
    -------
    choices : DisplayChoices
        The valid ones; an invalid one is replaced by its default.
    errors : dict of str to str
        Error messages, by the name of the choice.

    Examples
    --------
    >>> from specwidget.sounds import as_sound
    >>> import numpy as np
    >>> choices, errors = check_display({"channel": 1, "decibels": False}, as_sound(np.zeros(100)))
    >>> choices.channel, choices.decibels, errors
    (0, False, {'channel': '`channel` must be an integer between 0 and 0; got 1.'})
    """
    errors: dict[str, str] = {}
    valid: dict[str, Any] = {}
    for name, value in requested.items():
        rule = CHECKS[name](value, sound) if name in CHECKS else ""
        if rule:
            errors[name] = f"`{name}` must {rule}; got {value!r}."
        elif name == "visible" and value is not None:
            valid[name] = tuple(float(end) for end in value)
        else:
            valid[name] = value
    return DisplayChoices(**valid), errors


def _check_visible(value: Any, sound: Sound) -> str:
    if value is None:
        return ""
    n_samples = sound.samples.shape[1]
    is_four = isinstance(value, tuple | list) and len(value) == 4
    if is_four and all(isinstance(end, Real) and math.isfinite(end) for end in value):
        first, last, low, high = value
        if 0 <= first < last <= n_samples and 0 <= low < high <= 1:
            return ""
    return (
        f"be None or four numbers, the lower first: two samples from 0 to {n_samples}, and two frequencies as "
        "fractions of half the sample rate, from 0 to 1"
    )


def _check_index(axis: int) -> Callable[[Any, Sound], str]:
    def check(value: Any, sound: Sound) -> str:
        last = sound.samples.shape[axis] - 1
        is_integer = not isinstance(value, bool) and isinstance(value, Integral)
        return "" if is_integer and 0 <= int(value) <= last else f"be an integer between 0 and {last}"

    return check


def _check_one_of(choices: tuple[str, ...]) -> Callable[[Any, Sound], str]:
    def check(value: Any, _sound: Sound) -> str:
        # An array compared with a string is an array: only a string can be one of the choices.
        is_known = isinstance(value, str) and value in choices
        return "" if is_known else f"be one of {', '.join(map(repr, choices))}"

    return check


def _check_value_range(value: Any, _sound: Sound) -> str:
    if value is None:
        return ""
    is_pair = isinstance(value, tuple | list) and len(value) == 2
    is_finite = is_pair and all(isinstance(end, Real) and math.isfinite(end) for end in value)
    return "" if is_finite and value[0] < value[1] else "be None or two finite numbers, the lower first"


def _check_decibels(value: Any, _sound: Sound) -> str:
    return "" if isinstance(value, bool) else "be True or False"


def _check_unit(value: Any, _sound: Sound) -> str:
    is_text = isinstance(value, str) and value.isprintable() and value.strip() == value
    if not (is_text and len(value) <= MAX_UNIT_LENGTH):
        return f"be text of at most {MAX_UNIT_LENGTH} characters on one line"
    return "be the unit of the samples, of which `decibels` makes decibels" if value.lower() == "db" else ""


def _check_frequency_axis(value: Any, sound: Sound) -> str:
    if isinstance(value, str) and value in IN_HERTZ and sound.sample_rate is None:
        return f"be 'linear' or 'log' without a sample rate, as {value} is defined in Hz"
    return _check_one_of(FREQUENCY_AXES)(value, sound)


CHECKS: dict[str, Callable[[Any, Sound], str]] = {
    "batch_item": _check_index(0),
    "channel": _check_index(2),
    "colour_map": _check_one_of(COLOUR_CHOICES),
    "value_range": _check_value_range,
    "decibels": _check_decibels,
    "frequency_axis": _check_frequency_axis,
    "time_axis": _check_one_of(TIME_AXES),
    "unit": _check_unit,
    "visible": _check_visible,
}
"""For each display choice the check of its value: it returns the rule that is broken, or an empty string."""
