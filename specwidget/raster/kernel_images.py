"""Pictures of kernels: samples of the frame across, bins upwards, reduced to the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.raster.picture import REDUCTIONS, encode
from specwidget.raster.region import group_evenly
from specwidget.stft.kernels import kernel_names, make_kernel_block
from specwidget.stft.settings import STFTSettings

MOST_LOOKED_AT = 4
"""Most samples, and most bins, that are looked at for one cell of Fourier's kernels."""

Region = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class KernelPicture:
    """Codes of each kernel, and what places them.

    Parameters
    ----------
    names : tuple of str
        "real", "imag" or both.
    codes : ndarray (kernels, rows, columns) of uint16
        Code of each cell, row 0 of the lowest bins: the value farthest from 0 of those that were looked at.
    row_starts, column_starts : ndarray (rows + 1,), (columns + 1,) of int32
        First bin of each row and first sample of each column, and the ends.
    low, high : float
        Values of the lowest and the highest code.
    """

    names: tuple[str, ...]
    codes: NDArray[np.uint16]
    row_starts: NDArray[np.int32]
    column_starts: NDArray[np.int32]
    low: float
    high: float


def make_kernel_picture(
    settings: STFTSettings,
    weights: Sequence[NDArray[Any]] | None = None,
    region: Region | None = None,
    n_columns: int = 512,
    n_rows: int = 256,
) -> KernelPicture:
    """Make the picture of kernels.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    weights : sequence of ndarray (frame_length, 1, n_bins), optional
        Kernels of a layer, real before imaginary; None is Fourier's, of which only what is looked at is made.
    region : tuple of 4 int, optional
        First sample and end, first bin and end of what is shown; None is all.
    n_columns, n_rows : int
        Most columns and rows that are of use.

    Returns
    -------
    KernelPicture
    """
    first, last, lowest, highest = region or (0, settings.frame_length, 0, settings.n_bins)
    columns = first + group_evenly(last - first, n_columns)
    rows = lowest + group_evenly(highest - lowest, n_rows)
    if weights is None:
        samples, column_groups = _looked_at(columns)
        bins, row_groups = _looked_at(rows)
        part = make_kernel_block(settings, samples, bins)
        weights = [getattr(part, name) for name in kernel_names(settings)]
    else:
        weights = [kernel[first:last, :, lowest:highest] for kernel in weights]
        column_groups, row_groups = columns - first, rows - lowest
    farthest = REDUCTIONS["diverging"]
    cells = [
        farthest(np.ascontiguousarray(farthest(kernel[:, 0, :], column_groups).T), row_groups) for kernel in weights
    ]
    codes, low, high = encode(np.stack(cells).astype(np.float64))
    return KernelPicture(kernel_names(settings), codes, rows, columns, low, high)


def _looked_at(starts: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return what is looked at of each group, and where each group begins in it."""
    chosen = [
        np.arange(first, end)
        if end - first <= MOST_LOOKED_AT
        else first + ((np.arange(MOST_LOOKED_AT) + 0.5) * (end - first) / MOST_LOOKED_AT).astype(np.int64)
        for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    return np.concatenate(chosen), np.cumsum([0, *map(len, chosen)]).astype(np.int32)
