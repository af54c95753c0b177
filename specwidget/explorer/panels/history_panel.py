"""Buttons at the end of the toolbar: undo, redo, reset to the defaults, and the choice between A and B."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.undo_history import changes
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.summary.controls import SETTING_CONTROLS, STAGE_CONTROLS

LABELS = {
    **{control.name: control.label for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)},
    "sound": "Sound",
    "stored": "B",
    "shown": "A or B",
}


class HistoryPanel(Panel):
    """Buttons and keys: undo, redo, reset, set B, swap A and B."""

    files: ClassVar[str] = "explorer/panels/history_panel"

    undo = traitlets.Unicode(help="Labels of what undo would change; empty if there is nothing to undo.").tag(sync=True)
    redo = traitlets.Unicode(help="Labels of what redo would change.").tag(sync=True)
    has_b = traitlets.Bool(help="Whether there is a B.").tag(sync=True)
    shown = traitlets.Unicode(help="Which of A and B is displayed.").tag(sync=True)
    is_default = traitlets.Bool(help="Whether every setting has its default.").tag(sync=True)

    def refresh(self) -> None:
        """Publish what the buttons would change."""
        history = self._source.history
        self.undo = _names(history.changed_by_back)
        self.redo = _names(history.changed_by_forward)
        self.has_b = self._source.stored is not None
        self.shown = self._source.shown
        self.is_default = not changes(history.present, FRONT_END_DEFAULTS)

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Do what a button says, or note that a slider is held or released."""
        state, kind = self._source, content.get("kind")
        if kind == "undo":
            state.restore(state.history.back())
        elif kind == "redo":
            state.restore(state.history.forward())
        elif kind == "reset":
            state.update(**FRONT_END_DEFAULTS)
        elif kind == "set_b":
            state.set_b()
        elif kind == "swap_ab":
            state.swap_ab()
        elif kind == "hold":
            state.history = state.history.hold()
        elif kind == "release":
            state.history = state.history.release()


def _names(names: frozenset[str]) -> str:
    """Return the labels of settings, or how many they are.

    Examples
    --------
    >>> _names(frozenset({"frame_step", "mode"})), _names(frozenset())
    ('Mode, Frame step', '')
    """
    if "shown" in names:
        # The settings follow from the choice.
        names = frozenset({"shown"})
    if len(names) > 3:
        return f"{len(names)} settings"
    return ", ".join(label for name, label in LABELS.items() if name in names)
