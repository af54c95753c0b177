"""Exercise: decide whether a frame resolves two sines."""

from __future__ import annotations

import random

from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_sines

WINDOWS = ("boxcar", "hann", "hamming", "blackman")
RATES = (8000, 16_000, 44_100)
MARGIN_DB = 3.0
"""Least distance of the dip from the limit, dB, so that every case can be decided by estimation."""


def draw(seed: int) -> Case:
    """Draw a frame and two sines that it clearly resolves or clearly does not, with equal probability."""
    rng = random.Random(seed)
    is_resolved = rng.random() < 0.5
    while True:
        rate, window = rng.choice(RATES), rng.choice(WINDOWS)
        frame_length = rng.choice((256, 400, 512, 1024, 2048))
        gap = rng.randrange(10, 400, 5)
        values = make_window(window, frame_length, True)
        dip = dip_between_sines(values, gap * frame_length / rate)
        if (dip >= MIN_DIP_DB + MARGIN_DB and is_resolved) or (dip <= MIN_DIP_DB - MARGIN_DB and not is_resolved):
            break
    assert values is not None
    half = window_merits(values).null_width / 2
    bins = gap * frame_length / rate
    answer = "yes" if is_resolved else "no"
    return Case(
        "resolution",
        seed,
        "Does this frame resolve the two sines, whatever fft_length is?",
        (
            ("sines", f"{gap} Hz apart, equal amplitudes"),
            ("sample rate", f"{rate} Hz"),
            ("frame_length", str(frame_length)),
            ("window", window),
        ),
        "choice",
        answer,
        f"They are {gap} × {frame_length} / {rate} = {bins:.2f} bins of the frame apart, and the main lobe of {window} "
        f"extends {half:.1f} bins to each side: half-way between them the power falls by "
        f"{f'{dip:.0f}' if dip < 60 else 'more than 60'} dB. The answer is {answer}."
        if is_resolved
        else f"They are {gap} × {frame_length} / {rate} = {bins:.2f} bins of the frame apart, and the main lobe of "
        f"{window} extends {half:.1f} bins to each side: the two merge into one peak. The answer is {answer}.",
        choices=("yes", "no"),
    )


EXERCISE = Exercise("resolution", "Resolved or not", draw)
