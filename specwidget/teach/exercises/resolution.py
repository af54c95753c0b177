"""Exercise: compute the frame length that resolves two sines."""

from __future__ import annotations

import random
from functools import cache

from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise

WINDOWS = ("hann", "hamming", "blackman", "blackmanharris")
RATES = (8000, 16_000, 44_100)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw the distance of two sines, a sample rate and a window."""
    rate, window, gap = rng.choice(RATES), rng.choice(WINDOWS), rng.randrange(10, 400, 5)
    half = half_lobe(window)
    solution = half * rate / gap
    return Case(
        "resolution",
        seed,
        "Two sines are resolved, whatever fft_length is, where they are half a main lobe of the window apart. How many "
        "samples must the frame have for that, to within 2 %?",
        (
            ("sines", f"{gap} Hz apart, equal amplitudes"),
            ("sample rate", f"{rate} Hz"),
            ("window", window),
        ),
        "number",
        solution,
        f"The main lobe of {window} is {2 * half:.0f} bins of the frame wide, and half of it {half:.0f} bins. A bin of "
        f"a frame of M samples is {rate} / M Hz, so {half:.0f} × {rate} / M = {gap}, and M = {half:.0f} × {rate} / "
        f"{gap} = {solution:g}: {1000 * half / gap:.3g} ms.",
        hint="How many bins of the frame is the main lobe of this window wide, and how many hertz is such a bin?",
        mistakes=(
            (rate / gap, "That makes them one bin apart, and the main lobe of this window is wider."),
            (2 * solution, "The main lobes may overlap: half of one, from its centre to its null, is sufficient."),
            (solution / 2, "The bins are sample rate / M apart, not half of that."),
        ),
        tolerance=0.02 * solution,
        unit="samples",
    )


@cache
def half_lobe(window: str) -> int:
    """Return how far the main lobe extends to each side, in bins of the frame."""
    values = make_window(window, 256, True)
    assert values is not None
    return round(window_merits(values).null_width / 2)


EXERCISE = Exercise("resolution", "A frame that resolves", draw)
