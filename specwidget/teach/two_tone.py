"""Whether a window tells two sines or two clicks apart: the dip between them, on average over their phases.

A sine's power lies round its frequency as the window's squared response, a click's round its time as the squared
window. Two of them at random phases add up in power, so that both questions have one answer: how far the sum falls
half-way between the two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

TOLD_APART = 3.0
"""Least dip, dB, at which two are told apart."""


def dip_between_sines(window: Any, gap: float) -> float:
    """Return how far the power falls half-way between two sines of one amplitude.

    Parameters
    ----------
    window : array-like (frame_length,)
        Values of the window.
    gap : float
        Distance of the sines, in bins of ``sample_rate / frame_length``.

    Returns
    -------
    float
        Power at either sine relative to that half-way between them, dB; negative where they merge into one line.

    Examples
    --------
    >>> import scipy.signal
    >>> window = scipy.signal.get_window("hann", 64)
    >>> round(dip_between_sines(window, 1.0), 1), dip_between_sines(window, 3.0) > 10
    (-0.6, True)
    """
    values = np.asarray(window, dtype=np.float64)
    turns = -2j * np.pi * np.arange(values.size) / values.size
    at, there, between = (abs(np.exp(turns * place) @ values) ** 2 for place in (0.0, gap, gap / 2))
    return _decibels(at + there, 2 * between)


def dip_between_clicks(window: Any, gap: float) -> float:
    """Return how far the power falls half-way between two clicks of one height.

    Parameters
    ----------
    window : array-like (frame_length,)
        Values of the window.
    gap : float
        Distance of the clicks, samples.

    Returns
    -------
    float
        Power of a frame whose middle is at either click relative to that of one half-way between them, dB; infinite
        where the frame half-way holds neither.

    Examples
    --------
    >>> dip_between_clicks(np.ones(64), 40.0), dip_between_clicks(np.ones(64), 70.0)
    (-3.01..., inf)
    """
    values = np.asarray(window, dtype=np.float64)
    # Placed round the middle of the frame, where `frame_centre` is.
    places = np.arange(values.size) + 0.5 - values.size / 2
    at, there, between = np.interp([0.0, gap, gap / 2], places, values**2, left=0.0, right=0.0)
    return _decibels(at + there, 2 * between)


def _decibels(power: float, reference: float) -> float:
    """Return a ratio of powers in dB."""
    return 10 * math.log10(power / reference) if reference > 0 else math.inf
