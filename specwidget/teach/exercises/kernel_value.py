"""One value of a kernel, without a calculator."""

from __future__ import annotations

import random

from specwidget.stft.kernels import cos_sin_table
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int) -> Case:
    """Draw a sample and a bin whose kernel stands at a multiple of an eighth of a turn."""
    chance = random.Random(seed)
    n_fft, name = chance.choice((8, 16, 32, 64)), chance.choice(("real_kernel", "imag_kernel"))
    k = chance.randrange(1, n_fft // 2)
    n = chance.choice([n for n in range(1, n_fft) if 8 * n * k % n_fft == 0] or [0])
    cosines, sines = cos_sin_table(n_fft)
    place = n * k % n_fft
    cosine, minus_sine = float(cosines[place]), 0.0 - float(sines[place])
    solution, other = (cosine, minus_sine) if name == "real_kernel" else (minus_sine, cosine)
    formula = "cos" if name == "real_kernel" else "-sin"
    mistakes = [
        (other, "That is the other kernel's: the real one is a cosine, the imaginary one minus a sine."),
        (-solution, "Look at the sign: the exponent of the transform is -2πi n k / N."),
    ]
    return Case(
        "kernel_value",
        seed,
        f"What is {name}[{n}, 0, {k}], to 0.01?",
        (("frame_length", str(n_fft)), ("fft_length", str(n_fft)), ("window", "None, so no scaling")),
        "number",
        solution,
        f"Sample {n} of bin {k} stands at n k / N = {n} × {k} / {n_fft} turns, which without its whole turns is "
        f"{place / n_fft:g} of a turn, and {formula}(2π × {place / n_fft:g}) = {solution:.4g}.",
        mistakes=tuple((value, told) for value, told in mistakes if abs(value - solution) > 0.01),
        tolerance=0.01,
    )


EXERCISE = Exercise("kernel_value", "A value of a kernel", draw)
