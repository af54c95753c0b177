"""Banks of triangular filters on a mel scale: a matrix of bins and bands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.scales import MelScale, hertz_to_mel, mel_to_hertz
from specwidget.stft.formatting import ShortRepr

Triangles = Literal["mel", "hertz"]
BandNorm = Literal["slaney"]

TRIANGLES: tuple[Triangles, ...] = get_args(Triangles)
BAND_NORMS: tuple[BandNorm | None, ...] = (*get_args(BandNorm), None)

EDGE_WEIGHT = 1e-9
"""Weights below this are rounding errors of 0; the peaks are 1."""


@dataclass(frozen=True, eq=False, repr=False)
class FilterBank(ShortRepr):
    """A bank of triangular filters.

    Parameters
    ----------
    weights : ndarray (n_bins, n_bands) of float64
        Weight of each bin in each band, read-only.
    edges : ndarray (n_bands + 2,) of float64
        Frequencies, Hz, read-only: band `m` begins at ``edges[m]``, has its peak at ``edges[m + 1]`` and ends at
        ``edges[m + 2]``.
    frequencies : ndarray (n_bins,) of float64
        Frequencies of the bins, Hz, read-only.
    """

    weights: NDArray[np.float64]
    edges: NDArray[np.float64]
    frequencies: NDArray[np.float64]

    @property
    def n_bands(self) -> int:
        """Number of bands, M."""
        return int(self.weights.shape[1])

    @property
    def centres(self) -> NDArray[np.float64]:
        """Frequencies of the peaks, Hz, shape (n_bands,)."""
        return self.edges[1:-1]

    @cached_property
    def bin_counts(self) -> NDArray[np.int64]:
        """Number of bins with a weight above 0 in each band, shape (n_bands,)."""
        return np.asarray(np.count_nonzero(self.weights, axis=0))

    @property
    def empty_bands(self) -> tuple[int, ...]:
        """Indices of the bands that hold no bin, whose value is 0 for every signal."""
        return tuple(np.flatnonzero(self.bin_counts == 0).tolist())

    @cached_property
    def bin_ranges(self) -> NDArray[np.int64]:
        """First bin of each band, and the one after its last, shape (n_bands, 2); 0 and 0 for an empty band."""
        used = np.asarray(self.weights > 0)
        first = used.argmax(axis=0)
        stop = len(used) - used[::-1].argmax(axis=0)
        return np.where(np.any(used, axis=0)[:, None], np.stack([first, stop], axis=1), 0)


def make_bank(
    n_fft: int,
    sample_rate: float,
    n_bands: int,
    low: float,
    high: float,
    *,
    scale: MelScale = "htk",
    triangles: Triangles = "mel",
    norm: BandNorm | None = None,
) -> FilterBank:
    """Make a bank of triangular filters.

    Parameters
    ----------
    n_fft : int
        Length of the DFT, samples.
    sample_rate : float
        Sample rate, Hz.
    n_bands : int
        Number of bands, M.
    low, high : float
        Lower end of the first band and upper end of the last, Hz.
    scale : {"htk", "slaney"}, default "htk"
        Mel scale on which the edges are equidistant.
    triangles : {"mel", "hertz"}, default "mel"
        Whether the sides of the triangles are straight over mel, as in HTK, Kaldi and TensorFlow, or over Hz, as in
        librosa and torchaudio.
    norm : {"slaney", None}, default None
        "slaney" divides each band by half its width in Hz, so that all have the same area over Hz; None leaves peaks
        of 1.

    Returns
    -------
    FilterBank
        The bank. Peaks lie between bins, so a narrow band may hold no bin at all; see `FilterBank.empty_bands`.

    Examples
    --------
    >>> bank = make_bank(400, 16_000, 128, 0, 8000)
    >>> bank.weights.shape, len(bank.empty_bands)
    ((201, 128), 4)
    """
    # Bin k lies at k / N of the sample rate; for odd N the last bin is below half of it.
    frequencies = np.arange(n_fft // 2 + 1, dtype=np.float64) * (sample_rate / n_fft)
    ends = hertz_to_mel([low, high], scale)
    edges_mel = np.linspace(float(ends[0]), float(ends[1]), n_bands + 2)
    edges = mel_to_hertz(edges_mel, scale)
    # Not the round trip through mel, which moves them by a rounding.
    edges[0], edges[-1] = low, high
    positions, corners = (hertz_to_mel(frequencies, scale), edges_mel) if triangles == "mel" else (frequencies, edges)
    widths = np.diff(corners)
    rising = (positions[:, None] - corners[:-2]) / widths[:-1]
    falling = (corners[2:] - positions[:, None]) / widths[1:]
    weights = np.minimum(rising, falling)
    # A bin on an edge has a weight of 0, which rounding may leave a little above it.
    weights[weights < EDGE_WEIGHT] = 0.0
    if norm == "slaney":
        weights *= 2.0 / (edges[2:] - edges[:-2])
    for array in (weights, edges, frequencies):
        array.flags.writeable = False
    return FilterBank(weights, edges, frequencies)


def group_bands(bank: FilterBank, size: int) -> list[tuple[slice, slice]]:
    """Group adjacent bands, each with the bins that the group needs.

    Parameters
    ----------
    bank : FilterBank
        The bank.
    size : int
        Bands in a group.

    Returns
    -------
    list of (slice, slice)
        Bands and bins of each group. The products of these parts are the product with the whole bank, of which most
        is zeros.
    """
    groups = []
    for first in range(0, bank.n_bands, size):
        ranges = bank.bin_ranges[first : first + size]
        used = ranges[ranges[:, 1] > 0]
        # One bin of weights that are 0, where all bands are empty.
        bins = slice(int(used[:, 0].min()), int(used[:, 1].max())) if len(used) else slice(0, 1)
        groups.append((slice(first, first + len(ranges)), bins))
    return groups
