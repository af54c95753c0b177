"""How low the floor must be for a sound to show: from the power of some frames from all over it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, padding_amounts

LEFT_ON_FLOOR = 0.25
"""Share of the looked-at output that a lower floor may still hold: well under half of it."""

N_LOOKED_AT = 64
"""Most frames that are looked at to find a lower floor."""

MOST_LOOKED_AT = 2**17
"""Most samples in them, but for the least number of frames."""

LEAST_LOOKED_AT = 8
"""Least number of frames that are looked at, where there are so many."""

LOWEST_EPSILON_OF_ALL = 1e-30
"""Floor below which float32 has no numbers to spare."""

LOWEST_EPSILON = {("magnitude", "float16"): 1e-8}
"""Floor below which a type tells magnitudes no longer apart, by mode and type."""


def find_epsilon(samples: Any, settings: STFTSettings) -> float | None:
    """Find the power of ten that leaves at most `LEFT_ON_FLOOR` of the output on the floor.

    Parameters
    ----------
    samples : array (B, L, C)
        What is transformed. Some frames from all over it are looked at.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    float or None
        None where the sound is too silent for any floor below the present one.

    Examples
    --------
    >>> quiet = 1e-5 * np.random.default_rng(0).standard_normal((1, 8000, 1))
    >>> find_epsilon(quiet, STFTSettings())
    1e-11
    """
    power = looked_at_power(samples, settings)
    reached = float(np.quantile(power, LEFT_ON_FLOOR)) if power.size else 0.0
    if not (math.isfinite(reached) and reached > 0):
        return None
    epsilon = float(f"1e{math.floor(math.log10(reached))}")
    lowest = LOWEST_EPSILON.get((settings.mode, settings.result_dtype), LOWEST_EPSILON_OF_ALL)
    return epsilon if lowest <= epsilon < settings.epsilon else None


def looked_at_power(samples: Any, settings: STFTSettings) -> NDArray[np.float64]:
    """Return the power of some frames from all over a sound, by Fourier's kernels, shape (frames, F)."""
    batch, n_samples, channels = samples.shape
    n_frames = count_frames(n_samples, settings)
    n_all = batch * channels * n_frames
    n_chosen = min(n_all, max(LEAST_LOOKED_AT, min(N_LOOKED_AT, MOST_LOOKED_AT // settings.n_fft)))
    left = padding_amounts(n_samples, settings)[0]
    frames = np.zeros((n_chosen, settings.frame_length))
    for i, place in enumerate(np.linspace(0, n_all - 1, n_chosen).astype(int) if n_chosen else ()):
        row, frame = divmod(int(place), n_frames)
        first = frame * settings.step - left
        piece = to_numpy(samples[row // channels, max(first, 0) : first + settings.frame_length, row % channels])
        start = max(-first, 0)
        frames[i, start : start + len(piece)] = piece
    spectrum = np.fft.rfft(frames * settings.scaled_window, n=settings.n_fft)
    power: NDArray[np.float64] = spectrum.real**2 + spectrum.imag**2
    return power[np.isfinite(power).all(axis=1)]
