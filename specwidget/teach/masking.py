"""Two sounds in one, taken apart by a mask: how well a transform can do it at best.

Each value of the mixture goes to the sound that is louder there, the ideal binary mask; the way back makes a signal of
what each has got. Whoever estimates a mask does not know the two sounds, and does worse: what is measured is what the
transform allows.
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

SHRINK = 2
RATE = 44_100.0 / SHRINK
"""Sample rate of the pairs, Hz."""

LEVEL = 0.1
"""Root of the mean square of a voice."""


def make_pair(other: str = "tabla_ghe1", delay: float = 0.0, level_db: float = 0.0) -> tuple[Values, Values]:
    """Return a voice and a recording that is repeated behind it.

    Parameters
    ----------
    other : str
        Name of the recording.
    delay : float
        How much later it begins, seconds; what leaves at the end comes in at the beginning.
    level_db : float
        Its level relative to the voice's, dB.

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
    behind = np.roll(np.resize(_samples(other), voice.size), round(delay * RATE))
    return _at_level(voice, LEVEL), _at_level(behind, LEVEL * 10 ** (level_db / 20))


def ideal_mask(first: Values, second: Values, settings: STFTSettings) -> NDArray[np.bool_]:
    """Tell where the first of two sounds is louder.

    Parameters
    ----------
    first, second : ndarray (n_samples,)
        The sounds.
    settings : STFTSettings
        The transform; its mode does not matter.

    Returns
    -------
    ndarray (n_frames, n_bins) of bool
    """
    return _louder(_spectrum(first, settings), _spectrum(second, settings))


def separate(first: Values, second: Values, settings: STFTSettings) -> tuple[Values, Values]:
    """Take the sum of two sounds apart again, by the ideal binary mask.

    Parameters
    ----------
    first, second : ndarray (n_samples,)
        The sounds.
    settings : STFTSettings
        The transform; its mode does not matter. With padding "valid" the ends are lost.

    Returns
    -------
    first, second : ndarray (n_samples,)
        What is found of each. Their sum is the mixture.

    Examples
    --------
    >>> voice, tabla = make_pair()
    >>> found, rest = separate(voice, tabla, STFTSettings(frame_length=2048, padding="same", periodic=True))
    >>> np.allclose(found + rest, voice + tabla), signal_to_distortion(voice, found) > 10
    (True, True)
    """
    one, other = _spectrum(first, settings), _spectrum(second, settings)
    own = np.tile(_louder(one, other), 2)
    back = _layer(settings).inverse(np.where(own, one + other, 0)[None], first.size)
    found: Values = back.signal[0, :, 0]
    return found, first + second - found


def signal_to_distortion(known: Values, found: Values) -> float:
    """Return how far what is wrong with a signal lies below the signal, dB.

    Examples
    --------
    >>> signal_to_distortion(np.ones(4), np.full(4, 0.9))
    20.0...
    """
    return float(10 * np.log10(np.sum(known**2) / np.sum((known - found) ** 2)))


def _layer(settings: STFTSettings) -> STFTSpectrogram:
    """Return a layer that gives the whole spectrum in float64, in the plainest layout."""
    return STFTSpectrogram.from_settings(
        replace(settings, mode="stft", expand_dims=False, data_format=None, dtype="float64")
    )


def _spectrum(sound: Values, settings: STFTSettings) -> Values:
    """Return real and imaginary parts, (n_frames, 2 n_bins)."""
    values: Values = _layer(settings)(sound[None, :, None])[0]
    return values


def _louder(one: Values, other: Values) -> NDArray[np.bool_]:
    """Tell where one spectrum has more power than another, (n_frames, n_bins)."""
    powers = [np.square(values).reshape(len(values), 2, -1).sum(axis=1) for values in (one, other)]
    louder: NDArray[np.bool_] = powers[0] > powers[1]
    return louder


@lru_cache(maxsize=8)
def _samples(name: str) -> Values:
    """Return the first channel of a recording at `RATE`."""
    from scipy.signal import resample_poly

    recorded = np.asarray(load_recording(name).samples[0, :, 0], dtype=np.float64)
    samples: Values = resample_poly(recorded, 1, SHRINK)
    return samples


def _at_level(samples: Values, level: float) -> Values:
    """Return samples with a given root of their mean square."""
    scaled: Values = samples * (level / np.sqrt(np.mean(samples**2)))
    return scaled
