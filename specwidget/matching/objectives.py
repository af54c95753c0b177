"""What the search makes small: the score of loud frames, which needs no tail, and the error of all values with one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.budget import Budget
from specwidget.matching.recipe import Recipe, Samples, reduce_power
from specwidget.matching.scores import Target
from specwidget.matching.tails import Tail, fit_normalized, fit_tail, tail_error

Floats = NDArray[np.float64]


Objective = Callable[[Recipe], float]


COARSE_BINS = 60
"""Fewest bins of which framings are scored first, if there are more."""

MOST_NORMALIZED = 6
"""Most tails of normalized bands that are fitted after the first time."""

BATCH_VALUES = 2**21
"""Most samples of frames that are transformed at once."""


@dataclass
class Scorer:
    """Scores of recipes, each computed once; the squares of a framing serve all banks."""

    samples: Samples
    target: Target
    budget: Budget

    def __post_init__(self) -> None:
        self._known: dict[Recipe, float] = {}
        self._squares: dict[Recipe, Floats] = {}
        self._coarse: dict[int, Target] = {}

    def __call__(self, recipe: Recipe) -> float:
        """Return the score of a recipe."""
        if recipe not in self._known:
            self.budget.check()
            self._known[recipe] = float(self.target.score(reduce_power(self._framed(recipe), recipe)))
        return self._known[recipe]

    def best(self) -> list[tuple[float, Recipe]]:
        """Return the best recipe so far with its score, in a list; an empty one if there is none."""
        found = min(self._known.items(), key=lambda each: each[1], default=None)
        return [] if found is None else [(found[1], found[0])]

    def _framed(self, recipe: Recipe) -> Floats:
        plain = replace(recipe, bank=None, exponent=2.0, sides="one")
        if plain not in self._squares:
            if len(self._squares) > 64:
                self._squares.clear()
            self._squares[plain] = self.samples.squares(plain, plain.start + self.target.indices * plain.step)
        return self._squares[plain]

    def score_framings(self, recipes: list[Recipe], framings: list[tuple[int, int]]) -> Floats:
        """Return the scores of recipes that differ in their banks with each of these (step, start)."""
        found: list[Floats] = []
        recipe = recipes[0]
        # A few frames, or a few bins, tell which framings are worth more.
        every = 1 if recipe.bank else bins_to_skip(recipe)
        target = self._coarse_target(every) if every > 1 else self.target
        chosen = slice(None, None, max(1, len(target.indices) // 10)) if recipe.bank else slice(None)
        indices = target.indices[chosen]
        size = max(1, BATCH_VALUES // (recipe.n_fft * len(indices)))
        for first in range(0, len(framings), size):
            self.budget.check()
            steps, starts = np.array(framings[first : first + size]).T
            squares = self.samples.squares(recipe, starts[:, None] + steps[:, None] * indices, every)
            shown = [replace(each, n_fft=recipe.n_fft // every) for each in recipes]
            found.append(np.stack([target.score(reduce_power(squares, each), chosen) for each in shown]))
        return np.concatenate(found, axis=1) if found else np.empty((len(recipes), 0))

    def _coarse_target(self, every: int) -> Target:
        """Return the target of every so manieth bin."""
        if every not in self._coarse:
            self._coarse[every] = self.target.every_bin(every)
        return self._coarse[every]


def bins_to_skip(recipe: Recipe) -> int:
    """Return the largest power of two of which every multiple is a bin, up to the last, and enough are left."""
    n_spaces, every = (recipe.n_fft if recipe.sides == "two" else recipe.n_fft / 2), 1
    while n_spaces % (2 * every) == 0 and n_spaces // (2 * every) >= COARSE_BINS:
        every *= 2
    return every


class Polish:
    """The error of a recipe with its best tail, on frames spread over the recording."""

    def __init__(
        self,
        samples: Samples,
        values: Floats,
        kinds: tuple[str, ...],
        budget: Budget,
        *,
        is_normalized: bool,
        dtype: Any,
    ) -> None:
        self.samples, self.kinds, self.budget, self.is_normalized, self.dtype = (
            samples,
            kinds,
            budget,
            is_normalized,
            dtype,
        )
        self.levels = values
        # A normalized band needs all frames.
        n_frames = len(values) if is_normalized else min(len(values), max(24, 12_000 // values.shape[1]))
        spread = np.linspace(0, len(values) - 1, n_frames).round().astype(int)
        # The ends of the signal show in the first and last frames only.
        self.indices = np.unique([*spread, *range(min(4, len(values))), *range(max(0, len(values) - 4), len(values))])
        self.values = values[self.indices]
        self._known: dict[Recipe, float] = {}
        self._last: tuple[Recipe, Floats] | None = None
        self._normalized: dict[Any, tuple[float, list[Tail]]] = {}

    def __call__(self, recipe: Recipe) -> float:
        """Return the relative error."""
        if recipe not in self._known:
            self.budget.check()
            power = reduce_power(self._framed(recipe), recipe)
            fits = self.fit(self.values, power, recipe)
            self._known[recipe] = min(tail_error(tail, self.values, power, self.dtype) for tail in fits)
        return self._known[recipe]

    def fit(self, values: Floats, power: Floats, recipe: Recipe) -> list[Tail]:
        """Return the tails of values and powers, one for each kind, or the best one of normalized bands."""
        if not self.is_normalized:
            return [fit_tail(values, power, kind, self.dtype) for kind in self.kinds]
        # Those that were good once for powers of this size: the normalization of all frames takes long.
        size = recipe.exponent, recipe.bank.norm if recipe.bank else None
        error, known = self._normalized.get(size, (np.inf, None))
        found = fit_normalized(values, power, known)
        now = tail_error(found[0], values, power)
        if known is None or now < error / 10:
            # Those that were good for settings far from right may not be so for right ones.
            found = fit_normalized(values, power) if known else found
            self._normalized[size] = tail_error(found[0], values, power), found[:MOST_NORMALIZED]
        return found[:1]

    def _framed(self, recipe: Recipe) -> Floats:
        plain = replace(recipe, bank=None, exponent=2.0, sides="one")
        if self._last is None or self._last[0] != plain:
            self._last = plain, self.samples.squares(plain, plain.start + self.indices * plain.step)
        return self._last[1]
