"""The package's own transform, on the short signals of the course, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.charts.scene import Values
from specwidget.spectrogram import Spectrogram
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings

NO_FLOOR = 1e-30
"""Floor of the power, -300 dB, where the floor is not what is shown."""


def transform(samples: Any, sample_rate: float | None = None, **settings: Any) -> Spectrogram:
    """Transform one channel.

    Parameters
    ----------
    samples : array-like (L,)
        The signal.
    sample_rate : float, optional
        Its rate, Hz.
    **settings
        Fields of `STFTSettings`; the type is "float64" and the floor at `NO_FLOOR` unless they are given.

    Returns
    -------
    Spectrogram

    Examples
    --------
    >>> transform(np.ones(8), frame_length=4, mode="magnitude", window=None).channel_values().shape
    (3, 3)
    """
    chosen = STFTSettings(**{"dtype": "float64", "epsilon": NO_FLOOR, **settings})
    signal = np.asarray(samples, dtype=np.float64)[None, :, None]
    inputs = signal if chosen.channels_last else signal.swapaxes(1, 2)
    return Spectrogram(compute_spectrogram(inputs, chosen), chosen, signal.shape[1], sample_rate)


def transform_frame(samples: Any, **settings: Any) -> Values:
    """Transform one frame, as long as the samples.

    Parameters
    ----------
    samples : array-like (frame_length,), or (n, frame_length)
        The frame, or several.
    **settings
        As for `transform`, but `frame_length`.

    Returns
    -------
    ndarray (F,), or (2F,) in mode "stft"
        The value of each bin; (n, F) or (n, 2F) for several frames.

    Examples
    --------
    >>> transform_frame(np.ones(4), mode="magnitude", window=None).round(6).tolist()
    [4.0, 0.0, 0.0]
    """
    frames = np.asarray(samples, dtype=np.float64)
    length = frames.shape[-1]
    chosen = STFTSettings(**{"dtype": "float64", "epsilon": NO_FLOOR, **settings}, frame_length=length)
    found = compute_spectrogram(frames.reshape(-1, length, 1), chosen)[:, 0]
    values: Values = found.reshape(*frames.shape[:-1], -1)
    return values


def decibels(ratio: Any, lowest: float = -120.0) -> Values:
    """Return ratios of magnitudes in decibels, none below `lowest`.

    Examples
    --------
    >>> decibels([1.0, 0.5, 0.0]).round(2).tolist()
    [0.0, -6.02, -120.0]
    """
    magnitudes = np.maximum(np.asarray(ratio, dtype=np.float64), 10 ** (lowest / 20))
    levels: Values = 20 * np.log10(magnitudes)
    return levels


def sine(frequency: float, n_samples: int, sample_rate: float, phase: float = 0.0) -> Values:
    """Return a unit sine, (n_samples,), which begins at `phase` radians."""
    values: Values = np.sin(2 * np.pi * frequency / sample_rate * np.arange(n_samples) + phase)
    return values
