"""Exercise: find the length of the dropped tail, or the centre of the first frame."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, dropped_tail, frame_centre, padding_amounts
from specwidget.teach.exercises.case import Case, Exercise


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a question about the tail (padding "valid") or the first frame (padding "same")."""
    asks_tail = rng.random() < 0.5
    frame_length = rng.choice((128, 200, 256, 320, 400, 512))
    # Steps that do not divide the frame: with the others the length of the frame would not matter for the tail.
    settings = STFTSettings(
        frame_length=frame_length,
        frame_step=rng.choice((frame_length * 2 // 5, frame_length * 3 // 8, frame_length * 3 // 4)),
        padding="valid" if asks_tail else "same",
    )
    n_samples = rng.randrange(2 * frame_length, 30 * frame_length)
    return (_ask_tail if asks_tail else _ask_centre)(seed, n_samples, settings)


def _facts(n_samples: int, settings: STFTSettings) -> tuple[tuple[str, str], ...]:
    return (
        ("samples", str(n_samples)),
        ("frame_length", str(settings.frame_length)),
        ("frame_step", str(settings.step)),
        ("padding", settings.padding),
    )


def _ask_tail(seed: int, n_samples: int, settings: STFTSettings) -> Case:
    length, step = settings.frame_length, settings.step
    tail = dropped_tail(n_samples, settings)
    n_frames = count_frames(n_samples, settings)
    end = (n_frames - 1) * step + length
    return Case(
        "framing",
        seed,
        "How many samples at the end are not covered by any frame?",
        _facts(n_samples, settings),
        "number",
        tail,
        f"The {n_frames} frames end at ({n_frames} - 1) × {step} + {length} = {end}, so {n_samples} - {end} = {tail} "
        f"samples remain; or directly ({n_samples} - {length}) % {step} = {tail}.",
        hint="Where does the last complete frame end?",
        mistakes=(
            (n_samples % step, "Count steps from the end of the first frame, not from the first sample."),
            (n_samples % length, "The frames overlap: they follow each other by steps, not by whole frames."),
            (n_samples - n_frames * step, "The last frame is longer than a step."),
        ),
        unit="samples",
    )


def _ask_centre(seed: int, n_samples: int, settings: STFTSettings) -> Case:
    length, step = settings.frame_length, settings.step
    n_frames, (left, right) = count_frames(n_samples, settings), padding_amounts(n_samples, settings)
    centre = frame_centre(0, n_samples, settings)
    return Case(
        "framing",
        seed,
        "At which sample is the centre of frame 0?",
        _facts(n_samples, settings),
        "number",
        centre,
        f"{n_frames} frames need ({n_frames} - 1) × {step} + {length} - {n_samples} = {left + right} zeros, of which "
        f"the smaller half, {left}, is padded before the signal. Frame 0 starts at sample {-left}, so its centre is "
        f"{-left} + {length} / 2 = {centre:g}.",
        hint="How many zeros are padded in all, and how many of them before the signal?",
        mistakes=(
            (length / 2, "That is the centre with 'valid'; with 'same' zeros are padded before the signal."),
            (0.0, "That is librosa's convention; here the zeros are split between both ends."),
            (length / 2 - left - right, "The zeros are split between both ends."),
            (-left, "That is the start of the frame; its centre is half a frame later."),
        ),
        unit="samples",
    )


EXERCISE = Exercise("framing", "Tail and first frame", draw)
