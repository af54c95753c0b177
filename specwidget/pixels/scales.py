"""Where a frequency lies on the picture's axis: linear, logarithmic or mel; `scales.js` has the same formulas."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

FrequencyAxis = Literal["linear", "log", "mel"]
FREQUENCY_AXES: tuple[FrequencyAxis, ...] = get_args(FrequencyAxis)

LOG_SPAN = 512
"""A logarithmic axis reaches down to this fraction of its top (nine octaves), or to half a bin if that is higher."""


def axis_positions(
    frequencies: NDArray[np.float64], axis: FrequencyAxis, top: float, spacing: float
) -> NDArray[np.float64]:
    """Return where frequencies lie on an axis, 0 at its bottom and 1 at its top.

    Parameters
    ----------
    frequencies : ndarray (n,) of float
        Frequencies, in the unit of `top`; mel needs Hz.
    axis : {"linear", "log", "mel"}
        Kind of axis.
    top : float
        Highest frequency shown: half the sample rate.
    spacing : float
        Distance of two bins.

    Returns
    -------
    ndarray (n,) of float
        Positions; below 0 for what lies under a logarithmic axis.
    """
    if axis == "linear":
        return frequencies / top
    if axis == "mel":
        return np.asarray(np.log1p(frequencies / 700) / np.log1p(top / 700), dtype=np.float64)
    bottom = log_bottom(top, spacing)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(frequencies / bottom) / np.log(top / bottom), dtype=np.float64)


def log_bottom(top: float, spacing: float) -> float:
    """Return the lowest frequency of a logarithmic axis."""
    return min(max(top / LOG_SPAN, spacing / 2), top / 2)
