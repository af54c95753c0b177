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


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a condition and an answer, each equally often, and a window and a step that a mistake would get wrong."""
    condition, wanted = rng.choice(("NOLA", "COLA")), rng.random() < 0.5
    while True:
        window, form = rng.choice(WINDOWS), rng.choice(("periodic", "symmetric"))
        frame_length, (numerator, denominator) = rng.choice(FRAME_LENGTHS), rng.choice(STEP_FRACTIONS)
        step = frame_length * numerator // denominator
        periodic, symmetric = (make_window(window, frame_length, is_periodic) for is_periodic in (True, False))
        assert periodic is not None
        assert symmetric is not None
        values = periodic if form == "periodic" else symmetric
        nola, cola = check_nola(values, step), check_cola(values, step)
        held = nola if condition == "NOLA" else cola
        # The other answer is then that of the mistake in `_MISTAKES`.
        is_telling = {
            ("NOLA", True): not cola.holds,
            ("NOLA", False): True,
            ("COLA", True): form == "periodic" and not check_cola(symmetric, step).holds,
            ("COLA", False): nola.holds,
        }
        if held.holds == wanted and is_telling[condition, wanted]:
            break
    if condition == "NOLA":
        finding = f"the minimum of the sum of squared windows is {nola.margin:.3g} of its maximum"
        rule = f"NOLA only requires that it is not 0, in float32 that it exceeds {nola_threshold():.1e}"
        prompt = "Does NOLA hold, so that the transform can be inverted in float32?"
    else:
        finding = f"the sum of windows deviates from its median by {1 - cola.margin:.2g} of the median"
        rule = "COLA requires that it is constant"
        prompt = "Does COLA hold, so that the windowed frames add up to the signal?"
    answer = "yes" if wanted else "no"
    return Case(
        "nola_cola",
        seed,
        prompt,
        (("window", f"{window}, {form}"), ("frame_length", str(frame_length)), ("frame_step", str(step))),
        "choice",
        answer,
        f"With a step of {numerator}/{denominator} of the frame {finding}; {rule}. The answer is {answer}.",
        hint="Add the windows, or their squares, at one sample and at another.",
        mistakes=(("no" if wanted else "yes", _MISTAKES[condition, wanted]),),
        choices=("yes", "no"),
    )


_MISTAKES = {
    ("NOLA", True): "The sum need not be constant: that is COLA.",
    ("NOLA", False): "Frames that meet are not enough: where they meet, the windows may be 0.",
    ("COLA", True): "That would be right for the symmetric window.",
    ("COLA", False): "That the sum is not 0 is NOLA; COLA requires that it is constant.",
}
"""The mistake for each condition and answer."""


EXERCISE = Exercise("nola_cola", "NOLA and COLA", draw)
