"""Lengths as people say them: samples, times, overlaps and bin spacings, and the samples that they are.

The page, `explore` and the command line take the same texts; settings are in samples.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from numbers import Integral
from typing import Any

LENGTHS = ("frame_length", "frame_step", "fft_length")
"""Settings that are lengths, each after those that it may refer to."""

MOST_CHARACTERS = 40
"""Most characters of a text that means a length."""

_TEXT = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,2})?)\s*([a-zµμ%]*)\s*", re.IGNORECASE)
_SECONDS = {"us": Fraction(1, 10**6), "µs": Fraction(1, 10**6), "μs": Fraction(1, 10**6), "ms": Fraction(1, 1000)} | {
    unit: Fraction(1) for unit in ("s", "sec")
}
_HERTZ = {"mhz": Fraction(1, 1000), "hz": Fraction(1), "khz": Fraction(1000)}
_SAMPLES = ("", "sample", "samples")

_FORMS = {
    "frame_length": 'a whole number of samples, or a time such as "25 ms"',
    "frame_step": 'a whole number of samples, a time such as "10 ms", or an overlap such as "60 %"',
    "fft_length": 'a whole number of samples, a time such as "32 ms", or a bin spacing such as "31.25 Hz"',
}


def to_samples(name: str, value: Any, sample_rate: float | None, frame_length: Any = None) -> Any:
    """Return a length in samples.

    Parameters
    ----------
    name : str
        The setting, one of `LENGTHS`.
    value : object
        A text such as ``"25 ms"``, ``"0.025 s"``, ``"400"``; for `frame_step` also an overlap, ``"60 %"``; for
        `fft_length` also a bin spacing, ``"31.25 Hz"``. Anything but a text is returned as it is.
    sample_rate : float or None
        Sample rate, Hz; None if unknown.
    frame_length : int, optional
        Frame length, which an overlap refers to.

    Returns
    -------
    object
        Times are rounded to the nearest sample, halves to the even one, and are at least 1.

    Raises
    ------
    ValueError
        If the text means no length, or a time or a spacing where the sample rate is unknown.

    Examples
    --------
    >>> to_samples("frame_length", "25 ms", 44_100), to_samples("frame_step", "60 %", None, 400)
    (1102, 160)
    >>> to_samples("fft_length", "31.25 Hz", 16_000), to_samples("frame_length", "400", None)
    (512, 400)
    """
    if not isinstance(value, str):
        return value
    match = _TEXT.fullmatch(value) if len(value) <= MOST_CHARACTERS else None
    if match is None:
        raise ValueError(f"`{name}` must be {_FORMS[name]}; got {value!r}.")
    # A decimal text is a fraction: 0.3 ms at 10 kHz are 3 samples.
    number, unit = Fraction(match[1]), match[2]
    if unit.lower() in _SAMPLES and number.denominator == 1:
        return int(number)
    if unit == "%" and name == "frame_step":
        return _overlap(value, number, frame_length)
    # "MHz" are megahertz, which no bin spacing is.
    seconds, hertz = _SECONDS.get(unit.lower()), None if unit == "MHz" else _HERTZ.get(unit.lower())
    if (seconds is None and (hertz is None or name != "fft_length")) or number <= 0:
        raise ValueError(f"`{name}` must be {_FORMS[name]}; got {value!r}.")
    if sample_rate is None:
        raise ValueError(f"`{name}` must be in samples, as the sample rate is unknown; got {value!r}.")
    rate = Fraction(sample_rate)
    return max(1, round(number * seconds * rate if seconds is not None else rate / (number * (hertz or 1))))


def lengths_in_samples(
    values: Mapping[str, Any], sample_rate: float | None, frame_length: Any = None
) -> dict[str, Any]:
    """Return values with all lengths among them in samples.

    Parameters
    ----------
    values : mapping of str to value
        Settings; those that are no lengths stay as they are.
    sample_rate : float or None
        Sample rate, Hz.
    frame_length : int, optional
        Frame length where the values have none.

    Returns
    -------
    dict of str to value

    Raises
    ------
    ValueError
        As `to_samples` does.
    """
    result = dict(values)
    for name in LENGTHS:
        if name in result:
            result[name] = to_samples(name, result[name], sample_rate, result.get("frame_length", frame_length))
    return result


def _overlap(value: str, percent: Fraction, frame_length: Any) -> int:
    """Return the step of an overlap in percent of the frame length."""
    if not 0 <= percent < 100:
        raise ValueError(f"`frame_step` must be an overlap from 0 % to less than 100 %; got {value!r}.")
    if isinstance(frame_length, bool) or not isinstance(frame_length, Integral) or frame_length < 1:
        raise ValueError(f"`frame_step` must be in samples while the frame length is invalid; got {value!r}.")
    return max(1, round(int(frame_length) * (1 - percent / 100)))
