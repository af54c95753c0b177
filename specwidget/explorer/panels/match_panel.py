"""Tab "Match a model": in what the settings differ from the front end of a model, each row with a switch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.mel.front_ends import front_ends
from specwidget.mel.stages import FRONT_END_DEFAULTS, values_of
from specwidget.sounds import Sound, resample
from specwidget.summary.errors import USER_ERRORS
from specwidget.summary.model_match import (
    MODEL_CHOICES,
    SAMPLE_RATE,
    band_values,
    is_as_model,
    match_model,
    taken_values,
)

FOLLOWING = ("frame_step", "fft_length", "max_freq")
"""Settings that follow others where they are None."""


class MatchPanel(LazyPanel):
    """A menu of models, and a table of what differs; a switch takes the model's value or gives the own one back."""

    files: ClassVar[str] = "explorer/panels/match_panel"
    title: ClassVar[str] = "Match a model"
    tooltip: ClassVar[str] = "What differs from the front end of a model, in the order in which to change it."

    models: traitlets.List[Any] = traitlets.List(
        [[name, title] for name, title in MODEL_CHOICES], help="Name and title of each model."
    ).tag(sync=True)
    model = traitlets.Unicode(help="Name of the chosen model; empty for none.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        # What was set before the model's values were taken, by the name of the row, in the order of taking.
        self._before: dict[str, dict[str, Any]] = {}
        # Settings that were None, with the values that they were given so that they follow no row.
        self._fixed: dict[str, Any] = {}
        # The sound at the model's rate, if that row was taken.
        self._resampled: Sound | None = None
        super().__init__(state, **kwargs)
        self.observe(self._on_model, names="model")

    @traitlets.validate("model")
    def _check_model(self, proposal: Any) -> str:
        name = str(proposal["value"])
        return name if name in front_ends else ""

    def contents(self) -> dict[str, LazyContent]:
        """Return the table of the chosen model, if one is chosen."""
        current, model = self._source.current, self.model
        if current is None:
            return {}
        if not model:
            return {"match": LazyContent("", lambda: ({"rows": []}, []))}
        self._forget()
        own = self._displayed()
        for before in self._before.values():
            own |= before
        try:
            bands, is_stft = band_values(own, own["sound"].sample_rate)
        except USER_ERRORS as error:
            return {"match": LazyContent(f"{error}", partial(_fail, error))}
        taken, about = tuple(self._before), f"{front_ends[model].source}. {front_ends[model].reason}"

        def make() -> Payload:
            match = match_model(bands, model, taken, is_stft=is_stft)
            return {"about": about, "sentences": list(match.sentences), "rows": [asdict(row) for row in match.rows]}, []

        return {"match": LazyContent((model, taken, bands, is_stft), make)}

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take the model's values of rows, or give back what was set before."""
        kind, names = content.get("kind"), [str(name) for name in content.get("names", [])]
        if kind == "take" and self.model:
            self._take_rows(name for name in names if name not in self._before)
        elif kind == "give_back":
            self._give_rows_back(name for name in names if name in self._before)
        else:
            super().handle(content, buffers)

    def _displayed(self) -> dict[str, Any]:
        """Return the settings of the current computation, with those that its stage does not have, and the sound."""
        current = self._source.current
        assert current is not None
        requested = {name: getattr(self._source, name) for name in FRONT_END_DEFAULTS}
        values = {**requested, **values_of(current.settings), "sound": current.sound}
        rate = current.sound.sample_rate
        if values["max_freq"] is None and rate is not None:
            values["max_freq"] = rate / 2
        return {**values, "frame_step": current.settings.step, "fft_length": current.settings.n_fft}

    def _take_rows(self, names: Iterable[str]) -> None:
        displayed, changes = self._displayed(), dict[str, Any]()
        # What is None follows other settings, of which these are not those to take.
        fixed = {name: displayed[name] for name in FOLLOWING if getattr(self._source, name) is None}
        for name in names:
            values = taken_values(name, self.model)
            if rate := values.pop("sample_rate", None):
                values["sound"] = resample(self._source.sound, rate)
            before = {key: getattr(self._source, key) for key in values} | fixed | changes
            self._before[name] = {key: before[key] for key in values}
            changes |= values
        if changes:
            self._fixed |= fixed
            with self._source.hold():
                self._source.update(**{**fixed, **changes})
                if "sound" in changes:
                    self._resampled = self._source.sound

    def _give_rows_back(self, names: Iterable[str]) -> None:
        changes: dict[str, Any] = {}
        for name in tuple(names):
            changes |= self._before.pop(name)
        if changes:
            if not self._before:
                now = {name: changes.get(name, getattr(self._source, name)) for name in self._fixed}
                changes |= {name: None for name, value in self._fixed.items() if now[name] == value}
                self._fixed = {}
            self._source.update(**changes)

    def _forget(self) -> None:
        """Forget rows whose values are no longer the model's: they were undone, or set otherwise."""
        values = self._displayed()
        try:
            bands, is_stft = band_values(values, values["sound"].sample_rate)
        except USER_ERRORS:
            self._before, self._fixed = {}, {}
            return
        for name in tuple(self._before):
            is_other = name == SAMPLE_RATE and self._source.sound is not self._resampled
            if is_other or not is_as_model(name, bands, self.model, is_stft=is_stft):
                del self._before[name]
        if not self._before:
            self._fixed = {}

    def _on_model(self, change: Any) -> None:
        self._before, self._fixed = {}, {}
        self._on_change(change)


def _fail(error: BaseException) -> Payload:
    raise error
