"""The signal that front ends are compared on: whatever a setting may concern occurs in it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from specwidget.sounds import load_recording

OFFSET = 0.01
"""Mean of the samples outside the silence."""


def make_comparison_signal(sample_rate: float) -> NDArray[np.float64]:
    """Make speech, digital silence, and noise up to half the sample rate, with an offset.

    Parameters
    ----------
    sample_rate : float
        Sample rate, Hz.

    Returns
    -------
    ndarray (time,) of float64
        About 2.3 s: a missing clamp shows only in silence, the mean of a frame only beside an offset, the highest band
        only where there is energy in it.
    """
    from scipy.signal import resample_poly

    sound = load_recording("voice")
    rate = int(sound.sample_rate or 0)
    common = math.gcd(rate, round(sample_rate))
    voice = resample_poly(sound.samples[0, :, 0].astype(np.float64), round(sample_rate) // common, rate // common)
    n_part = round(0.4 * sample_rate)
    noise = 0.05 * np.random.default_rng(0).standard_normal(n_part)
    return np.concatenate([voice + OFFSET, np.zeros(n_part), noise + OFFSET])
