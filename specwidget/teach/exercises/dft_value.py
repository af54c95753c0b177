"""Exercise: compute the magnitude of one bin of a frame of a sinusoid."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a frame with whole cycles of a sinusoid, and ask for a bin at its frequency or for another one."""
    n, amplitude = rng.choice((8, 16, 32, 64)), rng.choice((0.5, 2, 3, 4))
    cycles = rng.randrange(1, n // 2)
    is_there = rng.random() < 0.8
    k = cycles if is_there else rng.choice([each for each in range(n // 2) if each != cycles])
    solution = amplitude * n / 2 if is_there else 0.0
    mistakes = [
        (amplitude * n, "Half of the products' sum is that of the bin; the other half is at the negative frequency."),
        (amplitude, "The products are summed, not averaged, and half of the sum is at the negative frequency."),
        (amplitude / 2, "The products are summed over all samples, not averaged."),
        (0.0, "The bin has as many cycles as the sinusoid, so all products together do not cancel."),
    ]
    return Case(
        "dft_value",
        seed,
        f"What is the magnitude of bin {k} of this frame, without a window and without normalisation?",
        (
            ("samples of the frame N", str(n)),
            ("sinusoid", f"amplitude {amplitude:g}, {cycles} {'cycle' if cycles == 1 else 'cycles'} in the frame"),
        ),
        "number",
        solution,
        f"Bin {k} has {k} cycles in the frame, as the sinusoid has, and its magnitude is A N / 2 = {amplitude:g} × {n} "
        f"/ 2 = {solution:g}."
        if is_there
        else f"Bin {k} has {k} cycles in the frame and the sinusoid {cycles}: both are whole numbers, so the products "
        "cancel, and the sum is 0.",
        hint="How many cycles has bin k in the frame, and how many has the sinusoid?",
        mistakes=tuple(mistakes[:4] if is_there else ((amplitude * n / 2, _OTHER), *mistakes[:3])),
        tolerance=0.01 * amplitude,
    )


_OTHER = "That is the bin with as many cycles as the sinusoid."

EXERCISE = Exercise("dft_value", "Magnitude of a bin", draw)
