"""How many frames a signal has."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int) -> Case:
    """Draw lengths, a step and a padding."""
    chance = random.Random(seed)
    frame_length = chance.choice((128, 200, 256, 320, 400, 512, 1024))
    settings = STFTSettings(
        frame_length=frame_length,
        frame_step=chance.choice((frame_length // 4, frame_length // 2, max(1, frame_length * 2 // 5), frame_length)),
        padding=chance.choice(("valid", "same")),
    )
    n_samples = chance.randrange(2 * frame_length, 40 * frame_length)
    step = settings.step
    whole = (n_samples - frame_length) // step
    n_same = -(-n_samples // step)
    if settings.padding == "same":
        reasoning = f"With 'same' there is a frame for every step: T = ceil({n_samples} / {step}) = {n_same}."
        others = (
            (whole + 1, "That many fit whole, as with 'valid'."),
            (n_samples // step, "Round up: the last step may be short."),
        )
    else:
        count = f"({n_samples} - {frame_length}) // {step} + 1 = {whole} + 1 = {whole + 1}"
        reasoning = f"With 'valid' frames fit whole: T = {count}."
        others = ((whole, "The first frame counts, too."), (n_same, "That many there are with 'same'."))
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
        mistakes=others,
        unit="frames",
    )


EXERCISE = Exercise("frame_count", "Count the frames", draw)
