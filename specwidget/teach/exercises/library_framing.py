"""Exercise: locate the first window under each library's convention."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.conventions import CONVENTIONS, frame_positions

NAMES = (("specwidget",), ("specwidget_same",), ("librosa", "torch"), ("scipy_spectrogram",))
"""The libraries; those of which all first windows have the same centre stand together."""

N_SAMPLES = 16_000


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a library and lengths, and ask for the centre of its first window."""
    name = rng.choice(rng.choice(NAMES))
    frame_length = rng.choice((200, 320, 400, 512))
    # Longer than the frame: the centres of both are then different samples.
    n_fft = rng.choice((512, 1024) if frame_length < 512 else (1024,))
    settings = STFTSettings(frame_length=frame_length, fft_length=n_fft, frame_step=frame_length // 2, window=None)
    convention = CONVENTIONS[name]
    start, window, _, centre = frame_positions(convention, settings, N_SAMPLES)
    if start == 0:
        why = "the signal is not padded, and the window is at the start of the FFT"
    elif name == "specwidget_same":
        why = f"the smaller half of the zeros, {-start}, is padded before the signal"
    else:
        why = f"half an FFT, {n_fft // 2} samples, is padded before the signal, and the window is centred in the FFT"
    known = (
        (frame_length / 2, "That is the centre without padding."),
        (0.0, "That is the centre in libraries that centre their frames."),
        (n_fft / 2, "Here the centre of the FFT is not the centre of the window."),
        (float(window), "That is the first sample of the window, not its centre."),
    )
    return Case(
        "library_framing",
        seed,
        "At which sample is the centre of the first window, if the library is called with its default framing?",
        (
            ("library", convention.title),
            ("samples", str(N_SAMPLES)),
            ("frame length", str(frame_length)),
            ("FFT length", str(n_fft)),
            ("step", str(settings.step)),
        ),
        "number",
        centre,
        f"{convention.title}: {why}. The window starts at sample {window}, so its centre is at {window} + "
        f"{frame_length} / 2 = {centre:g}.",
        hint="How many zeros does this library pad before the signal, and where in the FFT does its window lie?",
        # What is a mistake for one library is the convention of another.
        mistakes=tuple((value, reason) for value, reason in known if value != centre),
        unit="samples",
    )


EXERCISE = Exercise("library_framing", "First frame of each library", draw)
