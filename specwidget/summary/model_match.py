"""The displayed settings beside the front end of a model: a row for each switch in which they differ."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from specwidget.matching.comparison_signal import make_comparison_signal
from specwidget.matching.difference import Step, find_path
from specwidget.matching.stages import Stages
from specwidget.matching.switches import MEL_SWITCHES, Switch
from specwidget.matching.tables import format_error
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.stages import BandSettings, make_settings, values_of
from specwidget.stft.windows import window_repr
from specwidget.summary.controls import STAGE_CONTROLS, STAGE_LABELS
from specwidget.summary.errors import LABELS
from specwidget.summary.presets import TITLES
from specwidget.summary.quantities import format_hertz

STAGE = "stage"
"""Name of the row for an STFT, whose bins no band is compared with."""

SAMPLE_RATE = "sample rate"
"""Name of the switch that is a property of the sound."""

NAMES = {"sequence_stride": "frame_step", "sequence_length": "frame_length"}
"""Names of settings in the explorer, by their names in `MelSettings`."""

NO_RATE = "Bands are in Hz: give the sound a sample rate to compare it with a model."

NOT_COMPARABLE = "\u2013"
"""Error of settings whose values have no counterpart."""

_LABELS_OF_CHOICES = {control.name: dict(control.choices) for control in STAGE_CONTROLS if control.kind == "choice"}

_SWITCHES = {switch.name: switch for switch in MEL_SWITCHES}


@dataclass(frozen=True)
class MatchRow:
    """A switch in which the settings differ from the model's, or did before the model's values were taken.

    Parameters
    ----------
    name : str
        Name of the switch.
    title : str
        The same in the words of the page.
    mine, theirs : str
        The values on both sides.
    left : str
        Relative error after this row and those above it; a dash where nothing can be compared yet.
    alone : str
        Relative error if only this were wrong.
    is_taken : bool
        Whether the model's values were taken.
    fits : bool
        Whether they can be taken before other rows are.
    """

    name: str
    title: str
    mine: str
    theirs: str
    left: str
    alone: str
    is_taken: bool
    fits: bool = True


@dataclass(frozen=True)
class Match:
    """What differs between settings and the front end of a model.

    Parameters
    ----------
    sentences : tuple of str
        The verdict, and constants with their reading.
    rows : tuple of MatchRow
        The switches: those taken, then the others in the order in which to take them, then those without an effect.
    """

    sentences: tuple[str, ...]
    rows: tuple[MatchRow, ...]


def band_values(values: Mapping[str, Any], sample_rate: float | None) -> tuple[BandSettings, bool]:
    """Return the bands of settings, and whether they are of an STFT, which has none yet.

    Raises
    ------
    ValueError
        If there is no sample rate, or the bands don't fit the frames.
    """
    if sample_rate is None:
        raise ValueError(NO_RATE)
    is_stft = values[STAGE] == "stft"
    made = make_settings({**values, **({STAGE: "mel"} if is_stft else {})}, sample_rate)
    assert isinstance(made, BandSettings)
    return made, is_stft


def taken_values(name: str, model: str) -> dict[str, Any]:
    """Return what a row sets to be as the model: settings of the explorer, or `sample_rate`.

    Examples
    --------
    >>> taken_values("frame step", "whisper"), taken_values("sample rate", "whisper")
    ({'frame_step': 160}, {'sample_rate': 16000.0})
    """
    if name == STAGE:
        return {STAGE: "mel"}
    stages = Stages.of(front_ends[model].layer)
    if name == SAMPLE_RATE:
        return {"sample_rate": stages.sample_rate}
    switch = _SWITCHES[name]
    if not switch.fields:
        values = values_of(BandSettings.of(front_ends[model].layer))
        return {key: values[key] for key in (STAGE, *vars(stages.cepstrum or object)) if key in values}
    return {NAMES.get(field, field): value for field, value in zip(switch.fields, switch.values(stages), strict=True)}


def is_as_model(name: str, settings: BandSettings, model: str, *, is_stft: bool) -> bool:
    """Return whether a switch of the settings is as the model's."""
    if name == STAGE:
        return not is_stft
    switch = _SWITCHES[name]
    return bool(switch.values(Stages.of(settings.layer)) == switch.values(Stages.of(front_ends[model].layer)))


def match_model(own: BandSettings, model: str, taken: Sequence[str] = (), *, is_stft: bool = False) -> Match:
    """Compare settings with the front end of a model.

    Parameters
    ----------
    own : BandSettings
        The settings before anything was taken.
    model : str
        Name of the front end.
    taken : sequence of str
        Names of the rows whose values were taken, in this order.
    is_stft : bool
        Whether the settings were those of an STFT.

    Returns
    -------
    Match
        Compared on a signal with speech, silence, an offset and noise up to half the sample rate.
    """
    front_end = front_ends[model]
    mine, other = Stages.of(own.layer), Stages.of(front_end.layer)
    signal = make_comparison_signal(front_end.sample_rate)
    first = [_SWITCHES[name] for name in taken if name != STAGE]
    path, no_effect, _ = find_path(mine, other, signal, first)
    now = mine
    for switch in first:
        now = switch.copy(other, now) if switch.fits(other, now) else now
    rows = [_row(step, mine, other, taken) for step in path]
    rows += [_row(step, mine, other, taken, has_effect=False) for step in no_effect]
    # On an STFT nothing fits that only bands have.
    is_ready = not is_stft or STAGE in taken
    rows = [replace(row, fits=row.is_taken or (is_ready and _SWITCHES[row.name].fits(other, now))) for row in rows]
    if is_stft:
        labels = STAGE_LABELS["stft"], STAGE_LABELS["mel"]
        rows.insert(0, MatchRow(STAGE, LABELS[STAGE], *labels, NOT_COMPARABLE, NOT_COMPARABLE, STAGE in taken))
    rows.sort(key=lambda row: not row.is_taken)
    readings = tuple(f"{step.reading}." for step in path if step.reading and step.switch not in taken)
    return Match((_verdict(rows, front_end), *readings), tuple(rows))


def _verdict(rows: Sequence[MatchRow], front_end: FrontEnd) -> str:
    title, count = TITLES.get(front_end.name, front_end.name), sum(not row.is_taken for row in rows)
    if not count:
        return f"The settings are those of {title}."
    return f"{count} setting{'s differ' if count > 1 else ' differs'} from {title}."


def _row(step: Step, mine: Stages, other: Stages, taken: Sequence[str], *, has_effect: bool = True) -> MatchRow:
    switch = _SWITCHES[step.switch]
    values = (_write(switch, mine, other), _write(switch, other, mine))
    left = _error(step.left) if has_effect else "no effect"
    return MatchRow(step.switch, _title(switch), *values, left, _error(step.alone), step.switch in taken)


def _error(error: float) -> str:
    return NOT_COMPARABLE if math.isinf(error) else format_error(error)


def _title(switch: Switch) -> str:
    """Return the label of the control, or of several together their name."""
    (name,) = switch.fields if len(switch.fields) == 1 else (switch.name,)
    return LABELS.get(NAMES.get(name, name), switch.name[:1].upper() + switch.name[1:])


def _write(switch: Switch, stages: Stages, other: Stages) -> str:
    """Write the values in which two front ends differ, those of the first."""
    if not switch.fields:
        cepstrum = stages.cepstrum
        return "none" if cepstrum is None else f"{cepstrum.num_coefficients} coefficients as in {cepstrum.convention}"
    pairs = zip(switch.fields, switch.values(stages), switch.values(other), strict=True)
    parts = [(name, value) for name, value, theirs in pairs if value != theirs]
    title = _title(switch).lower()
    if len(parts) == 1 and (len(switch.fields) == 1 or LABELS[parts[0][0]].lower() in title):
        return _value(*parts[0])
    return ", ".join(f"{LABELS[name].lower()} {_value(name, value)}" for name, value in parts)


def _value(name: str, value: Any) -> str:
    if name in _LABELS_OF_CHOICES:
        return f"{_LABELS_OF_CHOICES[name][value]}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "none"
    if name in ("sampling_rate", "min_freq", "max_freq"):
        return format_hertz(value)
    if name == "window":
        return value if isinstance(value, str) else window_repr(value)
    return f"{value:.6g}" if isinstance(value, float) else f"{value}"


MODEL_CHOICES = tuple((name, TITLES.get(name, name)) for name in front_ends)
"""Names and titles of the models."""
