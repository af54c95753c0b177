"""Statistics that are collected block by block and merged: of samples, of each bin, and of the levels of values."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

CLIPPED = 0.999
"""Magnitude from which on a sample counts as clipped, of a full scale of 1."""

SILENT = 1e-3
"""Magnitude below which all samples of a silent segment lie: -60 dB of full scale."""

SEGMENT = 1024
"""Samples of a segment that is silent or not."""

LARGEST = 1e4
"""Magnitude that stands for every larger one in a histogram, so that one odd sample makes no endless histogram."""


@dataclass
class SampleStatistics:
    """Statistics of samples; `add` takes blocks (n, C) in turn, all but the last of a multiple of 1024 samples."""

    size: int = 0
    peak: float = 0.0
    n_clipped: int = 0
    n_silent: int = 0
    n_not_finite: int = 0

    def add(self, block: NDArray[np.float32]) -> None:
        """Add a block of samples."""
        n_samples, n_channels = block.shape
        self.size += block.size
        whole = n_samples // SEGMENT * SEGMENT
        flat = block[:whole].reshape(-1, SEGMENT * n_channels)
        highest, lowest = flat.max(axis=1), flat.min(axis=1)
        if whole < n_samples:
            rest = block[whole:]
            highest, lowest = np.append(highest, rest.max()), np.append(lowest, rest.min())
        peaks = np.maximum(highest, -lowest)
        # A maximum is NaN where a sample is.
        if not np.isfinite(peaks).all():
            is_finite = np.isfinite(block)
            self.n_not_finite += block.size - int(np.count_nonzero(is_finite))
            self.add(np.where(is_finite, block, np.float32(0)))
            self.size -= block.size
            return
        lengths = np.full(len(peaks), SEGMENT * n_channels)
        lengths[-1] = block.size - (len(peaks) - 1) * SEGMENT * n_channels
        self.n_silent += int(lengths[peaks < SILENT].sum())
        self.peak = max(self.peak, float(peaks.max()))
        if self.peak >= CLIPPED:
            self.n_clipped += int(np.count_nonzero(np.abs(block) >= CLIPPED))


@dataclass(frozen=True)
class Moments:
    """Number, mean and sum of squared deviations of the values of each bin.

    Parameters
    ----------
    count : int
        Frames, of all channels; those that are not finite are left out.
    mean, squares : ndarray (F,)
        Mean, and sum of the squares of the deviations from it.

    References
    ----------
    .. [1] T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample
       variances", Stanford University, 1979, equation 2.1.
    """

    count: int
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[Any]) -> Moments:
        """Return the moments of values (C, t, F)."""
        frames = values.reshape(-1, values.shape[-1])
        # Sums of the differences from a value near the mean lose nothing, and float32 is read once.
        sums = np.add.reduce(frames, axis=0, dtype=np.float64)
        if not np.isfinite(sums).all():
            frames = frames[np.isfinite(frames).all(axis=1)]
            sums = np.add.reduce(frames, axis=0, dtype=np.float64)
        if len(frames) == 0:
            return cls(0, np.zeros(values.shape[-1]), np.zeros(values.shape[-1]))
        shift = (sums / len(frames)).astype(frames.dtype)
        with np.errstate(over="ignore", invalid="ignore"):
            centred = frames - shift
            rest = np.add.reduce(centred, axis=0, dtype=np.float64)
            squares = np.add.reduce(np.square(centred, out=centred), axis=0, dtype=np.float64)
        if frames.dtype != np.float64 and not np.isfinite(squares).all():
            return cls.of(values.astype(np.float64))
        return cls(len(frames), shift + rest / len(frames), np.maximum(squares - rest**2 / len(frames), 0.0))

    def __add__(self, other: Moments) -> Moments:
        """Return the moments of both sets of values together."""
        count = self.count + other.count
        if count == 0:
            return self
        difference = other.mean - self.mean
        share = other.count / count
        squares = self.squares + other.squares + difference**2 * (self.count * share)
        return Moments(count, self.mean + difference * share, squares)

    @property
    def std(self) -> NDArray[np.float64]:
        """Standard deviation of each bin, shape (F,)."""
        return np.asarray(np.sqrt(self.squares / max(self.count, 1)), dtype=np.float64)

    def pooled(self) -> tuple[float, float]:
        """Return the mean and the standard deviation over all bins together."""
        mean = float(self.mean.mean())
        variance = (self.squares.mean() / max(self.count, 1)) + ((self.mean - mean) ** 2).mean()
        return mean, math.sqrt(variance)


@dataclass(frozen=True)
class Histogram:
    """Counts of values in intervals of one width; interval `i` is ``[(first + i) width, (first + i + 1) width)``."""

    width: float
    first: int = 0
    counts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    @classmethod
    def of(cls, values: NDArray[Any], width: float) -> Histogram:
        """Count the values but NaN; those beyond `LARGEST` of either sign as of that."""
        limit = values.dtype.type(LARGEST)
        scaled = np.clip(values.ravel(), -limit, limit) * values.dtype.type(1 / width)
        if np.isnan(scaled).any():
            scaled = scaled[~np.isnan(scaled)]
        if len(scaled) == 0:
            return cls(width)
        indices = np.floor(scaled, out=scaled).astype(np.int64)
        first = int(indices.min())
        return cls(width, first, np.bincount(indices - first))

    def __add__(self, other: Histogram) -> Histogram:
        """Return the counts of both."""
        if 0 in (len(self.counts), len(other.counts)):
            return self if len(self.counts) else other
        first = min(self.first, other.first)
        stop = max(self.first + len(self.counts), other.first + len(other.counts))
        counts = np.zeros(stop - first, np.int64)
        for each in (self, other):
            counts[each.first - first :][: len(each.counts)] += each.counts
        return Histogram(self.width, first, counts)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the intervals, shape (n + 1,)."""
        return np.asarray((self.first + np.arange(len(self.counts) + 1)) * self.width, dtype=np.float64)

    def share_below(self, level: float) -> float:
        """Return the share of values below a level, linear within an interval."""
        total = int(self.counts.sum())
        if total == 0:
            return 0.0
        cumulative = np.concatenate([[0], np.cumsum(self.counts)])
        return float(np.interp(level, self.edges, cumulative)) / total

    def level_below(self, share: float) -> float:
        """Return the level below which a share of the values lies, linear within an interval."""
        cumulative = np.concatenate([[0], np.cumsum(self.counts)]) / max(int(self.counts.sum()), 1)
        return float(np.interp(share, cumulative, self.edges))
