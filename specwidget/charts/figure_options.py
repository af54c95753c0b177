"""Options of a figure of a spectrogram: size, resolution, the part that it shows, and its caption."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from specwidget.raster.region import Visible
from specwidget.stft.settings import check_number

SIZE_RANGE = (1.0, 100.0)
"""Least and largest width and height, inches."""

DPI_RANGE = (10.0, 2400.0)
"""Least and largest number of dots per inch."""

MOST_DOTS = 2**28
"""Most dots of a figure: a GiB of memory."""

Limits = tuple[float, float]


@dataclass(frozen=True)
class FigureOptions:
    """Options of a figure.

    Parameters
    ----------
    size : tuple of float
        Width and height, inches. The default is the width of a page of text.
    dpi : float
        Dots per inch; in vector formats those of the spectrogram itself.
    time_limits : tuple of float, optional
        First and last time, in seconds; in samples without a sample rate. None is what is displayed.
    frequency_limits : tuple of float, optional
        Lowest and highest frequency, Hz; in cycles per sample without a sample rate. None is what is displayed.
    value_range : tuple of float, optional
        Values at the ends of the colours, in the unit of the colour bar; None is as displayed.
    caption : bool
        Whether the settings stand under the figure.

    Raises
    ------
    ValueError
        If a number is out of its range, or limits do not rise.
    """

    size: Limits = (7.2, 3.6)
    dpi: float = 300.0
    time_limits: Limits | None = None
    frequency_limits: Limits | None = None
    value_range: Limits | None = None
    caption: bool = True

    def __post_init__(self) -> None:
        """Check the options."""
        low, high = SIZE_RANGE
        size = _pair("size", self.size)
        if not all(low <= length <= high for length in size):
            raise ValueError(f"`size` must be two lengths between {low:g} and {high:g} inches; got {self.size!r}.")
        dpi = check_number("dpi", self.dpi)
        if not DPI_RANGE[0] <= dpi <= DPI_RANGE[1]:
            raise ValueError(f"`dpi` must be between {DPI_RANGE[0]:g} and {DPI_RANGE[1]:g}; got {self.dpi!r}.")
        if math.prod(size) * dpi**2 > MOST_DOTS:
            raise ValueError(f"`dpi` must give at most {MOST_DOTS:,} dots at a size of {size}; got {self.dpi!r}.")
        object.__setattr__(self, "size", size)
        for name in ("time_limits", "frequency_limits", "value_range"):
            given = getattr(self, name)
            if given is None:
                continue
            first, last = _pair(name, given)
            if not first < last:
                raise ValueError(f"`{name}` must be two numbers, the lower first; got {given!r}.")
            object.__setattr__(self, name, (first, last))

    def visible(
        self, displayed: Visible | None, n_samples: int, sample_rate: float | None, *, has_bands: bool = False
    ) -> Visible | None:
        """Return the part that the figure shows.

        Parameters
        ----------
        displayed : tuple of float, or None
            What is displayed; None is the whole.
        n_samples : int
            Length of the signal, L.
        sample_rate : float or None
            Samples per second.
        has_bands : bool
            Whether the frequency axis counts the bands of a mel spectrogram, or coefficients.

        Returns
        -------
        tuple of float, or None
            First and last sample, lowest and highest frequency as fractions of half the sample rate. Limits beyond the
            signal end there.

        Raises
        ------
        ValueError
            If limits have no part of the signal between them, or those of frequency are given for bands.

        Examples
        --------
        >>> FigureOptions(time_limits=(0.5, 9), frequency_limits=(0, 1000)).visible(None, 8000, 8000.0)
        (4000.0, 8000.0, 0.0, 0.25)
        """
        if self.time_limits is None and self.frequency_limits is None:
            return displayed
        if has_bands and self.frequency_limits is not None:
            raise ValueError(
                f"`frequency_limits` must be None where the axis counts bands; got {self.frequency_limits}. "
                "Choose `min_freq` and `max_freq` of the bands instead."
            )
        rate = sample_rate or 1.0
        first, last, low, high = displayed or (0.0, float(n_samples), 0.0, 1.0)
        if self.time_limits is not None:
            unit = "samples" if sample_rate is None else "s"
            first, last = _clip("time_limits", self.time_limits, n_samples / rate, f" {unit}")
            first, last = first * rate, last * rate
        if self.frequency_limits is not None:
            unit = "cycles per sample" if sample_rate is None else "Hz"
            low, high = _clip("frequency_limits", self.frequency_limits, rate / 2, f" {unit}")
            low, high = low * 2 / rate, high * 2 / rate
        return first, last, low, high


def options_from(values: Mapping[str, Any]) -> FigureOptions:
    """Return the options of a form or a command line, where `width` and `height` stand for `size`.

    Parameters
    ----------
    values : mapping of str to value
        The values that are given.

    Returns
    -------
    FigureOptions

    Raises
    ------
    ValueError, TypeError
        If one is invalid.

    Examples
    --------
    >>> options_from({"width": 3.5, "dpi": 600}).size
    (3.5, 3.6)
    """
    given = dict(values)
    width, height = (
        check_number(name, given.pop(name, default))
        for name, default in zip(("width", "height"), FigureOptions.size, strict=True)
    )
    return FigureOptions(size=(width, height), **given)


def _pair(name: str, value: Any) -> Limits:
    """Return two finite numbers."""
    is_pair = isinstance(value, list | tuple) and len(value) == 2
    if not is_pair:
        raise ValueError(f"`{name}` must be two numbers; got {value!r}.")
    first, last = (check_number(name, each) for each in value)
    if not (math.isfinite(first) and math.isfinite(last)):
        raise ValueError(f"`{name}` must be two finite numbers; got {value!r}.")
    return first, last


def _clip(name: str, limits: Limits, end: float, unit: str) -> Limits:
    """Return the part of limits that lies between 0 and an end."""
    first, last = max(limits[0], 0.0), min(limits[1], end)
    if not first < last:
        raise ValueError(f"`{name}` must have a part of 0 to {end:.6g}{unit} between them; got {limits!r}.")
    return first, last
