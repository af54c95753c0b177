"""Places to start from: for each usual length the framings that fit best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any

import numpy as np

from specwidget.matching.bank_estimate import HOPELESS
from specwidget.matching.framings import FRAMINGS, candidate_framings, typical_starts
from specwidget.matching.objectives import Floats, Scorer
from specwidget.matching.recipe import Bank, Recipe, Samples
from specwidget.matching.scores import GOOD
from specwidget.matching.usual import (
    LOW_FREQUENCIES,
    band_lengths,
    frame_lengths,
    next_power_of_two,
    nice,
    order_framings,
)
from specwidget.mel.conventions import MelConventions

SURE = {"bins": 0.05, "two": 0.05, "bands": 0.1}
"""Score of the best framing below which a reading is refined before others are looked at, for each family."""

MOST_FRAMES, MOST_STARTS = 256, 4096
"""Most frames whose energies are compared, and most starts for each step."""

MOST_CROPPED = 8
"""Most frames that are taken for cut off from both ends together."""


def beam_of_framings(
    scorer: Scorer, recipes: Iterable[Recipe], n_frames: int, rate: float | None, *, kept: int
) -> list[tuple[float, Recipe]]:
    """Return each recipe with its best framings and their scores, the best first."""
    found: list[tuple[float, Recipe]] = []
    n_samples = len(scorer.samples)
    for group in same_framing(recipes):
        recipe = group[0]
        longest = min(n_samples, 2 * recipe.n_fft)
        framings = candidate_framings(n_samples, n_frames, recipe.frame_length, recipe.n_fft, longest=longest)
        framings = order_framings(framings, recipe.frame_length, rate, 160 if recipe.bank is None else 16)
        if framings:
            found += _best_framings(scorer, group, framings, kept)
            if found[-kept:][0][0] < GOOD:
                break
    return sorted(found, key=lambda each: each[0])


def same_framing(recipes: Iterable[Recipe]) -> list[list[Recipe]]:
    """Group recipes that differ in their banks only."""
    groups: dict[Any, list[Recipe]] = {}
    for recipe in recipes:
        rate = recipe.bank.sample_rate if recipe.bank else None
        groups.setdefault((recipe.n_fft, recipe.frame_length, recipe.window, rate), []).append(recipe)
    return list(groups.values())


def _best_framings(
    scorer: Scorer, group: list[Recipe], framings: list[tuple[int, int]], kept: int
) -> Iterator[tuple[float, Recipe]]:
    """Yield the best framings of recipes that differ in their banks."""
    scores = scorer.score_framings(group, framings)
    which = scores.argmin(axis=0)
    least = scores.min(axis=0)
    for index in np.argsort(least)[:kept]:
        step, start = framings[int(index)]
        yield float(least[index]), group[int(which[index])].change(step=step, start=start)


def free_framings(
    samples: Samples, values: Floats, frame_length: int, n_fft: int, rate: float | None, *, most: int
) -> list[tuple[int, int]]:
    """Return (step, start) of arrays whose number of frames says nothing: where the energies of frames follow theirs.

    They come from every usual step, with starts from before the signal to its end; `most` are looked at closely.
    """
    n_frames = len(values)
    frames = np.arange(n_frames)[:: -(-n_frames // MOST_FRAMES)]
    loudness = np.sort(values[frames], axis=1)[:, -max(1, values.shape[1] // 3) :].mean(axis=1)
    energy = np.concatenate([np.zeros(frame_length + 1), np.cumsum(samples.values**2)])
    steps = {n_fft * k // 16 for k in range(1, 17)} | {frame_length * k // 16 for k in range(1, 17)}
    steps |= {160, 256, 512, 128, 200, 100, 441, 240, 80, 320} | (
        {round(rate * s) for s in (0.01, 0.0125, 0.005)} if rate else set()
    )
    centred = loudness - loudness.mean()
    size = np.sqrt((centred**2).sum())
    gap, found = max(1, frame_length // 8), []
    for step in sorted(step for step in steps if step >= 1):
        last = len(samples) - (n_frames - 1) * step
        starts = np.arange(-frame_length, max(last, -frame_length + 1), gap)
        starts = starts[:: -(-len(starts) // MOST_STARTS)]
        positions = starts[:, None] + step * frames + frame_length
        ends = np.clip(positions + frame_length, 0, len(energy) - 1)
        logs = np.log(energy[ends] - energy[np.clip(positions, 0, len(energy) - 1)] + 1e-9)
        logs -= logs.mean(axis=1, keepdims=True)
        norms = np.sqrt((logs**2).sum(axis=1))
        correlation = (logs @ centred) / np.maximum(norms * size, 1e-30)
        for index in np.argsort(correlation)[::-1][:2]:
            found.append((float(correlation[index]), step, int(starts[index])))
    found.sort(reverse=True)
    candidates: dict[tuple[int, int], None] = {}
    for _, step, start in found[:most]:
        near = [
            s + k * step
            for s in typical_starts(frame_length, n_fft, step)
            for k in range((start - s) // step, (start - s) // step + 2)
        ]
        for each in (
            *(s for s in near if abs(s - start) <= 2 * gap),
            *range(start - gap, start + gap + 1, max(1, gap // 4)),
        ):
            candidates[step, each] = None
    return list(candidates)


def cropped_framings(
    n_samples: int, n_frames: int, frame_length: int, n_fft: int, rate: float | None
) -> list[tuple[int, int]]:
    """Return (step, start) of arrays that lack a few frames of a convention at either end; usual steps only."""
    found: dict[tuple[int, int], None] = {}
    longest = min(n_samples, 2 * n_fft)
    for missing in range(1, MOST_CROPPED + 1):
        for step, start in candidate_framings(n_samples, n_frames + missing, frame_length, n_fft, longest=longest):
            if nice(step, frame_length, rate):
                found |= {(step, start + first * step): None for first in range(missing + 1)}
    return list(found)


def beam_of_bins(
    scorer: Scorer, n_ffts: Iterable[int], sides: str, rate: float | None, *, trust: bool
) -> list[tuple[float, Recipe]]:
    """Return framings of an array of bins with their scores, the best first.

    With `trust`, its number of frames is one that a convention gives.
    """
    lengths = [(n_fft, n) for n_fft in n_ffts for n in frame_lengths(n_fft, rate)]

    def of_windows(*windows: Any) -> list[Recipe]:
        return [Recipe(n_fft, n, 1, 0, window=each, sides=sides) for n_fft, n in lengths for each in windows]

    if not trust:
        return _free_beam(scorer, of_windows("hann")[:8], rate)
    # A rectangle has other neighbours than all other windows; SciPy's tapered one, and that with the highest sidelobes,
    # are tried where none of these fits.
    n_frames = len(scorer.target.values)
    found = beam_of_framings(scorer, of_windows("hann", None), n_frames, rate, kept=4)
    if found and found[0][0] > SURE["bins"]:
        found += beam_of_framings(scorer, of_windows("hamming", ("tukey", 0.25)), n_frames, rate, kept=4)
    return sorted(found, key=lambda each: each[0])


def _free_beam(scorer: Scorer, recipes: Iterable[Recipe], rate: float | None) -> list[tuple[float, Recipe]]:
    """Return recipes with the framings that energies suggest, the best first."""
    found: list[tuple[float, Recipe]] = []
    for group in same_framing(recipes):
        recipe = group[0]
        lengths = recipe.frame_length, recipe.n_fft
        # Bands take longer to score.
        most = 30 if recipe.bank is None else 10
        cropped = cropped_framings(len(scorer.samples), len(scorer.target.values), *lengths, rate)
        free = free_framings(scorer.samples, scorer.target.values, *lengths, rate, most=most)
        framings = list(dict.fromkeys([*cropped, *free]))
        if framings:
            found += _best_framings(scorer, group, framings, 2)
    return sorted(found, key=lambda each: each[0])


def beam_of_bands(scorer: Scorer, rates: Iterable[float], *, trust: bool) -> list[tuple[float, Recipe]]:
    """Return framings of an array of bands with their scores, the best first."""
    n_frames, n_bands = scorer.target.values.shape
    found: list[tuple[float, Recipe]] = []
    # A rectangle is rare before a bank: it is tried where no other window fits.
    for window in ("hann", None):
        for rate in rates:
            plain = [
                Recipe(n_fft, n, 1, 0, window=window, bank=Bank(rate, n_bands, 0.0, rate / 2, scale))
                for n_fft, n in band_lengths(rate)
                for scale in ("slaney", "htk")
            ]
            if trust:
                found += beam_of_framings(scorer, plain, n_frames, rate, kept=1)
            else:
                found += _free_beam(scorer, plain[:12], rate)
        found.sort(key=lambda each: each[0])
        if not trust or (found and found[0][0] < HOPELESS):
            break
    return found


def kaldi_starts(scorer: Scorer, rate: float) -> Iterator[Recipe]:
    """Yield Kaldi's usual settings, whose pre-emphasis and window hide from the other places to start from."""
    top = rate / 2
    n_samples, (n_frames, n_bands) = len(scorer.samples), scorer.target.values.shape
    length, step = round(0.025 * rate), round(0.01 * rate)
    for n_fft in (next_power_of_two(length), length):
        for framing in FRAMINGS:
            start, count = framing.rule(n_samples, length, n_fft, step)
            if count != n_frames:
                continue
            lows, highs = LOW_FREQUENCIES[:6], (top, top - 400, top - 200)
            for window, low, high, a in product(("povey", "hann", "hamming"), lows, highs, (0.97, 0.0)):
                yield Recipe(
                    n_fft,
                    length,
                    step,
                    int(start),
                    "symmetric",
                    window,
                    MelConventions(periodic=False, remove_mean="frame", preemphasis=a),
                    bank=Bank(rate, n_bands, low, high, "htk", "mel"),
                )
