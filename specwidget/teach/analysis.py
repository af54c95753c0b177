"""Analyse the short signals of the course with the package's own STFT, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.charts.scene import Values
from specwidget.spectrogram import Spectrogram
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings

NO_FLOOR = 1e-30
"""`epsilon` of figures that do not show the floor: a power of -300 dB."""


def transform(samples: Any, sample_rate: float | None = None, **settings: Any) -> Spectrogram:
    """Compute the STFT of one channel.

    Parameters
    ----------
    samples : array-like (L,)
        The signal.
    sample_rate : float, optional
        Sample rate, Hz.
    **settings
        Fields of `STFTSettings`; `dtype` defaults to "float64" and `epsilon` to `NO_FLOOR`.

    Returns
    -------
    Spectrogram

    Examples
    --------
    >>> transform(np.ones(8), frame_length=4, mode="magnitude", window=None).channel_values().shape
    (3, 3)
    """
    full = STFTSettings(**{"dtype": "float64", "epsilon": NO_FLOOR, **settings})
    signal = np.asarray(samples, dtype=np.float64)[None, :, None]
    inputs = signal if full.channels_last else signal.swapaxes(1, 2)
    return Spectrogram(compute_spectrogram(inputs, full), full, signal.shape[1], sample_rate)


def transform_frame(samples: Any, **settings: Any) -> Values:
    """Compute the DFT of one windowed frame, as long as the samples.

    Parameters
    ----------
    samples : array-like (frame_length,), or (n, frame_length)
        One frame, or n frames.
    **settings
        Fields of `STFTSettings` other than `frame_length`, with the defaults of `transform`.

    Returns
    -------
    ndarray (F,), or (2F,) in mode "stft"
        Value of each bin; (n, F) or (n, 2F) for n frames.

    Examples
    --------
    >>> transform_frame(np.ones(4), mode="magnitude", window=None).round(6).tolist()
    [4.0, 0.0, 0.0]
    """
    frames = np.asarray(samples, dtype=np.float64)
    length = frames.shape[-1]
    full = STFTSettings(**{"dtype": "float64", "epsilon": NO_FLOOR, **settings}, frame_length=length)
    # Each frame is one item of the batch, so that a single call transforms all of them.
    spectra = compute_spectrogram(frames.reshape(-1, length, 1), full)[:, 0]
    values: Values = spectra.reshape(*frames.shape[:-1], -1)
    return values


def decibels(ratio: Any, min_db: float = -120.0) -> Values:
    """Convert ratios of magnitudes to decibels, clipped at `min_db`.

    Examples
    --------
    >>> decibels([1.0, 0.5, 0.0]).round(2).tolist()
    [0.0, -6.02, -120.0]
    """
    magnitudes = np.maximum(np.asarray(ratio, dtype=np.float64), 10 ** (min_db / 20))
    levels: Values = 20 * np.log10(magnitudes)
    return levels


def sine(frequency: float, n_samples: int, sample_rate: float, phase: float = 0.0) -> Values:
    """Make a sine of amplitude 1, (n_samples,), with `phase` in radians at sample 0."""
    values: Values = np.sin(2 * np.pi * frequency / sample_rate * np.arange(n_samples) + phase)
    return values
