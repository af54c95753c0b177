"""Exercise: decide whether a frame resolves two sines."""

from __future__ import annotations

import random
from functools import cache

from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_sines

WINDOWS = ("boxcar", "hann", "hamming", "blackman")
RATES = (8000, 16_000, 44_100)
MARGIN_DB = 3.0
"""Least distance of the dip from the limit, dB, so that every case can be decided by estimation."""


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a frame and two sines that it clearly resolves or clearly does not, with equal probability."""
    is_resolved = rng.random() < 0.5
    while True:
        rate, window = rng.choice(RATES), rng.choice(WINDOWS)
        frame_length = rng.choice((256, 400, 512, 1024, 2048))
        gap = rng.randrange(10, 400, 5)
        values = make_window(window, frame_length, True)
        dip = dip_between_sines(values, gap * frame_length / rate)
        bins, half = gap * frame_length / rate, half_lobe(window)
        # That a mistake leads to the other answer: a bin is taken to be enough, or a whole main lobe to be needed.
        if is_resolved and dip >= MIN_DIP_DB + MARGIN_DB and bins < 2 * half:
            break
        if not is_resolved and dip <= MIN_DIP_DB - MARGIN_DB and bins > 1:
            break
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
        hint="Compute the distance in bins of the frame, and compare it with the main lobe of the window.",
        mistakes=(
            ("no", "The main lobes may overlap: half of one, from its centre to its null, is a sufficient distance.")
            if is_resolved
            else ("yes", "A bin apart is not resolved: the main lobe of this window is wider."),
        ),
        choices=("yes", "no"),
    )


@cache
def half_lobe(window: str) -> float:
    """Return how far the main lobe extends to each side, in bins of the frame."""
    values = make_window(window, 256, True)
    assert values is not None
    return window_merits(values).null_width / 2


EXERCISE = Exercise("resolution", "Resolved or not", draw)
