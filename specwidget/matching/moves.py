"""Climbing: recipes next to a recipe, in groups, of which the best is taken while it is better."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from itertools import product
from typing import Any

import numpy as np

from specwidget.matching.framings import FRAMINGS, candidate_framings
from specwidget.matching.objectives import Objective, Polish
from specwidget.matching.recipe import PAD_MODES, Recipe, window_values
from specwidget.matching.usual import (
    BANK_WINDOWS,
    LOW_FREQUENCIES,
    PREEMPHASES,
    WINDOWS,
    band_lengths,
    fft_lengths_for,
    frame_lengths,
    nearest,
    next_power_of_two,
    order_framings,
    usual_ends,
)

LESS = 0.98
"""An improvement is one to less than this share: what is nearly right improves by whole orders of magnitude."""

MOST_ROUNDS = 60
"""Most groups of moves that a climb tries."""

NEARLY = 1e-2
"""Value of settings that are nearly right."""

Moves = Callable[[Recipe], Iterable[Recipe]]


def climb(recipe: Recipe, objective: Objective, groups: Iterable[Moves], *, good: float) -> tuple[Recipe, float]:
    """Take the best move of each group in turn, until none is better.

    Parameters
    ----------
    recipe : Recipe
        Where to start.
    objective : callable
        What is to be small.
    groups : iterable of callable
        Each yields recipes next to a recipe.
    good : float
        Value at which to stop.

    Returns
    -------
    recipe : Recipe
    value : float
    """
    value, listed = objective(recipe), list(groups)
    n_failed, index = 0, 0
    while n_failed < len(listed) and value > good and index < MOST_ROUNDS:
        moves, index = listed[index % len(listed)], index + 1
        best, best_value = recipe, value
        for other in moves(recipe):
            other_value = value_of(objective, other)
            if other_value < best_value:
                best, best_value = other, other_value
        if best_value < value * LESS:
            recipe, value, n_failed = best, best_value, 0
        else:
            n_failed += 1
    return recipe, value


def value_of(objective: Objective, recipe: Recipe) -> float:
    """Return the value of a recipe; infinite for one that does not exist."""
    if not (1 <= recipe.frame_length <= recipe.n_fft and recipe.step >= 1):
        return np.inf
    if recipe.bank is not None and not recipe.bank.is_valid:
        return np.inf
    try:
        return objective(recipe)
    except ValueError:
        # A window that this length does not have.
        return np.inf


def framing_moves(recipe: Recipe, *, distance: int, middle: int) -> Iterator[Recipe]:
    """Yield recipes with other starts, lengths and steps; frame `middle` stays in place where the step changes."""
    for change in (distance, -distance):
        length = recipe.frame_length + change
        yield recipe.change(start=recipe.start + change)
        yield recipe.change(frame_length=length, start=recipe.start - change // 2)
        yield recipe.change(frame_length=length)
        if distance == 1:
            yield recipe.change(frame_length=length, periodic=not recipe.periodic)
            yield recipe.change(frame_length=length, start=recipe.start - change, periodic=not recipe.periodic)
        if distance <= 4:
            yield recipe.change(step=recipe.step + change, start=recipe.start - change * middle)
        if recipe.bank is not None and recipe.n_fft == recipe.frame_length:
            yield recipe.change(frame_length=length, n_fft=length, start=recipe.start - change // 2)


def near_moves(recipe: Recipe, *, objective: Objective) -> Iterator[Recipe]:
    """Yield recipes with all starts and lengths next to theirs, if they are nearly right.

    The ends of most windows are nearly 0, so that a window that is shorter and later is nearly the same.
    """
    if objective(recipe) > NEARLY:
        return
    # Bands take longer.
    most = 4 if recipe.bank is None else 2
    nearby = range(-most, most + 1)
    for change, shift, periodic in product(nearby, nearby, (True, False)):
        length, start = recipe.frame_length + change, recipe.start + shift
        yield recipe.change(frame_length=length, start=start, periodic=periodic)


def named_moves(recipe: Recipe, *, n_samples: int, n_frames: int, rate: float | None) -> Iterator[Recipe]:
    """Yield recipes with usual lengths next to theirs, framed by every convention that gives this number of frames."""
    found: dict[tuple[int, int, int, int], None] = {}
    usual = [*frame_lengths(recipe.n_fft, rate), *(recipe.frame_length + change for change in (-2, -1, 0, 1, 2))]
    for length in dict.fromkeys(usual):
        if abs(length - recipe.frame_length) > max(3, 0.06 * recipe.frame_length):
            continue
        n_ffts = [recipe.n_fft] if recipe.bank is None else [recipe.n_fft, length, next_power_of_two(length)]
        for n_fft in dict.fromkeys(n_ffts):
            for framing in FRAMINGS:
                for step in (recipe.step, max(recipe.step - 1, 1), recipe.step + 1):
                    start, count = framing.rule(n_samples, length, n_fft, step)
                    # Not one that lies elsewhere; where frames were cut off, one of the same convention.
                    shift = 0 if count == n_frames else round((recipe.start - start) / step) * step
                    moved = int(start) + shift
                    if (shift == 0 or step == recipe.step) and abs(moved - recipe.start) <= recipe.frame_length // 8:
                        found[length, n_fft, step, moved] = None
    for length, n_fft, step, start in found:
        yield recipe.change(frame_length=length, n_fft=n_fft, step=step, start=start)


def usual_moves(recipe: Recipe, *, n_samples: int, n_frames: int) -> Iterator[Recipe]:
    """Yield recipes with the usual lengths, framings and windows before a bank.

    A Hann window over 2048 samples is nearly Kaldi's over 1890, and no short step leads from one to the other.
    """
    assert recipe.bank is not None
    rate = recipe.bank.sample_rate
    lengths = dict.fromkeys([*(length for _, length in band_lengths(rate)), *frame_lengths(recipe.n_fft, rate)])
    for length in lengths:
        if not 0.7 * recipe.frame_length <= length <= 1.45 * recipe.frame_length:
            continue
        for n_fft in fft_lengths_for(length, recipe.n_fft):
            longest = min(n_samples, 2 * n_fft)
            framings = candidate_framings(n_samples, n_frames, length, n_fft, longest=longest)
            near = [each for each in framings if abs(each[0] - recipe.step) <= max(2, 0.02 * recipe.step)]
            for step, start in order_framings(near, length, rate, 5):
                for window in BANK_WINDOWS[:3]:
                    yield recipe.change(frame_length=length, n_fft=n_fft, step=step, start=start, window=window)


def window_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with each window, of the other symmetry, and with or without the mean of a frame."""
    for window in WINDOWS:
        yield recipe.change(window=window)
    yield recipe.change(periodic=not recipe.periodic)
    yield recipe.change(remove_mean=None if recipe.conventions.remove_mean else "frame")
    if recipe.conventions.remove_mean is None:
        yield recipe.change(remove_mean="signal")


def bank_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with other banks: other scales and triangles, and ends next to theirs."""
    bank = recipe.bank
    assert bank is not None
    for scale in ("htk", "slaney"):
        for triangles in ("mel", "hertz"):
            yield recipe.change_bank(scale=scale, triangles=triangles)
    highs = usual_ends(bank.sample_rate)
    # A wrong lower end is made up for by a wrong upper one, and both by wrong triangles.
    for low in nearest(bank.low, LOW_FREQUENCIES, 5):
        for high in nearest(bank.high, highs, 4):
            yield recipe.change_bank(low=low, high=high)
    other = "hertz" if bank.triangles == "mel" else "mel"
    for low in nearest(bank.low, LOW_FREQUENCIES, 3):
        for high in nearest(bank.high, highs, 2):
            yield recipe.change_bank(low=low, high=high, triangles=other)
    for low in (*nearest(bank.low, LOW_FREQUENCIES, 5), *(bank.low + change for change in (-20, -4, -1, 1, 4, 20))):
        yield recipe.change_bank(low=max(low, 0.0))
    for high in (*nearest(bank.high, highs, 5), *(bank.high + change for change in (-200, -30, -6, -1, 1, 6, 30, 200))):
        yield recipe.change_bank(high=min(high, bank.sample_rate / 2))
    yield recipe.change(exponent=3.0 - recipe.exponent)


@cache
def noise_bandwidth(window: Any) -> float:
    """Return the equivalent noise bandwidth of a window, in bins of its own length."""
    values = window_values(window, 1024, True)
    return float(len(values) * (values**2).sum() / values.sum() ** 2)


def bank_window_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with the windows that precede banks, also of lengths with which they are about as wide."""
    for window in BANK_WINDOWS:
        for periodic in (True, False):
            yield recipe.change(window=window, periodic=periodic)
        if window != recipe.window:
            width = noise_bandwidth(window) / noise_bandwidth(recipe.window)
            for percent in range(-8, 9):
                length = min(round(width * (1 + percent / 100) * recipe.frame_length), recipe.n_fft)
                start = recipe.start + (recipe.frame_length - length) // 2
                yield recipe.change(window=window, frame_length=length, start=start)


def bank_end_moves(recipe: Recipe, *, objective: Objective) -> Iterator[Recipe]:
    """Yield recipes with the ends of the bank at the minimum of a parabola through the values around, and rounded.

    With both triangles: wrong ones are made up for by wrong ends.
    """
    for triangles in ("hertz", "mel"):
        yield from _minimum_of_parabola(recipe.change_bank(triangles=triangles), objective)


def _minimum_of_parabola(recipe: Recipe, objective: Objective) -> Iterator[Recipe]:
    bank = recipe.bank
    assert bank is not None
    top, steps = bank.sample_rate / 2, np.array([2.0, max(8.0, 0.003 * bank.high)])
    if bank.low < steps[0] or bank.high + steps[1] > top:
        return

    def value(low: int, high: int) -> float:
        moved = recipe.change_bank(low=bank.low + low * steps[0], high=bank.high + high * steps[1])
        return value_of(objective, moved)

    places = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (1, 1))
    centre, west, east, south, north, corner = (value(*place) for place in places)
    gradient = np.array([east - west, north - south]) / 2
    mixed = corner - east - north + centre
    curvature = np.array([[east + west - 2 * centre, mixed], [mixed, north + south - 2 * centre]])
    if not np.isfinite(curvature).all() or np.linalg.det(curvature) <= 0:
        return
    change = -np.linalg.solve(curvature, gradient) * steps
    for digit in (1.0, 5.0, 20.0):
        for other in (1.0, 5.0, 50.0, 100.0):
            low = max(round((bank.low + change[0]) / digit) * digit, 0.0)
            high = min(round((bank.high + change[1]) / other) * other, top)
            yield recipe.change_bank(low=low, high=high)


def spectrum_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with other pre-emphasis, mean, and lengths of the FFT."""
    for a, over in PREEMPHASES:
        for mean in (None, "frame", "signal"):
            yield recipe.change(preemphasis=a, preemphasis_over=over, remove_mean=mean)
    for n_fft in fft_lengths_for(recipe.frame_length, recipe.n_fft):
        yield recipe.change(n_fft=n_fft)


def side_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes whose bins have other shares of the second side, if one is left out."""
    if recipe.bank is None and recipe.sides != "two":
        for sides in ("one", "doubled", "quadrupled"):
            if sides != recipe.sides:
                yield recipe.change(sides=sides)


def phase_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield the recipe with phases of the other accuracy, where Keras has kernels for it."""
    if recipe.bank is None and recipe.sides != "two" and recipe.n_fft % 2 == 0:
        yield recipe.change(phases="float32" if recipe.phases == "exact" else "exact")


def polish_groups(polish: Polish, n_samples: int, n_frames: int, rate: float | None) -> list[Moves]:
    """Return the groups of moves that loud values do not decide."""
    return [
        _polish_ends,
        partial(named_moves, n_samples=n_samples, n_frames=n_frames, rate=rate),
        partial(framing_moves, distance=1, middle=n_frames // 2),
        _polish_window,
        _polish_bank,
        partial(_polish_bank_ends, objective=polish),
    ]


def _polish_ends(recipe: Recipe) -> Iterator[Recipe]:
    for mean in (None, "frame", "signal"):
        yield recipe.change(remove_mean=mean)
    for ends in PAD_MODES:
        yield recipe.change(ends=ends)
    yield from side_moves(recipe)
    yield from phase_moves(recipe)
    if recipe.bank is not None:
        for triangles in ("mel", "hertz"):
            for norm in (None, "slaney"):
                yield recipe.change_bank(triangles=triangles, norm=norm)
        yield recipe.change(exponent=3.0 - recipe.exponent)


def _polish_window(recipe: Recipe) -> Iterator[Recipe]:
    for window in WINDOWS if recipe.bank is None else BANK_WINDOWS:
        for periodic in (True, False):
            yield recipe.change(window=window, periodic=periodic)


def _polish_bank_ends(recipe: Recipe, *, objective: Objective) -> Iterator[Recipe]:
    if recipe.bank is not None:
        yield from bank_end_moves(recipe, objective=objective)


def _polish_bank(recipe: Recipe) -> Iterator[Recipe]:
    if recipe.bank is None:
        return
    yield from spectrum_moves(recipe)
    yield from bank_moves(recipe)
