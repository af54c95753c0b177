"""`Spectrogram`: the result of a transform with its axes, units and metadata."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import namespace, on_device_of, to_numpy
from specwidget.stft.formatting import ShortRepr
from specwidget.stft.layout import from_output
from specwidget.stft.modes import floor_value
from specwidget.stft.settings import STFTSettings, check_sample_rate
from specwidget.stft.shapes import frame_centre
from specwidget.stft.transform import TransformPath

DECIBELS_PER_NEPER = 20 / math.log(10)
"""Decibels for a difference of 1 in the natural logarithm of a magnitude."""

LEVEL_MODES = ("log", "magnitude", "psd")
"""Modes whose values can be converted to decibels."""


@dataclass(frozen=True, eq=False, repr=False)
class Spectrogram(ShortRepr):
    """The result of a transform with its axes and metadata.

    Parameters
    ----------
    values : array
        The layer's output, in its layout.
    settings : STFTSettings
        Settings of the transform.
    n_samples : int
        Length of the signal, L, samples.
    sample_rate : float or None
        Sample rate of the signal, Hz. If None, times are in samples and frequencies in cycles per sample.
    path : {"fft", "matmul"}
        Algorithm of the transform.
    library : str
        Library that computed it, such as "NumPy"; "PyTorch and NumPy" for a tensor on the CPU, whose FFT is PyTorch's,
        and "pyfftw and NumPy" where pyfftw was set as the backend of `scipy.fft`.
    note : str
        Why backend "auto" fell back to NumPy; empty if it did not.
    seconds : float
        Duration of the computation, seconds.
    """

    values: Any
    settings: STFTSettings
    n_samples: int
    sample_rate: float | None = None
    path: TransformPath = "fft"
    library: str = "NumPy"
    note: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Validate the sample rate."""
        object.__setattr__(self, "sample_rate", check_sample_rate(self.sample_rate))

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the values."""
        return tuple(self.values.shape)

    @property
    def n_frames(self) -> int:
        """Number of frames, T."""
        return self._with_internal_axes().shape[2]  # type: ignore[no-any-return]

    @property
    def n_channels(self) -> int:
        """Number of channels, C."""
        return self._with_internal_axes().shape[1]  # type: ignore[no-any-return]

    @property
    def times(self) -> NDArray[np.float64]:
        """Centres of the frames, shape (T,), in seconds; in samples if there is no sample rate."""
        settings = self.settings
        centres = frame_centre(0, self.n_samples, settings) + np.arange(self.n_frames) * float(settings.step)
        return np.asarray(centres / (self.sample_rate or 1.0), dtype=np.float64)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Frequencies of the bins, shape (F,), in Hz; in cycles per sample if there is no sample rate."""
        # n_bins covers 0 to half the sample rate; for an odd n_fft the last bin is half a bin below it.
        spacing = (self.sample_rate or 1.0) / self.settings.n_fft
        return np.asarray(np.arange(self.settings.n_bins) * spacing, dtype=np.float64)

    def channel_values(self, batch: int = 0, channel: int = 0) -> NDArray[Any]:
        """Return the values of one channel of one batch item as a NumPy array.

        Parameters
        ----------
        batch, channel : int
            Indices of the batch item and the channel.

        Returns
        -------
        ndarray (T, F), or (T, 2F) in mode "stft"
            Values in the unit of the mode.
        """
        return to_numpy(self._with_internal_axes()[batch, channel])

    def decibels(self, batch: int = 0, channel: int = 0) -> NDArray[Any]:
        """Return one channel of one batch item in decibels.

        Parameters
        ----------
        batch, channel : int
            Indices of the batch item and the channel.

        Returns
        -------
        ndarray (T, F)
            `20 log10` of the magnitude or `10 log10` of the psd, dB relative to 1. A psd of 0 gives -inf.

        Raises
        ------
        ValueError
            If the mode is "real", "imag", "angle" or "stft".
        """
        return to_decibels(self.channel_values(batch, channel), self.settings)

    def floor_share(self) -> float | None:
        """Return the fraction of values at the floor of the mode, 0 to 1; None if the mode has no floor.

        Notes
        -----
        For a value at the floor it is only known that the power was at most `epsilon`.
        """
        if floor_value(self.settings) is None or 0 in self.shape:
            return None
        return count_on_floor(self.values, self.settings) / math.prod(self.shape)

    def _with_internal_axes(self) -> Any:
        """Return a view with axes (batch, channels, frames, bins)."""
        return from_output(self.values, self.settings)


def count_on_floor(values: Any, settings: STFTSettings) -> int:
    """Count the values at the floor of the mode; 0 if it has no floor."""
    floor = floor_value(settings)
    if floor is None:
        return 0
    # Other libraries may round the floor to a neighbouring number.
    tolerance = float(np.finfo(settings.result_dtype).eps) * abs(floor)
    with on_device_of(values):
        return int(namespace(values).count_nonzero(values <= floor + tolerance))


def is_density(settings: STFTSettings) -> bool:
    """Return whether the power of the output is a density, per cycle/sample.

    Divided by the sample rate in Hz it is the density per Hz, which SciPy's functions return. A window of None is not
    scaled.
    """
    return settings.scaling == "density" and settings.window is not None


def per_hertz_decibels(settings: STFTSettings, sample_rate: float | None) -> float | None:
    """Return the decibels to add to a power spectral density for its value per Hz; None for other quantities."""
    is_psd = settings.mode == "psd" and is_density(settings)
    return -10 * math.log10(sample_rate) if is_psd and sample_rate is not None else None


def to_decibels(values: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Convert values of a mode to decibels; see `Spectrogram.decibels`."""
    if settings.mode not in LEVEL_MODES:
        raise ValueError(
            f"`mode` must be one of {', '.join(map(repr, LEVEL_MODES))} for decibels; got {settings.mode!r}."
        )
    # The natural logarithm of a magnitude needs only a factor; the other modes need a logarithm.
    if settings.mode == "log":
        return np.asarray(values * DECIBELS_PER_NEPER, dtype=values.dtype)
    # A psd of 0 is silence, not an error: -inf dB.
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values) * (10 if settings.mode == "psd" else 20), dtype=values.dtype)
