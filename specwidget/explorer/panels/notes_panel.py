"""The panel of notes: what fights in the settings, and a button for each remedy."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel


class NotesPanel(Panel):
    """Notes about the settings; a button applies the remedy of one."""

    files: ClassVar[str] = "explorer/panels/notes_panel"

    notes: traitlets.List[Any] = traitlets.List(help="Name, sentence and label of the remedy.").tag(sync=True)

    def refresh(self) -> None:
        """Publish the notes."""
        self.notes = [
            {"name": note.name, "sentence": note.sentence, "remedy": note.remedy.label if note.remedy else ""}
            for note in self._source.notes
        ]

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Apply the remedy of a note, unless the note has gone meanwhile."""
        if content.get("kind") != "apply":
            return
        for note in self._source.notes:
            if note.name == content.get("name") and note.remedy is not None:
                self._source.update(**note.remedy.changes)
                return
