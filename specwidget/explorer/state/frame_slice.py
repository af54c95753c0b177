"""One frame as the page draws it: its spectrum, its samples, and the window over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.raster.quantity import Quantity, to_displayed
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
        Its samples, zero where they are padding, and the values of the window.
    label, unit : str
        Name and unit of the values.
    """

    frame: int
    values: Values
    samples: Values
    window: Values
    label: str
    unit: str

    def header(self) -> dict[str, Any]:
        """Return what goes to the page beside the arrays."""
        return {"frame": self.frame, "label": self.label, "unit": self.unit}

    def buffers(self) -> list[memoryview]:
        """Return values, samples and window as raw memory."""
        return [array.view(np.uint8).data for array in (self.values, self.samples, self.window)]


def make_frame_slice(frame: int, values: Any, samples: Any, settings: STFTSettings, quantity: Quantity) -> FrameSlice:
    """Collect what is drawn of a frame.

    Parameters
    ----------
    frame : int
        Index of the frame, t.
    values : ndarray (n_outputs,)
        Output of the layer for it.
    samples : array (L,)
        The channel.
    settings : STFTSettings
        Settings of the layer.
    quantity : Quantity
        The displayed quantity.

    Returns
    -------
    FrameSlice
    """
    window = np.ones(settings.frame_length) if settings.window_values is None else settings.window_values
    return FrameSlice(
        frame=frame,
        values=_as_float32(to_displayed(values, settings, quantity)),
        samples=_as_float32(to_numpy(read_frames(samples, frame, frame + 1, settings))[0]),
        window=_as_float32(window),
        label=quantity.label,
        unit=quantity.unit,
    )


def _as_float32(values: Any) -> Values:
    # A copy: frames may lie in a work buffer, which the next computation overwrites before they are sent.
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float32)
