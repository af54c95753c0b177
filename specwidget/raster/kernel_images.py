"""Images of kernels, with samples along x and bins along y, reduced to the resolution of the screen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.raster.picture import REDUCTIONS
from specwidget.raster.region import group_evenly
from specwidget.stft.kernels import kernel_names, make_kernel_block
from specwidget.stft.settings import STFTSettings

SAMPLES_PER_CELL = 4
"""Most samples, and most bins, of the Fourier kernels that are computed for one cell."""

Region = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class KernelImages:
    """Values of the kernels in the cells of an image.

    Parameters
    ----------
    names : tuple of str
        "real", "imag" or both.
    values : ndarray (kernels, rows, columns)
        For each cell the value of largest magnitude among those that were computed; row 0 has the lowest bins.
    row_starts, column_starts : ndarray (rows + 1,), (columns + 1,) of int32
        First bin of each row and first sample of each column, and the ends.
    """

    names: tuple[str, ...]
    values: NDArray[Any]
    row_starts: NDArray[np.int32]
    column_starts: NDArray[np.int32]


def make_kernel_images(
    settings: STFTSettings,
    weights: Sequence[NDArray[Any]] | None = None,
    region: Region | None = None,
    n_columns: int = 512,
    n_rows: int = 256,
) -> KernelImages:
    """Compute the images of kernels.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    weights : sequence of ndarray (frame_length, 1, n_bins), optional
        Kernels of a layer, real before imaginary; None are the Fourier kernels, of which few values are computed.
    region : tuple of 4 int, optional
        First sample and end, first bin and end; None is all.
    n_columns, n_rows : int
        Most columns and rows.

    Returns
    -------
    KernelImages
    """
    first, last, lowest, highest = region or (0, settings.frame_length, 0, settings.n_bins)
    columns = first + group_evenly(last - first, n_columns)
    rows = lowest + group_evenly(highest - lowest, n_rows)
    if weights is None:
        samples, column_groups = _sample_cells(columns)
        bins, row_groups = _sample_cells(rows)
        part = make_kernel_block(settings, samples, bins)
        weights = [getattr(part, name) for name in kernel_names(settings)]
    else:
        weights = [kernel[first:last, :, lowest:highest] for kernel in weights]
        column_groups, row_groups = columns - first, rows - lowest
    max_abs = REDUCTIONS["diverging"]
    cells = [max_abs(np.ascontiguousarray(max_abs(kernel[:, 0, :], column_groups).T), row_groups) for kernel in weights]
    return KernelImages(kernel_names(settings), np.stack(cells), rows, columns)


def _sample_cells(starts: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the indices to compute in each group, and where each group begins among them."""
    chosen = [
        np.arange(first, end)
        if end - first <= SAMPLES_PER_CELL
        else first + ((np.arange(SAMPLES_PER_CELL) + 0.5) * (end - first) / SAMPLES_PER_CELL).astype(np.int64)
        for first, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]
    return np.concatenate(chosen), np.cumsum([0, *map(len, chosen)]).astype(np.int32)
