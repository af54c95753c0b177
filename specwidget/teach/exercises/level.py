"""Exercise: convert between ratios and decibels."""

from __future__ import annotations

import math
import random

from specwidget.teach.exercises.case import Case, Exercise

RATIOS = (0.01, 0.1, 0.5, 2, 4, 10, 20, 100)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a ratio of amplitudes or of powers, and ask for it in decibels."""
    ratio, of_power = rng.choice(RATIOS), rng.random() < 0.4
    quantity, factor = ("power", 10) if of_power else ("amplitude", 20)
    solution = factor * math.log10(ratio)
    return Case(
        "level",
        seed,
        f"The {quantity} of a sound is multiplied by {ratio:g}. By how many decibels does its level change, to within "
        "0.2 dB?",
        ((f"{quantity}, new / old", f"{ratio:g}"),),
        "number",
        solution,
        f"For a ratio of {quantity}s it is {factor} log10({ratio:g}) = {solution:.3g} dB.",
        hint="Is the ratio one of amplitudes or of powers? Ten times the power is 10 dB.",
        mistakes=(
            ((30 - factor) * math.log10(ratio), "The factor is 20 for amplitudes and 10 for powers."),
            (-solution, "Check the sign: a ratio above 1 raises the level."),
            (factor * math.log(ratio), "Decibels use the logarithm to base 10."),
        ),
        tolerance=0.2,
        unit="dB",
    )


EXERCISE = Exercise("level", "Ratios in decibels", draw)
