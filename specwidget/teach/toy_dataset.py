"""Make a small labelled data set: low and high tones, or rising and falling chirps, in white noise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import Values

Task = Literal["low or high", "up or down"]

RATE = 8000.0
"""Sample rate, Hz."""

N_SAMPLES = 1024
"""Length of a clip, samples."""

N_TONE = 600
"""Length of the tone or chirp within a clip, samples."""

SPLIT_FREQUENCY = 2000.0
"""Frequency between low and high tones, and mean centre frequency of the chirps, Hz."""

CHIRP_RATE = 20_000.0
"""Rate of change of the frequency of a rising chirp, Hz per second."""


def make_clips(task: Task, n_clips: int, noise: float, seed: int = 0) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Make clips of two classes, alternating, in white noise.

    Parameters
    ----------
    task : {"low or high", "up or down"}
        What distinguishes the classes: the frequency of a tone, or the direction of a chirp.
    n_clips : int
        Number of clips, even; half of them belong to each class.
    noise : float
        Standard deviation of the noise; the tone or chirp has a peak amplitude of 1.
    seed : int, default 0
        Seed of the random generator.

    Returns
    -------
    samples : ndarray (n_clips, 1024, 1)
        The clips, at 8000 Hz, in float64.
    classes : ndarray of int (n_clips,)
        0 for "low" and "up", 1 for "high" and "down".

    Raises
    ------
    ValueError
        If `task` is unknown, or `n_clips` is odd or below 2.

    Notes
    -----
    In "up or down", clip ``2 i + 1`` is clip ``2 i`` reversed in time, including its noise. The two have the same
    magnitude spectrogram with the frames in reverse order.

    Examples
    --------
    >>> samples, classes = make_clips("up or down", 4, noise=0.1)
    >>> samples.shape, classes.tolist(), bool((samples[1] == samples[0, ::-1]).all())
    ((4, 1024, 1), [0, 1, 0, 1], True)
    """
    if task not in PAIR_MAKERS:
        raise ValueError(f"`task` must be one of {', '.join(map(repr, PAIR_MAKERS))}; got {task!r}.")
    if n_clips < 2 or n_clips % 2:
        raise ValueError(f"`n_clips` must be even and at least 2; got {n_clips}.")
    generator = np.random.default_rng(seed)
    pairs = [PAIR_MAKERS[task](generator, noise) for _ in range(n_clips // 2)]
    return np.concatenate(pairs)[:, :, None], np.arange(n_clips) % 2


def _make_tones(generator: np.random.Generator, noise: float) -> Values:
    """Make a clip with a low tone and a clip with a high tone, (2, n_samples)."""
    frequencies = generator.uniform(800.0, 1800.0, 2) + np.array([0.0, 1400.0])
    return np.stack([_make_clip(generator, frequency, 0.0, noise) for frequency in frequencies])


def _make_chirps(generator: np.random.Generator, noise: float) -> Values:
    """Make a clip with a rising chirp, and its time reversal, (2, n_samples)."""
    up = _make_clip(generator, SPLIT_FREQUENCY + generator.uniform(-200.0, 200.0), CHIRP_RATE, noise)
    return np.stack([up, up[::-1]])


def _make_clip(generator: np.random.Generator, frequency: float, chirp_rate: float, noise: float) -> Values:
    """Add a Hann-windowed chirp with a given centre frequency to noise, at a random position, (n_samples,)."""
    times = (np.arange(N_TONE) - (N_TONE - 1) / 2) / RATE
    cycles = frequency * times + chirp_rate / 2 * times**2 + generator.random()
    clip: Values = noise * generator.standard_normal(N_SAMPLES)
    start = generator.integers(N_SAMPLES - N_TONE + 1)
    clip[start : start + N_TONE] += np.hanning(N_TONE) * np.sin(2 * np.pi * cycles)
    return clip


PAIR_MAKERS: dict[Task, Callable[[np.random.Generator, float], Values]] = {
    "low or high": _make_tones,
    "up or down": _make_chirps,
}
"""Functions that make one clip of each class, by task."""
