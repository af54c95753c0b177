"""Banks estimated without knowing their ends: each band varies over time as the bins next to its centre do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.framings import candidate_framings
from specwidget.matching.moves import value_of
from specwidget.matching.objectives import Floats, Scorer
from specwidget.matching.recipe import TINY, Bank, Recipe, Samples
from specwidget.matching.scores import Target, choose_frames
from specwidget.matching.tails import fit_line
from specwidget.matching.usual import LOW_FREQUENCIES, band_lengths, nearest, order_framings, usual_ends
from specwidget.mel.scales import hertz_to_mel, mel_to_hertz

HOPELESS = 0.3
"""Score of an estimated bank above which framing or layout are wrong."""

MOST_PAIRS = 3000
"""Most pairs of bands that a line is tried through."""


def estimate_banks(samples: Samples, target: Target, recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes whose bands lie where bins vary as the bands do.

    The bin whose logarithm over time is most like that of a band is next to its centre; on the right scale the centres
    are equidistant, so that a line through them gives both ends.
    """
    bank = recipe.bank
    assert bank is not None
    indices = choose_frames(target.values, 64)
    scores, logarithms = target.scores(samples.power(recipe, target.indices)), target.logarithms(indices)
    for kind in target.kinds if scores.min() > HOPELESS else (target.kinds[int(scores.argmin())],):
        likeness = _likeness(samples, recipe, indices, logarithms[kind])
        peaks, heights = likeness.argmax(axis=0), likeness.max(axis=0)
        certain = (heights >= np.quantile(heights, 0.3)) & (peaks > 1) & (peaks < len(likeness) - 2)
        numbers = np.flatnonzero(certain) + 1
        if len(numbers) < 4:
            continue
        for scale in ("slaney", "htk"):
            centres = hertz_to_mel(peaks[certain] * bank.sample_rate / recipe.n_fft, scale)
            line = fit_most(numbers.astype(float), centres)
            if line is None:
                continue
            slope, offset = line
            ends = mel_to_hertz([offset, offset + slope * (bank.n_bands + 1)], scale)
            low, high = max(float(ends[0]), 0.0), min(float(ends[1]), bank.sample_rate / 2)
            for one in (low, *nearest(low, LOW_FREQUENCIES, 2)):
                for other in (high, *nearest(high, usual_ends(bank.sample_rate), 2)):
                    yield recipe.change_bank(scale=scale, low=one, high=other)


def fit_most(numbers: Floats, centres: Floats) -> tuple[float, float] | None:
    """Fit a rising line to as many points as possible; None where there is none.

    In speech a band varies as bins far from it do, the harmonics of one voice: half of the points and more are wrong.
    The line through each pair of points is tried, and the one that most points are on is fitted to them.
    """
    first, second = np.triu_indices(len(numbers), max(1, len(numbers) // 5))
    every = max(1, len(first) // MOST_PAIRS)
    first, second = first[::every], second[::every]
    slopes = (centres[second] - centres[first]) / (numbers[second] - numbers[first])
    rising = slopes > 0
    if not rising.any():
        return None
    slopes, first = slopes[rising], first[rising]
    offsets = centres[first] - slopes * numbers[first]
    distance = np.abs(centres - offsets[:, None] - slopes[:, None] * numbers)
    is_on = distance < slopes[:, None]
    on = is_on[int(is_on.sum(axis=1).argmax())]
    return fit_line(numbers[on], centres[on]) if np.count_nonzero(on) > 3 else None


def _likeness(samples: Samples, recipe: Recipe, indices: NDArray[np.int64], wanted: Floats) -> Floats:
    """Return the correlation over time of the logarithms of bins, smoothed over three, with those of bands, (F, M)."""
    logs = np.log(samples.power(replace(recipe, bank=None), indices) + TINY)
    rows = unit_columns(logs)
    rows = rows + np.roll(rows, 1, axis=1) + np.roll(rows, -1, axis=1)
    return np.asarray(rows.T @ unit_columns(wanted))


def framings_by_likeness(scorer: Scorer, rate: float) -> list[Recipe]:
    """Return framings in which every band has a bin that varies as it does, the best first: they need no bank."""
    target, n_samples = scorer.target, len(scorer.samples)
    indices, found = choose_frames(target.values, 48), []
    n_frames, n_bands = target.values.shape
    logarithms = target.logarithms(indices)
    bands = slice(n_bands // 4, None, max(1, n_bands // 20))
    wanted = [logarithms[kind][:, bands] for kind in target.kinds if kind in ("log", "linear")]
    for n_fft, length in band_lengths(rate)[:16]:
        longest = min(n_samples, 2 * n_fft)
        framings = candidate_framings(n_samples, n_frames, length, n_fft, longest=longest)
        plain = Recipe(n_fft, length, 1, 0, bank=Bank(rate, n_bands, 0.0, rate / 2))
        for (step, start), window in product(order_framings(framings, length, rate, 6), ("hann", None)):
            scorer.budget.check()
            recipe = plain.change(step=step, start=start, window=window)
            height = max(float(_likeness(scorer.samples, recipe, indices, each).max(axis=0).mean()) for each in wanted)
            found.append((height, recipe))
    return [recipe for _, recipe in sorted(found, key=lambda each: -each[0])]


def with_estimated_bank(scorer: Scorer, recipe: Recipe) -> tuple[float, Recipe]:
    """Return a recipe with an estimated bank and the framing that fits it best, and its score."""
    value, best = np.inf, recipe
    n_samples, n_frames = len(scorer.samples), len(scorer.target.values)
    for _ in range(2):
        tried = [best, *estimate_banks(scorer.samples, scorer.target, best)]
        values = [value_of(scorer, each) for each in tried]
        value, best = min(values), tried[int(np.argmin(values))]
        longest = min(n_samples, 2 * best.n_fft)
        framings = candidate_framings(n_samples, n_frames, best.frame_length, best.n_fft, longest=longest)
        assert best.bank is not None
        framings = order_framings(framings, best.frame_length, best.bank.sample_rate, 30)
        if value < 1e-3 or not framings:
            break
        scores = scorer.score_framings([best], framings)[0]
        step, start = framings[int(scores.argmin())]
        reframed = best.change(step=step, start=start)
        if reframed == best or value_of(scorer, reframed) >= value:
            break
        value, best = scorer(reframed), reframed
    return float(value), best


def unit_columns(values: Floats) -> Floats:
    """Centre the columns, and scale them to unit length."""
    centred = values - values.mean(axis=0)
    return np.asarray(centred / np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-200))
