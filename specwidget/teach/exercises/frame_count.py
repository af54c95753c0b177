"""Exercise: count the frames of a signal."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a signal length, a frame length, a step and a padding."""
    frame_length = rng.choice((128, 200, 256, 320, 400, 512, 1024))
    settings = STFTSettings(
        frame_length=frame_length,
        frame_step=rng.choice((frame_length // 4, frame_length // 2, max(1, frame_length * 2 // 5), frame_length)),
        padding=rng.choice(("valid", "same")),
    )
    n_samples = rng.randrange(2 * frame_length, 40 * frame_length)
    step = settings.step
    whole = (n_samples - frame_length) // step
    n_same = -(-n_samples // step)
    if settings.padding == "same":
        reasoning = f"With 'same' there is one frame per step: T = ceil({n_samples} / {step}) = {n_same}."
        others = (
            (whole + 1, "That is the number of complete frames, as with 'valid'."),
            (n_samples // step, "Round up: the last step may be incomplete."),
        )
    else:
        count = f"({n_samples} - {frame_length}) // {step} + 1 = {whole} + 1 = {whole + 1}"
        reasoning = f"With 'valid' only complete frames count: T = {count}."
        others = ((whole, "Add 1 for the first frame."), (n_same, "That is the number of frames with 'same'."))
    return Case(
        "frame_count",
        seed,
        "How many frames T does this signal have?",
        (
            ("samples", f"{n_samples}"),
            ("frame_length", f"{frame_length}"),
            ("frame_step", f"{step}"),
            ("padding", settings.padding),
        ),
        "number",
        count_frames(n_samples, settings),
        reasoning,
        hint="How many steps are there after the first frame? Is the last one complete, and must it be?",
        mistakes=others,
        unit="frames",
    )


EXERCISE = Exercise("frame_count", "Count the frames", draw)
