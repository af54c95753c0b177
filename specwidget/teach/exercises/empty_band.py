"""Exercise: decide whether a mel band holds a bin."""

from __future__ import annotations

import math
import random

from specwidget.mel.banks import make_bank
from specwidget.teach.exercises.case import Case, Exercise

RATE = 16_000
LENGTHS = (256, 400, 512, 1024)
NUMBERS = (40, 64, 80, 128)


def draw(seed: int) -> Case:
    """Draw a bank and one of its narrow bands, and ask whether a bin lies inside."""
    rng = random.Random(seed)
    # Both answers are drawn equally often.
    wanted = rng.random() < 0.5
    while True:
        n_fft, n_bands, band = rng.choice(LENGTHS), rng.choice(NUMBERS), rng.randrange(12)
        bank = make_bank(n_fft, RATE, n_bands, 0.0, RATE / 2)
        if bool(bank.bin_counts[band]) == wanted:
            break
    low, high = float(bank.edges[band]), float(bank.edges[band + 2])
    spacing = RATE / n_fft
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
        mistakes=(
            ("no" if wanted else "yes", "Whether a bin is inside depends on both edges, not on the width alone."),
        ),
        choices=("yes", "no"),
    )


EXERCISE = Exercise("empty_band", "A band without a bin", draw)
