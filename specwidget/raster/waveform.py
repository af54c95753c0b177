"""Waveforms reduced to the screen: lowest and highest sample of each part, from a summary that is computed once."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy

SUMMARY = 256
"""Samples per entry of the summary."""

READ_SAMPLES = 2**18
"""Samples that are read at a time for the summary: they fit into the cache of a core."""

Part = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Waveform:
    """Lowest and highest samples of equal parts.

    Parameters
    ----------
    first, last : int
        The parts cover samples `first` to `last - 1`; the very last part may end with the sound, before `last`.
    minimum, maximum : ndarray (n,) of float32
        Extremes of each part of ``(last - first) / n`` samples, NaN where it contains NaN; equal if a part is one
        sample.
    """

    first: int
    last: int
    minimum: Part
    maximum: Part

    def header(self) -> dict[str, int]:
        """Return the metadata for the page."""
        return {"first": self.first, "last": self.last, "n": len(self.minimum)}

    def buffers(self) -> list[memoryview]:
        """Return minimum and maximum as raw memory."""
        return [part.view(np.uint8).data for part in (self.minimum, self.maximum)]


@dataclass(frozen=True, eq=False)
class Envelope:
    """One channel with a summary of it, from which any part is reduced without reading all samples again.

    Parameters
    ----------
    samples : array (L,)
        The channel, of any stride, as a NumPy or CuPy array.
    """

    samples: Any
    lowest: Part = field(init=False)
    highest: Part = field(init=False)

    def __post_init__(self) -> None:
        """Compute the summary."""
        n_entries = -(-len(self.samples) // SUMMARY)
        ends = np.empty((2, n_entries), np.float32)
        for begin in range(0, len(self.samples), READ_SAMPLES):
            piece = _read(self.samples, begin, begin + READ_SAMPLES)
            entry = begin // SUMMARY
            ends[:, entry : entry - (-len(piece) // SUMMARY)] = _extremes(piece, SUMMARY)
        object.__setattr__(self, "lowest", ends[0])
        object.__setattr__(self, "highest", ends[1])

    def between(self, first: float, last: float, n: int) -> Waveform:
        """Return the waveform between two samples.

        Parameters
        ----------
        first, last : float
            Sample numbers, `first` below `last`.
        n : int
            Most parts.

        Returns
        -------
        Waveform
            Parts have at least one sample, or a whole number of entries of the summary, and begin at multiples of their
            length, so that they may cover a little more.
        """
        begin, end = max(0, math.floor(first)), min(len(self.samples), math.ceil(last))
        length = max(1, -(-(end - begin) // max(1, n)))
        if length > SUMMARY:
            length = -(-length // SUMMARY) * SUMMARY
        begin = begin // length * length
        n_parts = -(-(end - begin) // length)
        stop = begin + n_parts * length
        if length < SUMMARY:
            return Waveform(begin, stop, *_extremes(_read(self.samples, begin, stop), length))
        entries, size = slice(begin // SUMMARY, -(-stop // SUMMARY)), length // SUMMARY
        lowest, highest = self.lowest[entries], self.highest[entries]
        return Waveform(begin, stop, _group(np.minimum, lowest, size), _group(np.maximum, highest, size))


def _read(samples: Any, begin: int, end: int) -> Part:
    """Return contiguous float32 samples of a channel."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(to_numpy(samples[begin:end]), dtype=np.float32)


def _extremes(samples: Part, length: int) -> tuple[Part, Part]:
    """Return the lowest and the highest sample of each group."""
    return _group(np.minimum, samples, length), _group(np.maximum, samples, length)


def _group(ufunc: np.ufunc, values: Part, length: int) -> Part:
    """Reduce groups of values, of which the last may be shorter."""
    whole = len(values) // length * length
    joined: Part = ufunc.reduce(values[:whole].reshape(-1, length), axis=1)
    return joined if whole == len(values) else np.append(joined, ufunc.reduce(values[whole:]))
