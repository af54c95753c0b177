"""The search for framing, window and bank of one reading of an array: from its beam, then climbing.

The score of `scores` needs no tail; `Polish` then compares all values with a fitted tail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import numpy as np

from specwidget.matching.bank_estimate import HOPELESS, framings_by_likeness, with_estimated_bank
from specwidget.matching.budget import OutOfTimeError
from specwidget.matching.moves import (
    Moves,
    bank_end_moves,
    bank_moves,
    bank_window_moves,
    climb,
    framing_moves,
    named_moves,
    near_moves,
    spectrum_moves,
    usual_moves,
    value_of,
    window_moves,
)
from specwidget.matching.objectives import Scorer
from specwidget.matching.recipe import Recipe
from specwidget.matching.scores import GOOD

CLEARLY = 0.7
"""Share of the score of the best bank below which one for another sample rate is tried before it."""

UNFIT = 0.03
"""Score of an estimated bank above which its sample rate may be wrong."""


def refine_bins(scorer: Scorer, beam: list[tuple[float, Recipe]], rate: float | None) -> list[tuple[float, Recipe]]:
    """Find window and exact framing, the best first."""
    found: list[tuple[float, Recipe]] = []
    groups = _framing_groups(scorer, rate)
    try:
        scored = []
        for recipe in _distinct((recipe for _, recipe in beam), 40):
            # The mean of a frame hides the window where it is large.
            tried = [each for mean in (None, "frame") for each in window_moves(recipe.change(remove_mean=mean))]
            values = [value_of(scorer, each) for each in tried]
            scored.append((min(values), tried[int(np.argmin(values))]))
            if min(values) < GOOD:
                break
        scored.sort(key=lambda each: each[0])
        for _, recipe in scored[:3]:
            best, value = climb(recipe, scorer, [*groups(recipe), window_moves], good=GOOD)
            found.append((value, best))
            if value < 1e-5:
                break
    except OutOfTimeError:
        found += scorer.best()
    return sorted(found, key=lambda each: each[0])


def _framing_groups(scorer: Scorer, rate: float | None) -> Callable[[Recipe], list[Moves]]:
    """Return the function that gives the groups of moves for framings, from far to near."""
    n_frames, middle = len(scorer.target.values), int(scorer.target.indices[len(scorer.target.indices) // 2])

    def groups(recipe: Recipe) -> list[Moves]:
        named = partial(named_moves, n_samples=len(scorer.samples), n_frames=n_frames, rate=rate)
        distances = (
            [1]
            if scorer(recipe) < 1e-3
            else [d for d in (recipe.frame_length // 16, recipe.frame_length // 64, 3, 1) if d]
        )
        moves = (partial(framing_moves, distance=d, middle=middle) for d in dict.fromkeys(distances))
        return [*moves, named, partial(near_moves, objective=scorer)]

    return groups


def refine_bands(
    scorer: Scorer, beam: list[tuple[float, Recipe]], near: Iterable[Recipe] = (), rates: Iterable[float] = ()
) -> list[tuple[float, Recipe]]:
    """Find framing, window and bank of an array of bands, the best first.

    Banks for the other sample rates are tried where none for that of the beam fits.
    """
    found: list[tuple[float, Recipe]] = []
    try:
        scored = []
        others = sorted(near, key=lambda recipe: value_of(scorer, recipe))[:3]
        framed, likely = _distinct((recipe for _, recipe in beam), 14), []
        if beam[0][0] > HOPELESS:
            rate = beam[0][1].bank.sample_rate  # type: ignore[union-attr]
            framed, likely = framed[:6], _distinct(framings_by_likeness(scorer, rate), 8)
        starts = [*others, *likely, *framed]
        for recipe in starts:
            value, best = with_estimated_bank(scorer, recipe)
            scored.append((value, best))
            if value < 1e-3:
                break
        scored.sort(key=lambda each: each[0])
        if scored[0][0] > UNFIT:
            others_scored = [
                with_estimated_bank(scorer, recipe.change_bank(sample_rate=rate, low=0.0, high=rate / 2))
                for recipe in dict.fromkeys((scored[0][1], *likely[:2], *(each for _, each in scored[1:2])))
                for rate in rates
            ]
            best_other = min(others_scored, key=lambda each: each[0], default=scored[0])
            scored.insert(0 if best_other[0] < CLEARLY * scored[0][0] else 1, best_other)
        for index, (value, recipe) in enumerate(scored[:3]):
            # The best one may be far from right in its framing only.
            if value > (HOPELESS if index else 2 * HOPELESS):
                break
            assert recipe.bank is not None
            groups: list[Moves] = [
                bank_moves,
                partial(bank_end_moves, objective=scorer),
                partial(usual_moves, n_samples=len(scorer.samples), n_frames=len(scorer.target.values)),
                spectrum_moves,
                bank_window_moves,
                *_framing_groups(scorer, recipe.bank.sample_rate)(recipe),
            ]
            best, value = climb(recipe, scorer, groups, good=GOOD)
            found.append((value, best))
            if value < 1e-5:
                break
    except OutOfTimeError:
        found += scorer.best()
    return sorted(found, key=lambda each: each[0])


def _distinct(recipes: Iterable[Recipe], most: int) -> list[Recipe]:
    """Return recipes, the first one of each window and pair of lengths before the others."""
    kept: dict[Any, Recipe] = {}
    others = []
    for recipe in recipes:
        key = recipe.n_fft, recipe.frame_length, recipe.window
        if key in kept:
            others.append(recipe)
        kept.setdefault(key, recipe)
    return [*kept.values(), *others][:most]
