"""Exercise: find the phase shift that converts a library's value to ours."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.conventions import CONVENTIONS

NAMES = ("librosa", "torch", "scipy")


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a library, lengths and a bin whose phase shift is a multiple of a sixteenth of a cycle."""
    name, n_fft = rng.choice(NAMES), rng.choice((256, 512, 1024))
    pad = n_fft // 16 * rng.randrange(1, 6)
    frame_length, k = n_fft - 2 * pad, rng.randrange(1, n_fft // 2)
    title = CONVENTIONS[name].title
    if name == "scipy":
        samples, sign = frame_length // 2, -1
        why = f"measures the phase from the centre of the window, {samples} samples after its start"
    else:
        samples, sign = pad, 1
        why = (
            f"centres the window in the FFT and measures the phase from the first sample of the FFT, "
            f"({n_fft} - {frame_length}) / 2 = {samples} samples before the window"
        )
    solution, opposite = (direction * 360 * k * samples / n_fft % 360 for direction in (sign, -sign))
    known = (
        (opposite, "That is the shift in the opposite direction."),
        (0.0, "Without a phase shift only the magnitudes agree."),
        (sign * 180 * k * samples / n_fft % 360, "Bin k has k cycles in N samples, so a sample is 360 k / N."),
    )
    return Case(
        "phase_shift",
        seed,
        f"By which angle, from 0 to 360 degrees, must the value of bin {k} from {title} be rotated to match our phase?",
        (
            ("frame length", str(frame_length)),
            ("FFT length", str(n_fft)),
            ("bin k", str(k)),
            ("frames", "already aligned with ours"),
        ),
        "number",
        solution,
        f"{title} {why}. We measure it from the first sample of the window, so the phase shift is "
        f"{'-' if sign < 0 else '+'}360 × {k} × {samples} / {n_fft} degrees, that is {solution:g} modulo 360.",
        hint="How many samples lie between the two phase origins, and how far does bin k turn in them?",
        mistakes=known,
        tolerance=0.5,
        period=360.0,
        unit="degrees",
    )


EXERCISE = Exercise("phase_shift", "Phase shift between conventions", draw)
