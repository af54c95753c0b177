"""Exercise: find the mel band that holds no bin."""

from __future__ import annotations

import math
import random
from functools import cache

from specwidget.mel.banks import FilterBank, make_bank
from specwidget.teach.exercises.case import Case, Exercise

RATES = (8000, 16_000, 22_050)
LENGTHS = (256, 400, 512, 640)
NUMBERS = (40, 64, 80, 100, 128)
LOWEST = (0, 20, 40, 60, 80)
"""Where the first band may begin, Hz."""

N_SHOWN = 7


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a bank, and bands in a row of which one holds no bin, but not the first, which is the narrowest."""
    place = rng.randrange(1, N_SHOWN)
    while True:
        rate, n_fft, n_bands = rng.choice(RATES), rng.choice(LENGTHS), rng.choice(NUMBERS)
        bank, spacing, start = bank_of(rate, n_fft, n_bands, rng.choice(LOWEST)), rate / n_fft, rng.randrange(16)
        edges = {
            band: (round(float(bank.edges[band]), 1), round(float(bank.edges[band + 2]), 1))
            for band in range(start, start + N_SHOWN)
        }
        # The first bin above the lower edge, as the edges are displayed.
        first = {band: math.floor(low / spacing) + 1 for band, (low, _) in edges.items()}
        held = {band: first[band] * spacing < high for band, (_, high) in edges.items()}
        empty = [band for band, is_held in held.items() if not is_held]
        is_displayed = all(held[band] == bool(bank.bin_counts[band]) for band in held)
        if is_displayed and empty == [start + place]:
            break
    answer = start + place
    low, high = edges[answer]
    return Case(
        "empty_band",
        seed,
        "Which of these mel bands holds no bin?",
        (
            ("sample rate", f"{rate} Hz"),
            ("fft_length", str(n_fft)),
            *((f"band {band}", f"{begin} to {end} Hz") for band, (begin, end) in edges.items()),
        ),
        "choice",
        str(answer),
        f"The bins are {rate} / {n_fft} = {spacing:.4g} Hz apart. The first bin above {low} Hz is {low} / "
        f"{spacing:.4g}, rounded up: bin {first[answer]}, at {first[answer] * spacing:.4g} Hz, and the band ends at "
        f"{high} Hz. The answer is {answer}.",
        hint="List the frequencies of the bins next to the bands.",
        mistakes=tuple(
            (str(band), f"Band {band} holds bin {first[band]}, at {first[band] * spacing:.4g} Hz.")
            for band in edges
            if band != answer
        ),
        choices=tuple(map(str, edges)),
    )


@cache
def bank_of(rate: int, n_fft: int, n_bands: int, lowest: float) -> FilterBank:
    """Make a bank up to half the sample rate."""
    return make_bank(n_fft, rate, n_bands, lowest, rate / 2)


EXERCISE = Exercise("empty_band", "A band without a bin", draw)
