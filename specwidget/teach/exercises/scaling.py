"""What a sine reads in mode "psd", by scaling."""

from __future__ import annotations

import random

from specwidget.stft.settings import Scaling, STFTSettings
from specwidget.teach.exercises.case import Case, Exercise

WINDOWS = ("boxcar", "hann")


def draw(seed: int) -> Case:
    """Draw a sine on a bin, a window and a scaling."""
    chance = random.Random(seed)
    scaling: Scaling = chance.choice(("spectrum", "density"))
    frame_length = chance.choice((64, 128, 256, 512, 1024))
    window = chance.choice(WINDOWS)
    amplitude = chance.choice((0.1, 0.2, 0.4, 0.5, 1.0, 2.0))
    settings = STFTSettings(frame_length=frame_length, window=window, periodic=True, scaling=scaling)
    values = settings.window_values
    assert values is not None
    total, energy = float(values.sum()), float(values @ values)
    power = amplitude**2 / 2
    density = power * total**2 / energy
    solution, other = (power, density) if scaling == "spectrum" else (density, power)
    if scaling == "spectrum":
        reasoning = f"With 'spectrum' s = Σw, so it reads A² / 2 = {amplitude:g}² / 2 = {power:g}, whatever the window."
    else:
        reasoning = (
            f"With 'density' s² = Σw² = {energy:g}, so it reads A² / 2 × (Σw)² / Σw² = {power:g} × {total:g}² / "
            f"{energy:g} = {density:g}: A² / 2 times the frame length over the noise bandwidth."
        )
    return Case(
        "scaling",
        seed,
        "What does the sine's bin read in mode 'psd', to 2 %?",
        (
            ("sine", f"amplitude {amplitude:g}, on a bin"),
            ("frame_length", str(frame_length)),
            ("window", f"{window}, periodic, sum {total:g}, sum of squares {energy:g}"),
            ("scaling", scaling),
        ),
        "number",
        solution,
        reasoning,
        mistakes=(
            (other, "That is what the other scaling reads."),
            (solution / 2, "The psd is one-sided: every bin inside is doubled."),
            (solution * 2, "The amplitude of a sine is √2 times its root mean square."),
        ),
        tolerance=0.02 * solution,
    )


EXERCISE = Exercise("scaling", "What a sine reads", draw)
