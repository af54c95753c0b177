"""By which angle a library's value is turned, so that its phase is ours."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.conventions import CONVENTIONS

ASKED = ("librosa", "torch", "scipy")


def draw(seed: int) -> Case:
    """Draw a library, lengths and a bin whose turn is a multiple of an eighth of a circle."""
    chance = random.Random(seed)
    name, n_fft = chance.choice(ASKED), chance.choice((256, 512, 1024))
    pad = n_fft // chance.choice((4, 8))
    frame_length, k = n_fft - 2 * pad, chance.randrange(1, n_fft // 2)
    title = CONVENTIONS[name].title
    if name == "scipy":
        samples, sign = frame_length // 2, -1
        why = f"counts the phase from the middle of the window, {samples} samples after its beginning"
    else:
        samples, sign = pad, 1
        why = (
            f"puts the window into the middle of the FFT and counts the phase from the FFT's first sample, "
            f"({n_fft} - {frame_length}) / 2 = {samples} samples before the window"
        )
    solution, opposite = (sense * 360 * k * samples // n_fft % 360 for sense in (sign, -sign))
    known = {
        opposite: "That is the angle in the other direction.",
        0: "The magnitudes agree without a turn, the angles do not.",
    }
    return Case(
        "phase_turn",
        seed,
        f"By which angle, from 0 to 360 degrees, must {title}'s value of bin {k} be turned to have our phase?",
        (
            ("frame length", str(frame_length)),
            ("FFT length", str(n_fft)),
            ("bin k", str(k)),
            ("frames", "already where ours are"),
        ),
        "number",
        float(solution),
        f"{title} {why}. We count from the window's first sample, so the value is turned by {'-' if sign < 0 else '+'}"
        f"360 × {k} × {samples} / {n_fft} degrees, which without its whole turns is {solution}.",
        mistakes=tuple((float(value), told) for value, told in known.items() if value != solution),
        tolerance=0.5,
        unit="degrees",
    )


EXERCISE = Exercise("phase_turn", "The turn between two phases", draw)
