"""Readings of an array, and what a search makes of them: candidates, polished, with a tail, in their plainest form."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.budget import Budget, OutOfTimeError
from specwidget.matching.cuts import find_cut
from specwidget.matching.framings import Framing, name_framings
from specwidget.matching.judgement import FOUND, ROUNDING, Candidate, equal_forms, oddity
from specwidget.matching.layouts import Layout
from specwidget.matching.model import Model, complex_values, phase_shift
from specwidget.matching.moves import climb, polish_groups, value_of
from specwidget.matching.objectives import Polish, Scorer
from specwidget.matching.recipe import Recipe
from specwidget.matching.tails import Tail, beyond_rounding, name_reference, tail_error

CLOSE, FAR = 1e-3, 1e-2
"""Scores below which more than the best settings may be right, and above which they hardly are."""

INAUDIBLE = 1e-7
"""Share of the greatest power of a frame below which a transform in float32 moves values by more than is found."""

GOOD_ERROR = 1e-5
"""Error below which no better settings are looked for."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A reading of the array, and the framings to start from with their scores.

    Parameters
    ----------
    layout : Layout
        The array, frames first.
    levels : ndarray (T, K)
        Its values or their magnitudes, without frames that were added at the end.
    family : {"bins", "two", "bands"}
        What the values are.
    scorer : Scorer
        Scores of recipes for these values.
    beam : list of (float, Recipe)
        Scores and recipes, the best first.
    is_normalized : bool
        Whether each band has mean 0 and deviation 1.
    near : list of Recipe
        Known settings to start from.
    """

    layout: Layout
    levels: NDArray[np.float64]
    family: str
    scorer: Scorer
    beam: list[tuple[float, Recipe]]
    is_normalized: bool
    near: list[Recipe] = field(default_factory=list)

    def kinds(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the kinds of tail that a recipe leaves possible."""
        target = self.scorer.target
        scores = target.scores(self.scorer.samples.power(recipe, target.indices))
        return tuple(
            kind for kind, score in zip(target.kinds, scores, strict=True) if score <= 30 * scores.min() + 1e-9
        )


def polish_recipe(reading: Reading, recipe: Recipe, score: float, budget: Budget, rate: float | None) -> Candidate:
    """Fit tails, and whatever only quiet values show."""
    layout, levels, samples = reading.layout, reading.levels, reading.scorer.samples
    dtype = layout.dtype if layout.dtype == np.float16 else None
    # What is far from right is not worth all of the time.
    budget = budget if score < 1e-4 else budget.part(2.0 if score < FAR else 0.7)
    polish = Polish(samples, levels, reading.kinds(recipe), budget, is_normalized=reading.is_normalized, dtype=dtype)
    try:
        groups = polish_groups(polish, len(samples), len(levels), rate)
        # What loud values don't show comes first: it would lead the others astray.
        recipe, _ = climb(recipe, polish, groups[:1], good=GOOD_ERROR)
        recipe, _ = climb(recipe, polish, groups, good=GOOD_ERROR)
    except OutOfTimeError:
        return replace(_finish(layout, polish, recipe, score), is_stopped=True)
    return _finish(layout, polish, recipe, score)


def error_inside(candidate: Candidate) -> float:
    """Return the relative error of the frames inside the signal: that of others may come from what prolongs it.

    Bins that are far below the loudest of their frame don't count, as a transform in float32 rounds them.
    """
    model, recipe, samples = candidate.model, candidate.model.recipe, candidate.polish.samples
    starts = recipe.start + recipe.step * np.arange(model.n_frames)
    inside = np.flatnonzero((starts >= 0) & (starts + recipe.frame_length <= model.n_samples))
    if len(inside) < 2:
        return 0.0
    if model.layout.is_complex:
        first, last = int(inside[0]), int(inside[-1]) + 1
        layout = replace(model.layout, values=model.layout.values[first:last])
        return _fit(layout, candidate.polish, recipe.change(start=int(starts[first])), last - first)[-1]
    power, values = samples.power(recipe, np.arange(model.n_frames)), model.layout.values[: model.n_frames]
    distance = (model.tail.apply(power) - values)[inside]
    counted = power[inside] > INAUDIBLE * power[inside].max(axis=1, keepdims=True)
    return float(np.sqrt(np.mean(distance[counted] ** 2)) / values.std()) if counted.any() else 0.0


def cut_signal(reading: Reading, candidate: Candidate, rate: float | None) -> Candidate:
    """Return a candidate for the part of the signal that the array was made of, if that is better."""
    scorer, model = reading.scorer, candidate.model
    try:
        part, recipe = find_cut(candidate.polish, model.recipe, model.tail)
    except OutOfTimeError:
        return candidate
    own = replace(reading, scorer=Scorer(part, scorer.target, scorer.budget))
    return min(candidate, polish_recipe(own, recipe, candidate.score, scorer.budget, rate), key=lambda each: each.error)


def _finish(layout: Layout, polish: Polish, recipe: Recipe, score: float) -> Candidate:
    """Fit the tail to all values."""
    n_samples, n_frames, n_all = len(polish.samples), len(polish.levels), len(layout.values)
    tail, shift, error = _fit(layout, polish, recipe, n_frames)
    # Constant frames at the end that these settings make are silence, and were not added.
    for count in range(n_all, n_frames, -1):
        more = _fit(layout, polish, recipe, count) if name_framings(recipe, n_samples, count) else None
        if more is not None and more[-1] < max(error, FOUND):
            n_frames, (tail, shift, error) = count, more
            break
    n_padded = n_all - n_frames
    framing = _choose_framing(name_framings(recipe, n_samples, n_frames), recipe)
    value = float(layout.values[-1, 0].real) if n_padded else 0.0
    part = polish.samples.part
    model = Model(recipe, tail, layout, framing, n_samples, n_frames, part, n_padded, value, shift)
    return Candidate(error, score, model, polish)


def _fit(layout: Layout, polish: Polish, recipe: Recipe, n_frames: int) -> tuple[Tail, int, float]:
    """Return the tail of the first frames, how far the window lies later in the FFT, and the relative error."""
    indices, values = np.arange(n_frames), layout.values[:n_frames]
    levels = np.abs(values) if layout.is_complex else values.astype(np.float64)
    power = polish.samples.power(recipe, indices)
    fits = polish.fit(levels, power, recipe)
    best = min(fits, key=lambda each: tail_error(each, levels, power, polish.dtype))
    tail = name_reference(best, levels, polish.dtype)
    if not layout.is_complex:
        return tail, 0, tail_error(tail, levels, power, polish.dtype)
    shift = phase_shift(polish.samples, recipe, indices, values)
    found = complex_values(polish.samples, recipe, tail, indices, shift)
    size = np.sqrt(np.mean(np.abs(values) ** 2))
    distance = beyond_rounding(found.real, values.real, polish.dtype) ** 2
    distance += beyond_rounding(found.imag, values.imag, polish.dtype) ** 2
    return tail, shift, float(np.sqrt(np.mean(distance)) / size)


def _choose_framing(framings: tuple[Framing, ...], recipe: Recipe) -> Framing | None:
    """Return the likeliest of the framings that fit; Kaldi alone repeats the sample at the end in a reflection."""
    if recipe.ends == "symmetric":
        framings = tuple(sorted(framings, key=lambda framing: "snip_edges" not in framing.name))
    return framings[0] if framings else None


def plainest(best: Candidate) -> Candidate:
    """Return the most usual of the settings that give the same array."""
    polish, recipe, model = best.polish, best.model.recipe, best.model
    polish.budget = polish.budget.more(3.0)
    try:
        for _ in range(3):
            allowed = 1.5 * max(polish(recipe), ROUNDING / 2)
            same = [each for each in equal_forms(recipe) if value_of(polish, each) <= allowed]
            plain = min([recipe, *same], key=lambda each: oddity(each, model.n_samples, model.n_frames))
            better = [each for each in same if polish(each) < polish(recipe) / 3]
            if better:
                plain = min(better, key=polish)
            if plain == recipe:
                break
            recipe = plain
    except OutOfTimeError:
        pass
    if recipe == model.recipe:
        return best
    changed = _finish(model.layout, polish, recipe, best.score)
    return changed if changed.error < FOUND else best
