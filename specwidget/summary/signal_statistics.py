"""Statistics of a signal that notes are about: samples that are not finite, peak, mean and standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.summary.gaps import Gaps, find_gaps


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
    gaps : dict of (int, int) to Gaps
        Where samples are not finite, by batch item and channel.
    """

    size: int
    n_not_finite: int
    peak: float
    mean: float
    deviation: float
    gaps: dict[tuple[int, int], Gaps] = field(default_factory=dict)


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
    >>> signal_statistics(np.array([1.0, 3.0]).reshape(1, 2, 1))
    SignalStatistics(size=2, n_not_finite=0, peak=3.0, mean=2.0, deviation=1.0, gaps={})
    """
    samples = to_numpy(samples)
    n_not_finite, peak, offsets = 0, 0.0, [(0.0, 0.0)]
    gaps: dict[tuple[int, int], Gaps] = {}
    for i, item in enumerate(samples):
        for j, channel in enumerate(item.T):
            finite = np.isfinite(channel)
            n_finite = int(np.count_nonzero(finite))
            n_not_finite += channel.size - n_finite
            found = None if n_finite == channel.size else find_gaps(channel)
            if found is not None:
                gaps[i, j] = found
            if n_finite == 0:
                continue
            kept = channel if n_finite == channel.size else channel[finite]
            peak = max(peak, float(kept.max()), -float(kept.min()))
            offsets.append((float(kept.mean(dtype=np.float64)), float(kept.std(dtype=np.float64))))
    mean, deviation = max(offsets, key=_relative_offset)
    return SignalStatistics(int(samples.size), n_not_finite, peak, mean, deviation, gaps)


def _relative_offset(pair: tuple[float, float]) -> float:
    """Return the mean in units of the standard deviation."""
    mean, deviation = abs(pair[0]), pair[1]
    return mean / deviation if deviation > 0 else math.inf if mean > 0 else 0.0
