"""Splitting of a batch that does not fit into a device's memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import DeviceOutOfMemory
from specwidget.stft.frame_selection import frame_support, without_padding
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, output_shape

Compute = Callable[[NDArray[Any], STFTSettings], NDArray[Any]]


def split_on_oom(inputs: NDArray[Any], settings: STFTSettings, compute: Compute) -> NDArray[Any]:
    """Compute a batch in parts, halving each part that runs out of device memory.

    Parameters
    ----------
    inputs : ndarray (batch, time, channels)
        The whole batch, on the host, already validated.
    settings : STFTSettings
        Settings of the transform.
    compute : callable
        Takes the samples and settings of a part, computes it on the device and returns the result on the host. Raises
        `DeviceOutOfMemory` if the part does not fit.

    Returns
    -------
    ndarray
        The result of `compute_spectrogram`.

    Raises
    ------
    DeviceOutOfMemory
        If a single frame of a single batch item does not fit.

    Notes
    -----
    A part is split by batch items first, then by frames, where each half gets the samples under its frames.
    """
    shape: Any = output_shape(inputs.shape, settings)
    output: NDArray[Any] = np.empty(shape, dtype=settings.result_dtype)
    values = from_output(output, settings)
    # A stack of (begin, end, first, last): ranges of items and frames, with the next one at its end.
    pending = [(0, len(inputs), 0, count_frames(to_rows(inputs, settings).shape[-1], settings))]
    while pending:
        begin, end, first, last = pending.pop()
        try:
            part = compute(frame_support(inputs[begin:end], first, last, settings), without_padding(settings))
        except DeviceOutOfMemory:
            # Items first: neighbouring ranges of frames share samples, which would be transferred twice.
            if end - begin > 1:
                middle = (begin + end) // 2
                pending += [(middle, end, first, last), (begin, middle, first, last)]
            elif last - first > 1:
                middle = (first + last) // 2
                pending += [(begin, end, middle, last), (begin, end, first, middle)]
            else:
                raise
        else:
            values[begin:end, :, first:last] = from_output(part, settings)
    return output
