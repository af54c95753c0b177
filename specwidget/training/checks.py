"""Validation of numeric arguments."""

from __future__ import annotations

import math

from specwidget.stft.settings import check_integer, check_number


def check_count(name: str, value: object) -> int:
    """Return `value` as an int, after checking that it is an integer of at least 1."""
    count = check_integer(name, value)
    if count < 1:
        raise ValueError(f"`{name}` must be at least 1; got {value!r}.")
    return count


def check_positive(name: str, value: object) -> float:
    """Return `value` as a float, after checking that it is finite and above 0."""
    number = check_number(name, value)
    if not (math.isfinite(number) and number > 0):
        raise ValueError(f"`{name}` must be finite and above 0; got {value!r}.")
    return number


def check_fraction(name: str, value: object) -> float:
    """Return `value` as a float, after checking that it is at least 0 and below 1."""
    number = check_number(name, value)
    if not 0 <= number < 1:
        raise ValueError(f"`{name}` must be at least 0 and below 1; got {value!r}.")
    return number
