"""Exercise: compute the mean or the deviation of a corpus from those of its recordings."""

from __future__ import annotations

import math
import random

from specwidget.teach.exercises.case import Case, Exercise

LENGTHS = (100, 200, 300, 400, 600, 800)
"""Lengths of recordings, frames."""


def draw(seed: int, rng: random.Random) -> Case:
    """Draw two recordings, and ask for the mean or the deviation of the frames of both."""
    counts = rng.sample(LENGTHS, 2)
    means = rng.sample(range(-70, -15, 5), 2)
    deviations = rng.sample(range(3, 13), 2)
    recordings = list(zip(counts, means, deviations, strict=True))
    facts = tuple(
        (f"recording {i}", f"{n} frames, mean {mean} dB, deviation {deviation} dB")
        for i, (n, mean, deviation) in enumerate(recordings, 1)
    )
    total = sum(counts)
    mean = sum(n * each for n, each, _ in recordings) / total
    if rng.random() < 0.5:
        name, solution, reasoning, mistakes = "mean", mean, _explain_mean(recordings, mean), _mistaken_means(recordings)
    else:
        variance = sum(n * (deviation**2 + (each - mean) ** 2) for n, each, deviation in recordings) / total
        name, solution, mistakes = "deviation", math.sqrt(variance), _mistaken_deviations(recordings)
        reasoning = _explain_deviation(recordings, mean, variance)
    return Case(
        "corpus_statistics",
        seed,
        f"A corpus has two recordings. What is the {name} of one band over all frames, to within 0.1 dB?",
        facts,
        "number",
        solution,
        reasoning,
        hint="How much does each frame count, and how far is it from the mean of all?",
        mistakes=mistakes,
        tolerance=0.1,
        unit="dB",
    )


def _mistaken_means(recordings: list[tuple[int, int, int]]) -> tuple[tuple[float, str], ...]:
    (n, first, _), (other, second, _) = recordings
    return (
        ((first + second) / 2, "Every frame counts once, so the longer recording counts more."),
        ((other * first + n * second) / (n + other), "The longer recording counts more, not less."),
    )


def _mistaken_deviations(recordings: list[tuple[int, int, int]]) -> tuple[tuple[float, str], ...]:
    total = sum(n for n, _, _ in recordings)
    within = math.sqrt(sum(n * deviation**2 for n, _, deviation in recordings) / total)
    return (
        (within, "The recordings have different means, and the distance of these counts as well."),
        (sum(n * deviation for n, _, deviation in recordings) / total, "Deviations can't be averaged; squares can."),
        (sum(deviation for *_, deviation in recordings) / 2, "Deviations can't be averaged; squares can."),
    )


def _explain_mean(recordings: list[tuple[int, int, int]], mean: float) -> str:
    terms = " + ".join(f"{n} × ({each})" for n, each, _ in recordings)
    return f"Every frame counts once: ({terms}) / {sum(n for n, _, _ in recordings)} = {mean:g} dB."


def _explain_deviation(recordings: list[tuple[int, int, int]], mean: float, variance: float) -> str:
    terms = " + ".join(f"{n} × ({deviation}² + {abs(each - mean):.4g}²)" for n, each, deviation in recordings)
    return (
        f"The mean of all frames is {mean:.4g} dB. The mean square of the distances from it is ({terms}) / "
        f"{sum(n for n, _, _ in recordings)} = {variance:.5g}, and its root {math.sqrt(variance):g} dB."
    )


EXERCISE = Exercise("corpus_statistics", "Mean and deviation of a corpus", draw)
