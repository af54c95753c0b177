"""Division of NumPy input for a device: into parts of bounded size, and smaller ones where they do not fit."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from specwidget.devices import DeviceOutOfMemory
from specwidget.stft.frame_selection import frame_support, without_padding
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, frames_extent, output_shape

Compute = Callable[[NDArray[Any], STFTSettings], NDArray[Any]]

MAX_PART_BYTES = 2**26
"""Most bytes of the samples or of the values of a part, so that a long recording takes little of a device's memory."""


def compute_in_parts(inputs: NDArray[Any], settings: STFTSettings, compute: Compute) -> NDArray[Any]:
    """Compute a batch on the device in parts, halving each part that is large or runs out of device memory.

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
    A part is halved by batch items first, then by frames, where each half gets the samples under its frames.
    """
    whole = Part.of(inputs, settings)
    # Most calls: nothing is divided, and nothing copied on the host.
    if not is_large(whole, inputs, settings):
        with suppress(DeviceOutOfMemory):
            return compute(inputs, settings)
    shape: Any = output_shape(inputs.shape, settings)
    output: NDArray[Any] = np.empty(shape, dtype=settings.result_dtype)
    values = from_output(output, settings)

    def compute_part(part: Part) -> None:
        begin, end, first, last = part
        result = compute(frame_support(inputs[begin:end], first, last, settings), without_padding(settings))
        values[begin:end, :, first:last] = from_output(result, settings)

    for_each_part(whole, lambda part: is_large(part, inputs, settings), compute_part)
    return output


class Part(NamedTuple):
    """Batch items `begin` to `end - 1` and frames `first` to `last - 1`."""

    begin: int
    end: int
    first: int
    last: int

    @classmethod
    def of(cls, inputs: NDArray[Any], settings: STFTSettings) -> Part:
        """Return all items and frames of a batch."""
        return cls(0, len(inputs), 0, count_frames(to_rows(inputs, settings).shape[-1], settings))

    @property
    def is_divisible(self) -> bool:
        """Whether there are more than one item or frame."""
        return self.end - self.begin > 1 or self.last - self.first > 1

    def halves(self) -> tuple[Part, Part]:
        """Return both halves, the second one first."""
        begin, end, first, last = self
        # Items first: neighbouring ranges of frames share samples, which would be transferred twice.
        if end - begin > 1:
            middle = (begin + end) // 2
            return Part(middle, end, first, last), Part(begin, middle, first, last)
        middle = (first + last) // 2
        return Part(begin, end, middle, last), Part(begin, end, first, middle)


def for_each_part(whole: Part, is_large: Callable[[Part], bool], compute: Callable[[Part], None]) -> None:
    """Call `compute` for parts in their order, halving each that is large or for which it raises `DeviceOutOfMemory`.

    That error is raised if a single frame of a single batch item does not fit.
    """
    # A stack, with the next part at its end.
    pending = [whole]
    while pending:
        part = pending.pop()
        if part.is_divisible and is_large(part):
            pending += part.halves()
            continue
        try:
            compute(part)
        except DeviceOutOfMemory:
            if not part.is_divisible:
                raise
            pending += part.halves()


def is_large(part: Part, inputs: NDArray[Any], settings: STFTSettings) -> bool:
    """Return whether the samples or the result of a part of a batch have more than `MAX_PART_BYTES`."""
    frame_bytes = settings.n_outputs * np.dtype(settings.result_dtype).itemsize
    return exceeds_part(part, to_rows(inputs, settings).shape[1], inputs.itemsize, frame_bytes, settings)


def exceeds_part(part: Part, n_channels: int, sample_bytes: int, frame_bytes: int, settings: STFTSettings) -> bool:
    """Return whether the samples or the values of a part have more than `MAX_PART_BYTES`.

    `sample_bytes` are those of a sample, `frame_bytes` those of the values of a frame, each of one channel.
    """
    n_rows, n_frames = (part.end - part.begin) * n_channels, part.last - part.first
    return n_rows * max(frames_extent(n_frames, settings) * sample_bytes, n_frames * frame_bytes) > MAX_PART_BYTES
