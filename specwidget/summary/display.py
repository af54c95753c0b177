"""The choices of what is shown of a result, apart from what is computed: their defaults, and their check."""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

from specwidget.raster.colours import AUTOMATIC, COLOUR_MAPS
from specwidget.raster.scales import FREQUENCY_AXES, IN_HERTZ, TIME_AXES
from specwidget.sounds import Sound

DISPLAY_DEFAULTS: dict[str, Any] = {
    "channel": 0,
    "batch_item": 0,
    "colour_map": AUTOMATIC,
    "value_range": None,
    "decibels": True,
    "frequency_axis": "linear",
    "time_axis": "seconds",
}
"""The display choices and their defaults."""

LOOKS = ("colour_map", "value_range", "time_axis")
"""Those that the page follows by itself: the picture that is sent is the same."""

COLOUR_CHOICES = (AUTOMATIC, *(name for maps in COLOUR_MAPS.values() for name in maps))

COLUMNS_PER_PIXEL = 1.5
"""Columns sent for a pixel of the canvas. Each stands for a whole number of frames, so there may be half as many; of
rows, which stand for as many bins as a row of pixels does, one for each is enough."""


def check_display(values: Any, sound: Sound) -> tuple[dict[str, Any], dict[str, str]]:
    """Check the display choices.

    Parameters
    ----------
    values : object
        Has the display choices as attributes, and `canvas_size`.
    sound : Sound
        The sound that is shown.

    Returns
    -------
    arguments : dict
        Arguments of `make_picture`; a choice that is not possible is left at its default.
    errors : dict of str to str
        The sentences about those choices.
    """
    errors: dict[str, str] = {}
    chosen = {}
    for name, check in CHECKS.items():
        value = getattr(values, name)
        sentence = check(value, sound)
        if sentence:
            errors[name] = f"`{name}` must {sentence}; got {value!r}."
        chosen[name] = DISPLAY_DEFAULTS[name] if sentence else value
    visible = getattr(values, "visible", None)
    sentence = check_visible(visible, sound)
    if sentence:
        errors["visible"] = f"`visible` must {sentence}; got {visible!r}."
    width, height = values.canvas_size
    arguments = {
        "visible": None if sentence or visible is None else tuple(float(end) for end in visible),
        "batch_item": chosen["batch_item"],
        "channel": chosen["channel"],
        "decibels": chosen["decibels"],
        "axis": chosen["frequency_axis"],
        "n_columns": int(COLUMNS_PER_PIXEL * max(1, int(width))),
        "n_rows": max(1, int(height)),
    }
    return arguments, errors


def check_visible(value: Any, sound: Sound) -> str:
    """Return the rule for the visible part that is broken, or nothing."""
    if value is None:
        return ""
    n_samples = sound.samples.shape[1]
    four = isinstance(value, tuple | list) and len(value) == 4
    if four and all(isinstance(end, Real) and math.isfinite(end) for end in value):
        first, last, low, high = value
        if 0 <= first < last <= n_samples and 0 <= low < high <= 1:
            return ""
    return (
        f"be None or four numbers, the lower first: two samples from 0 to {n_samples}, and two frequencies as "
        "fractions of half the sample rate, from 0 to 1"
    )


def _check_index(axis: int) -> Callable[[Any, Sound], str]:
    """Return the check of an index into an axis of the samples."""

    def check(value: Any, sound: Sound) -> str:
        """Return the rule that is broken, or nothing."""
        last = sound.samples.shape[axis] - 1
        is_integer = not isinstance(value, bool) and isinstance(value, Integral)
        return "" if is_integer and 0 <= int(value) <= last else f"be an integer between 0 and {last}"

    return check


def _check_colour_map(value: Any, _sound: Sound) -> str:
    """Return the rule for a colour map that is broken, or nothing."""
    known = isinstance(value, str) and value in COLOUR_CHOICES
    return "" if known else f"be one of {', '.join(map(repr, COLOUR_CHOICES))}"


def _check_range(value: Any, _sound: Sound) -> str:
    """Return the rule for a range that is broken, or nothing."""
    if value is None:
        return ""
    pair = isinstance(value, tuple | list) and len(value) == 2
    finite = pair and all(isinstance(end, Real) and math.isfinite(end) for end in value)
    return "" if finite and value[0] < value[1] else "be None or two finite numbers, the lower first"


def _check_decibels(value: Any, _sound: Sound) -> str:
    """Return the rule for the quantity that is broken, or nothing."""
    return "" if isinstance(value, bool) else "be True or False"


def _check_axis(value: Any, sound: Sound) -> str:
    """Return the rule for a frequency axis that is broken, or nothing."""
    known = isinstance(value, str) and value in FREQUENCY_AXES
    if known and value in IN_HERTZ and sound.sample_rate is None:
        return f"be 'linear' or 'log' without a sample rate, as {value} is defined in Hz"
    return "" if known else f"be one of {', '.join(map(repr, FREQUENCY_AXES))}"


def _check_time_axis(value: Any, _sound: Sound) -> str:
    """Return the rule for the time axis that is broken, or nothing."""
    known = isinstance(value, str) and value in TIME_AXES
    return "" if known else f"be one of {', '.join(map(repr, TIME_AXES))}"


CHECKS: dict[str, Callable[[Any, Sound], str]] = {
    "batch_item": _check_index(0),
    "channel": _check_index(2),
    "colour_map": _check_colour_map,
    "value_range": _check_range,
    "decibels": _check_decibels,
    "frequency_axis": _check_axis,
    "time_axis": _check_time_axis,
}
