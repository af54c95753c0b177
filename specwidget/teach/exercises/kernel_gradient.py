"""How a bin's value changes with one sample of its kernel."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from specwidget.stft.settings import Mode
from specwidget.teach.exercises.case import Case, Exercise

Slope = Callable[[float, float], float]

SLOPES: dict[Mode, tuple[str, str, Slope]] = {
    "magnitude": ("√P", "{part} / √P", lambda part, power: part / math.sqrt(power)),
    "log": ("ln √P", "{part} / P", lambda part, power: part / power),
    "psd": ("2 P, as the bin lies inside", "4 {part}", lambda part, power: 4 * part),
}
"""What a mode's value is of the power P, and its derivative by `re` or `im`: as a formula, and as a function."""

PARTS = ((3, 4), (4, 3), (-3, 4), (6, -8), (5, 12), (-12, 5), (8, 15))
"""Real and imaginary parts whose magnitude is a whole number, in tenths."""


def draw(seed: int) -> Case:
    """Draw a mode, a kernel, the bin's parts and a sample of the frame."""
    chance = random.Random(seed)
    mode = chance.choice(tuple(SLOPES))
    re, im = (tenths / 10 for tenths in chance.choice(PARTS))
    sample, n, k = chance.choice((0.5, -0.5, 0.2, -0.4, 0.8)), chance.randrange(64), chance.randrange(1, 32)
    by_real = chance.random() < 0.5
    name, part, own, other = ("real_kernel", "re", re, im) if by_real else ("imag_kernel", "im", im, re)
    power = re**2 + im**2
    value, formula, slope = SLOPES[mode]
    solution = slope(own, power) * sample
    mistakes = [
        (
            slope(own, power),
            f"That is the derivative by {part}, which itself moves by x[n] for each unit of the kernel.",
        ),
        (slope(other, power) * sample, f"{name} moves {part} and nothing else."),
        (solution / 2, "Look at the factors of 2: of the square, and of the two sides."),
    ]
    return Case(
        "kernel_gradient",
        seed,
        f"What is the derivative of the value of bin {k} by {name}[{n}, 0, {k}], to 2 %?",
        (
            ("mode", mode),
            ("frame_length", "64"),
            (f"re and im of bin {k}", f"{re:g} and {im:g}"),
            (f"x[{n}], a sample of the frame", f"{sample:g}"),
        ),
        "number",
        solution,
        f"{part} = Σ x[n] {name}[n, 0, {k}] moves by x[{n}] = {sample:g} for each unit. With P = re² + im² = "
        f"{power:.4g} the value is {value}, and its derivative by {part} is {formula.format(part=part)} = "
        f"{slope(own, power):.4g}. Both together: {slope(own, power):.4g} × {sample:g} = {solution:.3g}.",
        mistakes=tuple((wrong, told) for wrong, told in mistakes if abs(wrong - solution) > 0.02 * abs(solution)),
        tolerance=0.02 * abs(solution),
    )


EXERCISE = Exercise("kernel_gradient", "The derivative by a kernel", draw)
