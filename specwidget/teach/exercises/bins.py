"""Which bin a frequency falls into, and which frequency a bin has."""

from __future__ import annotations

import random

from specwidget.teach.exercises.case import Case, Exercise

RATES = (8000, 16_000, 22_050, 44_100, 48_000)


def draw(seed: int) -> Case:
    """Draw a rate and an FFT, and ask one way or the other."""
    chance = random.Random(seed)
    rate, n_fft = chance.choice(RATES), chance.choice((256, 512, 1024, 2048))
    return (_bin if chance.random() < 0.5 else _frequency)(seed, chance, rate, n_fft)


def _bin(seed: int, chance: random.Random, rate: int, n_fft: int) -> Case:
    """Ask for the bin nearest to a frequency that is not half-way between two."""
    k = chance.randrange(3, n_fft // 2 - 2)
    frequency = round((k + chance.uniform(-0.35, 0.35)) * rate / n_fft)
    place = frequency * n_fft / rate
    nearest = round(place)
    return Case(
        "bins",
        seed,
        f"Which bin k is nearest to {frequency} Hz?",
        (("sample rate", f"{rate} Hz"), ("fft_length", str(n_fft))),
        "number",
        nearest,
        f"Bins are {rate} / {n_fft} = {rate / n_fft:.4g} Hz apart; k = {frequency} × {n_fft} / {rate} = {place:.2f}, "
        f"and the nearest is {nearest}.",
        mistakes=((round(2 * place), "Bin N / 2 stands at half the sample rate, not at all of it."),),
    )


def _frequency(seed: int, chance: random.Random, rate: int, n_fft: int) -> Case:
    """Ask for the frequency of a bin."""
    k = chance.randrange(2, n_fft // 2)
    frequency = k * rate / n_fft
    return Case(
        "bins",
        seed,
        f"What is the frequency of bin {k}, to a tenth of the distance of bins?",
        (("sample rate", f"{rate} Hz"), ("fft_length", str(n_fft))),
        "number",
        frequency,
        f"Bin k stands at k × rate / N = {k} × {rate} / {n_fft} = {frequency:g} Hz.",
        mistakes=((frequency / 2, "Bin N / 2 stands at half the sample rate: bins are rate / N apart."),),
        tolerance=0.1 * rate / n_fft,
        unit="Hz",
    )


EXERCISE = Exercise("bins", "Bins and frequencies", draw)
