"""Search for an epsilon low enough for a sound, from the power of a sample of its frames."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, padding_amounts

MAX_FLOOR_SHARE = 0.25
"""Largest fraction of the sampled values on the new floor, well below `FLOOR_SHARE_WARN` of the notes."""

MAX_FRAMES = 64
"""Most frames that are sampled."""

MAX_FFT_SAMPLES = 2**17
"""Most samples in their FFTs, unless that is fewer than `MIN_FRAMES`."""

MIN_FRAMES = 8
"""Fewest frames that are sampled, if there are that many."""

TINY_FACTOR = 100.0
"""Lowest epsilon, in units of the smallest normal number: smaller powers lose digits."""

MIN_EPSILON_OF_DTYPE = {("magnitude", "float16"): 1e-8}
"""Lowest epsilon by mode and data type, where the type can't resolve smaller magnitudes."""


def find_epsilon(samples: Any, settings: STFTSettings) -> float | None:
    """Find the power of ten that leaves at most `MAX_FLOOR_SHARE` of the output at the floor.

    Parameters
    ----------
    samples : array (B, L, C)
        The signal.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    float or None
        None if no epsilon below the present one achieves that in the data type of the settings.

    Examples
    --------
    >>> quiet = 1e-5 * np.random.default_rng(0).standard_normal((1, 8000, 1))
    >>> find_epsilon(quiet, STFTSettings())
    1e-11
    """
    power = sampled_power(samples, settings)
    power_at_share = float(np.quantile(power, MAX_FLOOR_SHARE)) if power.size else 0.0
    if power_at_share <= 0:
        return None
    epsilon = float(f"1e{math.floor(math.log10(power_at_share))}")
    tiny = TINY_FACTOR * float(np.finfo(settings.compute_dtype).tiny)
    lowest = MIN_EPSILON_OF_DTYPE.get((settings.mode, settings.result_dtype), tiny)
    return epsilon if lowest <= epsilon < settings.epsilon else None


def sampled_power(samples: Any, settings: STFTSettings) -> NDArray[np.float64]:
    """Return the power of frames at equal distances, computed with Fourier kernels, shape (frames, F)."""
    batch, n_samples, channels = samples.shape
    n_frames = count_frames(n_samples, settings)
    n_all = batch * channels * n_frames
    n_chosen = min(n_all, max(MIN_FRAMES, min(MAX_FRAMES, MAX_FFT_SAMPLES // settings.n_fft)))
    left = padding_amounts(n_samples, settings)[0]
    frames = np.zeros((n_chosen, settings.frame_length))
    for i, index in enumerate(np.linspace(0, n_all - 1, n_chosen).astype(int) if n_chosen else ()):
        row, frame = divmod(int(index), n_frames)
        first = frame * settings.step - left
        piece = to_numpy(samples[row // channels, max(first, 0) : first + settings.frame_length, row % channels])
        # The layer casts its input, and small samples may become 0.
        piece = piece.astype(settings.result_dtype)
        start = max(-first, 0)
        frames[i, start : start + len(piece)] = piece
    frames = frames[np.isfinite(frames).all(axis=1)]
    spectrum = np.fft.rfft(frames * settings.scaled_window, n=settings.n_fft)
    power: NDArray[np.float64] = spectrum.real**2 + spectrum.imag**2
    return power
