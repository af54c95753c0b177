"""Resampling of a sound to the sample rate that a front end expects."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from specwidget.arrays import to_numpy
from specwidget.sounds.sound import Sound


def resample(sound: Sound, sample_rate: float) -> Sound:
    """Return a sound at another sample rate.

    Parameters
    ----------
    sound : Sound
        The sound; without a sample rate, or at this one, it is returned as it is.
    sample_rate : float
        The sample rate, Hz.

    Returns
    -------
    Sound
        With ``round(L sample_rate / old_rate)`` samples of float32, and the rate in its name.

    Notes
    -----
    Computed by soxr at its high quality, as librosa resamples by default.

    Examples
    --------
    >>> sound = resample(Sound(np.zeros((1, 44_100, 2), "float32"), 44_100.0, "noise"), 16_000)
    >>> sound.samples.shape, sound.name
    ((1, 16000, 2), 'noise, 16 kHz')
    """
    if sound.sample_rate is None or sound.sample_rate == sample_rate:
        return sound
    import soxr

    samples = to_numpy(sound.samples).astype(np.float32, copy=False)
    rows = [soxr.resample(item, sound.sample_rate, sample_rate) for item in samples]
    name = f"{sound.name}, {sample_rate / 1000:g} kHz"
    return replace(sound, samples=np.stack(rows), sample_rate=float(sample_rate), name=name)
