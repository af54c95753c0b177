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
        The sound. One that was resampled before is computed from its origin, or is its origin again. One without a
        sample rate is taken to be at this one.
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
    origin = sound.resampled_from or sound
    if sound.sample_rate is None:
        return replace(sound, sample_rate=float(sample_rate))
    for each in (sound, origin):
        if each.sample_rate == sample_rate:
            return each
    import soxr

    samples = to_numpy(origin.samples).astype(np.float32, copy=False)
    rows = [soxr.resample(item, origin.sample_rate, sample_rate) for item in samples]
    name = f"{origin.name}, {sample_rate / 1000:g} kHz"
    return replace(origin, samples=np.stack(rows), sample_rate=float(sample_rate), name=name, resampled_from=origin)
