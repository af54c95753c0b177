"""Exercise: decide whether a mel band holds a bin."""

from __future__ import annotations

import math
import random
from functools import cache

from specwidget.mel.banks import FilterBank, make_bank
from specwidget.teach.exercises.case import Case, Exercise

RATE = 16_000
LENGTHS = (256, 400, 512, 1024)
NUMBERS = (40, 64, 80, 128)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a bank and one of its narrow bands, and ask whether a bin lies inside."""
    # Both answers are drawn equally often.
    wanted = rng.random() < 0.5
    while True:
        n_fft, n_bands, band = rng.choice(LENGTHS), rng.choice(NUMBERS), rng.randrange(12)
        bank = bank_of(n_fft, n_bands)
        low, high = float(bank.edges[band]), float(bank.edges[band + 2])
        spacing = RATE / n_fft
        by_width, by_half = high - low >= spacing, math.floor(2 * low / spacing) + 1 < 2 * high / spacing
        if bool(bank.bin_counts[band]) == wanted and (by_half if not wanted else not by_width):
            break
    first = math.floor(low / spacing) + 1
    end = "inside: the answer is yes." if wanted else f"above {high:.1f} Hz: the answer is no."
    return Case(
        "empty_band",
        seed,
        f"Band {band} begins at {low:.1f} Hz and ends at {high:.1f} Hz. Does it hold a bin?",
        (("sample rate", f"{RATE} Hz"), ("fft_length", str(n_fft)), ("bands", str(n_bands))),
        "choice",
        "yes" if wanted else "no",
        f"The bins are {RATE} / {n_fft} = {spacing:.4g} Hz apart, and the band is {high - low:.1f} Hz wide. The first "
        f"bin above {low:.1f} Hz is {low:.1f} / {spacing:.4g}, rounded up: bin {first}, at {first * spacing:.4g} Hz, "
        f"is {end}",
        hint="List the frequencies of the bins next to the band.",
        mistakes=(
            ("no", "Whether a bin is inside depends on both edges, not on the width alone.")
            if wanted
            else ("yes", "The bins are sample rate / N apart, not half of that."),
        ),
        choices=("yes", "no"),
    )


@cache
def bank_of(n_fft: int, n_bands: int) -> FilterBank:
    """Make a bank over all frequencies."""
    return make_bank(n_fft, RATE, n_bands, 0.0, RATE / 2)


EXERCISE = Exercise("empty_band", "A band without a bin", draw)
