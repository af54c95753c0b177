"""`identify`: the settings with which an array was made of a signal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.arguments import check_features, check_signal, check_time_limit
from specwidget.matching.beams import beam_of_bands, beam_of_bins, kaldi_starts
from specwidget.matching.budget import Budget, OutOfTimeError, Progress
from specwidget.matching.framings import Framing, name_framings
from specwidget.matching.judgement import ANOTHER_SIGNAL, FOUND, ROUNDING, Candidate, equal_forms, judge, oddity
from specwidget.matching.known import match_front_ends, start_from
from specwidget.matching.layers import Program, make_program
from specwidget.matching.layouts import Layout, find_layouts
from specwidget.matching.model import Model, complex_values, phase_shift
from specwidget.matching.moves import climb, polish_groups, value_of
from specwidget.matching.objectives import Polish, Scorer
from specwidget.matching.readings import families, is_likely, possible_fft_lengths, possible_frame_counts
from specwidget.matching.recipe import Recipe, Samples
from specwidget.matching.result import Identification, Level
from specwidget.matching.scores import Target
from specwidget.matching.search import refine_bands, refine_bins
from specwidget.matching.stages import Layer, Stages, check_near
from specwidget.matching.tails import fit_tail, is_band_normalized, name_reference, tail_error
from specwidget.matching.wording import list_settings, read_constant
from specwidget.mel.front_ends import FrontEnd
from specwidget.stft.settings import check_sample_rate

GOOD_ERROR = 1e-5
"""Error below which no better settings are looked for."""

LEAST_VALUES = 256
"""Fewest values of an array of which it is said that it is of another signal."""

UNLIKE = 0.9
"""Score of the best framing above which a reading is not refined, unless it is the best one."""

USUAL_RATES = (16_000.0, 22_050.0, 44_100.0, 48_000.0, 8000.0, 24_000.0, 32_000.0)
"""Sample rates that are tried where the claimed one does not fit, Hz."""


def identify(
    features: Any,
    signal: Any,
    sample_rate: float | None = None,
    *,
    front_ends: bool = True,
    time_limit: float = 10.0,
    near: Iterable[Layer | FrontEnd | str] = (),
    progress: Progress | None = None,
) -> Identification:
    """Find the settings with which an array was made of a signal.

    Parameters
    ----------
    features : array
        The array that a pipeline made: bins or bands and frames in either order, with axes of one anywhere; complex, or
        with real and imaginary parts on a last axis of two.
    signal : array (time,)
        The samples that it was made of, of a float type.
    sample_rate : float, optional
        Sample rate of the signal, Hz. For mel spectrograms usual rates are tried where it is not given or does not fit.
    front_ends : bool, default True
        Whether the front ends of published models are tried first.
    time_limit : float, default 10.0
        Processor time of the calling thread, seconds.
    near : iterable of MelSpectrogram, MFCC, STFTSpectrogram, FrontEnd or str
        Layers, front ends or their names that the search starts from, too.
    progress : callable, optional
        Called often with the share of the time that is used, 0 to 1. What it raises, other than a ValueError, ends the
        search.

    Returns
    -------
    Identification
        `print` gives sentences, a notebook a table.

    Raises
    ------
    ValueError
        If `features` has no frames and bins, or a value that is not finite; if `signal` does not have one axis, or a
        sample that is not finite; if `sample_rate` or `time_limit` is not finite and above 0; if `near` has a name that
        is no front end's.
    TypeError
        If `features` is not an array of numbers, `signal` not one of a float type, or another argument of another type.

    Notes
    -----
    "found" means: a relative error under 1e-4, ten times smaller than that of all settings that differ in one switch,
    but for the switches that are listed as undetermined.

    Examples
    --------
    >>> import numpy as np
    >>> from specwidget import front_ends
    >>> signal = np.random.default_rng(0).standard_normal(16_000) * np.hanning(16_000)
    >>> answer = identify(front_ends["kaldi"].features(signal), signal, 16_000)
    >>> answer.level, answer.conventions[0]
    ('found', 'front end kaldi')
    """
    array, samples = check_features("features", features), check_signal("signal", signal)
    rate, known = check_sample_rate(sample_rate), check_near(near)
    budget = Budget(check_time_limit(time_limit), progress)
    if front_ends:
        matched = match_front_ends(array, samples, FOUND, budget)
        if matched is not None:
            return _from_front_end(*matched)
    # Candidates may be as wrong as they like.
    with np.errstate(all="ignore"):
        return _Search(array, Samples(samples), rate, budget, known).run()


def _from_front_end(front_end: Any, error: float, layout: str) -> Identification:
    """Return the answer for a front end whose features the array is."""
    stages = Stages.of(front_end.layer)
    given = stages.settings.to_dict()
    listed = [
        (name, f"{value}") for name, value in given.items() if name not in ("conventions", "dtype", "data_format")
    ]
    listed += [(name, f"{value}") for name, value in given["conventions"].items()]
    code = f'import specwidget\n\nfront_end = specwidget.front_ends["{front_end.name}"]\ny = front_end.features(x)\n'
    return Identification(
        "found",
        error,
        front_end.layer,
        tuple(listed),
        (f"front end {front_end.name}",),
        layout=layout,
        code=code,
        _apply=front_end.features,
    )


@dataclass(frozen=True, eq=False)
class _Attempt:
    """A reading of the array, and the framings to start from with their scores."""

    layout: Layout
    levels: NDArray[np.float64]
    family: str
    scorer: Scorer
    beam: list[tuple[float, Recipe]]
    is_normalized: bool

    def kinds(self, recipe: Recipe) -> tuple[str, ...]:
        """Return the kinds of tail that a recipe leaves possible."""
        target = self.scorer.target
        scores = target.scores(self.scorer.samples.power(recipe, target.indices))
        return tuple(
            kind for kind, score in zip(target.kinds, scores, strict=True) if score <= 30 * scores.min() + 1e-9
        )


class _Search:
    """The search for the settings of one array."""

    def __init__(
        self, array: NDArray[Any], samples: Samples, rate: float | None, budget: Budget, near: tuple[Stages, ...]
    ) -> None:
        self.array, self.samples, self.rate, self.budget, self.near = array, samples, rate, budget, near
        self.best: Candidate | None = None
        self.notes: list[str] = []

    def run(self) -> Identification:
        """Try readings of the array, those with the best first scores first, until one reproduces it."""
        try:
            for trust, likely in ((True, True), (True, False), (False, True)):
                attempts = sorted(self._attempts(trust=trust, likely=likely), key=lambda each: each.beam[0][0])
                for index, attempt in enumerate(attempts[:3]):
                    # What is nothing like the array is worth the time where it is the best reading only.
                    if index and attempt.beam[0][0] > UNLIKE:
                        break
                    self._refine(attempt)
                    if self.best is not None and self.best.is_right:
                        return self._answer()
                if self.best is not None and self.best.error < FOUND:
                    break
        except OutOfTimeError:
            pass
        return self._answer()

    def _attempts(self, *, trust: bool, likely: bool) -> Iterator[_Attempt]:
        """Yield readings of the array with their beams: the likely ones, or the others."""
        for layout in find_layouts(self.array):
            for family in families(layout):
                if is_likely(layout.values.shape[1], family) != likely:
                    continue
                for n_frames in possible_frame_counts(layout.values, trust=trust):
                    attempt = self._start(layout, family, n_frames, trust=trust)
                    if attempt is not None:
                        yield attempt

    def _start(self, layout: Layout, family: str, n_frames: int, *, trust: bool) -> _Attempt | None:
        """Return a reading of an array with its beam; None if it has none."""
        values = layout.values[:n_frames]
        levels = np.abs(values) if layout.is_complex else values.astype(np.float64)
        if n_frames < 2 or not np.ptp(levels) > 0:
            return None
        is_normalized = not layout.is_complex and is_band_normalized(levels)
        by_band = "scaled" if is_normalized else ("centred" if family == "bands" else "all")
        n_values = levels.shape[1]
        n_chosen = 24 if family == "bands" else max(6, min(40, 1500 // n_values))
        share = 0.5 if family == "bands" or is_normalized else 0.2
        target = Target(levels, n_chosen, share, by_band, ("linear",) if layout.is_complex else ())
        scorer = Scorer(self.samples, target, self.budget)
        if family == "bands":
            beam = beam_of_bands(scorer, [self.rate] if self.rate else USUAL_RATES, trust=trust)
        else:
            beam = beam_of_bins(scorer, *possible_fft_lengths(levels, family), self.rate, trust=trust)
        return _Attempt(layout, levels, family, scorer, beam, is_normalized) if beam else None

    def _refine(self, attempt: _Attempt) -> None:
        """Search from the beam of a reading, and keep what is better than before."""
        if attempt.family == "bands":
            bank, n_bands = attempt.beam[0][1].bank, attempt.levels.shape[1]
            assert bank is not None
            rate = self.rate or bank.sample_rate
            near = [recipe for stages in self.near for recipe in start_from(stages, n_bands)]
            found = refine_bands(attempt.scorer, attempt.beam, [*near, *kaldi_starts(attempt.scorer, rate)])
            if self.rate and (not found or found[0][0] > 1e-3):
                others = [rate for rate in USUAL_RATES if rate != self.rate]
                beam = beam_of_bands(attempt.scorer, others, trust=True)
                if beam and beam[0][0] < attempt.beam[0][0]:
                    found = sorted(found + refine_bands(attempt.scorer, beam), key=lambda each: each[0])
        else:
            found = refine_bins(attempt.scorer, attempt.beam, self.rate)
        for score, recipe in found[:2]:
            if score > 0.2:
                break
            candidate = self._polish(attempt, recipe, score)
            if self.best is None or candidate.error < self.best.error:
                self.best = candidate
            if self.best.error < FOUND / 10:
                break

    def _polish(self, attempt: _Attempt, recipe: Recipe, score: float) -> Candidate:
        """Fit tails, and whatever only quiet values show."""
        layout, levels, is_normalized = attempt.layout, attempt.levels, attempt.is_normalized
        kinds = attempt.kinds(recipe)
        dtype = layout.dtype if layout.dtype == np.float16 else None
        # What is far from right is not worth all of the time.
        budget = self.budget if score < 1e-4 else self.budget.part(2.0)
        polish = Polish(self.samples, levels, kinds, budget, is_normalized=is_normalized, dtype=dtype)
        try:
            groups = polish_groups(polish, len(self.samples), len(levels), self.rate)
            # What loud values don't show comes first: it would lead the others astray.
            recipe, _ = climb(recipe, polish, groups[:1], good=GOOD_ERROR)
            recipe, _ = climb(recipe, polish, groups, good=GOOD_ERROR)
        except OutOfTimeError:
            return replace(self._finish(layout, polish, recipe, score), is_stopped=True)
        return self._finish(layout, polish, recipe, score)

    def _finish(self, layout: Layout, polish: Polish, recipe: Recipe, score: float) -> Candidate:
        """Fit the tail to all values."""
        levels, kinds, is_normalized, dtype = polish.levels, polish.kinds, polish.is_normalized, polish.dtype
        n_frames = len(levels)
        power = self.samples.power(recipe, np.arange(n_frames))
        fits = [fit_tail(levels, power, kind, is_normalized=is_normalized) for kind in kinds]
        tail = name_reference(min(fits, key=lambda each: tail_error(each, levels, power, dtype)), levels)
        error = tail_error(tail, levels, power, dtype)
        shift = 0
        if layout.is_complex:
            indices = np.arange(n_frames)
            shift = phase_shift(self.samples, recipe, indices, layout.values[:n_frames])
            found = complex_values(self.samples, recipe, tail, indices, shift)
            size = np.sqrt(np.mean(np.abs(layout.values[:n_frames]) ** 2))
            error = float(np.sqrt(np.mean(np.abs(found - layout.values[:n_frames]) ** 2)) / size)
        framings = name_framings(
            len(self.samples), n_frames, recipe.frame_length, recipe.n_fft, recipe.step, recipe.start
        )
        n_padded = len(layout.values) - n_frames
        value = float(layout.values[-1, 0].real) if n_padded else 0.0
        model = Model(
            recipe,
            tail,
            layout,
            _choose_framing(framings, recipe),
            len(self.samples),
            n_frames,
            n_padded,
            value,
            shift,
        )
        return Candidate(error, score, model, polish)

    def _answer(self) -> Identification:
        """Judge the best candidate."""
        best = self.best
        if best is None:
            return Identification("nothing fits", math.inf, None)
        if best.error < FOUND:
            best = self._plainest(best)
        model = best.model
        rivals, undetermined = judge(best) if best.error < FOUND else ((), ())
        level: Level = "nothing fits"
        if best.error < FOUND:
            level = "found"
        elif (
            best.score < ANOTHER_SIGNAL
            and model.framing is not None
            # What was stopped halfway, and a handful of values, show nothing of another signal.
            and not best.is_stopped
            and np.size(self.array) >= LEAST_VALUES
        ):
            level = "these settings, another signal"
        program = _program(model)
        settings = list_settings(model)
        nearest = "" if level != "nothing fits" else ", ".join(f"{name} {value}" for name, value in settings[:6])
        framings = name_framings(
            model.n_samples,
            model.n_frames,
            model.recipe.frame_length,
            model.recipe.n_fft,
            model.recipe.step,
            model.recipe.start,
        )
        return Identification(
            level,
            best.error,
            program.layer,
            settings,
            tuple(framing.name for framing in framings),
            read_constant(model),
            undetermined,
            rivals[:5],
            nearest,
            model.layout.sentence,
            program.code,
            tuple(line for line in (*program.before.splitlines(), *program.after) if line),
            tuple(self._notes(model)),
            model.apply if level != "nothing fits" else None,
        )

    def _plainest(self, best: Candidate) -> Candidate:
        """Return the most usual of the settings that give the same array."""
        polish, recipe = best.polish, best.model.recipe
        polish.budget = polish.budget.more(3.0)
        n_frames = best.model.n_frames
        try:
            for _ in range(3):
                allowed = 1.5 * max(polish(recipe), ROUNDING / 2)
                same = [each for each in equal_forms(recipe) if value_of(polish, each) <= allowed]
                plainest = min([recipe, *same], key=lambda each: oddity(each, len(self.samples), n_frames))
                better = [each for each in same if polish(each) < polish(recipe) / 3]
                if better:
                    plainest = min(better, key=polish)
                if plainest == recipe:
                    break
                recipe = plainest
        except OutOfTimeError:
            pass
        if recipe == best.model.recipe:
            return best
        changed = self._finish(best.model.layout, polish, recipe, best.score)
        return changed if changed.error < FOUND else best

    def _notes(self, model: Model) -> Iterator[str]:
        bank = model.recipe.bank
        if bank is not None and self.rate and bank.sample_rate != self.rate:
            yield f"The bank is one for {bank.sample_rate:g} Hz, not for {self.rate:g} Hz."
        if model.n_padded:
            yield f"The last {model.n_padded} frames hold the constant {model.padding_value:.6g}."
        if model.framing is None:
            yield (
                f"No convention has {model.n_frames} frames from sample {model.recipe.start}: "
                "frames or samples were cut off or added."
            )


def _choose_framing(framings: tuple[Framing, ...], recipe: Recipe) -> Framing | None:
    """Return the likeliest of the framings that fit; Kaldi alone repeats the sample at the end in a reflection."""
    if recipe.ends == "symmetric":
        framings = tuple(sorted(framings, key=lambda framing: "snip_edges" not in framing.name))
    return framings[0] if framings else None


def _program(model: Model) -> Program:
    try:
        return make_program(
            model.recipe, model.tail, model.n_samples, model.n_frames, is_complex=model.layout.is_complex
        )
    except ValueError:
        # A floor or window that a layer does not have.
        return Program(None, "", (), model.n_samples)
