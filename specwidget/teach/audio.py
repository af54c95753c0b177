"""Audio for figures without a signal of their own: amplitude-modulated tones, and signals filtered by a kernel."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from specwidget.charts.scene import Values
from specwidget.teach.analysis import sine
from specwidget.teach.figure_spec import AudioClip, normalised

RATE = 8000.0
PITCH = 440.0
"""Frequency of the modulated tone, Hz."""

PAUSE = 0.2
"""Silence before and after the tone, in seconds, so that its onset and its end can be heard."""


def am_tone(envelope: ArrayLike, seconds: float) -> AudioClip:
    """Make a tone of `PITCH` whose amplitude follows an envelope, such as a window stretched to an audible duration.

    Parameters
    ----------
    envelope : array-like (n,)
        Amplitudes, equally spaced over the tone and linearly interpolated between.
    seconds : float
        Duration of the tone without the silence before and after it.

    Returns
    -------
    AudioClip

    Notes
    -----
    The tone is a cosine, so it starts at its peak: an envelope that does not start and end at 0 makes it click, as the
    edges of a rectangular window do.

    Examples
    --------
    >>> clip = am_tone([0.0, 1.0, 0.0], 1.0)
    >>> len(clip.samples) / clip.sample_rate
    1.4
    """
    values = np.asarray(envelope, dtype=np.float64)
    n_tone = round(seconds * RATE)
    amplitude = np.interp(np.linspace(0, len(values) - 1, n_tone), np.arange(len(values)), values)
    return AudioClip(normalised(np.pad(amplitude * sine(PITCH, n_tone, RATE, np.pi / 2), round(PAUSE * RATE))), RATE)


def filter_through(samples: ArrayLike, kernel: ArrayLike, sample_rate: float) -> AudioClip:
    """Filter a signal with one kernel: the real or imaginary part of a bin at a frame step of 1 sample.

    Parameters
    ----------
    samples : array-like (n,)
        The signal.
    kernel : array-like (frame_length,)
        The kernel.
    sample_rate : float
        Sample rate, Hz.

    Returns
    -------
    AudioClip
        Normalised to a fixed peak, so the gain of the kernel is not audible.

    Examples
    --------
    >>> filter_through([1.0, 2.0, 3.0, 4.0], [1.0, 0.0], 8000.0).samples.round(3).tolist()
    [0.267, 0.533, 0.8]
    """
    return AudioClip(normalised(np.correlate(np.asarray(samples), np.asarray(kernel), "valid")), sample_rate)


@lru_cache(maxsize=4)
def white_noise(n_samples: int) -> Values:
    """Make white Gaussian noise of variance 1, identical in every call."""
    return np.random.default_rng(0).standard_normal(n_samples)
