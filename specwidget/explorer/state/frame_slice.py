"""One frame as the page draws it: its spectrum, its samples, and the window over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.front_end import frame_centre
from specwidget.mel.framing import mean_of_row
from specwidget.mel.framing import read_frames as read_band_frames
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.raster.columns import Channel
from specwidget.raster.quantity import Quantity, to_displayed
from specwidget.stft.frames import read_frames

Values = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class OtherSpectrum:
    """Spectrum of a frame of other settings.

    Parameters
    ----------
    frame : int
        Index of the frame.
    spacing : float
        Distance of two bins, Hz; in cycles per sample without a sample rate.
    values : ndarray (n_bins,), or (2 n_bins,) in mode "stft"
        The spectrum, in the unit of the slice.
    """

    frame: int
    spacing: float
    values: Values


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
    other : OtherSpectrum, optional
        The spectrum of the other of A and B at the same time.
    """

    frame: int
    values: Values
    samples: Values
    window: Values
    label: str
    unit: str
    other: OtherSpectrum | None = None

    def header(self) -> dict[str, Any]:
        """Return what goes to the page beside the arrays."""
        other = None if self.other is None else {"frame": self.other.frame, "spacing": self.other.spacing}
        return {"frame": self.frame, "label": self.label, "unit": self.unit, "other": other}

    def buffers(self) -> list[memoryview]:
        """Return values, samples and window, and the values of `other`, as raw memory."""
        others = [] if self.other is None else [self.other.values]
        return [array.view(np.uint8).data for array in (self.values, self.samples, self.window, *others)]


def make_frame_slice(
    frame: int, values: Any, samples: Any, settings: FrontEndSettings, quantity: Quantity
) -> FrameSlice:
    """Collect what is drawn of a frame.

    Parameters
    ----------
    frame : int
        Index of the frame, t.
    values : ndarray (n_outputs,)
        Output of the layer for it.
    samples : array (L,)
        The channel.
    settings : STFTSettings or BandSettings
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
        samples=_as_float32(_windowed_samples(frame, samples, settings)),
        window=_as_float32(window),
        label=quantity.label,
        unit=quantity.unit,
    )


def other_spectrum(centre: float, channel: Channel, quantity: Quantity, sample_rate: float | None) -> OtherSpectrum:
    """Return the spectrum of the frame whose centre is nearest to a sample.

    Parameters
    ----------
    centre : float
        The sample.
    channel : Channel
        A channel with the layer of other settings.
    quantity : Quantity
        The displayed quantity, which these settings have, too.
    sample_rate : float or None
        Samples per second.

    Returns
    -------
    OtherSpectrum
    """
    settings = channel.settings
    nearest = round((centre - frame_centre(0, channel.n_samples, settings)) / settings.step)
    frame = min(max(nearest, 0), channel.n_frames - 1)
    values = to_displayed(channel.frames(frame, frame + 1)[0], settings, quantity)
    return OtherSpectrum(frame, (sample_rate or 1.0) / settings.n_fft, _as_float32(values))


def _windowed_samples(frame: int, samples: Any, settings: FrontEndSettings) -> Any:
    """Return the samples under the window, as the transform gets them."""
    if isinstance(settings, BandSettings):
        row = to_numpy(samples)
        return read_band_frames(row, frame, frame + 1, settings.mel, mean_of_row(row, settings.mel))[0]
    return to_numpy(read_frames(samples, frame, frame + 1, settings))[0]


def _as_float32(values: Any) -> Values:
    # A copy: frames may lie in a work buffer, which the next computation overwrites before they are sent.
    with np.errstate(over="ignore"):
        return np.array(values, dtype=np.float32)
