"""Exercise: compute the psd of a sine with a given scaling."""

from __future__ import annotations

import random

from specwidget.stft.settings import Scaling, STFTSettings
from specwidget.teach.exercises.case import Case, Exercise

WINDOWS = ("boxcar", "hann", "flattop")


def draw(seed: int, rng: random.Random) -> Case:
    """Draw the amplitude of a sine at a bin frequency, a window and a scaling."""
    scaling: Scaling = rng.choice(("spectrum", "density"))
    frame_length = rng.choice((64, 128, 256, 512, 1024))
    window = rng.choice(WINDOWS)
    amplitude = rng.choice((0.1, 0.2, 0.4, 0.5, 1.0, 2.0))
    settings = STFTSettings(frame_length=frame_length, window=window, periodic=True, scaling=scaling)
    values = settings.window_values
    assert values is not None
    total, magnitudes, energy = float(values.sum()), float(abs(values).sum()), float(values @ values)
    mean_square = amplitude**2 / 2
    spectrum, density = mean_square * (total / magnitudes) ** 2, mean_square * total**2 / energy
    always = (
        ((mean_square, "That holds only with 'spectrum', and for windows without negative values."),)
        if scaling == "density" or total != magnitudes
        else ()
    )
    solution, other = (spectrum, density) if scaling == "spectrum" else (density, spectrum)
    if scaling == "spectrum" and total == magnitudes:
        reasoning = (
            f"With 'spectrum' s = Σ|w| = Σw, so the psd is A² / 2 = {amplitude:g}² / 2 = {solution:g} for every window "
            "without negative values."
        )
    elif scaling == "spectrum":
        reasoning = (
            f"With 'spectrum' s = Σ|w| = {magnitudes:g}, which exceeds Σw = {total:g}, as some values are negative. So "
            f"the psd is A² / 2 × (Σw / Σ|w|)² = {mean_square:g} × ({total:g} / {magnitudes:g})² = {solution:g}."
        )
    else:
        reasoning = (
            f"With 'density' s² = Σw² = {energy:g}, so the psd is A² / 2 × (Σw)² / Σw² = {mean_square:g} × "
            f"{total:g}² / {energy:g} = {density:g}: A² / 2 times the frame length, divided by the noise bandwidth in "
            "bins."
        )
    return Case(
        "scaling",
        seed,
        "What is the value of the sine's bin in mode 'psd', to within 2 %?",
        (
            ("sine", f"amplitude {amplitude:g}, at a bin frequency"),
            ("frame_length", str(frame_length)),
            (
                "window",
                f"{window}, periodic, sum {total:g}, sum of magnitudes {magnitudes:g}, sum of squares {energy:g}",
            ),
            ("scaling", scaling),
        ),
        "number",
        solution,
        reasoning,
        hint="Which sum is s, and how does the sum of window times sine depend on the amplitude?",
        mistakes=(
            (other, "That is the value with the other scaling."),
            (solution / 2, "The psd is one-sided: all bins between the first and the last are doubled."),
            (solution * 2, "The amplitude of a sine is √2 times its root mean square."),
            *always,
        ),
        tolerance=0.02 * solution,
    )


EXERCISE = Exercise("scaling", "psd of a sine", draw)
