"""Exercise: convert between frequencies and bins."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise

RATES = (8000, 16_000, 22_050, 44_100, 48_000)


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a sample rate and an FFT length, and ask for a bin or for a frequency."""
    rate, n_fft = rng.choice(RATES), rng.choice((256, 512, 1024, 2048))
    return (_ask_bin if rng.random() < 0.5 else _ask_frequency)(seed, rng, rate, n_fft)


def _ask_bin(seed: int, rng: random.Random, rate: int, n_fft: int) -> Case:
    """Ask for the bin nearest to a frequency, which is never half-way between two bins."""
    k = rng.randrange(3, n_fft // 2 - 2)
    frequency = round((k + rng.uniform(-0.35, 0.35)) * rate / n_fft)
    position = frequency * n_fft / rate
    nearest = round(position)
    return Case(
        "bin_frequency",
        seed,
        f"Which bin k is nearest to {frequency} Hz?",
        (("sample rate", f"{rate} Hz"), ("fft_length", str(n_fft))),
        "number",
        nearest,
        f"The bin spacing is {rate} / {n_fft} = {rate / n_fft:.4g} Hz; {frequency} × {n_fft} / {rate} = "
        f"{position:.2f}, so the nearest bin is k = {nearest}.",
        hint="How many hertz are two bins apart? How often does this fit into the frequency?",
        mistakes=(
            (round(2 * position), "Bin N / 2 is at half the sample rate, not at the sample rate."),
            (nearest + 1, "Bins are counted from 0."),
        ),
    )


def _ask_frequency(seed: int, rng: random.Random, rate: int, n_fft: int) -> Case:
    k = rng.randrange(2, n_fft // 2)
    frequency = k * rate / n_fft
    return Case(
        "bin_frequency",
        seed,
        f"What is the frequency of bin {k}, to within a tenth of the bin spacing?",
        (("sample rate", f"{rate} Hz"), ("fft_length", str(n_fft))),
        "number",
        frequency,
        f"The frequency of bin k is k × sample rate / N = {k} × {rate} / {n_fft} = {frequency:g} Hz.",
        hint="How many hertz are two bins apart? Bin 0 is at 0 Hz.",
        mistakes=(
            (frequency / 2, "Bin N / 2 is at half the sample rate: the bin spacing is sample rate / N."),
            ((k - 1) * rate / n_fft, "Bins are counted from 0, and bin 0 is at 0 Hz."),
        ),
        tolerance=0.1 * rate / n_fft,
        unit="Hz",
    )


EXERCISE = Exercise("bin_frequency", "Bins and frequencies", draw)
