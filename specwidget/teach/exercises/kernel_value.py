"""Exercise: compute one value of a kernel without a calculator."""

from __future__ import annotations

import random

from specwidget.stft.kernels import cos_sin_table
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a sample and a bin at which the phase is a multiple of an eighth or a twelfth of a cycle."""
    n_fft, name = rng.choice((16, 24, 32, 48)), rng.choice(("real_kernel", "imag_kernel"))
    k = rng.randrange(1, n_fft // 2)
    n = rng.choice([n for n in range(1, n_fft) if 0 in (8 * n * k % n_fft, 12 * n * k % n_fft)] or [0])
    cosines, sines = cos_sin_table(n_fft)
    phase = n * k % n_fft
    cosine, minus_sine = float(cosines[phase]), 0.0 - float(sines[phase])
    solution, other = (cosine, minus_sine) if name == "real_kernel" else (minus_sine, cosine)
    formula = "cos" if name == "real_kernel" else "-sin"
    mistakes = [
        (other, "That is the value of the other kernel: the real one is a cosine, the imaginary one a negative sine."),
        (-solution, "Check the sign: the exponent of the transform is -2πi n k / N."),
        (phase / n_fft, "That is the phase in cycles; the kernel is its cosine or sine."),
    ]
    return Case(
        "kernel_value",
        seed,
        f"What is {name}[{n}, 0, {k}], to within 0.01?",
        (("frame_length", str(n_fft)), ("fft_length", str(n_fft)), ("window", "None (rectangular, no scaling)")),
        "number",
        solution,
        f"The phase at sample {n} of bin {k} is n k / N = {n} × {k} / {n_fft} cycles, that is {phase / n_fft:g} modulo "
        f"1, and {formula}(2π × {phase / n_fft:g}) = {solution:.4g}.",
        hint="How many cycles has the bin gone through at this sample? Whole cycles may be left out.",
        mistakes=tuple(mistakes),
        tolerance=0.01,
    )


EXERCISE = Exercise("kernel_value", "Value of a kernel", draw)
