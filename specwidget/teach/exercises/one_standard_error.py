"""Exercise: choose a frame length by the one-standard-error rule."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise

LENGTHS = (128, 256, 512, 1024, 2048, 4096, 8192, 16_384)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw scores over the frame length with a single maximum, each with its standard error."""
    chosen = rng.randrange(1, len(LENGTHS) - 1)
    best = min(chosen + rng.randrange(1, 3), len(LENGTHS) - 1)
    errors = [rng.randrange(2, 7) / 10 for _ in LENGTHS]
    below = [_draw_difference(rng, errors[i], i, chosen, best) for i in range(len(LENGTHS))]
    scores = {
        LENGTHS[i]: "the best" if i == best else f"{below[i]:.1f} ± {errors[i]:.1f} dB below the best"
        for i in range(len(LENGTHS))
    }
    known = (
        (str(LENGTHS[best]), "That has the best score, but a shorter frame is within its standard error of it."),
        (str(LENGTHS[0]), "That is the shortest frame, but it is more than one standard error below the best."),
    )
    return Case(
        "one_standard_error",
        seed,
        "Which frame_length does the one-standard-error rule choose: the shortest that is at most one standard error "
        "below the best?",
        tuple((str(length), text) for length, text in scores.items()),
        "choice",
        str(LENGTHS[chosen]),
        _reasoning(below, errors, chosen, best),
        hint="Go through the lengths from the shortest: the first that is no further below than its error is chosen.",
        mistakes=known,
        choices=tuple(map(str, LENGTHS)),
    )


def _draw_difference(rng: random.Random, error: float, i: int, chosen: int, best: int) -> float:
    """Draw how far a score is below the best, dB: clearly within its standard error, or clearly beyond it."""
    if i == best:
        return 0.0
    if i == chosen:
        return round(max(0.1, error - rng.randrange(1, 3) / 10), 1)
    farther = rng.randrange(2, 8) / 10 + 0.9 * abs(i - best)
    return round(error + farther, 1)


def _reasoning(below: list[float], errors: list[float], chosen: int, best: int) -> str:
    next_shorter = chosen - 1
    too_short = (
        f" {LENGTHS[next_shorter]} is below the best by more than its standard error: {below[next_shorter]:.1f} > "
        f"{errors[next_shorter]:.1f}."
        if chosen > 0
        else ""
    )
    return (
        f"{LENGTHS[chosen]} is {below[chosen]:.1f} dB below the best, and its standard error is {errors[chosen]:.1f} "
        f"dB: the difference is not significant, and it is the shorter frame.{too_short}"
    )


EXERCISE = Exercise("one_standard_error", "The one-standard-error rule", draw)
