"""Overlapping windows: the sum of their copies, and the conditions NOLA and COLA."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.windows import check_window_values


def nola_threshold(dtype: str = "float32") -> float:
    """Return the NOLA threshold: the summed squared window at or below which a sample counts as lost.

    Parameters
    ----------
    dtype : str, default "float32"
        Dtype of the result of the transform.

    Returns
    -------
    float
        Relative to the largest summed squared window: the eps of the dtype. The rounding error of the inverse grows as
        `eps / sqrt(sum)`, so at this threshold half of the digits are lost.

    Examples
    --------
    >>> print(f"{nola_threshold():.1e} {nola_threshold('float64'):.1e}")
    1.2e-07 2.2e-16
    """
    return float(np.finfo(dtype).eps)


@dataclass(frozen=True)
class OverlapCheck:
    """Result of an overlap check, with its margin.

    Parameters
    ----------
    holds : bool
        Whether the condition holds.
    margin : float
        1 if the overlapped sum is the same at every sample. For `check_nola` the smallest sum divided by the largest;
        for `check_cola` 1 minus the largest relative deviation from the median, which may be negative.
    """

    holds: bool
    margin: float


def overlap_sums(values: NDArray[Any], step: int) -> NDArray[np.float64]:
    """Sum a window over all its copies shifted by multiples of a step.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, or their squares.
    step : int
        Samples from one window to the next, 1 to `frame_length`.

    Returns
    -------
    ndarray (step,) of float64
        `sum over m of values[r + m step]` for `r` in 0..step-1: the sum at sample `n` with `r = n mod step`, away from
        the first and last windows.

    Raises
    ------
    ValueError
        If `values` is not a 1-D array of finite numbers, or `step` is out of bounds.

    Examples
    --------
    >>> from specwidget.stft.windows import make_window
    >>> overlap_sums(make_window("hann", 8, True), 4).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    window = check_window_values(values)
    if not 1 <= step <= window.size:
        raise ValueError(f"`step` must be between 1 and frame_length={window.size}; got {step}.")
    # Rows of `step` samples: a column is one residue r, and its sum adds the values r, r + step, r + 2 step, ...
    sums: NDArray[np.float64] = np.pad(window, (0, -window.size % step)).reshape(-1, step).sum(axis=0)
    return sums


def check_nola(values: NDArray[Any], step: int, threshold: float | None = None) -> OverlapCheck:
    """Check the nonzero overlap-add condition (NOLA), under which a transform can be inverted.

    Parameters
    ----------
    values, step
        Window values and step, as for `overlap_sums`.
    threshold : float, optional
        Sum at or below which a sample is lost, relative to the largest sum; None means `nola_threshold()`, that of
        float32. With ``nola_threshold(settings.result_dtype)`` the condition is that of `STFTSpectrogram.inverse`.

    Returns
    -------
    OverlapCheck
        With ``S[r] = sum over m of values[r + m step]**2``, the margin is ``min(S) / max(S)``.

    Raises
    ------
    ValueError
        As for `overlap_sums`.

    Notes
    -----
    `scipy.signal.check_NOLA` compares ``min(S)`` itself with its threshold. For windows whose sums are near 1 that is
    the same; here the result does not depend on the scale of the window.

    Examples
    --------
    >>> from specwidget.stft.windows import make_window
    >>> check_nola(make_window("hann", 8, True), 8)
    OverlapCheck(holds=False, margin=0.0)
    """
    window = check_window_values(values)
    largest = float(np.abs(window).max())
    # Relative to the largest value, squares do not overflow, and those that underflow do not matter.
    sums = overlap_sums((window / (largest or 1.0)) ** 2, step)
    margin = float(sums.min() / (sums.max() or 1.0))
    return OverlapCheck(margin > (nola_threshold() if threshold is None else threshold), margin)


def check_cola(values: NDArray[Any], step: int, tolerance: float = 1e-10) -> OverlapCheck:
    """Check the constant overlap-add condition (COLA), under which overlap-add without weights inverts a transform.

    Parameters
    ----------
    values, step
        Window values and step, as for `overlap_sums`.
    tolerance : float, default 1e-10
        Largest allowed deviation from the median, relative to the median.

    Returns
    -------
    OverlapCheck
        With ``S[r] = sum over m of values[r + m step]``, the margin is ``1 - max |S - median(S)| / |median(S)|``.

    Raises
    ------
    ValueError
        As for `overlap_sums`.

    Notes
    -----
    `scipy.signal.check_COLA` compares the absolute deviation with its tolerance, and accepts sums that are all 0; here
    these fail.

    Examples
    --------
    >>> from specwidget.stft.windows import make_window
    >>> check_cola(make_window("hann", 8, True), 4).holds, check_cola(make_window("hann", 8, False), 4).holds
    (True, False)
    """
    sums = overlap_sums(values, step)
    # The median and not the mean, as in SciPy: a single outlier must not shift the reference.
    median = abs(float(np.median(sums)))
    deviation = float(np.abs(sums - np.median(sums)).max())
    relative = deviation / median if median > 0 else math.inf
    return OverlapCheck(relative < tolerance, 1.0 - relative)
