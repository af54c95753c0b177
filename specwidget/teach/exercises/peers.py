"""Where each library puts its first frame."""

from __future__ import annotations

import random

from specwidget.stft.settings import STFTSettings
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.conventions import CONVENTIONS, places

ASKED = ("specwidget", "specwidget_same", "librosa", "torch", "scipy_spectrogram")
N_SAMPLES = 16_000


def draw(seed: int) -> Case:
    """Draw a library and lengths, and ask where the middle of its first window is."""
    chance = random.Random(seed)
    name = chance.choice(ASKED)
    frame_length = chance.choice((200, 320, 400, 512))
    n_fft = chance.choice((512, 1024))
    settings = STFTSettings(frame_length=frame_length, fft_length=n_fft, frame_step=frame_length // 2, window=None)
    convention = CONVENTIONS[name]
    start, window, _, middle = places(convention, settings, N_SAMPLES)
    if start == 0:
        why = "nothing is padded, and the window stands at the beginning of the FFT"
    elif name == "specwidget_same":
        why = f"the smaller half of the zeros, {-start}, comes before the signal"
    else:
        why = f"half an FFT, {n_fft // 2} samples, is padded before the signal; the window is in the middle of the FFT"
    known = {
        frame_length / 2: "That is where it is without padding.",
        0.0: "That is where libraries put it that centre frames.",
        n_fft / 2: "The middle of the FFT is not the middle of the window here.",
    }
    return Case(
        "peers",
        seed,
        f"Called with its defaults, at which sample is the middle of the first window: {convention.title}?",
        (
            ("samples", str(N_SAMPLES)),
            ("frame length", str(frame_length)),
            ("FFT length", str(n_fft)),
            ("step", str(settings.step)),
        ),
        "number",
        middle,
        f"In {convention.title} {why}. So the window begins at sample {window}, and its middle is at {window} + "
        f"{frame_length} / 2 = {middle:g}.",
        mistakes=tuple((value, told) for value, told in known.items() if value != middle),
        unit="samples",
    )


EXERCISE = Exercise("peers", "Conventions of libraries", draw)
