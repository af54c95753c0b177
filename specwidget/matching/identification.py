"""`identify`: the settings with which an array was made of a signal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.arguments import check_features, check_signal, check_time_limit
from specwidget.matching.beams import SURE, beam_of_bands, beam_of_bins, kaldi_starts
from specwidget.matching.budget import Budget, OutOfTimeError, Progress
from specwidget.matching.candidates import CLOSE, FAR, Reading, cut_signal, error_inside, plainest, polish_recipe
from specwidget.matching.framings import name_framings
from specwidget.matching.judgement import ANOTHER_SIGNAL, FOUND, Candidate, judge
from specwidget.matching.known import match_front_ends, start_from
from specwidget.matching.layers import Program, make_program
from specwidget.matching.layouts import Layout, find_layouts
from specwidget.matching.model import Model
from specwidget.matching.moves import value_of
from specwidget.matching.objectives import Scorer
from specwidget.matching.readings import families, is_likely, possible_fft_lengths, possible_frame_counts
from specwidget.matching.recipe import Recipe, Samples
from specwidget.matching.result import Identification, Level
from specwidget.matching.scores import Target
from specwidget.matching.search import refine_bands, refine_bins
from specwidget.matching.stages import Layer, Stages, check_near
from specwidget.matching.tails import is_band_normalized
from specwidget.matching.wording import list_settings, read_constant
from specwidget.mel.front_ends import FrontEnd
from specwidget.stft.settings import check_sample_rate

LEAST_VALUES = 256
"""Fewest values of an array of which it is said that it is of another signal."""

LEAST_COMPARED = 24
"""Fewest values above the floor that framings can be told from each other by."""

PASSES = ((True, 0.85), (False, 1.0))
"""Whether the number of bins or bands is a usual one, and the largest share of the time that is left for such
readings."""

CUT = 1e-4
"""Score of a framing without a name below which the array may be of a part of the signal."""

DOUBTFUL = 0.02
"""Score of the best framing above which the refinement of a reading must leave time to others."""

UNLIKE = 0.9
"""Score of the best framing above which a reading is not refined, unless it is the best one of usual lengths."""

CUT_OFF = 1.2
"""By what the score of a reading counts as worse that trusts in no convention for the number of frames."""

USUAL_RATES = (16_000.0, 22_050.0, 44_100.0, 48_000.0, 8000.0, 24_000.0, 32_000.0)
"""Sample rates that are tried where the claimed one does not fit, Hz."""

RESERVE = 0.5
"""Seconds before the end of the time at which the search ends, at most half of it: what follows took up to 0.4 s."""


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
        Processor time of the calling thread, seconds. The search ends half a second before, as the best settings are
        judged then.
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
    limit = check_time_limit(time_limit)
    budget = Budget(limit - min(RESERVE, limit / 2), progress)
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


class _Search:
    """The search for the settings of one array."""

    def __init__(
        self, array: NDArray[Any], samples: Samples, rate: float | None, budget: Budget, near: tuple[Stages, ...]
    ) -> None:
        self.array, self.samples, self.rate, self.budget, self.near = array, samples, rate, budget, near
        self.best: Candidate | None = None

    def run(self) -> Identification:
        """Try readings of the array until one reproduces it."""
        for likely, share in PASSES:
            try:
                budget = self.budget.part(share * self.budget.left)
                for reading in self._readings(budget, likely=likely):
                    self._refine_in_time(reading, budget)
                    if self.best is not None and self.best.is_right:
                        return self._answer()
            except OutOfTimeError:
                pass
            if self.best is not None and self.best.error < FOUND:
                break
        return self._answer()

    def _readings(self, budget: Budget, *, likely: bool) -> Iterator[Reading]:
        """Yield readings of the array: what is sure at once, then those with the best first scores.

        Those with a number of frames that a convention gives come first.
        """
        waiting: list[tuple[float, Reading]] = []
        for trust in (True, False):
            for layout in find_layouts(self.array):
                for family in families(layout):
                    if is_likely(layout.values.shape[1], family) != likely:
                        continue
                    for n_frames in possible_frame_counts(layout.values, trust=trust):
                        reading = self._read(layout, family, n_frames, budget, trust=trust)
                        if reading is not None and reading.beam[0][0] < SURE[family]:
                            yield reading
                        elif reading is not None:
                            waiting.append((reading.beam[0][0] * (1.0 if trust else CUT_OFF), reading))
        waiting.sort(key=lambda each: each[0])
        # What is nothing like the array is worth the time where it is the best reading only.
        for index, (_, reading) in enumerate(waiting[:3]):
            if (likely and index == 0) or reading.beam[0][0] < UNLIKE:
                yield reading

    def _read(self, layout: Layout, family: str, n_frames: int, budget: Budget, *, trust: bool) -> Reading | None:
        """Return a reading of an array with its beam; None if it has none."""
        values = layout.values[:n_frames]
        levels = np.abs(values) if layout.is_complex else values.astype(np.float64)
        if n_frames < 2 or not np.ptp(levels) > 0:
            return None
        is_normalized = not layout.is_complex and is_band_normalized(levels)
        if is_normalized:
            # What rounding makes of a constant band that is divided by its deviation is not compared.
            layout = replace(layout, values=np.where(np.ptp(levels, axis=0) > 0, layout.values, 0))
            levels = layout.values[:n_frames].astype(np.float64)
        by_band = "scaled" if is_normalized else ("centred" if family == "bands" else "all")
        n_values = levels.shape[1]
        n_chosen = 24 if family == "bands" else max(6, min(40, 1500 // n_values))
        share = 0.5 if family == "bands" or is_normalized else 0.2
        target = Target(levels, n_chosen, share, by_band, ("linear",) if layout.is_complex else ())
        if target.n_compared < LEAST_COMPARED:
            return None
        scorer = Scorer(self.samples, target, budget)
        near: list[Recipe] = []
        if family == "bands":
            beam = beam_of_bands(scorer, [self.rate] if self.rate else USUAL_RATES, trust=trust)
            if beam:
                bank = beam[0][1].bank
                assert bank is not None
                near = self._known_settings(scorer, self.rate or bank.sample_rate)
            beam = sorted([*((value_of(scorer, recipe), recipe) for recipe in near), *beam], key=lambda each: each[0])
        else:
            beam = beam_of_bins(scorer, *possible_fft_lengths(levels, family), self.rate, trust=trust)
        return Reading(layout, levels, family, scorer, beam, is_normalized, near) if beam else None

    def _known_settings(self, scorer: Scorer, rate: float) -> list[Recipe]:
        """Return what bands are compared with besides usual lengths."""
        n_bands = scorer.target.values.shape[1]
        return [
            *(recipe for stages in self.near for recipe in start_from(stages, n_bands)),
            *kaldi_starts(scorer, rate),
        ]

    def _refine_in_time(self, reading: Reading, budget: Budget) -> None:
        """Search from the beam of a reading, with a part of the time where it is doubtful."""
        scorer = reading.scorer
        if reading.beam[0][0] > DOUBTFUL:
            scorer.budget = budget.part(budget.left / 2)
        try:
            self._refine(reading)
        except OutOfTimeError:
            budget.check()
        found = scorer.best()
        if scorer.budget.left < 0 and found and found[0][0] < FAR:
            # What turned out to be nearly right is worth the rest.
            scorer.budget = budget
            self._refine(replace(reading, beam=found))

    def _refine(self, reading: Reading) -> None:
        """Search from the beam of a reading, for bands at other sample rates, too."""
        if reading.family == "bands":
            bank = reading.beam[0][1].bank
            assert bank is not None
            others = [rate for rate in USUAL_RATES if rate != (self.rate or bank.sample_rate)]
            self._keep_best(reading, refine_bands(reading.scorer, reading.beam, reading.near, others))
        else:
            self._keep_best(reading, refine_bins(reading.scorer, reading.beam, self.rate))

    def _keep_best(self, reading: Reading, found: list[tuple[float, Recipe]]) -> None:
        """Polish the best recipes of a search, and keep what is better than before."""
        for index, (score, recipe) in enumerate(found[:2]):
            if score > (CLOSE if index else 0.2):
                break
            candidate = polish_recipe(reading, recipe, score, reading.scorer.budget, self.rate)
            if score < CUT and candidate.error > FOUND and candidate.model.framing is None:
                candidate = cut_signal(reading, candidate, self.rate)
            if self.best is None or candidate.error < self.best.error:
                self.best = candidate
            if self.best.error < FOUND / 10:
                break

    def _answer(self) -> Identification:
        """Judge the best candidate."""
        best = self.best
        if best is None:
            return Identification("nothing fits", math.inf, None)
        # An edge of 11,400.2 Hz instead of 11,400 leaves loud values right, too.
        if best.error < FOUND or (best.score < ANOTHER_SIGNAL and not best.is_stopped):
            best = plainest(best)
        model = best.model
        rivals, undetermined = judge(best) if best.error < FOUND else ((), ())
        level: Level = "nothing fits"
        if best.error < FOUND:
            level = "found"
        elif (
            best.score < ANOTHER_SIGNAL
            and model.framing is not None
            # Nothing of another signal is shown by what was stopped halfway, a handful of values, those that were
            # rounded or normalized, whose score may be as small for wrong settings, and frames beyond the ends.
            and not best.is_stopped
            and not best.is_coarse
            and np.size(self.array) >= LEAST_VALUES
            and error_inside(best) > FOUND
        ):
            level = "these settings, another signal"
        program = _program(model)
        settings = list_settings(model)
        nearest = "" if level != "nothing fits" else ", ".join(f"{name} {value}" for name, value in settings[:6])
        framings = name_framings(model.recipe, model.n_samples, model.n_frames)
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

    def _notes(self, model: Model) -> Iterator[str]:
        bank = model.recipe.bank
        if bank is not None and self.rate and bank.sample_rate != self.rate:
            yield f"The bank is one for {bank.sample_rate:g} Hz, not for {self.rate:g} Hz."
        if model.part is not None:
            yield f"It was made of samples {model.part[0]} to {model.part[1] - 1} of the signal only."
        if model.recipe.phases != "exact":
            yield "Keras rounds the phases of its kernels; the layer does not, which moves quiet values."
        if model.n_padded:
            yield f"The last {model.n_padded} frames hold the constant {model.padding_value:.6g}."
        if model.framing is None:
            yield (
                f"No convention has {model.n_frames} frames from sample {model.recipe.start}: "
                "frames or samples were cut off or added."
            )


def _program(model: Model) -> Program:
    try:
        return make_program(
            model.recipe,
            model.tail,
            model.n_samples,
            model.n_frames,
            part=model.part,
            is_complex=model.layout.is_complex,
        )
    except (ValueError, OverflowError):
        # A floor or window that a layer does not have, or a constant of settings that do not fit.
        return Program(None, "", (), model.n_samples)
