"""Frequencies, times, durations and rates as text, with the digits of their axis.

`quantities.js` does the same on the page, and has the table of units that both read.
"""

from __future__ import annotations

import json
import math
import re
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

_TEXT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
_UNITS: dict[str, list[tuple[float, float, str, int]]] = json.loads(
    re.search(r"JSON\.parse\(`(.*?)`\)", _TEXT, re.DOTALL)[1]  # type: ignore[index]
)
"""By kind: smallest value, size of the unit, its name, and the decimals of a value whose axis is no finer."""

MOST_DECIMALS = 10


def format_frequency(hertz: float, spacing: float = 0.0) -> str:
    """Format a frequency on an axis.

    Parameters
    ----------
    hertz : float
        Frequency, Hz.
    spacing : float
        Distance of two bins, Hz: the text tells a tenth of it.

    Returns
    -------
    str

    Examples
    --------
    >>> format_frequency(440.0), format_frequency(12_345.0, 31.25), format_frequency(0.0125, 0.1 / 256)
    ('440 Hz', '12.345 kHz', '12.50 mHz')
    """
    _, scale, unit, least = _unit("frequency", max(abs(hertz), spacing))
    return f"{_fixed(hertz / scale, max(least, _decimals(spacing / 10 / scale)))} {unit}"


def format_hertz(hertz: float, digits: int = 10) -> str:
    """Format a rate, a spacing or a bandwidth.

    Parameters
    ----------
    hertz : float
        Value, Hz.
    digits : int
        Most significant digits.

    Returns
    -------
    str

    Examples
    --------
    >>> format_hertz(44_100.0), format_hertz(4e6), format_hertz(0.1), format_hertz(44_100 / 256, 5)
    ('44100 Hz', '4 MHz', '100 mHz', '172.27 Hz')
    """
    _, scale, unit, _ = _unit("hertz", abs(hertz) or 1.0)
    return f"{_digits(hertz / scale, digits)} {unit}"


def format_time(seconds: float, resolution: float) -> str:
    """Format a time on an axis.

    Parameters
    ----------
    seconds : float
        Time, s.
    resolution : float
        That of a pixel, a step or a sample, s.

    Returns
    -------
    str

    Examples
    --------
    >>> format_time(0.01234, 1e-4), format_time(2.5, 0.01), format_time(200_000.25, 0.01)
    ('12.3 ms', '2.50 s', '200000.25 s')
    """
    # Milliseconds where two decimals of a second are too few.
    _, scale, unit, least = _unit("time", max(abs(seconds), resolution * 1000))
    return f"{_fixed(seconds / scale, max(least, _decimals(resolution / scale)))} {unit}"


def format_duration(seconds: float) -> str:
    """Format a duration to about four digits.

    Parameters
    ----------
    seconds : float
        Duration, s.

    Returns
    -------
    str

    Examples
    --------
    >>> format_duration(0.0053333), format_duration(12.25), format_duration(-0.000125)
    ('5.333 ms', '12.25 s', '-125 µs')
    >>> format_duration(205.3), format_duration(7512), format_duration(200_000)
    ('3 min 25.3 s', '2 h 5 min 12 s', '2 d 7 h 33 min')
    """
    sign, size = "-" if seconds < 0 else "", abs(seconds)
    if size == 0:
        return "0 s"
    _, scale, unit, _ = _unit("time", size)
    if size < 59.995:
        return f"{sign}{_digits(size / scale, 4)} {unit}"
    if size < 3599.95:
        minutes, tenths = divmod(math.floor(size * 10 + 0.5), 600)
        return f"{sign}{minutes} min {tenths / 10:.1f} s"
    whole = math.floor(size + 0.5)
    days, hours, minutes, rest = whole // 86_400, whole // 3600 % 24, whole // 60 % 60, whole % 60
    return f"{sign}{days} d {hours} h {minutes} min" if days else f"{sign}{hours} h {minutes} min {rest} s"


def axis_unit(top: float) -> tuple[float, str]:
    """Return the size in Hz and the name of the unit of a frequency axis.

    Parameters
    ----------
    top : float
        Highest frequency, Hz.

    Returns
    -------
    tuple of (float, str)

    Examples
    --------
    >>> axis_unit(22_050.0), axis_unit(1000.0), axis_unit(0.05)
    ((1000.0, 'kHz'), (1, 'Hz'), (0.001, 'mHz'))
    """
    _, scale, unit, _ = _unit("axis", top)
    return scale, unit


def _unit(kind: str, size: float) -> Any:
    return next(row for row in _UNITS[kind] if size >= row[0])


def _decimals(step: float) -> int:
    """Return the decimals that tell values `step` apart; 0 for a step of 0."""
    return 0 if step <= 0 else max(0, min(MOST_DECIMALS, -math.floor(math.log10(step) + 1e-9)))


def _fixed(value: float, digits: int) -> str:
    """Format with a number of decimals, half away from zero as in JavaScript, and without "-0"."""
    text = str(Decimal(value).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))
    return text.lstrip("-") if float(text) == 0 else text


def _digits(value: float, digits: int) -> str:
    """Format with at most a number of significant digits, without an exponent."""
    return f"{Decimal(f'{value:.{digits}g}'):f}"
