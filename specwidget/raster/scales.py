"""Scales of frequency axes: linear, logarithmic, mel and notes; `charts/scales.js` has the same formulas."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

FrequencyAxis = Literal["linear", "log", "mel", "notes"]
FREQUENCY_AXES: tuple[FrequencyAxis, ...] = get_args(FrequencyAxis)

TimeAxis = Literal["seconds", "frames", "samples"]
TIME_AXES: tuple[TimeAxis, ...] = get_args(TimeAxis)
"""Units of the time axis. Without a sample rate there are no seconds, and samples are shown."""

IN_HERTZ: tuple[FrequencyAxis, ...] = ("mel", "notes")
"""Axes that are defined in Hz, and need a sample rate."""

MEL_BREAK = 700.0
"""Frequency, Hz, below which a mel axis is nearly linear."""

LOG_SPAN = 512
"""Ratio of the ends of a logarithmic axis (nine octaves); its lower end is at least half the bin spacing."""


def axis_positions(
    frequencies: NDArray[np.float64], axis: FrequencyAxis, top: float, spacing: float
) -> NDArray[np.float64]:
    """Map frequencies to positions on an axis: 0 at its bottom, 1 at its top.

    Parameters
    ----------
    frequencies : ndarray (n,) of float
        Frequencies, in the unit of `top`; mel and notes need Hz.
    axis : {"linear", "log", "mel", "notes"}
        Frequency axis; "notes" is a logarithmic one with other labels.
    top : float
        Highest frequency: half the sample rate.
    spacing : float
        Distance of two bins.

    Returns
    -------
    ndarray (n,) of float
        Positions; negative below the lower end of a logarithmic axis.
    """
    if axis == "linear":
        return frequencies / top
    if axis == "mel":
        return np.asarray(np.log1p(frequencies / MEL_BREAK) / np.log1p(top / MEL_BREAK), dtype=np.float64)
    bottom = log_bottom(top, spacing)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(frequencies / bottom) / np.log(top / bottom), dtype=np.float64)


def log_bottom(top: float, spacing: float) -> float:
    """Return the lowest frequency of a logarithmic axis."""
    return min(max(top / LOG_SPAN, spacing / 2), top / 2)
