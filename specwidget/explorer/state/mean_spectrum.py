"""Mean spectrum of the visible part: of the power of its frames, or of the values of bands; by row, and of all rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.front_end import count_frames, frame_centre
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.raster.columns import Cancelled, Channel
from specwidget.raster.quantity import Quantity, to_displayed
from specwidget.raster.region import Visible
from specwidget.spectrogram import LEVEL_MODES, is_density
from specwidget.stft.settings import STFTSettings

MOST_FRAMES = 4096
"""Most frames of a mean; of a longer part evenly spaced ones are taken."""

BLOCK_FRAMES = 256
"""Frames that are computed at a time, at most."""

Values = NDArray[np.floating[Any]]

Convert = Callable[[Values], Values]

TO_POWER: dict[str, Convert] = {
    "log": lambda values: np.exp(2 * values),
    "magnitude": np.square,
    "psd": lambda values: values,
}
"""Power of the layer's values, by mode."""

FROM_POWER: dict[str, Convert] = {
    "log": lambda power: np.log(power) / 2,
    "magnitude": np.sqrt,
    "psd": lambda power: power,
}
"""Its inverse."""


@dataclass(frozen=True, eq=False)
class MeanSpectrum:
    """Mean spectrum of a part of a channel.

    Parameters
    ----------
    values : ndarray (n_bins,) of float32
        Level of the mean power of each bin, in the displayed unit; of bands and coefficients, the mean of their values.
    level : float
        Level of the mean power of all bins in the visible band, or the mean of all values in it.
    peak_bin : int
        Bin, or band, in it with the highest level.
    n_used, n_frames : int
        Number of frames that were averaged, and of those that there are. Frames that are not finite are left out.
    per_hertz : float or None
        Decibels to add for the density per Hz; None where there is none, or the values are per Hz already.
    is_onesided : bool
        Whether that density is one-sided, as in mode "psd".
    """

    values: NDArray[np.float32]
    level: float
    peak_bin: int
    n_used: int
    n_frames: int
    per_hertz: float | None
    is_onesided: bool

    def header(self) -> dict[str, Any]:
        """Return what goes to the page beside the array."""
        names = ("level", "peak_bin", "n_used", "n_frames", "per_hertz", "is_onesided")
        return {name: _finite(getattr(self, name)) for name in names}


def frames_inside(visible: Visible, n_samples: int, settings: FrontEndSettings) -> NDArray[np.integer[Any]]:
    """Return the frames whose centres lie in a part, at most `MOST_FRAMES` evenly spaced ones, and at least one."""
    n_frames, centre = count_frames(n_samples, settings), frame_centre(0, n_samples, settings)
    first = min(max(math.ceil((visible[0] - centre) / settings.step), 0), n_frames - 1)
    end = min(max(math.floor((visible[1] - centre) / settings.step) + 1, first + 1), n_frames)
    return first + np.arange(end - first) if end - first <= MOST_FRAMES else _evenly(first, end)


def _evenly(first: int, end: int) -> NDArray[np.integer[Any]]:
    return first + ((np.arange(MOST_FRAMES) + 0.5) * ((end - first) / MOST_FRAMES)).astype(int)


def mean_spectrum(
    channel: Channel,
    visible: Visible,
    quantity: Quantity,
    sample_rate: float | None,
    stop: Callable[[], bool] = lambda: False,
) -> MeanSpectrum | None:
    """Compute the mean spectrum of a part of a channel.

    Parameters
    ----------
    channel : Channel
        The channel.
    visible : tuple of float
        First and last sample, lowest and highest frequency as fractions of half the sample rate.
    quantity : Quantity
        The displayed quantity.
    sample_rate : float or None
        Samples per second.
    stop : callable
        Called between blocks; True cancels the computation.

    Returns
    -------
    MeanSpectrum or None
        None for a mode without levels, and where no frame is finite.

    Raises
    ------
    Cancelled
        If `stop` returned True.

    Notes
    -----
    The mean is that of the power, as in Welch's method; the mean of decibels would be lower by 2.5 dB for noise. That
    of bands and coefficients is the mean of the layer's values, by which features are normalized.

    References
    ----------
    P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra", IEEE Transactions on Audio
    and Electroacoustics 15(2), 1967.
    """
    settings = channel.settings
    if isinstance(settings, STFTSettings) and settings.mode not in LEVEL_MODES:
        return None
    to_mean, from_mean = _conversions(settings, quantity)
    frames = frames_inside(visible, channel.n_samples, settings)
    total, n_used = np.zeros(settings.n_bins), 0
    for first in range(0, len(frames), BLOCK_FRAMES):
        if stop():
            raise Cancelled
        values = to_mean(channel.frames_at(frames[first : first + BLOCK_FRAMES]).astype(np.float64))
        finite = values[np.isfinite(values).all(axis=1)]
        total += finite.sum(axis=0)
        n_used += len(finite)
    if n_used == 0:
        return None
    means = total / n_used
    rows = rows_inside(visible, settings)
    has_density = isinstance(settings, STFTSettings) and is_density(settings)
    rate = sample_rate if has_density and quantity.unit == "dB" and not quantity.offset else None
    return MeanSpectrum(
        from_mean(means).astype(np.float32),
        float(from_mean(means[rows].mean())),
        int(rows.start + np.argmax(means[rows])),
        n_used,
        len(frames),
        None if rate is None else -10 * math.log10(rate),
        settings.mode == "psd",
    )


def rows_inside(visible: Visible, settings: FrontEndSettings) -> slice:
    """Return the bins whose frequencies lie in a part, or the bands that reach into it; at least one."""
    if isinstance(settings, BandSettings):
        low, high = (fraction * settings.n_bins for fraction in visible[2:])
        first = min(math.floor(low + 1e-9), settings.n_bins - 1)
        return slice(first, min(max(math.ceil(high - 1e-9), first + 1), settings.n_bins))
    low, high = (fraction * settings.n_fft / 2 for fraction in visible[2:])
    first = min(math.ceil(low - 1e-9), settings.n_bins - 1)
    return slice(first, min(max(math.floor(high + 1e-9) + 1, first + 1), settings.n_bins))


def _conversions(settings: FrontEndSettings, quantity: Quantity) -> tuple[Convert, Convert]:
    """Return the functions from values of the layer to what is averaged, and from that to what is displayed."""
    if isinstance(settings, BandSettings):
        return np.asarray, lambda means: np.asarray(to_displayed(means, settings, quantity))
    from_power = FROM_POWER[settings.mode]
    return TO_POWER[settings.mode], lambda power: to_displayed(np.asarray(from_power(power)), settings, quantity)


def _finite(value: Any) -> Any:
    """Return a JSON value: None in place of a number that is not finite."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
