"""Panel "Presets": settings for a purpose, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.undo_history import changes
from specwidget.sounds import resample
from specwidget.summary.presets import FRONT_END_PRESETS, PRESETS, Preset, settings_of

EVERY_PRESET: dict[str, Preset] = PRESETS | {f"front end {name}": each for name, each in FRONT_END_PRESETS.items()}
"""Every preset of the menu by name."""


class PresetsPanel(Panel):
    """A menu of presets with the reason of the selected one."""

    files: ClassVar[str] = "explorer/panels/presets_panel"

    presets: traitlets.List[Any] = traitlets.List(help="Name, title, group, reason and lengths.").tag(sync=True)
    in_use: traitlets.List[Any] = traitlets.List(help="Names of the presets that the settings are equal to.").tag(
        sync=True
    )

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._rate: float | None = None
        self._settings: dict[str, dict[str, Any]] = {}
        super().__init__(state, **kwargs)

    def refresh(self) -> None:
        """Publish the presets with their lengths at the rate of the sound, and those in use."""
        rate = self._source.sound.sample_rate
        if self._rate != rate or not self._settings:
            self._rate = rate
            self._settings = {name: _values(each, rate) for name, each in EVERY_PRESET.items()}
            self.presets = [_to_page(name, each, rate) for name, each in EVERY_PRESET.items()]
        now = self._source.history.present
        self.in_use = [name for name, each in EVERY_PRESET.items() if self._is_in_use(name, each, now)]

    def _is_in_use(self, name: str, preset: Preset, now: Mapping[str, Any]) -> bool:
        """Return whether the settings, and the rate of the sound if the preset has one, are those of a preset."""
        has_rate = preset.sample_rate in (None, self._source.sound.sample_rate)
        return has_rate and not changes(now, self._settings[name])

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Apply a preset, with the sound that belongs to it."""
        preset = EVERY_PRESET.get(str(content.get("name")))
        if content.get("kind") != "use" or preset is None:
            return
        if preset.sample_rate is not None:
            self._source.update(sound=resample(self._source.sound, preset.sample_rate), **_values(preset, None))
        elif preset.sound is None:
            self._source.update(**_values(preset, self._source.sound.sample_rate))
        else:
            self._source.update(sound=preset.sound.make(), **_values(preset, preset.sound.sample_rate))


def _values(preset: Preset, sample_rate: float | None) -> dict[str, Any]:
    """Return all settings of a preset, with its stage."""
    return {"stage": "stft", **settings_of(preset, sample_rate)}


def _to_page(name: str, preset: Preset, sample_rate: float | None) -> dict[str, str]:
    """Return a JSON-serializable preset."""
    texts = {text: getattr(preset, text) for text in ("title", "group", "reason")}
    return {"name": name, **texts, "facts": facts(preset, sample_rate)}


def facts(preset: Preset, sample_rate: float | None) -> str:
    """Return the lengths of a preset at a sample rate, and the sound that it includes.

    Examples
    --------
    >>> facts(PRESETS["recognition"], 44_100)
    '1102 / 441 / 2048'
    >>> facts(FRONT_END_PRESETS["whisper"], 44_100)
    '400 / 160 / 400, 80 bands, 16 kHz'
    """
    rate = sample_rate if preset.sound is None else preset.sound.sample_rate
    settings = settings_of(preset, rate)
    length = settings["frame_length"]
    step = settings["frame_step"] or max(1, length // 2)
    n_fft = settings["fft_length"] or 1 << (length - 1).bit_length()
    sound = "" if preset.sound is None else ", with its sound"
    bands = f", {settings['num_mel_bins']} bands, {preset.sample_rate / 1000:g} kHz" if preset.sample_rate else ""
    return f"{length} / {step} / {n_fft}{bands}{sound}"
