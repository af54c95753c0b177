"""Statistics of a signal that notes are about: samples that are not finite, peak, mean and standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from specwidget.arrays import to_numpy


@dataclass(frozen=True)
class SignalStatistics:
    """Statistics of the finite samples of a signal.

    Parameters
    ----------
    size : int
        Number of samples in all channels and batch items.
    n_not_finite : int
        How many of them are NaN or infinite.
    peak : float
        Largest magnitude.
    mean, deviation : float
        Mean and standard deviation of the channel with the largest ratio of the two.
    """

    size: int
    n_not_finite: int
    peak: float
    mean: float
    deviation: float


def signal_statistics(samples: Any) -> SignalStatistics:
    """Compute the statistics of a signal.

    Parameters
    ----------
    samples : array (B, L, C)
        The signal.

    Returns
    -------
    SignalStatistics

    Examples
    --------
    >>> signal_statistics(np.array([1.0, 3.0, np.nan]).reshape(1, 3, 1))
    SignalStatistics(size=3, n_not_finite=1, peak=3.0, mean=2.0, deviation=1.0)
    """
    samples = to_numpy(samples)
    n_not_finite, peak, offsets = 0, 0.0, [(0.0, 0.0)]
    for item in samples:
        for channel in item.T:
            finite = np.isfinite(channel)
            n_finite = int(np.count_nonzero(finite))
            n_not_finite += channel.size - n_finite
            if n_finite == 0:
                continue
            kept = channel if n_finite == channel.size else channel[finite]
            peak = max(peak, float(kept.max()), -float(kept.min()))
            offsets.append((float(kept.mean(dtype=np.float64)), float(kept.std(dtype=np.float64))))
    mean, deviation = max(offsets, key=_relative_offset)
    return SignalStatistics(int(samples.size), n_not_finite, peak, mean, deviation)


def _relative_offset(pair: tuple[float, float]) -> float:
    """Return the mean in units of the standard deviation."""
    mean, deviation = abs(pair[0]), pair[1]
    return mean / deviation if deviation > 0 else math.inf if mean > 0 else 0.0
