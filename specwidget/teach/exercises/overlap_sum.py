"""Exercise: compute the constant sum of overlapping windows, or of their squares."""

from __future__ import annotations

import random

import numpy as np

from specwidget.stft.overlap import overlap_sums
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise

OVERLAPS = {"hann": (3, 4, 6, 8), "hamming": (3, 4, 6, 8)}
"""Numbers of frames per sample for which both w and w² add up to a constant, by window. Those of boxcar are equal."""

FRAME_LENGTHS = (48, 96, 240, 480)
"""Frame lengths divisible by all these numbers."""


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a window, a step, and whether w or w² is summed."""
    window = rng.choice(tuple(OVERLAPS))
    frame_length, overlap = rng.choice(FRAME_LENGTHS), rng.choice(OVERLAPS[window])
    name, other = rng.choice((("w", "w²"), ("w²", "w")))
    values = make_window(window, frame_length, True)
    assert values is not None
    shapes = {"w": values, "w²": values**2}
    step = frame_length // overlap
    solution = float(np.mean(overlap_sums(shapes[name], step)))
    mean = float(shapes[name].mean())
    mistakes = [
        (overlap * float(shapes[other].mean()), f"That is the sum of {other}."),
        (mean, "That is the mean of one window; several windows cover each sample."),
        (float(overlap), "That is the number of windows; their values are mostly below 1."),
        (frame_length * mean, "That is the sum over one window; the question is the sum of all windows at one sample."),
    ]
    return Case(
        "overlap_sum",
        seed,
        f"What is the constant sum of {name} over all frames, to within 1 %?",
        (
            ("window", f"{window}, periodic"),
            ("frame_length", str(frame_length)),
            ("frame_step", str(step)),
            (f"mean of {name} over the frame", f"{mean:.4g}"),
        ),
        "number",
        solution,
        f"{frame_length} / {step} = {overlap} windows cover each sample, each with a value at a different position; "
        f"the average value is {mean:.4g}: {overlap} × {mean:.4g} = {solution:.3g}.",
        hint="How many windows cover one sample, and what is the average of their values there?",
        mistakes=tuple(mistakes),
        tolerance=0.01 * solution,
    )


EXERCISE = Exercise("overlap_sum", "Sum of overlapping windows", draw)
