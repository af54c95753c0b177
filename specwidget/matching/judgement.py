"""Candidates, and what is to be said of them: rivals in one switch, what is undetermined, the plainest form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from specwidget.matching.budget import OutOfTimeError
from specwidget.matching.framings import FRAMINGS, name_framings
from specwidget.matching.model import Model
from specwidget.matching.moves import side_moves
from specwidget.matching.objectives import Polish
from specwidget.matching.recipe import PAD_MODES, Bank, Recipe
from specwidget.matching.result import Rival, Undetermined
from specwidget.matching.usual import WINDOWS
from specwidget.stft.windows import window_repr

FOUND = 1e-4
"""Largest relative error of settings that are found."""

RIVAL = 10.0
"""How many times better than every rival they are."""

ROUNDING = 1e-7
"""Least error that is counted: that of float32."""

ANOTHER_SIGNAL = 1e-6
"""Largest score of loud values for settings that are right for another signal."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """What a search ended with."""

    error: float
    score: float
    model: Model
    polish: Polish
    is_stopped: bool = False

    @property
    def is_right(self) -> bool:
        """Whether no other reading of the array can be better: all values fit, or loud ones to a millionth."""
        if self.is_coarse:
            return self.error < FOUND
        return self.error < FOUND / 10 or (self.score < ANOTHER_SIGNAL and not self.is_stopped)

    @property
    def is_coarse(self) -> bool:
        """Whether a score shows little: of values rounded to less than a millionth, or of normalized bands."""
        return self.polish.dtype is not None or self.polish.is_normalized


def equal_forms(recipe: Recipe) -> Iterator[Recipe]:
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
    yield from side_moves(recipe)
    yield recipe.change(phases="exact")
    if recipe.bank is None:
        return
    for high in (recipe.bank.sample_rate / 2, round(recipe.bank.high), round(recipe.bank.high, -1)):
        yield recipe.change_bank(high=float(high))
    for low in (0.0, 20.0, round(recipe.bank.low), round(recipe.bank.low, -1)):
        yield recipe.change_bank(low=float(low))
    for triangles in ("hertz", "mel"):
        for norm in ("slaney", None):
            yield recipe.change_bank(triangles=triangles, norm=norm)


def oddity(recipe: Recipe, n_samples: int, n_frames: int) -> tuple[Any, ...]:
    """Rate settings: the less usual, the larger."""
    framings = name_framings(recipe, n_samples, n_frames)
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
        recipe.phases != "exact",
        ends,
    )
    if recipe.bank is not None:
        oddity += (recipe.bank.high % 10 != 0, recipe.bank.low % 5 != 0, recipe.bank.triangles == "mel")
    return oddity


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
    if recipe.phases != "exact":
        yield "phases of the DFT", "exact", recipe.change(phases="exact")
    for other in side_moves(recipe):
        yield "doubling of the bins of both sides", other.sides, other
    if recipe.bank is not None:
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


def judge(candidate: Candidate) -> tuple[tuple[Rival, ...], tuple[Undetermined, ...]]:
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
        "phases of the DFT": recipe.phases,
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


def _undetermined_tail(model: Model) -> Iterator[Undetermined]:
    """Yield what no value of this array reaches."""
    tail = model.tail
    if model.layout.is_complex:
        return
    if tail.floor is None:
        yield Undetermined("floor", ("none", "any below the least value"), "no value reaches it")
    if tail.kind == "log" and tail.top is None:
        yield Undetermined("limit below the top", ("none", "any beyond the least value"), "no value reaches it")


def _undetermined_framing(model: Model) -> Iterator[Undetermined]:
    """Yield the framings that differ for another length of the signal."""
    recipe = model.recipe
    framings = name_framings(recipe, model.n_samples, model.n_frames)
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
