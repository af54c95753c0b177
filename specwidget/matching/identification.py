"""`identify`: the settings with which an array was made of a signal."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.layer import STFTSpectrogram
from specwidget.matching.arguments import check_features, check_signal, check_time_limit
from specwidget.matching.budget import Budget, OutOfTimeError, Progress
from specwidget.matching.constants import named_factors, read_factor
from specwidget.matching.framings import FRAMINGS, Framing, name_framings
from specwidget.matching.known import match_front_ends, start_from
from specwidget.matching.layers import Program, make_program
from specwidget.matching.layouts import USUAL_BANDS, Layout, find_layouts
from specwidget.matching.recipe import PAD_MODES, Bank, Recipe, Samples
from specwidget.matching.scores import Target
from specwidget.matching.search import (
    WINDOWS,
    Polish,
    Scorer,
    beam_of_bands,
    beam_of_bins,
    climb,
    kaldi_starts,
    polish_groups,
    refine_bands,
    refine_bins,
)
from specwidget.matching.stages import Layer, Stages, check_near
from specwidget.matching.tables import format_error, html_page, html_table, text_table
from specwidget.matching.tails import Tail, fit_tail, is_band_normalized, name_reference, tail_error
from specwidget.mel.front_ends import FrontEnd
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.stft.settings import check_sample_rate
from specwidget.stft.windows import window_repr

Level = Literal["found", "these settings, another signal", "nothing fits"]

FOUND = 1e-4
"""Largest relative error of settings that are found."""

RIVAL = 10.0
"""How many times better than every rival they are."""

GOOD_ERROR = 1e-5
"""Error below which no better settings are looked for."""

ROUNDING = 1e-7
"""Least error that is counted: that of float32."""

MOST_SILENT = 3
"""Most frames of one value at the end that are taken for silence first."""

LEAST_VALUES = 256
"""Fewest values of an array of which it is said that it is of another signal."""

ANOTHER_SIGNAL = 1e-6
"""Largest score of loud values for settings that are right for another signal."""

UNLIKE = 0.9
"""Score of the best framing above which a reading is not refined, unless it is the best one."""

USUAL_RATES = (16_000.0, 22_050.0, 44_100.0, 48_000.0, 8000.0, 24_000.0, 32_000.0)
"""Sample rates that are tried where the claimed one does not fit, Hz."""


@dataclass(frozen=True)
class Rival:
    """Settings that differ in one switch, and their relative error."""

    switch: str
    value: str
    error: float


@dataclass(frozen=True)
class Undetermined:
    """A switch that this signal says nothing about: the values that fit, and why."""

    switch: str
    values: tuple[str, ...]
    reason: str


@dataclass(frozen=True, eq=False)
class _Model:
    """How another signal is turned into an array of the same layout."""

    recipe: Recipe
    tail: Tail
    layout: Layout
    framing: Framing | None
    n_samples: int
    n_frames: int
    n_padded: int = 0
    padding_value: float = 0.0
    phase_shift: int = 0

    def values(self, samples: Samples, n_frames: int) -> NDArray[Any]:
        """Compute values (n_frames, K)."""
        indices = np.arange(n_frames)
        if self.layout.is_complex:
            return _complex_values(samples, self.recipe, self.tail, indices, self.phase_shift)
        return self.tail.apply(samples.power(self.recipe, indices))

    def apply(self, signal: NDArray[Any]) -> NDArray[Any]:
        """Return the array of a signal."""
        recipe, n_frames = self.recipe, self.n_frames
        if self.n_padded == 0 and len(signal) != self.n_samples:
            if self.framing is not None:
                start, count = self.framing.rule(len(signal), recipe.frame_length, recipe.n_fft, recipe.step)
                recipe, n_frames = recipe.change(start=int(start)), int(count)
            else:
                n_frames += (len(signal) - self.n_samples) // recipe.step
        values = replace(self, recipe=recipe).values(Samples(signal), n_frames)
        if self.n_padded:
            values = np.pad(values, ((0, self.n_padded), (0, 0)), constant_values=self.padding_value)
        return self.layout.restore(values)


@dataclass(frozen=True, eq=False)
class Identification:
    """The settings behind an array.

    Parameters
    ----------
    level : {"found", "these settings, another signal", "nothing fits"}
        Whether the settings reproduce the array; or are right but for the signal, which was changed (dithered,
        resampled, another channel); or there are none.
    error : float
        Root of the mean squared error of the values, relative to their standard deviation.
    layer : MelSpectrogram, MFCC, STFTSpectrogram or None
        The layer, as far as a layer does it; `code` has the rest.
    settings : tuple of (str, str)
        The settings by name, for display.
    conventions : tuple of str
        Names that mean the same: front ends, and framings of libraries.
    constant : str
        A constant factor or offset with its readings; empty if there is none.
    undetermined : tuple of Undetermined
        Switches that this signal says nothing about.
    rivals : tuple of Rival
        The best settings that differ in one switch.
    nearest : str
        The nearest settings where nothing fits; else empty.
    layout : str
        What the axes of the array are.
    code : str
        A program.
    rest : tuple of str
        The lines of `code` before and after the layer: what no layer does.
    notes : tuple of str
        Sentences about the signal, the sample rate, or frames that were added.
    """

    level: Level
    error: float
    layer: MelSpectrogram | MFCC | STFTSpectrogram | None
    settings: tuple[tuple[str, str], ...] = ()
    conventions: tuple[str, ...] = ()
    constant: str = ""
    undetermined: tuple[Undetermined, ...] = ()
    rivals: tuple[Rival, ...] = ()
    nearest: str = ""
    layout: str = ""
    code: str = ""
    rest: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    _apply: Any = field(default=None, repr=False)

    def apply(self, signal: Any) -> NDArray[Any]:
        """Return the array of another signal in the same layout.

        Parameters
        ----------
        signal : array (time,)
            Samples of a float type.

        Returns
        -------
        ndarray
            What the pipeline would return, in the dtype and layout of the array.

        Raises
        ------
        ValueError
            If nothing was found.
        TypeError
            If `signal` is not an array of a float type.
        """
        if self._apply is None:
            raise ValueError("Nothing was found that could be applied; got the level 'nothing fits'.")
        return np.asarray(self._apply(check_signal("signal", signal)))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The result in sentences."""
        verdicts = {
            "found": f"Found, with a relative error of {format_error(self.error)}.",
            "these settings, another signal": (
                "These settings, but another signal: loud values fit, the relative error is "
                f"{format_error(self.error)}. The signal was dithered, resampled, mixed or changed otherwise."
            ),
            "nothing fits": "Nothing fits" + (f"; the nearest: {self.nearest}." if self.nearest else "."),
        }
        said = [verdicts[self.level]]
        if self.level != "nothing fits":
            if self.conventions:
                said.append("It is: " + "; ".join(self.conventions) + ".")
            if self.constant:
                said.append(f"{self.constant}.")
            said += [f"{each.switch}: {' or '.join(each.values)} ({each.reason})." for each in self.undetermined]
        return (*said, *self.notes)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-serialisable values."""
        return {
            "level": self.level,
            "error": self.error if math.isfinite(self.error) else None,
            "settings": dict(self.settings),
            "conventions": list(self.conventions),
            "constant": self.constant,
            "undetermined": [vars(each) for each in self.undetermined],
            "rivals": [vars(each) for each in self.rivals],
            "nearest": self.nearest,
            "layout": self.layout,
            "code": self.code,
            "sentences": list(self.sentences),
        }

    def __str__(self) -> str:
        """Return sentences, settings and code as text."""
        parts = [list(self.sentences)]
        if self.settings:
            parts.append(text_table(("setting", "value"), self.settings))
        if self.code and self.level != "nothing fits":
            parts.append(self.code.splitlines())
        return "\n\n".join("\n".join(lines) for lines in parts)

    def _repr_html_(self) -> str:
        tables = [html_table(("setting", "value"), self.settings)] if self.settings else []
        return html_page(self.sentences, tables, self.code if self.level != "nothing fits" else "")


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
        Processor time, seconds.
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
class _Candidate:
    """What a search ended with."""

    error: float
    score: float
    model: _Model
    polish: Polish
    is_stopped: bool = False

    @property
    def is_right(self) -> bool:
        """Whether no other reading of the array can be better: all values fit, or loud ones to a millionth."""
        return self.error < FOUND / 10 or (self.score < ANOTHER_SIGNAL and not self.is_stopped)


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
        self.best: _Candidate | None = None
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
            for family in _families(layout):
                if _is_likely(layout.values.shape[1], family) != likely:
                    continue
                for n_frames in _frame_counts(layout.values, trust=trust):
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
            beam = beam_of_bins(scorer, *_fft_lengths(levels, family), self.rate, trust=trust)
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

    def _polish(self, attempt: _Attempt, recipe: Recipe, score: float) -> _Candidate:
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

    def _finish(self, layout: Layout, polish: Polish, recipe: Recipe, score: float) -> _Candidate:
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
            shift = _phase_shift(self.samples, recipe, indices, layout.values[:n_frames])
            found = _complex_values(self.samples, recipe, tail, indices, shift)
            size = np.sqrt(np.mean(np.abs(layout.values[:n_frames]) ** 2))
            error = float(np.sqrt(np.mean(np.abs(found - layout.values[:n_frames]) ** 2)) / size)
        framings = name_framings(
            len(self.samples), n_frames, recipe.frame_length, recipe.n_fft, recipe.step, recipe.start
        )
        n_padded = len(layout.values) - n_frames
        value = float(layout.values[-1, 0].real) if n_padded else 0.0
        model = _Model(
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
        return _Candidate(error, score, model, polish)

    def _answer(self) -> Identification:
        """Judge the best candidate."""
        best = self.best
        if best is None:
            return Identification("nothing fits", math.inf, None)
        if best.error < FOUND:
            best = self._plainest(best)
        model = best.model
        rivals, undetermined = _judge(best) if best.error < FOUND else ((), ())
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
        settings = _list_settings(model)
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
            _read_constant(model),
            undetermined,
            rivals[:5],
            nearest,
            model.layout.sentence,
            program.code,
            tuple(line for line in (*program.before.splitlines(), *program.after) if line),
            tuple(self._notes(model)),
            model.apply if level != "nothing fits" else None,
        )

    def _plainest(self, best: _Candidate) -> _Candidate:
        """Return the most usual of the settings that give the same array."""
        polish, recipe = best.polish, best.model.recipe
        polish.budget = polish.budget.more(3.0)
        n_frames = best.model.n_frames
        try:
            for _ in range(3):
                allowed = 1.5 * max(polish(recipe), ROUNDING / 2)
                same = [each for each in _equal_forms(recipe) if _error_of(polish, each) <= allowed]
                plainest = min([recipe, *same], key=lambda each: _oddity(each, len(self.samples), n_frames))
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

    def _notes(self, model: _Model) -> Iterator[str]:
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


def _error_of(polish: Polish, recipe: Recipe) -> float:
    """Return the error of a recipe; infinite where it does not exist."""
    if not 1 <= recipe.frame_length <= recipe.n_fft:
        return math.inf
    try:
        return polish(recipe)
    except ValueError:
        return math.inf


def _equal_forms(recipe: Recipe) -> Iterator[Recipe]:
    """Yield recipes that may give the same array: windows that end in 0, ends that no frame reaches, and so on."""
    for mean in (None, "frame", "signal"):
        yield recipe.change(remove_mean=mean)
    for ends in PAD_MODES:
        yield recipe.change(ends=ends)
    for change in (-2, -1, 0, 1):
        for shift in (0, 1, -1):
            for periodic in (True, False):
                yield recipe.change(
                    frame_length=recipe.frame_length + change, start=recipe.start + shift, periodic=periodic
                )
    if recipe.bank is None:
        if recipe.sides != "two":
            yield recipe.change(sides="doubled" if recipe.sides == "one" else "one")
        return
    for high in (recipe.bank.sample_rate / 2, round(recipe.bank.high), round(recipe.bank.high, -1)):
        yield recipe.change_bank(high=float(high))
    for low in (0.0, 20.0, round(recipe.bank.low), round(recipe.bank.low, -1)):
        yield recipe.change_bank(low=float(low))
    for triangles in ("hertz", "mel"):
        for norm in ("slaney", None):
            yield recipe.change_bank(triangles=triangles, norm=norm)


def _oddity(recipe: Recipe, n_samples: int, n_frames: int) -> tuple[Any, ...]:
    """Rate settings: the less usual, the larger."""
    framings = name_framings(n_samples, n_frames, recipe.frame_length, recipe.n_fft, recipe.step, recipe.start)
    rank = FRAMINGS.index(framings[0]) if framings else len(FRAMINGS)
    even = recipe.frame_length % 2
    usual_ends = ("reflect", "zeros", "symmetric", "odd", "edge").index(recipe.ends)
    ends = ("zeros", "reflect", "symmetric", "edge", "odd").index(recipe.ends) if recipe.start >= 0 else usual_ends
    oddity: tuple[Any, ...] = (
        not framings,
        recipe.conventions.remove_mean is not None,
        even,
        rank,
        not recipe.periodic,
        recipe.sides != "one",
        ends,
    )
    if recipe.bank is not None:
        oddity += (recipe.bank.high % 10 != 0, recipe.bank.low % 5 != 0, recipe.bank.triangles == "mel")
    return oddity


def _program(model: _Model) -> Program:
    try:
        return make_program(
            model.recipe, model.tail, model.n_samples, model.n_frames, is_complex=model.layout.is_complex
        )
    except ValueError:
        # A floor or window that a layer does not have.
        return Program(None, "", (), model.n_samples)


def _families(layout: Layout) -> list[str]:
    """Return what the values may be, the likelier first: bins, all bins of both sides, or bands."""
    n_values = layout.values.shape[1]
    if layout.is_complex:
        return ["bins", "two"] if n_values % 2 else ["two", "bins"]
    found = []
    if _is_symmetric(layout.values):
        found.append("two")
    is_usual = (2 * (n_values - 1)) % 10 == 0 or (n_values - 1) & (n_values - 2) == 0
    order = ["bins", "bands"] if is_usual and n_values % 2 else ["bands", "bins"]
    found += [family for family in order if not (family == "bands" and n_values > 400)]
    return found


def _is_likely(n_values: int, family: str) -> bool:
    """Check whether a number of bins or bands is usual."""
    if family == "bands":
        return n_values in USUAL_BANDS
    n_fft = n_values if family == "two" else 2 * (n_values - 1)
    return n_fft & (n_fft - 1) == 0 or n_fft % 20 == 0


def _is_symmetric(values: NDArray[Any]) -> bool:
    """Check whether bin k has the values of bin N - k."""
    mirrored = values[:, :0:-1]
    size = np.abs(values).max()
    return bool(values.shape[1] > 4 and np.allclose(values[:, 1:], mirrored, atol=1e-5 * size))


def _fft_lengths(values: NDArray[Any], family: str) -> tuple[list[int], str]:
    n_values = values.shape[1]
    if family == "two":
        return [n_values], "two"
    even, odd = 2 * (n_values - 1), 2 * n_values - 1
    return ([even] if even % 10 == 0 or even & (even - 1) == 0 else [even, odd]), "one"


def _frame_counts(values: NDArray[Any], *, trust: bool) -> list[int]:
    """Return numbers of frames that may have been computed: all, and those without constant ones at the end."""
    last = values[-1]
    n_constant = 0
    if np.ptp(np.abs(last)) == 0:
        differs = np.any(values != last, axis=1)
        n_constant = len(values) - (int(np.flatnonzero(differs)[-1]) + 1 if differs.any() else 0)
    counts = [len(values)]
    if n_constant > MOST_SILENT:
        counts.insert(0, len(values) - n_constant)
        if not trust:
            counts.insert(0, len(values) - n_constant - 4)
    elif n_constant and not trust:
        # Frames of silence at the floor are no padding, unless nothing else fits.
        counts.append(len(values) - n_constant)
    return [count for count in counts if count >= 2]


def _complex_values(
    samples: Samples, recipe: Recipe, tail: Tail, indices: NDArray[np.int64], shift: int
) -> NDArray[Any]:
    """Return complex values, with the phase of a window `shift` samples later in the FFT."""
    spectrum = _spectrum(samples, recipe, indices)
    bins = np.arange(spectrum.shape[1])
    return np.asarray(tail.scale * spectrum * np.exp(-2j * np.pi * bins * shift / recipe.n_fft))


def _spectrum(samples: Samples, recipe: Recipe, indices: NDArray[np.int64]) -> NDArray[Any]:
    parts = samples.spectrum(recipe, indices)
    spectrum = parts.real + 1j * parts.imag
    if recipe.sides == "doubled":
        spectrum[:, 1 : (recipe.n_fft + 1) // 2] *= np.sqrt(2)
    if recipe.sides == "two":
        spectrum = np.concatenate([spectrum, spectrum[:, (recipe.n_fft - 1) // 2 : 0 : -1].conj()], axis=1)
    return np.asarray(spectrum)


def _phase_shift(samples: Samples, recipe: Recipe, indices: NDArray[np.int64], values: NDArray[Any]) -> int:
    """Return by how many samples the window lies later in the FFT, from the phases of adjacent bins."""
    ratio = values * _spectrum(samples, recipe, indices).conj()
    turn = (ratio[:, 1:] * ratio[:, :-1].conj()).sum()
    return round(-float(np.angle(turn)) / (2 * np.pi) * recipe.n_fft)


def _switches_of(recipe: Recipe) -> Iterator[tuple[str, str, Recipe]]:
    """Yield recipes that differ in one switch, with its name and value."""
    for window in WINDOWS:
        if window != recipe.window:
            yield "window", window_repr(window), recipe.change(window=window)
    yield (
        "symmetry of the window",
        "symmetric" if recipe.periodic else "periodic",
        recipe.change(periodic=not recipe.periodic),
    )
    for mean in (None, "frame", "signal"):
        if mean != recipe.conventions.remove_mean:
            yield "mean", f"removed from the {mean}" if mean else "kept", recipe.change(remove_mean=mean)
    for change in (1, -1):
        yield "start", f"{recipe.start + change}", recipe.change(start=recipe.start + change)
        length = recipe.frame_length + change
        if length <= recipe.n_fft:
            yield "frame length", f"{length}", recipe.change(frame_length=length)
    for ends in PAD_MODES:
        if ends != recipe.ends:
            yield "ends of the signal", ends, recipe.change(ends=ends)
    if recipe.bank is None:
        if recipe.sides != "two":
            other = "doubled" if recipe.sides == "one" else "one"
            yield "doubling of the bins of both sides", other, recipe.change(sides=other)
        return
    yield from _bank_switches(recipe, recipe.bank)


def _bank_switches(recipe: Recipe, bank: Bank) -> Iterator[tuple[str, str, Recipe]]:
    scale = "slaney" if bank.scale == "htk" else "htk"
    triangles = "mel" if bank.triangles == "hertz" else "hertz"
    norm = None if bank.norm else "slaney"
    yield "mel scale", scale, recipe.change_bank(scale=scale)
    yield "shape of the triangles", triangles, recipe.change_bank(triangles=triangles)
    yield "area of the triangles", f"{norm}", recipe.change_bank(norm=norm)
    for low in (bank.low + 1, bank.low - 1, 0.0, 20.0):
        if low >= 0 and low != bank.low:
            yield "lowest frequency", f"{low:g}", recipe.change_bank(low=low)
    for high in (bank.high - 1, bank.high + 1, bank.sample_rate / 2):
        if high <= bank.sample_rate / 2 and high != bank.high:
            yield "highest frequency", f"{high:g}", recipe.change_bank(high=high)
    exponent = 3.0 - recipe.exponent
    yield "power or magnitude", f"{exponent:g}", recipe.change(exponent=exponent)


REASONS = {
    "ends of the signal": "it is silent at its ends, or no frame reaches beyond them",
    "mean": "the frames have none, or the lowest bins are not loud enough",
    "doubling of the bins of both sides": "bins 0 and N/2 are empty in this signal",
    "area of the triangles": "each band was normalized",
    "highest frequency": "there is nothing near it",
    "lowest frequency": "there is nothing near it",
}


def _judge(candidate: _Candidate) -> tuple[tuple[Rival, ...], tuple[Undetermined, ...]]:
    """Turn each switch: return those that make a difference as rivals, the others as undetermined."""
    polish, recipe = candidate.polish, candidate.model.recipe
    # The verdict on what was found must not depend on the time that was left.
    polish.budget = polish.budget.more(5.0)
    own = max(polish(recipe), ROUNDING)
    rivals: list[Rival] = []
    open_values: dict[str, list[str]] = {}
    for switch, value, other in _switches_of(recipe):
        try:
            error = polish(other)
        except (ValueError, OutOfTimeError):
            continue
        if error < RIVAL * own:
            open_values.setdefault(switch, []).append(value)
        else:
            rivals.append(Rival(switch, value, error))
    undetermined = [
        Undetermined(
            switch, (_own_value(switch, recipe), *values), REASONS.get(switch, "they give the same values here")
        )
        for switch, values in open_values.items()
    ]
    undetermined += [*_undetermined_framing(candidate.model), *_undetermined_tail(candidate.model)]
    return tuple(sorted(rivals, key=lambda rival: rival.error)), tuple(undetermined)


def _own_value(switch: str, recipe: Recipe) -> str:
    bank = recipe.bank
    values: dict[str, Any] = {
        "window": window_repr(recipe.window),
        "symmetry of the window": "periodic" if recipe.periodic else "symmetric",
        "mean": f"removed from the {recipe.conventions.remove_mean}" if recipe.conventions.remove_mean else "kept",
        "start": recipe.start,
        "frame length": recipe.frame_length,
        "ends of the signal": recipe.ends,
        "doubling of the bins of both sides": recipe.sides,
        "power or magnitude": f"{recipe.exponent:g}",
    }
    if bank is not None:
        values |= {
            "mel scale": bank.scale,
            "shape of the triangles": bank.triangles,
            "area of the triangles": bank.norm,
            "lowest frequency": f"{bank.low:g}",
            "highest frequency": f"{bank.high:g}",
        }
    return f"{values[switch]}"


def _undetermined_tail(model: _Model) -> Iterator[Undetermined]:
    """Yield what no value of this array reaches."""
    tail = model.tail
    if model.layout.is_complex:
        return
    if tail.floor is None:
        yield Undetermined("floor", ("none", "any below the least value"), "no value reaches it")
    if tail.kind == "log" and tail.top is None:
        yield Undetermined("limit below the top", ("none", "any beyond the least value"), "no value reaches it")


def _undetermined_framing(model: _Model) -> Iterator[Undetermined]:
    """Yield the framings that differ for another length of the signal."""
    recipe = model.recipe
    framings = name_framings(
        model.n_samples, model.n_frames, recipe.frame_length, recipe.n_fft, recipe.step, recipe.start
    )
    lengths = range(model.n_samples, model.n_samples + 3 * recipe.step, max(1, recipe.step // 7))
    results = {
        framing: [
            tuple(map(int, framing.rule(length, recipe.frame_length, recipe.n_fft, recipe.step))) for length in lengths
        ]
        for framing in framings
    }
    if len({tuple(each) for each in results.values()}) > 1:
        names = tuple(framing.name for framing in framings)
        yield Undetermined("number of frames for other lengths", names, "they agree for this length")


def _list_settings(model: _Model) -> tuple[tuple[str, str], ...]:
    """List the settings for display."""
    recipe, tail = model.recipe, model.tail
    listed: list[tuple[str, Any]] = [
        ("FFT length", recipe.n_fft),
        ("frame length", recipe.frame_length),
        ("frame step", recipe.step),
        ("window", f"{window_repr(recipe.window)}, {'periodic' if recipe.periodic else 'symmetric'}"),
        ("first window starts at sample", recipe.start),
        ("ends of the signal", recipe.ends),
    ]
    conventions, bank = recipe.conventions, recipe.bank
    if conventions.remove_mean:
        listed.append(("mean", f"removed from the {conventions.remove_mean}"))
    if conventions.preemphasis:
        listed.append(("pre-emphasis", f"{conventions.preemphasis:g} over the {conventions.preemphasis_over}"))
    if bank is not None:
        listed += [
            ("bands", bank.n_bands),
            ("from, to", f"{bank.low:g} to {bank.high:g} Hz at {bank.sample_rate:g} Hz"),
            ("mel scale", bank.scale),
            ("triangles", f"straight over {bank.triangles}, area norm {bank.norm}"),
            ("exponent of the magnitude", f"{recipe.exponent:g}"),
        ]
    elif not model.layout.is_complex:
        listed.append(("sides", recipe.sides))
    formulas = {
        "log": f"{tail.slope:.6g} ln(P) + {tail.offset:.6g}",
        "log1p": f"ln(1 + {tail.scale:.6g} P^{tail.slope:g})",
        "linear": f"{tail.scale:.6g} P^{tail.slope:g}" + (f" + {tail.offset:.6g}" if tail.offset else ""),
    }
    if not model.layout.is_complex:
        listed.append(("values", formulas[tail.kind]))
    if tail.floor:
        listed.append(("floor", f"{tail.floor_power:.6g}, {'added' if tail.floor == 'add' else 'the least'}"))
    if tail.top is not None:
        listed.append(("limit below the top", f"{tail.top:.6g}"))
    if tail.reference:
        listed.append(("normalized over the recording by", tail.reference))
    return tuple((name, f"{value}") for name, value in listed)


def _read_constant(model: _Model) -> str:
    """Write the constant factor of the powers with its readings; empty for 1."""
    tail, recipe = model.tail, model.recipe
    if tail.reference in ("band", "all", "minmax", "max", "peak") or tail.kind == "log1p":
        return ""
    if tail.kind == "log":
        factor = math.exp(max(min(tail.offset / tail.slope, 700.0), -700.0))
    else:
        factor = abs(tail.scale) ** (1 / tail.slope)
    if abs(math.log(factor)) < 1e-4:
        return ""
    rate = recipe.bank.sample_rate if recipe.bank is not None else None
    readings = read_factor(factor, named_factors(recipe.n_fft, recipe.window_values, rate))
    return f"Every power is multiplied by {factor:.6g}" + (": " + " or ".join(readings) if readings else "")
