"""Exercise: derive the value of a bin with respect to one sample of its kernel."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

from specwidget.stft.settings import Mode
from specwidget.teach.exercises.case import Case, Exercise

Derivative = Callable[[float, float], float]

DERIVATIVES: dict[Mode, tuple[str, str, Derivative]] = {
    "magnitude": ("√P", "{part} / √P", lambda part, power: part / math.sqrt(power)),
    "log": ("ln √P", "{part} / P", lambda part, power: part / power),
    "psd": ("2 P for a bin between the first and the last", "4 {part}", lambda part, power: 4 * part),
}
"""By mode: the value as a function of the power P, and its derivative with respect to `re` or `im` as a formula and as
a function."""

PARTS = ((3, 4), (4, 3), (-3, 4), (6, -8), (5, 12), (-12, 5), (8, 15))
"""Real and imaginary parts in tenths, with integer magnitudes."""


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a mode, a kernel, the real and imaginary parts of the bin and a sample of the frame."""
    mode = rng.choice(tuple(DERIVATIVES))
    re, im = (tenths / 10 for tenths in rng.choice(PARTS))
    sample, n, k = rng.choice((0.5, -0.5, 0.2, -0.4, 0.8)), rng.randrange(64), rng.randrange(1, 32)
    by_real = rng.random() < 0.5
    name, part, own, other = ("real_kernel", "re", re, im) if by_real else ("imag_kernel", "im", im, re)
    power = re**2 + im**2
    value, formula, derivative = DERIVATIVES[mode]
    solution = derivative(own, power) * sample
    mistakes = [
        (
            derivative(own, power),
            f"That is the derivative with respect to {part}; multiply it by the derivative of {part}, which is x[n].",
        ),
        (derivative(other, power) * sample, f"{name} changes {part} only."),
        (solution / 2, "Check the factors of 2: one from the square, one from the one-sided spectrum."),
    ]
    return Case(
        "kernel_gradient",
        seed,
        f"What is the derivative of the value of bin {k} with respect to {name}[{n}, 0, {k}], to within 2 %?",
        (
            ("mode", mode),
            ("frame_length", "64"),
            (f"re and im of bin {k}", f"{re:g} and {im:g}"),
            (f"x[{n}], a sample of the frame", f"{sample:g}"),
        ),
        "number",
        solution,
        f"{part} = Σ x[n] {name}[n, 0, {k}], so its derivative is x[{n}] = {sample:g}. With P = re² + im² = "
        f"{power:.4g} the value is {value}, and its derivative with respect to {part} is {formula.format(part=part)} = "
        f"{derivative(own, power):.4g}. By the chain rule: {derivative(own, power):.4g} × {sample:g} = {solution:.3g}.",
        hint="Use the chain rule: the value depends on re and im, and one of these on this sample of the kernel.",
        mistakes=tuple(mistakes),
        tolerance=0.02 * abs(solution),
    )


EXERCISE = Exercise("kernel_gradient", "Gradient of a kernel", draw)
