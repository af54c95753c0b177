"""Exercise: find the frequency that is heard of a tone above half the sample rate."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise

RATES = (8000, 16_000, 44_100)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a sample rate, and a tone between half of it and twice of it."""
    rate = rng.choice(RATES)
    half = rate // 2
    frequency = 50 * rng.randrange(half // 50 + 4, 4 * half // 50 - 4)
    turns = round(frequency / rate)
    solution = abs(frequency - turns * rate)
    return Case(
        "alias",
        seed,
        f"A tone of {frequency} Hz is sampled without a filter before. Which frequency is heard?",
        (("sample rate", f"{rate} Hz"),),
        "number",
        float(solution),
        f"The samples are those of every frequency that is a multiple of {rate} Hz away, or mirrored at 0 Hz. Below "
        f"half the sample rate, {half} Hz, only |{frequency} - {turns} × {rate}| = {solution} Hz is among them.",
        hint="Subtract the sample rate until the frequency is between minus and plus half of it.",
        mistakes=(
            (float(frequency), "That is above half the sample rate, where samples can't hold a frequency."),
            (float(frequency % half), "Mirror it at half the sample rate; do not start again from 0 there."),
            (float(half), "It is not limited to half the sample rate but mirrored."),
        ),
        tolerance=1.0,
        unit="Hz",
    )


EXERCISE = Exercise("alias", "Frequency of an alias", draw)
