"""Measure whether a window resolves two sines or two clicks: the dip of the power half-way between them.

The power of a sine is distributed over frequency as the squared magnitude response of the window, and the power of a
click over time as the squared window. With random phases the powers of the two components add on average, so one
measure serves both cases: how far the sum falls half-way between the components.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

MIN_DIP_DB = 3.0
"""Smallest dip, dB, at which two components count as resolved."""


def dip_between_sines(window: Any, gap: float) -> float:
    """Compute the dip of the power half-way between two sines of equal amplitude, dB.

    Parameters
    ----------
    window : array-like (frame_length,)
        The window.
    gap : float
        Distance between the sines, in bins of ``sample_rate / frame_length``.

    Returns
    -------
    float
        Power at either sine relative to the power half-way between them, dB; negative if they merge into one peak.

    Examples
    --------
    >>> import scipy.signal
    >>> window = scipy.signal.get_window("hann", 64)
    >>> round(dip_between_sines(window, 1.0), 1), dip_between_sines(window, 3.0) > 10
    (-0.6, True)
    """
    values = np.asarray(window, dtype=np.float64)
    phases = -2j * np.pi * np.arange(values.size) / values.size
    first, second, between = (abs(np.exp(phases * distance) @ values) ** 2 for distance in (0.0, gap, gap / 2))
    return _decibels(first + second, 2 * between)


def dip_between_clicks(window: Any, gap: float) -> float:
    """Compute the dip of the power half-way between two clicks of equal amplitude, dB.

    Parameters
    ----------
    window : array-like (frame_length,)
        The window.
    gap : float
        Distance between the clicks, samples.

    Returns
    -------
    float
        Power of a frame centred at either click relative to that of a frame centred half-way between them, dB;
        infinite if the frame half-way contains neither.

    Examples
    --------
    >>> dip_between_clicks(np.ones(64), 40.0), dip_between_clicks(np.ones(64), 70.0)
    (-3.01..., inf)
    """
    values = np.asarray(window, dtype=np.float64)
    # Sample positions relative to the centre of the frame, as defined by `frame_centre`.
    positions = np.arange(values.size) + 0.5 - values.size / 2
    first, second, between = np.interp([0.0, gap, gap / 2], positions, values**2, left=0.0, right=0.0)
    return _decibels(first + second, 2 * between)


def _decibels(power: float, reference: float) -> float:
    return 10 * math.log10(power / reference) if reference > 0 else math.inf
