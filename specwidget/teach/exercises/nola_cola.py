"""Exercise: decide whether a window and a step satisfy NOLA or COLA."""

from __future__ import annotations

import random

from specwidget.stft.overlap import check_cola, check_nola, nola_threshold
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise

WINDOWS = ("boxcar", "hann", "hamming", "bartlett", "blackman", "cosine")
STEP_FRACTIONS = ((1, 1), (3, 4), (1, 2), (1, 3), (1, 4))
"""Steps as fractions of the frame length."""

FRAME_LENGTHS = (48, 96, 240, 480)
"""Frame lengths for which all these steps are whole numbers."""


def draw(seed: int) -> Case:
    """Draw a window, a step and a condition."""
    rng = random.Random(seed)
    window, form = rng.choice(WINDOWS), rng.choice(("periodic", "symmetric"))
    frame_length, (numerator, denominator) = rng.choice(FRAME_LENGTHS), rng.choice(STEP_FRACTIONS)
    step = frame_length * numerator // denominator
    condition = rng.choice(("NOLA", "COLA"))
    values = make_window(window, frame_length, form == "periodic")
    assert values is not None
    condition_check = {"NOLA": check_nola, "COLA": check_cola}[condition](values, step)
    answer = "yes" if condition_check.holds else "no"
    if condition == "NOLA":
        finding = f"the minimum of the sum of squared windows is {condition_check.margin:.3g} of its maximum"
        rule = f"NOLA only requires that it is not 0, in float32 that it exceeds {nola_threshold():.1e}"
        prompt = "Does NOLA hold, so that the transform can be inverted in float32?"
    else:
        finding = f"the sum of windows deviates from its median by {1 - condition_check.margin:.2g} of the median"
        rule = "COLA requires that it is constant"
        prompt = "Does COLA hold, so that the windowed frames add up to the signal?"
    return Case(
        "nola_cola",
        seed,
        prompt,
        (("window", f"{window}, {form}"), ("frame_length", str(frame_length)), ("frame_step", str(step))),
        "choice",
        answer,
        f"With a step of {numerator}/{denominator} of the frame {finding}; {rule}. The answer is {answer}.",
        choices=("yes", "no"),
    )


EXERCISE = Exercise("nola_cola", "NOLA and COLA", draw)
