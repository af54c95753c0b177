"""What is heard of a figure that has no sound of its own: a tone under a curve, and noise through a kernel."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from specwidget.charts.scene import Values
from specwidget.teach.analysis import sine
from specwidget.teach.figure_spec import AudioClip, normalised

RATE = 8000.0
PITCH = 440.0
"""Frequency, Hz, of a tone that has no frequency of its own."""

PAUSE = 0.2
"""Silence, seconds, round a tone, so that its beginning and its end are heard."""


def tone_under(curve: ArrayLike, seconds: float) -> AudioClip:
    """Return a tone whose loudness follows a curve, as a window makes that of a signal: slowly enough to be heard.

    Parameters
    ----------
    curve : array-like (n,)
        The values; between two of them the loudness goes straight, as a line that is drawn.
    seconds : float
        How long the tone lasts; there is silence before and after it.

    Returns
    -------
    Heard

    Notes
    -----
    The tone begins and ends at its full height: a curve that does not begin and end at 0 cuts it off with a click.

    Examples
    --------
    >>> heard = tone_under([0.0, 1.0, 0.0], 1.0)
    >>> len(heard.samples) / heard.sample_rate
    1.4
    """
    values = np.asarray(curve, dtype=np.float64)
    n_heard = round(seconds * RATE)
    loudness = np.interp(np.linspace(0, len(values) - 1, n_heard), np.arange(len(values)), values)
    return AudioClip(normalised(np.pad(loudness * sine(PITCH, n_heard, RATE, np.pi / 2), round(PAUSE * RATE))), RATE)


def through(samples: ArrayLike, kernel: ArrayLike, sample_rate: float) -> AudioClip:
    """Return what a kernel makes of a signal: the real or imaginary part of its bin, with a frame at every sample.

    Parameters
    ----------
    samples : array-like (n,)
        The signal.
    kernel : array-like (frame_length,)
        The kernel.
    sample_rate : float
        Samples in a second.

    Returns
    -------
    Heard
        As loud as any other sound: a kernel that lets little through is not heard to do so.

    Examples
    --------
    >>> through([1.0, 2.0, 3.0, 4.0], [1.0, 0.0], 8000.0).samples.round(3).tolist()
    [0.267, 0.533, 0.8]
    """
    return AudioClip(normalised(np.correlate(np.asarray(samples), np.asarray(kernel), "valid")), sample_rate)


@lru_cache(maxsize=4)
def noise(n_samples: int) -> Values:
    """Return white noise of variance 1, the same each time."""
    return np.random.default_rng(0).standard_normal(n_samples)
