"""One frame with everything that is drawn of it: its values, its samples, and the window over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.raster.picture import get_quantity
from specwidget.spectrogram import to_decibels
from specwidget.stft.frames import read_frames
from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class FrameSlice:
    """One frame of one channel.

    Parameters
    ----------
    frame : int
        Index of the frame, t.
    values : ndarray (n_bins,), or (2 n_bins,) in mode "stft"
        Its spectrum, in `unit`.
    samples, window : ndarray (frame_length,)
        Its samples, zero where they are padding, and the window's values.
    label, unit : str
        What the values are.
    """

    frame: int
    values: Values
    samples: Values
    window: Values
    label: str
    unit: str

    def header(self) -> dict[str, Any]:
        """Return what the page needs beside the values."""
        return {"frame": self.frame, "label": self.label, "unit": self.unit}

    def buffers(self) -> list[memoryview]:
        """Return values, samples and window as raw memory."""
        return [part.view(np.uint8).data for part in (self.values, self.samples, self.window)]


def make_frame_slice(frame: int, values: Any, row: Any, settings: STFTSettings, *, decibels: bool) -> FrameSlice:
    """Put together what is drawn of a frame.

    Parameters
    ----------
    frame : int
        Index of the frame, t.
    values : ndarray (n_outputs,)
        What the layer makes of it.
    row : array (L,)
        The channel.
    settings : STFTSettings
        What the values were computed with.
    decibels : bool
        Whether to tell decibels, where the mode has them.

    Returns
    -------
    FrameSlice
    """
    quantity = get_quantity(settings.mode, decibels=decibels)
    shown = to_decibels(values, settings) if quantity.unit == "dB" else values
    window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
    return FrameSlice(
        frame=frame,
        values=_single(shown),
        samples=_single(to_numpy(read_frames(row, frame, frame + 1, settings))[0]),
        window=_single(window),
        label=quantity.label,
        unit=quantity.unit,
    )


def _single(values: Any) -> Values:
    """Return values as float32, side by side."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, dtype=np.float32)
