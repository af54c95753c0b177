"""Short sounds to be told apart, with their classes: tones that are low or high, whistles that go up or down."""

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
"""Samples of a clip."""

N_SOUNDING = 600
"""Samples of the tone or whistle in it."""

MIDDLE = 2000.0
"""Frequency, Hz, that parts low tones from high ones, and that a whistle crosses."""

SLOPE = 20_000.0
"""How fast the frequency of a whistle changes, Hz in a second."""


def make_clips(task: Task, n_clips: int, noise: float, seed: int = 0) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Make clips of two classes, by turns, in white noise.

    Parameters
    ----------
    task : {"low or high", "up or down"}
        What tells the classes apart: a tone's frequency, or the direction of a whistle.
    n_clips : int
        How many, an even number: half of them of each class.
    noise : float
        Standard deviation of the noise; the tone or whistle has amplitude 1.
    seed : int, default 0
        The same seed makes the same clips.

    Returns
    -------
    samples : ndarray (n_clips, 1024, 1)
        The clips, at 8000 Hz, in float64.
    classes : ndarray of int (n_clips,)
        0 for "low" and "up", 1 for "high" and "down".

    Raises
    ------
    ValueError
        If there is no such task, or `n_clips` is not even or not above 0.

    Notes
    -----
    In "up or down" clip ``2 i + 1`` is clip ``2 i`` played backwards, noise included. So the two have the same
    magnitudes, frame by frame in reversed order.

    Examples
    --------
    >>> samples, classes = make_clips("up or down", 4, noise=0.1)
    >>> samples.shape, classes.tolist(), bool((samples[1] == samples[0, ::-1]).all())
    ((4, 1024, 1), [0, 1, 0, 1], True)
    """
    if task not in MAKERS:
        raise ValueError(f"`task` must be one of {', '.join(map(repr, MAKERS))}; got {task!r}.")
    if n_clips < 2 or n_clips % 2:
        raise ValueError(f"`n_clips` must be even and at least 2; got {n_clips}.")
    generator = np.random.default_rng(seed)
    pairs = [MAKERS[task](generator, noise) for _ in range(n_clips // 2)]
    return np.concatenate(pairs)[:, :, None], np.arange(n_clips) % 2


def _tones(generator: np.random.Generator, noise: float) -> Values:
    """Return a clip with a low tone and one with a high tone, (2, n_samples)."""
    frequencies = generator.uniform(800.0, 1800.0, 2) + np.array([0.0, 1400.0])
    return np.stack([_placed(generator, frequency, 0.0, noise) for frequency in frequencies])


def _whistles(generator: np.random.Generator, noise: float) -> Values:
    """Return a clip with a whistle that goes up, and the same backwards, (2, n_samples)."""
    up = _placed(generator, MIDDLE + generator.uniform(-200.0, 200.0), SLOPE, noise)
    return np.stack([up, up[::-1]])


def _placed(generator: np.random.Generator, frequency: float, slope: float, noise: float) -> Values:
    """Return noise with a sound somewhere in it, of a frequency in its middle and a slope of that, (n_samples,)."""
    times = (np.arange(N_SOUNDING) - (N_SOUNDING - 1) / 2) / RATE
    turns = frequency * times + slope / 2 * times**2 + generator.random()
    clip: Values = noise * generator.standard_normal(N_SAMPLES)
    start = generator.integers(N_SAMPLES - N_SOUNDING + 1)
    clip[start : start + N_SOUNDING] += np.hanning(N_SOUNDING) * np.sin(2 * np.pi * turns)
    return clip


MAKERS: dict[Task, Callable[[np.random.Generator, float], Values]] = {"low or high": _tones, "up or down": _whistles}
"""What makes a clip of each class, by the task."""
