"""Statistics of a signal that notes are about: samples that are not finite, peak, mean and standard deviation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.summary.gaps import Gaps, find_gaps

BLOCK = 2**16
"""Samples that are looked at together."""


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
            found = _channel_statistics(channel)
            if found.n_finite < channel.size:
                n_not_finite += channel.size - found.n_finite
                named = find_gaps(channel)
                if named is not None:
                    gaps[i, j] = named
            if found.n_finite:
                peak = max(peak, found.peak)
                offsets.append((found.mean, math.sqrt(found.squares / found.n_finite)))
    mean, deviation = max(offsets, key=_relative_offset)
    return SignalStatistics(int(samples.size), n_not_finite, peak, mean, deviation, gaps)


@dataclass(frozen=True)
class _ChannelStatistics:
    """Number, peak, mean and sum of squared deviations of finite samples."""

    n_finite: int = 0
    peak: float = 0.0
    mean: float = 0.0
    squares: float = 0.0

    def __add__(self, other: _ChannelStatistics) -> _ChannelStatistics:
        """Return the statistics of both: Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance."""
        count = self.n_finite + other.n_finite
        if count == 0:
            return self
        shift = other.mean - self.mean
        mean = self.mean + shift * other.n_finite / count
        squares = self.squares + other.squares + shift**2 * self.n_finite * other.n_finite / count
        return _ChannelStatistics(count, max(self.peak, other.peak), mean, squares)


def _channel_statistics(channel: NDArray[Any]) -> _ChannelStatistics:
    # By blocks that stay in the cache, as float64 of a whole channel would take twice its memory.
    blocks = (channel[first : first + BLOCK] for first in range(0, channel.size, BLOCK))
    return sum(map(_block_statistics, blocks), _ChannelStatistics())


def _block_statistics(block: NDArray[Any]) -> _ChannelStatistics:
    peak = max(float(block.max()), -float(block.min()))
    # A maximum is NaN where a sample is.
    if not math.isfinite(peak):
        block = block[np.isfinite(block)]
        if block.size == 0:
            return _ChannelStatistics()
        peak = max(float(block.max()), -float(block.min()))
    mean = float(block.mean(dtype=np.float64))
    deviations = np.subtract(block, mean, dtype=np.float64)
    # Not as a scalar product, which wakes the threads of BLAS for each block.
    return _ChannelStatistics(block.size, peak, mean, float(np.square(deviations, out=deviations).sum()))


def _relative_offset(pair: tuple[float, float]) -> float:
    """Return the mean in units of the standard deviation."""
    mean, deviation = abs(pair[0]), pair[1]
    return mean / deviation if deviation > 0 else math.inf if mean > 0 else 0.0
