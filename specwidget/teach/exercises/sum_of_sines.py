"""Exercise: add two sinusoids of one frequency."""

from __future__ import annotations

import math
import random

from specwidget.teach.exercises.case import Case, Exercise

PAIRS = ((3, 4), (5, 12), (8, 6), (15, 8), (12, 9))
"""Amplitudes whose squares add up to a square."""


def draw(seed: int, rng: random.Random) -> Case:
    """Draw two amplitudes and the difference of the phases, and ask for the amplitude of the sum."""
    first, second = rng.choice(PAIRS)
    degrees = rng.choice((90, 180, 270))
    frequency = rng.choice((200, 440, 1000))
    solution = math.hypot(first, second) if degrees % 180 else float(abs(first - second))
    how = (
        f"a quarter of a cycle apart, so the amplitudes are the sides of a right triangle: √({first}² + {second}²)"
        if degrees % 180
        else f"half a cycle apart, so one is upside down: {max(first, second)} - {min(first, second)}"
    )
    mistakes = {
        float(first + second): "Amplitudes add up only where the phases are equal.",
        math.hypot(first, second): "That would be right for phases a quarter of a cycle apart.",
        float(abs(first - second)): "That would be right for phases half a cycle apart.",
        math.hypot(first, second) / math.sqrt(2): "The root mean square of the sum is not its amplitude.",
    }
    mistakes.pop(solution)
    return Case(
        "sum_of_sines",
        seed,
        "Two sinusoids of one frequency are added. What is the amplitude of the sum?",
        (
            ("frequency of both", f"{frequency} Hz"),
            ("amplitudes", f"{first} and {second}"),
            ("difference of the phases", f"{degrees}°"),
        ),
        "number",
        solution,
        f"They are {how} = {solution:g}.",
        hint="Draw both as arrows of these lengths, with the difference of the phases as the angle between them.",
        mistakes=tuple(mistakes.items()),
        tolerance=0.01 * solution,
    )


EXERCISE = Exercise("sum_of_sines", "Sum of two sinusoids", draw)
