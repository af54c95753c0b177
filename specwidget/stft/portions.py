"""A batch in portions, where it does not fit into a device's memory as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import DeviceFull
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.regions import covered_samples, unpadded
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, output_shape

Compute = Callable[[NDArray[Any], STFTSettings], NDArray[Any]]


def compute_portions(inputs: NDArray[Any], settings: STFTSettings, compute: Compute) -> NDArray[Any]:
    """Compute a batch in halves, and halves of these, until each fits.

    Parameters
    ----------
    inputs : ndarray (batch, time, channels)
        The whole batch, on the host; it is one that the transform takes.
    settings : STFTSettings
        Settings of the transform.
    compute : callable
        Computes a portion, given as samples and settings, elsewhere, and returns the result on the host; raises
        `DeviceFull` where the portion does not fit.

    Returns
    -------
    ndarray
        As `compute_spectrogram` returns it.

    Raises
    ------
    DeviceFull
        If one frame of one batch item does not fit.

    Notes
    -----
    A batch is divided between its items before its frames are. Each portion has the samples that its frames cover.
    """
    shape: Any = output_shape(inputs.shape, settings)
    output: NDArray[Any] = np.empty(shape, dtype=settings.result_dtype)
    values = from_output(output, settings)
    waiting = [(0, len(inputs), 0, count_frames(to_rows(inputs, settings).shape[-1], settings))]
    while waiting:
        begin, end, first, last = waiting.pop()
        try:
            portion = compute(covered_samples(inputs[begin:end], first, last, settings), unpadded(settings))
        except DeviceFull:
            if end - begin > 1:
                middle = (begin + end) // 2
                waiting += [(middle, end, first, last), (begin, middle, first, last)]
            elif last - first > 1:
                middle = (first + last) // 2
                waiting += [(begin, end, middle, last), (begin, end, first, middle)]
            else:
                raise
        else:
            values[begin:end, :, first:last] = from_output(portion, settings)
    return output
