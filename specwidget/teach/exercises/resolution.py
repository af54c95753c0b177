"""Whether a frame tells two sines apart."""

from __future__ import annotations

import random

from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.two_tone import TOLD_APART, dip_between_sines

WINDOWS = ("boxcar", "hann", "hamming", "blackman")
RATES = (8000, 16_000, 44_100)
CLEARLY = 3.0
"""Distance, dB, from the limit that every case keeps, so that it can be judged by thought."""


def draw(seed: int) -> Case:
    """Draw a frame and two sines that it clearly tells apart or clearly does not, by turns as likely."""
    chance = random.Random(seed)
    wanted = chance.random() < 0.5
    while True:
        rate, window = chance.choice(RATES), chance.choice(WINDOWS)
        frame_length = chance.choice((256, 400, 512, 1024, 2048))
        gap = chance.randrange(10, 400, 5)
        values = make_window(window, frame_length, True)
        dip = dip_between_sines(values, gap * frame_length / rate)
        if (dip >= TOLD_APART + CLEARLY and wanted) or (dip <= TOLD_APART - CLEARLY and not wanted):
            break
    assert values is not None
    half = window_merits(values).null_width / 2
    bins = gap * frame_length / rate
    answer = "yes" if wanted else "no"
    return Case(
        "resolution",
        seed,
        "Does this frame tell the two sines apart, whatever fft_length is?",
        (
            ("sines", f"{gap} Hz apart, equally strong"),
            ("sample rate", f"{rate} Hz"),
            ("frame_length", str(frame_length)),
            ("window", window),
        ),
        "choice",
        answer,
        f"They are {gap} × {frame_length} / {rate} = {bins:.2f} bins of the frame apart, and the main lobe of {window} "
        f"reaches {half:.1f} bins to each side: half-way between them the power "
        f"{f'falls by {dip:.0f} dB' if dip < 60 else 'falls to nearly nothing'}. So the answer is {answer}."
        if wanted
        else f"They are {gap} × {frame_length} / {rate} = {bins:.2f} bins of the frame apart, and the main lobe of "
        f"{window} reaches {half:.1f} bins to each side: the two merge into one. So the answer is {answer}.",
        choices=("yes", "no"),
    )


EXERCISE = Exercise("resolution", "Told apart or not", draw)
