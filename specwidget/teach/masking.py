"""Separate two known sounds with the ideal binary mask: an upper bound for a given transform.

The mask assigns each time-frequency value of the mixture to the louder source, and the inverse STFT turns the masked
spectrum into a signal. A real separator has to estimate the mask without knowing the sources and does worse, so the
score describes the transform, not a separation algorithm.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import Values
from specwidget.layer import STFTSpectrogram
from specwidget.sounds import load_recording
from specwidget.stft.settings import STFTSettings

DECIMATION = 2
RATE = 44_100.0 / DECIMATION
"""Sample rate of the sources, Hz."""

RMS_LEVEL = 0.1
"""Root mean square of the voice."""


def make_pair(other: str = "tabla_ghe1", delay: float = 0.0, level_db: float = 0.0) -> tuple[Values, Values]:
    """Load a voice and a second recording, looped to the same length.

    Parameters
    ----------
    other : str
        Name of the second recording.
    delay : float
        Circular delay of the second recording, seconds.
    level_db : float
        Level of the second recording relative to the voice, dB.

    Returns
    -------
    voice, other : ndarray (n_samples,)
        Samples at `RATE`.

    Examples
    --------
    >>> voice, tabla = make_pair()
    >>> voice.shape, tabla.shape, round(float(np.sum(tabla**2) / np.sum(voice**2)), 6)
    ((31040,), (31040,), 1.0)
    """
    voice = _samples("voice")
    background = np.roll(np.resize(_samples(other), voice.size), round(delay * RATE))
    return _at_level(voice, RMS_LEVEL), _at_level(background, RMS_LEVEL * 10 ** (level_db / 20))


def ideal_mask(first: Values, second: Values, settings: STFTSettings) -> NDArray[np.bool_]:
    """Compute the ideal binary mask: True where the first source has more power.

    Parameters
    ----------
    first, second : ndarray (n_samples,)
        The sources.
    settings : STFTSettings
        Settings of the STFT; `mode` is ignored.

    Returns
    -------
    ndarray (n_frames, n_bins) of bool
    """
    return _louder(_spectrum(first, settings), _spectrum(second, settings))


def separate(first: Values, second: Values, settings: STFTSettings) -> tuple[Values, Values]:
    """Separate the sum of two sources with the ideal binary mask.

    Parameters
    ----------
    first, second : ndarray (n_samples,)
        The sources.
    settings : STFTSettings
        Settings of the STFT; `mode` is ignored. With padding "valid" samples at both ends are lost.

    Returns
    -------
    first, second : ndarray (n_samples,)
        Estimates of the sources. Their sum is the mixture.

    Examples
    --------
    >>> voice, tabla = make_pair()
    >>> estimate, rest = separate(voice, tabla, STFTSettings(frame_length=2048, padding="same", periodic=True))
    >>> np.allclose(estimate + rest, voice + tabla), signal_to_distortion(voice, estimate) > 10
    (True, True)
    """
    one, other = _spectrum(first, settings), _spectrum(second, settings)
    # The same mask for the real and the imaginary parts, which lie one after the other along the bins.
    mask = np.tile(_louder(one, other), 2)
    inverse = _layer(settings).inverse(np.where(mask, one + other, 0)[None], first.size)
    estimate: Values = inverse.signal[0, :, 0]
    return estimate, first + second - estimate


def signal_to_distortion(reference: Values, estimate: Values) -> float:
    """Compute the signal-to-distortion ratio of an estimate, dB.

    Examples
    --------
    >>> signal_to_distortion(np.ones(4), np.full(4, 0.9))
    20.0...
    """
    return float(10 * np.log10(np.sum(reference**2) / np.sum((reference - estimate) ** 2)))


def _layer(settings: STFTSettings) -> STFTSpectrogram:
    """Make a layer with these settings that returns complex values as (re, im), in float64 and the default layout."""
    return STFTSpectrogram.from_settings(
        replace(settings, mode="stft", expand_dims=False, data_format=None, dtype="float64")
    )


def _spectrum(sound: Values, settings: STFTSettings) -> Values:
    """Compute real and imaginary parts, (n_frames, 2 n_bins)."""
    values: Values = _layer(settings)(sound[None, :, None])[0]
    return values


def _louder(one: Values, other: Values) -> NDArray[np.bool_]:
    """Compare the power of two spectra, (n_frames, n_bins)."""
    powers = [np.square(values).reshape(len(values), 2, -1).sum(axis=1) for values in (one, other)]
    louder: NDArray[np.bool_] = powers[0] > powers[1]
    return louder


@lru_cache(maxsize=8)
def _samples(name: str) -> Values:
    """Load the first channel of a recording, resampled to `RATE`."""
    from scipy.signal import resample_poly

    recorded = np.asarray(load_recording(name).samples[0, :, 0], dtype=np.float64)
    samples: Values = resample_poly(recorded, 1, DECIMATION)
    return samples


def _at_level(samples: Values, level: float) -> Values:
    """Scale samples to a root mean square."""
    scaled: Values = samples * (level / np.sqrt(np.mean(samples**2)))
    return scaled
