"""Exercise: compute the frequency of a mel band."""

from __future__ import annotations

import random

from specwidget.mel.scales import hertz_to_mel, mel_to_hertz
from specwidget.teach.exercises.case import Case, Exercise

RATES = (8000, 16_000, 22_050)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a bank on HTK's scale, and ask for the centre of one of its bands."""
    rate, n_bands = rng.choice(RATES), rng.choice((20, 23, 40, 64, 80))
    band = rng.randrange(1, n_bands - 1)
    top = rate // 2
    highest = float(hertz_to_mel(top, "htk"))
    step = highest / (n_bands + 1)
    centre = float(mel_to_hertz((band + 1) * step, "htk"))
    linear = (band + 1) * top / (n_bands + 1)
    edge = float(mel_to_hertz(band * step, "htk"))
    return Case(
        "band_centre",
        seed,
        f"At which frequency is the peak of band {band}, counted from 0, to within 1 %?",
        (
            ("sample rate", f"{rate} Hz"),
            ("bands", str(n_bands)),
            ("range", f"0 Hz to {top} Hz"),
            ("scale", "HTK: m = 2595 log10(1 + f / 700)"),
        ),
        "number",
        centre,
        f"{top} Hz are {highest:.1f} mel. {n_bands} bands have {n_bands + 2} edges, so the distance of two is "
        f"{highest:.1f} / {n_bands + 1} = {step:.2f} mel. Band {band} has its peak at edge {band + 1}, "
        f"{(band + 1) * step:.1f} mel: 700 (10^({(band + 1) * step:.1f} / 2595) - 1) = {centre:g} Hz.",
        hint="The edges are equidistant on the mel scale. How many distances are between 0 and the highest, and how "
        "many of them are below this peak?",
        mistakes=(
            (linear, "The edges are equidistant in mel, not in Hz."),
            (edge, "That is where the band begins: its peak is at the next edge."),
        ),
        tolerance=0.01 * centre,
        unit="Hz",
    )


EXERCISE = Exercise("band_centre", "Frequency of a band", draw)
