"""Which frame length a study chooses, where the best score is not told apart from others."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise

LENGTHS = (256, 512, 1024, 2048, 4096, 8192)


def draw(seed: int) -> Case:
    """Draw scores that rise to a best one and fall again, each with its standard error."""
    chance = random.Random(seed)
    best = chance.randrange(2, len(LENGTHS))
    errors = [chance.randrange(2, 7) / 10 for _ in LENGTHS]
    chosen = chance.randrange(max(0, best - 2), best + 1)
    below = [_behind(chance, errors[i], i, chosen, best) for i in range(len(LENGTHS))]
    told = {
        LENGTHS[i]: "the best" if i == best else f"{below[i]:.1f} ± {errors[i]:.1f} dB below the best"
        for i in range(len(LENGTHS))
    }
    known = {
        LENGTHS[best]: "That has the best score, but a shorter frame can't be told from it.",
        LENGTHS[0]: "That is the shortest of all, and clearly worse than the best.",
    }
    return Case(
        "decision",
        seed,
        "Which frame_length do you take, by the rule: the shortest that is no more than one standard error below the "
        "best?",
        tuple((str(length), text) for length, text in told.items()),
        "choice",
        str(LENGTHS[chosen]),
        _reasoning(below, errors, chosen, best),
        mistakes=tuple((str(value), sentence) for value, sentence in known.items() if value != LENGTHS[chosen]),
        choices=tuple(map(str, LENGTHS)),
    )


def _behind(chance: random.Random, error: float, i: int, chosen: int, best: int) -> float:
    """Return how far below the best a score is, dB: clearly within its standard error, or clearly not."""
    if i == best:
        return 0.0
    if i == chosen:
        return round(max(0.1, error - chance.randrange(1, 3) / 10), 1)
    farther = chance.randrange(2, 8) / 10 + 0.9 * abs(i - best)
    return round(error + farther, 1)


def _reasoning(below: list[float], errors: list[float], chosen: int, best: int) -> str:
    """Return why the rule chooses this length."""
    next_shorter = chosen - 1
    not_it = (
        f" {LENGTHS[next_shorter]} is farther below than its error: {below[next_shorter]:.1f} > "
        f"{errors[next_shorter]:.1f}."
        if chosen > 0
        else ""
    )
    if chosen == best:
        return f"No shorter frame is within one standard error of the best, so it is {LENGTHS[best]}.{not_it}"
    return (
        f"{LENGTHS[chosen]} is {below[chosen]:.1f} dB below the best, and its standard error is {errors[chosen]:.1f} "
        f"dB: the two can't be told apart, and it is the shorter.{not_it}"
    )


EXERCISE = Exercise("decision", "A decision by rule", draw)
