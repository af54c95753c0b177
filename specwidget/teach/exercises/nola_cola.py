"""Exercise: decide which of NOLA and COLA a window and a step satisfy."""

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

CHOICES = ("neither", "only NOLA", "only COLA", "NOLA and COLA")


def draw(seed: int, rng: random.Random) -> Case:
    """Draw an answer, each equally often, and a window and a step that belong to it."""
    # For windows without negative values COLA includes NOLA.
    answer = rng.choice(("neither", "only NOLA", "NOLA and COLA"))
    while True:
        window, form = rng.choice(WINDOWS), rng.choice(("periodic", "symmetric"))
        frame_length, (numerator, denominator) = rng.choice(FRAME_LENGTHS), rng.choice(STEP_FRACTIONS)
        step = frame_length * numerator // denominator
        periodic, symmetric = (make_window(window, frame_length, is_periodic) for is_periodic in (True, False))
        assert periodic is not None
        assert symmetric is not None
        values, other = (periodic, symmetric) if form == "periodic" else (symmetric, periodic)
        nola, cola = check_nola(values, step), check_cola(values, step)
        found = CHOICES[nola.holds + 2 * cola.holds]
        # Whoever forgets the form of the window, periodic or symmetric, gets another answer where COLA holds.
        if found == answer and not (cola.holds and check_cola(other, step).holds):
            break
    verdicts = ["holds" if check.holds else "fails" for check in (nola, cola)]
    return Case(
        "nola_cola",
        seed,
        "Which conditions hold: NOLA, so that the transform can be inverted in float32, and COLA, so that the windowed "
        "frames add up to the signal?",
        (("window", f"{window}, {form}"), ("frame_length", str(frame_length)), ("frame_step", str(step))),
        "choice",
        answer,
        f"With a step of {numerator}/{denominator} of the frame the minimum of the sum of squared windows is "
        f"{nola.margin:.3g} of its maximum. NOLA {verdicts[0]}: it only requires more than 0, in float32 more than "
        f"{nola_threshold():.1e}. The sum of windows deviates from its median by {1 - cola.margin:.2g} of the median. "
        f"COLA {verdicts[1]}: it requires that the sum is constant. The answer is {answer}.",
        hint="Add the windows, and their squares, at one sample and at another.",
        mistakes=_MISTAKES[answer],
        choices=CHOICES,
    )


_INCLUDED = ("only COLA", "Where the sum of the windows is constant, no sum of their squares is 0: COLA includes NOLA.")
_MISTAKES = {
    "neither": (
        ("only NOLA", "Frames that meet are not enough: where they meet, the windows may be 0."),
        ("NOLA and COLA", "Frames that meet are not enough: where they meet, the windows may be 0."),
        _INCLUDED,
    ),
    "only NOLA": (
        ("neither", "The sum of squared windows need not be constant, only larger than 0."),
        ("NOLA and COLA", "COLA requires a sum of windows that is constant, not one that is larger than 0."),
        _INCLUDED,
    ),
    "NOLA and COLA": (
        ("neither", "The sum of squared windows need not be constant, only larger than 0."),
        ("only NOLA", "That would be right for the symmetric window."),
        _INCLUDED,
    ),
}
"""The other answers for each answer, with what is wrong with them."""


EXERCISE = Exercise("nola_cola", "NOLA and COLA", draw)
