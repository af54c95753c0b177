"""Checks of numbers at the door, each with its sentence."""

from __future__ import annotations

import math
import numbers


def check_count(name: str, value: object) -> int:
    """Return an integer of at least 1; a bool and 2.0 are not integers."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"`{name}` must be an integer; got {value!r}.")
    if value < 1:
        raise ValueError(f"`{name}` must be at least 1; got {value!r}.")
    return int(value)


def check_positive(name: str, value: object) -> float:
    """Return a finite number above 0."""
    number = _check_number(name, value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"`{name}` must be finite and above 0; got {value!r}.")
    return number


def check_fraction(name: str, value: object) -> float:
    """Return a number of at least 0 and below 1."""
    number = _check_number(name, value)
    if not 0 <= number < 1:
        raise ValueError(f"`{name}` must be at least 0 and below 1; got {value!r}.")
    return number


def _check_number(name: str, value: object) -> float:
    """Return a number; a bool is none."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"`{name}` must be a number; got {value!r}.")
    return float(value)
