"""Whether a window with a step can be inverted, or adds up to a constant."""

from __future__ import annotations

import random

from specwidget.stft.windows import check_cola, check_nola, make_window
from specwidget.teach.exercises.case import Case, Exercise

WINDOWS = ("boxcar", "hann", "hamming", "bartlett", "blackman", "cosine")
SHARES = ((1, 1), (3, 4), (1, 2), (1, 3), (1, 4))
"""Steps as parts of the frame."""

FRAME_LENGTHS = (48, 96, 240, 480)
"""Lengths that all these parts divide."""


def draw(seed: int) -> Case:
    """Draw a window, a step and a condition."""
    chance = random.Random(seed)
    window, form = chance.choice(WINDOWS), chance.choice(("periodic", "symmetric"))
    frame_length, (part, of) = chance.choice(FRAME_LENGTHS), chance.choice(SHARES)
    step = frame_length * part // of
    condition = chance.choice(("NOLA", "COLA"))
    values = make_window(window, frame_length, form == "periodic")
    assert values is not None
    judged = {"NOLA": check_nola, "COLA": check_cola}[condition](values, step)
    answer = "yes" if judged.holds else "no"
    if condition == "NOLA":
        told = f"the least sum of squared windows is {judged.margin:.3g} of the largest"
        rule = "NOLA only asks that it is not 0"
        prompt = "Does NOLA hold, so that the transform can be inverted?"
    else:
        told = f"the sum of windows departs from its median by {1 - judged.margin:.2g} of it"
        rule = "COLA asks that it is constant"
        prompt = "Does COLA hold, so that windowed frames add up to the signal?"
    return Case(
        "overlap",
        seed,
        prompt,
        (("window", f"{window}, {form}"), ("frame_length", str(frame_length)), ("frame_step", str(step))),
        "choice",
        answer,
        f"With a step of {part}/{of} of the frame {told}; {rule}. So the answer is {answer}.",
        choices=("yes", "no"),
    )


EXERCISE = Exercise("overlap", "NOLA and COLA", draw)
