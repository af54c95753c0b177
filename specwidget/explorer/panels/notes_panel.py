"""Tab "Notes": warnings about conflicting settings, each with a button that fixes it."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.tab_page import TabPage
from specwidget.summary.errors import page_message


class NotesPanel(TabPage):
    """Notes about the settings; a button applies the fix of one."""

    files: ClassVar[str] = "explorer/panels/notes_panel"
    title: ClassVar[str] = "Notes"
    tooltip: ClassVar[str] = "Settings that conflict or mislead, each with a remedy."

    notes: traitlets.List[Any] = traitlets.List(help="Name, sentence and label of the fix.").tag(sync=True)

    def badge(self) -> str:
        """Return the number of notes."""
        return "" if self._source.is_stale else str(len(self._source.notes) or "")

    def refresh(self) -> None:
        """Publish the notes."""
        self.notes = [
            {"name": note.name, "sentence": page_message(note.sentence), "fix": note.fix.label if note.fix else ""}
            for note in self._source.notes
        ]

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Apply the fix of a note, unless the note has gone meanwhile."""
        if content.get("kind") != "apply":
            return
        for note in self._source.notes:
            if note.name == content.get("name") and note.fix is not None:
                self._source.update(**note.fix.changes)
                return
