"""`front_end_difference`: in what two front ends differ, as a path that mends one of them step by step."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen import to_code
from specwidget.matching.arguments import as_numbers, check_signal
from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.constants import explain_offset, named_factors
from specwidget.matching.result import Identification
from specwidget.matching.stages import Layer, Stages, align_frames, known_stages, named_front_end
from specwidget.matching.switches import Switch, differing_switches
from specwidget.matching.tables import format_error, html_page, html_table, text_table
from specwidget.mel.front_ends import FrontEnd
from specwidget.mel.mfcc import MFCC
from specwidget.stft.settings import STFTSettings

TOLERANCE = 1e-4
"""Largest relative error of front ends that agree: wrong triangles change the logarithms of a voice by 7.5e-4, rounding
in float32 by up to 3e-5."""

EFFECT = 1e-9
"""Relative error below which a switch has no effect."""

Function = Callable[[NDArray[Any]], Any]
Side = Layer | FrontEnd | str | Function


@dataclass(frozen=True)
class Step:
    """One switch to turn.

    Parameters
    ----------
    switch : str
        What it is about.
    mine, theirs : str
        The settings on both sides.
    left : float
        Relative error that is left after this step and those before it; infinite where nothing can be compared.
    alone : float
        Relative error if only this were wrong.
    reading : str
        What a constant stands for that this step removes; empty if there is none.
    """

    switch: str
    mine: str
    theirs: str
    left: float
    alone: float
    reading: str = ""


@dataclass(frozen=True)
class Difference:
    """In what two front ends differ.

    Parameters
    ----------
    mine, other : str
        What was compared.
    shapes : (tuple of int, tuple of int)
        Shapes of the features on both sides.
    error : float
        Root of the mean squared difference over frames with the same centre, relative to the standard deviation of the
        other's values; infinite where nothing can be compared.
    path : tuple of Step
        What to change in mine, in this order: each step leaves the least error.
    no_effect : tuple of Step
        Settings that differ and change nothing on this signal.
    notes : tuple of str
        Sentences about what is not a setting of the layer: lengths, layouts, settings that were not identified.
    corrected : MelSpectrogram, MFCC, STFTSpectrogram or None
        The layer after the path; None if the settings of a side are unknown.
    code : str
        Code of that layer.
    identified : tuple of Identification
        How the settings of functions were found.
    """

    mine: str
    other: str
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    error: float
    path: tuple[Step, ...]
    no_effect: tuple[Step, ...]
    notes: tuple[str, ...]
    corrected: Layer | None
    code: str
    identified: tuple[Identification, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the shapes are equal, and the values but for rounding."""
        return self.shapes[0] == self.shapes[1] and self.error <= TOLERANCE

    @property
    def sentences(self) -> tuple[str, ...]:
        """The result in sentences."""
        verdict = "agree" if self.agrees else "differ"
        first = f"{self.mine} and {self.other} {verdict}: relative error {format_error(self.error)}."
        mine, theirs = self.shapes
        shapes = () if mine == theirs else (f"The shapes differ: {mine} here, {theirs} there.",)
        readings = tuple(f"{step.reading}." for step in self.path if step.reading)
        return (first, *shapes, *self.notes, *readings)

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """The path as rows of text: number, switch, mine, theirs, error left, error if only this were wrong."""
        return tuple(
            (f"{number}", step.switch, step.mine, step.theirs, format_error(step.left), format_error(step.alone))
            for number, step in enumerate(self.path, 1)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the result as JSON-serialisable values; an infinite error becomes None."""

        def number(error: float) -> float | None:
            return error if math.isfinite(error) else None

        def steps(listed: tuple[Step, ...]) -> list[dict[str, Any]]:
            return [vars(each) | {"left": number(each.left), "alone": number(each.alone)} for each in listed]

        return {
            "agrees": self.agrees,
            "mine": self.mine,
            "other": self.other,
            "shapes": [list(shape) for shape in self.shapes],
            "error": number(self.error),
            "path": steps(self.path),
            "no_effect": steps(self.no_effect),
            "sentences": list(self.sentences),
            "code": self.code,
        }

    def __str__(self) -> str:
        """Return sentences, path and code as text."""
        parts = [list(self.sentences)]
        if self.path:
            parts.append(["Fix these in this order:", *text_table(HEAD, self.rows)])
        if self.no_effect:
            listed = [f"{step.switch}: {step.mine} here, {step.theirs} there" for step in self.no_effect]
            parts.append(["No effect on this signal:", *listed])
        if self.path and self.code:
            parts.append(["Corrected:", *self.code.splitlines()])
        return "\n\n".join("\n".join(lines) for lines in parts)

    def _repr_html_(self) -> str:
        tables = [html_table(HEAD, self.rows)] if self.path else []
        unused = [(f"{step.switch}", step.mine, step.theirs) for step in self.no_effect]
        if unused:
            tables.append(html_table(("no effect on this signal", "mine", "theirs"), unused))
        return html_page(self.sentences, tables, self.code if self.path else "")


HEAD = ("", "switch", "mine", "theirs", "left after it", "if only this were wrong")


def front_end_difference(mine: Side, other: Side, signal: Any = None) -> Difference:
    """Say in what two front ends differ, and what to change in which order.

    Parameters
    ----------
    mine, other : MelSpectrogram, MFCC, STFTSpectrogram, FrontEnd, str or callable
        A layer, a front end or its name in `front_ends`, or a function from samples (time,) to an array, whose settings
        are identified.
    signal : array (time,), optional
        Samples at the sample rate of the front ends. None means one with speech, silence, an offset and noise up to
        half the sample rate: settings that matter only for these show there.

    Returns
    -------
    Difference
        `print` gives sentences, a notebook shows tables.

    Raises
    ------
    ValueError
        If a name is not that of a front end, or the signal does not have one axis or is not finite.
    TypeError
        If a side is none of these, a function does not return an array of numbers, or `signal` is not an array of a
        float type.

    Notes
    -----
    The path is greedy: each step turns the switch that leaves the least error. A switch may hide another: a wrong
    logarithm beside a wrong gain has no share of the error that could be stated.

    Examples
    --------
    >>> from specwidget import MelSpectrogram
    >>> result = front_end_difference(MelSpectrogram(sequence_stride=256), MelSpectrogram(window="hamming"))
    >>> [step.switch for step in result.path]
    ['frame step', 'window']
    """
    sides = [_as_side(side, name) for side, name in ((mine, "mine"), (other, "other"))]
    samples, rate = _signal_for(sides, signal)
    features = [_compute(side, samples, name) for side, name in zip(sides, ("mine", "other"), strict=True)]
    shapes = features[0].shape, features[1].shape
    stages, identified, notes = _stages_of(sides, features, samples, rate)
    names = _name(sides[0], "mine"), _name(sides[1], "other")
    if stages is None:
        notes += ["Without the settings of both sides there is no path."]
        return Difference(*names, shapes, _direct_error(*features), (), (), tuple(notes), None, "", identified)
    notes += _shape_notes(sides, shapes, samples)
    path, no_effect, corrected = find_path(*stages, samples)
    error = _direct_error(*features)
    if math.isinf(error):
        error = compare_values(*stages, samples)
    # In the usual dtype again; float64 served the comparison.
    corrected = replace(corrected, settings=replace(corrected.settings, dtype=None))
    code = write_code(corrected, len(samples))
    return Difference(*names, shapes, error, path, no_effect, tuple(notes), corrected.layer, code, identified)


def find_path(
    mine: Stages, other: Stages, signal: NDArray[Any], first: Iterable[Switch] = ()
) -> tuple[tuple[Step, ...], tuple[Step, ...], Stages]:
    """Turn switches one by one until two front ends give the same values.

    Parameters
    ----------
    mine, other : Stages
        Front ends of the same kind.
    signal : ndarray (time,)
        The signal.
    first : iterable of Switch
        Switches that are turned before all others, in this order.

    Returns
    -------
    path : tuple of Step
        The steps in order.
    no_effect : tuple of Step
        Differing switches that change nothing.
    corrected : Stages
        Mine after the path.
    """
    target = other.values(signal)
    alone = {
        switch: _turned_error(switch, mine, other, other, target, signal) for switch in differing_switches(mine, other)
    }

    def step(switch: Switch, left: float, reading: str = "") -> Step:
        return Step(
            switch.name, switch.describe(mine, other), switch.describe(other, mine), left, alone[switch], reading
        )

    path: list[Step] = []
    current, error = mine, compare_values(mine, other, signal)
    for switch in (switch for switch in first if switch in alone):
        error = _turned_error(switch, other, current, other, target, signal)
        current = _try_copy(switch, other, current) or current
        path.append(step(switch, error))
    while error > EFFECT:
        rest = list(differing_switches(current, other))
        if not rest:
            break
        errors = [_turned_error(switch, other, current, other, target, signal) for switch in rest]
        # Where nothing can be compared yet, in the order of the computation.
        best = min(range(len(rest)), key=lambda index: errors[index])
        switch, left = rest[best], errors[best]
        turned = _try_copy(switch, other, current)
        if turned is None:
            break
        path.append(step(switch, left, explain_step(current, turned, signal)))
        current, error = turned, left
    # What is left has no effect only if nothing else is wrong: the path may end where a step is impossible.
    left_over = differing_switches(current, other) if error <= EFFECT else ()
    return tuple(path), tuple(step(switch, error) for switch in left_over), current


def _try_copy(switch: Switch, source: Stages, target: Stages) -> Stages | None:
    """Return `target` with a switch as in `source`; None if it does not fit the other settings."""
    return switch.copy(source, target) if switch.fits(source, target) else None


def _turned_error(
    switch: Switch, source: Stages, target: Stages, other: Stages, expected: NDArray[Any], signal: NDArray[Any]
) -> float:
    """Return the error of `target` with a switch as in `source`."""
    turned = _try_copy(switch, source, target)
    return math.inf if turned is None else compare_values(turned, other, signal, expected)


def compare_values(mine: Stages, other: Stages, signal: NDArray[Any], expected: NDArray[Any] | None = None) -> float:
    """Return the relative error over the frames with the same centre; infinite if nothing can be compared."""
    try:
        theirs = other.values(signal) if expected is None else expected
        ours = mine.values(signal)
    except ValueError:
        # The signal is too short for a frame.
        return math.inf
    if len(ours) != len(theirs):
        return math.inf
    columns = align_frames(mine, other, (ours.shape[1], theirs.shape[1]), len(signal))
    if not len(columns[0]):
        return math.inf
    error = relative_error(ours[:, columns[0]], theirs[:, columns[1]])
    # Frames that one side lacks are an error, too, however small.
    missing = 1 - len(columns[1]) / max(ours.shape[1], theirs.shape[1])
    return error if missing == 0 else math.hypot(error, math.sqrt(missing))


def relative_error(mine: NDArray[Any], theirs: NDArray[Any]) -> float:
    """Return the root of the mean squared difference, relative to the standard deviation of `theirs`.

    Infinite where a value is not finite.
    """
    if not (np.isfinite(mine).all() and np.isfinite(theirs).all()):
        return math.inf
    spread = float(np.std(theirs))
    distance = float(np.sqrt(np.mean(np.abs(mine - theirs) ** 2)))
    return distance / spread if spread > 0 else (0.0 if distance == 0 else math.inf)


def explain_step(before: Stages, after: Stages, signal: NDArray[Any]) -> str:
    """Write the constant that a step adds to every value, if it adds one that has a name."""
    if isinstance(after.settings, STFTSettings) or not after.settings.power_to_db or after.cepstrum is not None:
        return ""
    try:
        ours, theirs = before.values(signal), after.values(signal)
    except ValueError:
        return ""
    if ours.shape != theirs.shape:
        return ""
    change = theirs - ours
    # Not at the floor, which does not move.
    inner = change[(ours > ours.min()) & (theirs > theirs.min())]
    if not inner.size or np.ptp(np.quantile(inner, [0.25, 0.75])) > 1e-6 * (1 + abs(np.median(inner))):
        return ""
    settings = after.settings
    unit = settings.conventions.log_factor
    if settings.conventions.normalization == "affine":
        unit /= settings.conventions.deviation
    elif settings.conventions.normalization == "band":
        return ""
    window = settings.transform.window_values
    offset = float(np.median(inner))
    return explain_offset(offset, unit, named_factors(settings.n_fft, window, settings.sampling_rate)) if offset else ""


def write_code(stages: Stages, n_samples: int) -> str:
    """Write the code of the layer."""
    if isinstance(stages.settings, STFTSettings):
        return to_code(stages.settings, (1, n_samples, 1), "specwidget")
    code = to_code(stages.settings, (n_samples,), "specwidget")
    layer = stages.layer
    if not isinstance(layer, MFCC):
        return code
    arguments = f"{layer.num_coefficients}, {layer.convention!r}, {layer.lifter!r}, {layer.zeroth}"
    after = f"mfcc = specwidget.MFCC(layer, {arguments})"
    before, _, _ = code.partition("y = layer(x)")
    return f"{before}{after}\ny = mfcc(x)\n"


def _as_side(side: Any, name: str) -> Any:
    """Return a layer, a front end or a function."""
    if isinstance(side, str):
        return named_front_end(name, side, "a layer, a function")
    if not callable(side) and not isinstance(side, FrontEnd):
        raise TypeError(f"`{name}` must be a layer, a front end's name, or a function; got {type(side).__name__}.")
    return side


def _name(side: Any, role: str) -> str:
    if isinstance(side, FrontEnd):
        return side.name
    own = getattr(side, "__name__", "") if known_stages(side) is None else ""
    return own if own and own != "<lambda>" else role


def _signal_for(sides: list[Any], signal: Any) -> tuple[NDArray[Any], float | None]:
    """Return the signal, and the sample rate that a side names."""
    known = [known_stages(side) for side in reversed(sides)]
    rate = next((each.sample_rate for each in known if each is not None and each.sample_rate), None)
    if signal is None:
        return make_comparison_signal(rate or 16_000.0), rate
    return check_signal("signal", signal), rate


def _compute(side: Any, samples: NDArray[Any], role: str) -> NDArray[Any]:
    """Return the features of a side."""
    if isinstance(side, FrontEnd):
        return side.features(samples)
    stages = known_stages(side)
    if stages is not None and isinstance(stages.settings, STFTSettings):
        return np.asarray(stages.values(samples).T)
    found = as_numbers(side(samples))
    if isinstance(found, str):
        raise TypeError(f"`{role}` must return an array of numbers; {_name(side, 'it')} returned {found}.")
    return found


def _stages_of(
    sides: list[Any], features: list[NDArray[Any]], samples: NDArray[Any], rate: float | None
) -> tuple[tuple[Stages, Stages] | None, tuple[Identification, ...], list[str]]:
    """Return the stages of both sides, how those of functions were identified, and notes."""
    # Imported where a function is identified: the explorer compares known settings alone.
    from specwidget.matching.identification import identify

    known = [known_stages(side) for side in sides]
    near = [each.layer for each in known if each is not None]
    found: list[Identification] = []
    notes: list[str] = []
    for index, side in enumerate(sides):
        if known[index] is not None:
            continue
        name = _name(side, ("mine", "other")[index])
        refusal = _why_not_identified(features[index])
        if refusal:
            notes.append(f"The settings of {name} are not identified: {refusal}")
            continue
        answer = identify(features[index], samples, rate, near=near)
        found.append(answer)
        if answer.layer is None or answer.level == "nothing fits":
            notes.append(f"The settings of {name} are not identified: {answer.sentences[0]}")
            continue
        notes.extend(f"{name}: {sentence}" for sentence in answer.sentences[1:])
        known[index] = Stages.of(answer.layer)
    mine, other = known
    if mine is None or other is None:
        return None, tuple(found), notes
    if type(mine.settings) is not type(other.settings):
        notes.append("One side has bands and the other bins, so that no value has a counterpart.")
        return None, tuple(found), notes
    return (mine, other), tuple(found), notes


def _why_not_identified(features: NDArray[Any]) -> str:
    """Write why nothing can be found of an array; empty where something may be."""
    if sum(length > 1 for length in features.shape) < 2:
        return f"it returned shape {features.shape}, which has no frames and bins."
    count = np.count_nonzero(~np.isfinite(features))
    if not count:
        return ""
    silent = " The logarithm of silence is one where it has no floor." if np.isneginf(features).any() else ""
    return f"{count} of its {features.size} values are not finite.{silent}"


def _shape_notes(sides: list[Any], shapes: tuple[tuple[int, ...], tuple[int, ...]], samples: NDArray[Any]) -> list[str]:
    """Return sentences on what front ends do before and after their layers, where the shapes differ."""
    if shapes[0] == shapes[1]:
        return []
    notes = []
    for side in sides:
        if not isinstance(side, FrontEnd):
            continue
        n_prepared = len(side.prepare(samples))
        if n_prepared != len(samples):
            notes.append(f"{side.name} makes {n_prepared} samples of these {len(samples)} before it computes.")
        bands = side.layer(samples).shape
        if side.features(samples).shape[-2:] != (bands[0], side.layer(side.prepare(samples)).shape[1]):
            notes.append(f"{side.name} arranges its values (bands, frames) as {side.features(samples).shape}.")
    return notes


def _direct_error(mine: NDArray[Any], theirs: NDArray[Any]) -> float:
    """Return the relative error of features of the same shape; infinite if it is not."""
    return relative_error(mine.astype(complex), theirs.astype(complex)) if mine.shape == theirs.shape else math.inf
