"""The panel that takes settings back, brings them again, and returns to the defaults."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.undo_history import changes
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.controls import SETTING_CONTROLS

LABELS = {**{control.name: control.label for control in SETTING_CONTROLS}, "sound": "Sound"}


class HistoryPanel(Panel):
    """Buttons and keys: undo, redo, reset to default, keep as B and flip."""

    files: ClassVar[str] = "explorer/panels/history_panel"

    undo = traitlets.Unicode(help="What would be taken back; empty where there is nothing.").tag(sync=True)
    redo = traitlets.Unicode(help="What would be done again.").tag(sync=True)
    has_b = traitlets.Bool(help="Whether settings are kept as B.").tag(sync=True)
    is_default = traitlets.Bool(help="Whether every setting has its default.").tag(sync=True)

    def refresh(self) -> None:
        """Publish what the buttons would do."""
        history = self._source.history
        self.undo = _names(history.undone_by_back)
        self.redo = _names(history.done_by_forward)
        self.has_b = self._source.settings_b is not None
        self.is_default = not changes(history.present, SETTING_DEFAULTS)

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Step back or forward, return to the defaults, keep or flip, or note that a hand holds a slider."""
        source, kind = self._source, content.get("kind")
        if kind == "undo":
            source.restore(source.history.back())
        elif kind == "redo":
            source.restore(source.history.forward())
        elif kind == "reset":
            source.update(**SETTING_DEFAULTS)
        elif kind == "set_b":
            source.set_b()
        elif kind == "swap_ab":
            source.swap_ab()
        elif kind == "hold":
            source.history = source.history.hold()
        elif kind == "release":
            source.history = source.history.release()


def _names(names: frozenset[str]) -> str:
    """Return the labels of settings, or how many they are.

    Examples
    --------
    >>> _names(frozenset({"frame_step", "mode"})), _names(frozenset())
    ('Mode, Frame step', '')
    """
    if len(names) > 3:
        return f"{len(names)} settings"
    return ", ".join(label for name, label in LABELS.items() if name in names)
