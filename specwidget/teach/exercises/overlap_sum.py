"""The constant that overlapped windows, or their squares, add up to."""

from __future__ import annotations

import random

import numpy as np

from specwidget.stft.windows import make_window, overlap_sums
from specwidget.teach.exercises.case import Case, Exercise

OVERLAPS = {"boxcar": (2, 3, 4), "hann": (3, 4, 6, 8), "hamming": (3, 4, 6, 8)}
"""Frames over a sample, by the window: such that w as well as w² add up to a constant."""

FRAME_LENGTHS = (48, 96, 240, 480)
"""Lengths that all these overlaps divide."""


def draw(seed: int) -> Case:
    """Draw a window, a step, and whether it is w or w² that is added up."""
    chance = random.Random(seed)
    window = chance.choice(tuple(OVERLAPS))
    frame_length, overlap = chance.choice(FRAME_LENGTHS), chance.choice(OVERLAPS[window])
    name, other = chance.choice((("w", "w²"), ("w²", "w")))
    values = make_window(window, frame_length, True)
    assert values is not None
    shapes = {"w": values, "w²": values**2}
    step = frame_length // overlap
    solution = float(np.mean(overlap_sums(shapes[name], step)))
    mean = float(shapes[name].mean())
    mistakes = [
        (overlap * float(shapes[other].mean()), f"That is the sum of {other}."),
        (mean, "That is the mean of one window; several of them cover each sample."),
        (float(overlap), "That counts the windows; most of them are below 1 there."),
        (frame_length * mean, "That is the sum over one window; what is asked is the sum at one sample."),
    ]
    return Case(
        "overlap_sum",
        seed,
        f"To which constant does {name} of all frames add up, to 1 %?",
        (
            ("window", f"{window}, periodic"),
            ("frame_length", str(frame_length)),
            ("frame_step", str(step)),
            (f"mean of {name} over the frame", f"{mean:.4g}"),
        ),
        "number",
        solution,
        f"{frame_length} / {step} = {overlap} windows cover each sample, each with a value from another place, "
        f"{mean:.4g} on average: {overlap} × {mean:.4g} = {solution:.3g}.",
        mistakes=tuple((wrong, told) for wrong, told in mistakes if abs(wrong - solution) > 0.01 * solution),
        tolerance=0.01 * solution,
    )


EXERCISE = Exercise("overlap_sum", "What windows add up to", draw)
