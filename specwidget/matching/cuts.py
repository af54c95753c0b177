"""Signals that were cut before the transform: which of its samples an array was made of."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.framings import FRAMINGS
from specwidget.matching.objectives import Floats, Polish
from specwidget.matching.recipe import PAD_MODES, Recipe, Samples
from specwidget.matching.tails import Tail


def find_cut(polish: Polish, recipe: Recipe, tail: Tail) -> tuple[Samples, Recipe]:
    """Return the part of the signal that an array was made of, and the recipe for it.

    Parameters
    ----------
    polish : Polish
        The values, and the whole signal.
    recipe : Recipe
        What reproduces the frames inside: its framing is that of no convention.
    tail : Tail
        The tail of these.

    Returns
    -------
    samples : Samples
        The part; the whole signal where no convention has this number of frames of one.
    recipe : Recipe
        With the start counted from the part, and what prolongs it.

    Notes
    -----
    Each convention says where its first frame starts, and so where the part does. The first frames show which one it
    is, and what prolongs the part; the last ones, where it ends.
    """
    samples, n_frames = polish.samples, len(polish.levels)
    power = samples.power(recipe, np.arange(n_frames))
    n_edge = min(-(-recipe.frame_length // recipe.step), n_frames // 2)
    first_frames, last_frames = np.arange(n_edge), np.arange(n_frames - n_edge, n_frames)

    def distance(first: int, length: int, ends: str, frames: NDArray[np.int64]) -> Any:
        """Return the distance of frames from those of a part of the signal."""
        polish.budget.check()
        part = Samples(samples.values, (first, first + length))
        changed: Floats = power.copy()
        changed[frames] = part.power(recipe.change(start=recipe.start - first, ends=ends), frames)
        return np.abs(tail.apply(changed)[frames] - polish.levels[frames]).mean()

    parts = _possible_parts(recipe, len(samples), n_frames)
    starts = [(first, ends) for first in parts for ends in PAD_MODES]
    if not starts:
        return samples, recipe
    first, ends = min(starts, key=lambda each: distance(each[0], parts[each[0]][0], each[1], first_frames))
    # Of the lengths that fit, the longest.
    length = min(parts[first], key=lambda each: distance(first, each, ends, last_frames))
    return Samples(samples.values, (first, first + length)), recipe.change(start=recipe.start - first, ends=ends)


def _possible_parts(recipe: Recipe, n_samples: int, n_frames: int) -> dict[int, list[int]]:
    """Return first samples of parts that have this number of frames in a convention, and lengths, the longest first."""
    lengths = np.arange(recipe.frame_length, n_samples + 1)
    parts: dict[int, set[int]] = {}
    for framing in FRAMINGS:
        starts, counts = framing.rule(lengths, recipe.frame_length, recipe.n_fft, recipe.step)
        firsts = recipe.start - np.broadcast_to(starts, lengths.shape)
        fits = (counts == n_frames) & (firsts >= 0) & (firsts + lengths <= n_samples)
        for first in np.unique(firsts[fits]).tolist():
            parts.setdefault(first, set()).update(lengths[fits & (firsts == first)].tolist())
    return {first: sorted(found, reverse=True) for first, found in parts.items()}
