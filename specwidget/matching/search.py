"""The search for framing, window and bank: candidates from conventions, a varied beam, then climbing.

The score of `scores` needs no tail; `polish` then compares all values with a fitted tail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.budget import Budget, OutOfTimeError
from specwidget.matching.framings import FRAMINGS, candidate_framings, typical_starts
from specwidget.matching.recipe import PAD_MODES, TINY, Bank, Recipe, Samples, reduce_power
from specwidget.matching.scores import Target, choose_frames, possible_logarithms
from specwidget.matching.tails import fit_line, fit_tail, tail_error
from specwidget.mel.conventions import MelConventions
from specwidget.mel.scales import hertz_to_mel, mel_to_hertz

Floats = NDArray[np.float64]

WINDOWS: tuple[Any, ...] = (
    "hann",
    "hamming",
    "blackman",
    None,
    "povey",
    ("tukey", 0.25),
    ("tukey", 0.5),
    "blackmanharris",
    "bartlett",
    "cosine",
    ("kaiser", 5.0),
    ("kaiser", 8.6),
    ("kaiser", 14.0),
    "nuttall",
    "flattop",
    "parzen",
    "bohman",
    "barthann",
)
"""Windows that are tried."""

BANK_WINDOWS: tuple[Any, ...] = ("hann", "povey", "hamming", "blackman", None)
"""Windows that are tried before a bank."""

SECONDS = (0.025, 0.02, 0.032, 0.04, 0.03, 0.05, 0.064, 0.016, 0.01)
"""Usual lengths of frames, seconds."""

LOW_FREQUENCIES = (
    0.0,
    20.0,
    50.0,
    80.0,
    125.0,
    64.0,
    60.0,
    30.0,
    40.0,
    55.0,
    90.0,
    100.0,
    133.33333,
    150.0,
    200.0,
    300.0,
)
HIGH_FREQUENCIES = (
    *(8000.0, 7600.0, 7500.0, 4000.0, 3800.0, 3400.0, 7800.0, 6000.0, 5500.0, 6855.4976),
    *(10_000.0, 11_025.0, 12_000.0, 14_000.0, 16_000.0, 20_000.0),
)
"""Usual ends of banks, Hz."""

PREEMPHASES: tuple[tuple[float, Any], ...] = (
    (0.0, "frame"),
    (0.97, "frame"),
    (0.97, "signal"),
    (0.95, "frame"),
    (0.95, "signal"),
)

MOST_PAIRS = 3000
"""Most pairs of bands that a line is tried through."""

BATCH_VALUES = 2**21
"""Most samples of frames that are transformed at once."""

HOPELESS = 0.3
"""Score of an estimated bank above which framing or layout are wrong."""

LESS = 0.98
"""An improvement is one to less than this share: what is nearly right improves by whole orders of magnitude."""

MOST_ROUNDS = 60
"""Most groups of moves that a climb tries."""

GOOD = 1e-7
"""Score below which no better one is looked for."""


@dataclass
class Scorer:
    """Scores of recipes, each computed once; the squares of a framing serve all banks."""

    samples: Samples
    target: Target
    budget: Budget

    def __post_init__(self) -> None:
        self._known: dict[Recipe, float] = {}
        self._squares: dict[Recipe, Floats] = {}

    def __call__(self, recipe: Recipe) -> float:
        """Return the score of a recipe."""
        if recipe not in self._known:
            self.budget.check()
            self._known[recipe] = float(self.target.score(reduce_power(self._framed(recipe), recipe)))
        return self._known[recipe]

    def best(self) -> list[tuple[float, Recipe]]:
        """Return the best recipe so far with its score, in a list; an empty one if there is none."""
        found = min(self._known.items(), key=lambda each: each[1], default=None)
        return [] if found is None else [(found[1], found[0])]

    def _framed(self, recipe: Recipe) -> Floats:
        plain = replace(recipe, bank=None, exponent=2.0, sides="one")
        if plain not in self._squares:
            if len(self._squares) > 64:
                self._squares.clear()
            self._squares[plain] = self.samples.squares(plain, plain.start + self.target.indices * plain.step)
        return self._squares[plain]

    def score_framings(self, recipes: list[Recipe], framings: list[tuple[int, int]]) -> Floats:
        """Return the scores of recipes that differ in their banks with each of these (step, start)."""
        found: list[Floats] = []
        recipe = recipes[0]
        # A few frames tell which framings are worth more.
        chosen = slice(None, None, max(1, len(self.target.indices) // 10)) if recipe.bank else slice(None)
        indices = self.target.indices[chosen]
        size = max(1, BATCH_VALUES // (recipe.n_fft * len(indices)))
        for first in range(0, len(framings), size):
            self.budget.check()
            steps, starts = np.array(framings[first : first + size]).T
            squares = self.samples.squares(recipe, starts[:, None] + steps[:, None] * indices)
            found.append(np.stack([self.target.score(reduce_power(squares, each), chosen) for each in recipes]))
        return np.concatenate(found, axis=1) if found else np.empty((len(recipes), 0))


Objective = Callable[[Recipe], float]
Moves = Callable[[Recipe], Iterable[Recipe]]


def climb(recipe: Recipe, objective: Objective, groups: Iterable[Moves], *, good: float) -> tuple[Recipe, float]:
    """Take the best move of each group in turn, until none is better.

    Parameters
    ----------
    recipe : Recipe
        Where to start.
    objective : callable
        What is to be small.
    groups : iterable of callable
        Each yields recipes next to a recipe.
    good : float
        Value at which to stop.

    Returns
    -------
    recipe : Recipe
    value : float
    """
    value, listed = objective(recipe), list(groups)
    n_failed, index = 0, 0
    while n_failed < len(listed) and value > good and index < MOST_ROUNDS:
        moves, index = listed[index % len(listed)], index + 1
        best, best_value = recipe, value
        for other in moves(recipe):
            other_value = _try(objective, other)
            if other_value < best_value:
                best, best_value = other, other_value
        if best_value < value * LESS:
            recipe, value, n_failed = best, best_value, 0
        else:
            n_failed += 1
    return recipe, value


def _try(objective: Objective, recipe: Recipe) -> float:
    """Return the value of a recipe; infinite for one that does not exist."""
    if not (1 <= recipe.frame_length <= recipe.n_fft and recipe.step >= 1):
        return np.inf
    if recipe.bank is not None and not recipe.bank.is_valid:
        return np.inf
    try:
        return objective(recipe)
    except ValueError:
        # A window that this length does not have.
        return np.inf


def framing_moves(recipe: Recipe, *, distance: int, middle: int) -> Iterator[Recipe]:
    """Yield recipes with other starts, lengths and steps; frame `middle` stays in place where the step changes."""
    for change in (distance, -distance):
        length = recipe.frame_length + change
        yield recipe.change(start=recipe.start + change)
        yield recipe.change(frame_length=length, start=recipe.start - change // 2)
        yield recipe.change(frame_length=length)
        if distance == 1:
            yield recipe.change(frame_length=length, periodic=not recipe.periodic)
            yield recipe.change(frame_length=length, start=recipe.start - change, periodic=not recipe.periodic)
        if distance <= 4:
            yield recipe.change(step=recipe.step + change, start=recipe.start - change * middle)
        if recipe.bank is not None and recipe.n_fft == recipe.frame_length:
            yield recipe.change(frame_length=length, n_fft=length, start=recipe.start - change // 2)


def named_moves(recipe: Recipe, *, n_samples: int, n_frames: int, rate: float | None) -> Iterator[Recipe]:
    """Yield recipes with usual lengths next to theirs, framed by every convention that gives this number of frames."""
    found: dict[tuple[int, int, int, int], None] = {}
    usual = [*frame_lengths(recipe.n_fft, rate), *(recipe.frame_length + change for change in (-2, -1, 0, 1, 2))]
    for length in dict.fromkeys(usual):
        if abs(length - recipe.frame_length) > max(3, 0.06 * recipe.frame_length):
            continue
        n_ffts = [recipe.n_fft] if recipe.bank is None else [recipe.n_fft, length, next_power_of_two(length)]
        for n_fft in dict.fromkeys(n_ffts):
            for framing in FRAMINGS:
                for step in (recipe.step, recipe.step - 1, recipe.step + 1):
                    start, count = framing.rule(n_samples, length, n_fft, step)
                    # Not one that lies elsewhere; where frames were cut off, one of the same convention.
                    shift = 0 if count == n_frames else round((recipe.start - start) / step) * step
                    moved = int(start) + shift
                    if (shift == 0 or step == recipe.step) and abs(moved - recipe.start) <= recipe.frame_length // 8:
                        found[length, n_fft, step, moved] = None
    for length, n_fft, step, start in found:
        yield recipe.change(frame_length=length, n_fft=n_fft, step=step, start=start)


def usual_moves(recipe: Recipe, *, n_samples: int, n_frames: int) -> Iterator[Recipe]:
    """Yield recipes with the usual lengths, framings and windows before a bank.

    A Hann window over 2048 samples is nearly Kaldi's over 1890, and no short step leads from one to the other.
    """
    assert recipe.bank is not None
    rate = recipe.bank.sample_rate
    lengths = dict.fromkeys([*(length for _, length in band_lengths(rate)), *frame_lengths(recipe.n_fft, rate)])
    for length in lengths:
        if not 0.7 * recipe.frame_length <= length <= 1.45 * recipe.frame_length:
            continue
        for n_fft in fft_lengths_for(length, recipe.n_fft):
            longest = min(n_samples, 2 * n_fft)
            framings = candidate_framings(n_samples, n_frames, length, n_fft, longest=longest)
            near = [each for each in framings if abs(each[0] - recipe.step) <= max(2, 0.02 * recipe.step)]
            for step, start in order_framings(near, length, rate, 5):
                for window in BANK_WINDOWS[:3]:
                    yield recipe.change(frame_length=length, n_fft=n_fft, step=step, start=start, window=window)


def window_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with each window, of the other symmetry, and with or without the mean of a frame."""
    for window in WINDOWS:
        yield recipe.change(window=window)
    yield recipe.change(periodic=not recipe.periodic)
    yield recipe.change(remove_mean=None if recipe.conventions.remove_mean else "frame")
    if recipe.conventions.remove_mean is None:
        yield recipe.change(remove_mean="signal")


def bank_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with other banks: other scales and triangles, and ends next to theirs."""
    bank = recipe.bank
    assert bank is not None
    for scale in ("htk", "slaney"):
        for triangles in ("mel", "hertz"):
            yield recipe.change_bank(scale=scale, triangles=triangles)
    highs = usual_ends(bank.sample_rate)
    # A wrong lower end is made up for by a wrong upper one, and both by wrong triangles.
    for low in nearest(bank.low, LOW_FREQUENCIES, 5):
        for high in nearest(bank.high, highs, 4):
            yield recipe.change_bank(low=low, high=high)
    other = "hertz" if bank.triangles == "mel" else "mel"
    for low in nearest(bank.low, LOW_FREQUENCIES, 3):
        for high in nearest(bank.high, highs, 2):
            yield recipe.change_bank(low=low, high=high, triangles=other)
    for low in (*nearest(bank.low, LOW_FREQUENCIES, 5), *(bank.low + change for change in (-20, -4, -1, 1, 4, 20))):
        yield recipe.change_bank(low=max(low, 0.0))
    for high in (*nearest(bank.high, highs, 5), *(bank.high + change for change in (-200, -30, -6, -1, 1, 6, 30, 200))):
        yield recipe.change_bank(high=min(high, bank.sample_rate / 2))
    yield recipe.change(exponent=3.0 - recipe.exponent)


def bank_window_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with the windows that precede banks."""
    for window in BANK_WINDOWS:
        for periodic in (True, False):
            yield recipe.change(window=window, periodic=periodic)


def bank_end_moves(recipe: Recipe, *, objective: Objective) -> Iterator[Recipe]:
    """Yield recipes with the ends of the bank at the minimum of a parabola through the values around, and rounded.

    With both triangles: wrong ones are made up for by wrong ends.
    """
    for triangles in ("hertz", "mel"):
        yield from _minimum_of_parabola(recipe.change_bank(triangles=triangles), objective)


def _minimum_of_parabola(recipe: Recipe, objective: Objective) -> Iterator[Recipe]:
    bank = recipe.bank
    assert bank is not None
    top, steps = bank.sample_rate / 2, np.array([2.0, max(8.0, 0.003 * bank.high)])
    if bank.low < steps[0] or bank.high + steps[1] > top:
        return

    def value(low: int, high: int) -> float:
        moved = recipe.change_bank(low=bank.low + low * steps[0], high=bank.high + high * steps[1])
        return _try(objective, moved)

    places = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1), (1, 1))
    centre, west, east, south, north, corner = (value(*place) for place in places)
    gradient = np.array([east - west, north - south]) / 2
    mixed = corner - east - north + centre
    curvature = np.array([[east + west - 2 * centre, mixed], [mixed, north + south - 2 * centre]])
    if not np.isfinite(curvature).all() or np.linalg.det(curvature) <= 0:
        return
    change = -np.linalg.solve(curvature, gradient) * steps
    for digit in (1.0, 5.0, 20.0):
        for other in (1.0, 5.0, 50.0, 100.0):
            low = max(round((bank.low + change[0]) / digit) * digit, 0.0)
            high = min(round((bank.high + change[1]) / other) * other, top)
            yield recipe.change_bank(low=low, high=high)


def usual_ends(rate: float) -> tuple[float, ...]:
    """Return usual upper ends of banks at a sample rate."""
    top = rate / 2
    below = (top, top - 100, top - 200, top - 400, top - 500, float(int(top)))
    return tuple(dict.fromkeys(high for high in (*HIGH_FREQUENCIES, *below) if high <= top))


def nearest(value: float, usual: Iterable[float], n_values: int) -> list[float]:
    """Return the usual values next to a value."""
    return sorted(usual, key=lambda each: abs(each - value))[:n_values]


def estimate_banks(samples: Samples, target: Target, recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes whose bands lie where bins vary as the bands do.

    The bin whose logarithm over time is most like that of a band is next to its centre; on the right scale the centres
    are equidistant, so that a line through them gives both ends.
    """
    bank = recipe.bank
    assert bank is not None
    indices = choose_frames(target.values, 64)
    scores = target.scores(samples.power(recipe, target.indices))
    for kind in target.kinds if scores.min() > HOPELESS else (target.kinds[int(scores.argmin())],):
        likeness = _likeness(samples, recipe, indices, possible_logarithms(target.values)[kind][indices])
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
    rows = _unit(logs)
    rows = rows + np.roll(rows, 1, axis=1) + np.roll(rows, -1, axis=1)
    return np.asarray(rows.T @ _unit(wanted))


def framings_by_likeness(scorer: Scorer, rate: float) -> list[Recipe]:
    """Return framings in which every band has a bin that varies as it does, the best first: they need no bank."""
    target, n_samples = scorer.target, len(scorer.samples)
    indices, found = choose_frames(target.values, 48), []
    n_frames, n_bands = target.values.shape
    logarithms = possible_logarithms(target.values)
    bands = slice(n_bands // 4, None, max(1, n_bands // 20))
    wanted = [logarithms[kind][indices][:, bands] for kind in target.kinds if kind in ("log", "linear")]
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
        values = [_try(scorer, each) for each in tried]
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
        if reframed == best or _try(scorer, reframed) >= value:
            break
        value, best = scorer(reframed), reframed
    return float(value), best


def _unit(values: Floats) -> Floats:
    """Centre the columns, and scale them to unit length."""
    centred = values - values.mean(axis=0)
    return np.asarray(centred / np.maximum(np.sqrt((centred**2).sum(axis=0)), 1e-200))


def spectrum_moves(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes with other pre-emphasis, mean, and lengths of the FFT."""
    for a, over in PREEMPHASES:
        for mean in (None, "frame", "signal"):
            yield recipe.change(preemphasis=a, preemphasis_over=over, remove_mean=mean)
    for n_fft in fft_lengths_for(recipe.frame_length, recipe.n_fft):
        yield recipe.change(n_fft=n_fft)


def fft_lengths_for(frame_length: int, n_fft: int) -> list[int]:
    """Return usual lengths of the FFT for a frame."""
    found = [frame_length, next_power_of_two(frame_length), n_fft, 2 * n_fft, n_fft // 2, 2 * frame_length]
    found += [400, 512, 800, 1024, 1200, 2048]
    return [each for each in dict.fromkeys(found) if frame_length <= each <= 8 * frame_length]


def next_power_of_two(length: int) -> int:
    """Return the next power of two."""
    return 1 << (length - 1).bit_length()


def nice(step: int, frame_length: int, rate: float | None) -> bool:
    """Check whether a step is usual for a frame: a sixteenth of it, a round number, or a multiple of 2.5 ms."""
    if (16 * step) % frame_length == 0 or step % 50 == 0 or step & (step - 1) == 0 or step % 80 == 0:
        return True
    return rate is not None and abs(step / rate * 400 - round(step / rate * 400)) < 0.5 * 400 / rate


def order_framings(
    framings: list[tuple[int, int]], frame_length: int, rate: float | None, most: int
) -> list[tuple[int, int]]:
    """Return at most this many framings, those with usual steps first."""
    usual = [each for each in framings if nice(each[0], frame_length, rate)]
    rest = [each for each in framings if not nice(each[0], frame_length, rate)]
    # Of many steps that are not usual, evenly spread ones: the climbing finds those between.
    room = max(0, most - len(usual))
    return usual[:most] + rest[:: max(1, -(-len(rest) // max(room, 1)))][:room]


def frame_lengths(n_fft: int, rate: float | None) -> list[int]:
    """Return usual lengths of frames for an FFT."""
    found = [n_fft, n_fft // 2, 3 * n_fft // 4, n_fft // 4, 5 * n_fft // 8, 7 * n_fft // 8]
    found += [round(seconds * rate) for seconds in SECONDS] if rate else []
    found += [400, 320, 256, 512, 551, 1024, 1102, 800, 640]
    return [each for each in dict.fromkeys(found) if n_fft // 16 <= each <= n_fft and each >= 2]


def beam_of_framings(
    scorer: Scorer, recipes: Iterable[Recipe], n_frames: int, rate: float | None, *, kept: int
) -> list[tuple[float, Recipe]]:
    """Return each recipe with its best framings and their scores, the best first."""
    found: list[tuple[float, Recipe]] = []
    n_samples = len(scorer.samples)
    for group in _same_framing(recipes):
        recipe = group[0]
        longest = min(n_samples, 2 * recipe.n_fft)
        framings = candidate_framings(n_samples, n_frames, recipe.frame_length, recipe.n_fft, longest=longest)
        framings = order_framings(framings, recipe.frame_length, rate, 160 if recipe.bank is None else 16)
        if framings:
            found += _best_framings(scorer, group, framings, kept)
    return sorted(found, key=lambda each: each[0])


def _same_framing(recipes: Iterable[Recipe]) -> list[list[Recipe]]:
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
    samples: Samples, values: Floats, frame_length: int, n_fft: int, rate: float | None
) -> list[tuple[int, int]]:
    """Return (step, start) of arrays whose number of frames says nothing: where the energies of frames follow theirs.

    They come from every usual step, with starts from before the signal to its end.
    """
    loudness = np.sort(values, axis=1)[:, -max(1, values.shape[1] // 3) :].mean(axis=1)
    n_frames = len(values)
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
        if len(starts) * n_frames > 2_000_000:
            starts = starts[:: -(-len(starts) * n_frames // 2_000_000)]
        positions = starts[:, None] + step * np.arange(n_frames) + frame_length
        ends = np.clip(positions + frame_length, 0, len(energy) - 1)
        logs = np.log(energy[ends] - energy[np.clip(positions, 0, len(energy) - 1)] + 1e-9)
        logs -= logs.mean(axis=1, keepdims=True)
        norms = np.sqrt((logs**2).sum(axis=1))
        correlation = (logs @ centred) / np.maximum(norms * size, 1e-30)
        for index in np.argsort(correlation)[::-1][:2]:
            found.append((float(correlation[index]), step, int(starts[index])))
    found.sort(reverse=True)
    candidates: dict[tuple[int, int], None] = {}
    for _, step, start in found[:10]:
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


def beam_of_bins(
    scorer: Scorer, n_ffts: Iterable[int], sides: str, rate: float | None, *, trust: bool
) -> list[tuple[float, Recipe]]:
    """Return framings of an array of bins with their scores, the best first.

    With `trust`, its number of frames is one that a convention gives.
    """
    # A rectangle has other neighbours than all other windows.
    plain = [
        Recipe(n_fft, n, 1, 0, window=window, sides=sides)
        for n_fft in n_ffts
        for n in frame_lengths(n_fft, rate)
        for window in ("hann", None)
    ]
    if trust:
        return beam_of_framings(scorer, plain, len(scorer.target.values), rate, kept=4)
    return _free_beam(scorer, plain[:12:2], rate)


def refine_bins(scorer: Scorer, beam: list[tuple[float, Recipe]], rate: float | None) -> list[tuple[float, Recipe]]:
    """Find window and exact framing, the best first."""
    found: list[tuple[float, Recipe]] = []
    groups = _framing_groups(scorer, rate)
    try:
        scored = []
        for _, recipe in beam[:40]:
            # The mean of a frame hides the window where it is large.
            tried = [each for mean in (None, "frame") for each in window_moves(recipe.change(remove_mean=mean))]
            values = [_try(scorer, each) for each in tried]
            scored.append((min(values), tried[int(np.argmin(values))]))
            if min(values) < GOOD:
                break
        scored.sort(key=lambda each: each[0])
        for _, recipe in scored[:3]:
            best, value = climb(recipe, scorer, [*groups(recipe), window_moves], good=GOOD)
            found.append((value, best))
            if value < 1e-5:
                break
    except OutOfTimeError:
        found += scorer.best()
    return sorted(found, key=lambda each: each[0])


def _framing_groups(scorer: Scorer, rate: float | None) -> Callable[[Recipe], list[Moves]]:
    """Return the function that gives the groups of moves for framings, from far to near."""
    n_frames, middle = len(scorer.target.values), int(scorer.target.indices[len(scorer.target.indices) // 2])

    def groups(recipe: Recipe) -> list[Moves]:
        named = partial(named_moves, n_samples=len(scorer.samples), n_frames=n_frames, rate=rate)
        distances = (
            [1]
            if scorer(recipe) < 1e-3
            else [d for d in (recipe.frame_length // 16, recipe.frame_length // 64, 3, 1) if d]
        )
        return [*(partial(framing_moves, distance=d, middle=middle) for d in dict.fromkeys(distances)), named]

    return groups


def _free_beam(scorer: Scorer, recipes: Iterable[Recipe], rate: float | None) -> list[tuple[float, Recipe]]:
    """Return recipes with the framings that energies suggest, the best first."""
    found: list[tuple[float, Recipe]] = []
    for group in _same_framing(recipes):
        recipe = group[0]
        framings = free_framings(scorer.samples, scorer.target.values, recipe.frame_length, recipe.n_fft, rate)
        if framings:
            found += _best_framings(scorer, group, framings, 2)
    return sorted(found, key=lambda each: each[0])


def band_lengths(rate: float) -> list[tuple[int, int]]:
    """Return usual pairs of lengths of FFT and frame for banks."""
    frames = [
        400,
        512,
        1024,
        2048,
        256,
        *(round(seconds * rate) for seconds in SECONDS),
        800,
        1200,
        600,
        4096,
        384,
        768,
    ]
    pairs: dict[tuple[int, int], None] = {}
    for frame in dict.fromkeys(frames):
        if frame < 100:
            continue
        pairs[next_power_of_two(frame), frame] = None
        pairs[frame, frame] = None
    for frame in (400, 1024, 1200, 512):
        pairs[2 * next_power_of_two(frame), frame] = None
    for frame in (200, 400, 600):
        pairs[2 * frame, frame] = None
    return list(pairs)


def beam_of_bands(scorer: Scorer, rates: Iterable[float], *, trust: bool) -> list[tuple[float, Recipe]]:
    """Return framings of an array of bands with their scores, the best first."""
    n_frames, n_bands = scorer.target.values.shape
    found: list[tuple[float, Recipe]] = []
    for rate in rates:
        plain = [
            Recipe(n_fft, n, 1, 0, bank=Bank(rate, n_bands, 0.0, rate / 2, scale))
            for n_fft, n in band_lengths(rate)
            for scale in ("slaney", "htk")
        ]
        found += (
            beam_of_framings(scorer, plain, n_frames, rate, kept=1) if trust else _free_beam(scorer, plain[:12], rate)
        )
    return sorted(found, key=lambda each: each[0])


def kaldi_starts(scorer: Scorer, rate: float) -> Iterator[Recipe]:
    """Yield Kaldi's usual settings, whose pre-emphasis and window hide from the other places to start from."""
    n_samples, (n_frames, n_bands) = len(scorer.samples), scorer.target.values.shape
    length, step = round(0.025 * rate), round(0.01 * rate)
    for n_fft in (next_power_of_two(length), length):
        for framing in FRAMINGS:
            start, count = framing.rule(n_samples, length, n_fft, step)
            if count != n_frames:
                continue
            for window in ("povey", "hann", "hamming"):
                yield Recipe(
                    n_fft,
                    length,
                    step,
                    int(start),
                    "symmetric",
                    window,
                    MelConventions(periodic=False, remove_mean="frame", preemphasis=0.97),
                    bank=Bank(rate, n_bands, 20.0, rate / 2, "htk", "mel"),
                )


def refine_bands(
    scorer: Scorer, beam: list[tuple[float, Recipe]], near: Iterable[Recipe] = ()
) -> list[tuple[float, Recipe]]:
    """Find framing, window and bank of an array of bands, the best first."""
    found: list[tuple[float, Recipe]] = []
    try:
        scored = []
        others = sorted(near, key=lambda recipe: _try(scorer, recipe))[:3]
        starts = [*others, *_distinct((recipe for _, recipe in beam), 14)]
        if beam[0][0] > HOPELESS:
            rate = beam[0][1].bank.sample_rate  # type: ignore[union-attr]
            starts += _distinct(framings_by_likeness(scorer, rate), 8)
        for recipe in starts:
            value, best = with_estimated_bank(scorer, recipe)
            scored.append((value, best))
            if value < 1e-3:
                break
        scored.sort(key=lambda each: each[0])
        for value, recipe in scored[:3]:
            if value > HOPELESS:
                break
            assert recipe.bank is not None
            groups: list[Moves] = [
                bank_moves,
                partial(bank_end_moves, objective=scorer),
                partial(usual_moves, n_samples=len(scorer.samples), n_frames=len(scorer.target.values)),
                spectrum_moves,
                bank_window_moves,
                *_framing_groups(scorer, recipe.bank.sample_rate)(recipe),
            ]
            best, value = climb(recipe, scorer, groups, good=GOOD)
            found.append((value, best))
            if value < 1e-5:
                break
    except OutOfTimeError:
        found += scorer.best()
    return sorted(found, key=lambda each: each[0])


def _distinct(recipes: Iterable[Recipe], most: int) -> list[Recipe]:
    """Return the first recipe of each pair of lengths."""
    kept: dict[Any, Recipe] = {}
    for recipe in recipes:
        kept.setdefault((recipe.n_fft, recipe.frame_length, recipe.window), recipe)
    return list(kept.values())[:most]


class Polish:
    """The error of a recipe with its best tail, on frames spread over the recording."""

    def __init__(
        self,
        samples: Samples,
        values: Floats,
        kinds: tuple[str, ...],
        budget: Budget,
        *,
        is_normalized: bool,
        dtype: Any,
    ) -> None:
        self.samples, self.kinds, self.budget, self.is_normalized, self.dtype = (
            samples,
            kinds,
            budget,
            is_normalized,
            dtype,
        )
        self.levels = values
        # A normalized band needs all frames.
        n_frames = len(values) if is_normalized else min(len(values), max(24, 12_000 // values.shape[1]))
        spread = np.linspace(0, len(values) - 1, n_frames).round().astype(int)
        # The ends of the signal show in the first and last frames only.
        self.indices = np.unique([*spread, *range(min(4, len(values))), *range(max(0, len(values) - 4), len(values))])
        self.values = values[self.indices]
        self._known: dict[Recipe, float] = {}
        self._last: tuple[Recipe, Floats] | None = None

    def __call__(self, recipe: Recipe) -> float:
        """Return the relative error."""
        if recipe not in self._known:
            self.budget.check()
            power = reduce_power(self._framed(recipe), recipe)
            fits = [fit_tail(self.values, power, kind, is_normalized=self.is_normalized) for kind in self.kinds]
            self._known[recipe] = min(tail_error(tail, self.values, power, self.dtype) for tail in fits)
        return self._known[recipe]

    def _framed(self, recipe: Recipe) -> Floats:
        plain = replace(recipe, bank=None, exponent=2.0, sides="one")
        if self._last is None or self._last[0] != plain:
            self._last = plain, self.samples.squares(plain, plain.start + self.indices * plain.step)
        return self._last[1]


def polish_groups(polish: Polish, n_samples: int, n_frames: int, rate: float | None) -> list[Moves]:
    """Return the groups of moves that loud values do not decide."""
    return [
        _polish_ends,
        partial(named_moves, n_samples=n_samples, n_frames=n_frames, rate=rate),
        partial(framing_moves, distance=1, middle=n_frames // 2),
        _polish_window,
        _polish_bank,
        partial(_polish_bank_ends, objective=polish),
    ]


def _polish_ends(recipe: Recipe) -> Iterator[Recipe]:
    for mean in (None, "frame", "signal"):
        yield recipe.change(remove_mean=mean)
    for ends in PAD_MODES:
        yield recipe.change(ends=ends)
    if recipe.bank is None and recipe.sides != "two":
        yield recipe.change(sides="doubled" if recipe.sides == "one" else "one")
    if recipe.bank is not None:
        for triangles in ("mel", "hertz"):
            for norm in (None, "slaney"):
                yield recipe.change_bank(triangles=triangles, norm=norm)
        yield recipe.change(exponent=3.0 - recipe.exponent)


def _polish_window(recipe: Recipe) -> Iterator[Recipe]:
    for window in WINDOWS if recipe.bank is None else BANK_WINDOWS:
        for periodic in (True, False):
            yield recipe.change(window=window, periodic=periodic)


def _polish_bank_ends(recipe: Recipe, *, objective: Objective) -> Iterator[Recipe]:
    if recipe.bank is not None:
        yield from bank_end_moves(recipe, objective=objective)


def _polish_bank(recipe: Recipe) -> Iterator[Recipe]:
    if recipe.bank is None:
        return
    yield from spectrum_moves(recipe)
    yield from bank_moves(recipe)
