"""Tab "Files": the files of a survey, sorted by any column; choosing one explores it."""

from __future__ import annotations

import os
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import traitlets

from specwidget.corpus.oddness import MEASURES, rank_by_oddness
from specwidget.corpus.surveying import Survey
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.sounds import Sound, read_sound
from specwidget.stft.formatting import printable
from specwidget.summary.errors import page_message

COLUMNS: dict[str, tuple[str, str]] = {
    "path": ("File", "{}"),
    "oddness": ("Oddness", "{:.1f}"),
    "measure": ("Odd in", "{}"),
    **{name: (measure.title, measure.form) for name, measure in MEASURES.items()},
}
"""Columns by name: their title, and how a value is shown."""

MOST_ROWS = 200
"""Most files that the page lists at a time: those that come first in the order."""

N_ODDEST = 10
"""Files that the button for the oddest lists."""


class FilesPanel(TabPage):
    """The readable files of a survey.

    Parameters
    ----------
    state : ExplorerState
        The state, whose sound becomes the chosen file.
    survey : Survey
        The survey.
    """

    files: ClassVar[str] = "explorer/panels/files_panel"
    title: ClassVar[str] = "Files"
    tooltip: ClassVar[str] = "The files of the survey, sorted by any column; choose one to explore it."

    columns: traitlets.List[Any] = traitlets.List(help="Name and title of each column.").tag(sync=True)
    order = traitlets.Unicode("oddness", help="Name of the column that the list is sorted by.").tag(sync=True)
    descending = traitlets.Bool(True).tag(sync=True)
    limit = traitlets.Int(MOST_ROWS, help="Most files in the list.")
    most = traitlets.Int(MOST_ROWS, help="Most files that the list may have.").tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List(help="Number of the file, and its cells as text.").tag(sync=True)
    total = traitlets.Int(help="Number of files.").tag(sync=True)
    chosen = traitlets.Int(-1, help="Number of the file that is displayed; -1 if none was chosen.").tag(sync=True)
    failure = traitlets.Unicode(help="Why the chosen file can't be shown.").tag(sync=True)

    def __init__(self, state: ExplorerState, survey: Survey, **kwargs: Any) -> None:
        ranked = rank_by_oddness(survey.readable)
        self._values = [vars(file) | {"oddness": oddness, "measure": measure} for file, oddness, measure in ranked]
        self._numbers: WeakKeyDictionary[Sound, int] = WeakKeyDictionary()
        columns = [[name, title] for name, (title, _) in COLUMNS.items()]
        super().__init__(state, columns=columns, total=len(ranked), **kwargs)
        self.observe(self._list, names=["order", "descending", "limit"])

    @traitlets.validate("order")
    def _check_order(self, proposal: Any) -> str:
        return proposal["value"] if proposal["value"] in COLUMNS else "oddness"

    def badge(self) -> str:
        """Return the number of files."""
        return str(self.total or "")

    def refresh(self) -> None:
        """Publish which file is displayed, and the list, if it has not been yet."""
        self.chosen = self._numbers.get(self._source.sound, -1)
        if not self.rows:
            self._list()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Show a file, or list the oddest, or those that come first."""
        kind, number = content.get("kind"), content.get("number")
        if kind == "oddest":
            with self.hold_trait_notifications():
                self.order, self.descending, self.limit = "oddness", True, N_ODDEST
        elif kind == "all":
            self.limit = MOST_ROWS
        elif kind == "show" and isinstance(number, int) and 0 <= number < self.total:
            self.show_file(number)

    def show_file(self, number: int) -> None:
        """Make a file the sound of the explorer, or say why it can't be read.

        Parameters
        ----------
        number : int
            Its number in the order of oddness.
        """
        path = self._values[number]["path"]
        try:
            sound = read_sound(path)
        # A file may have gone since the survey.
        except (ValueError, OSError, MemoryError) as error:
            self.failure = page_message(str(error))
            return
        self.failure = ""
        with self._source.hold():
            self._source.adopt(sound)
            self._numbers[self._source.sound] = number

    def _list(self, _change: Any = None) -> None:
        numbers = sorted(
            range(self.total), key=lambda number: self._values[number][self.order], reverse=self.descending
        )
        self.rows = [[number, self._cells(self._values[number])] for number in numbers[: self.limit]]

    @staticmethod
    def _cells(values: dict[str, Any]) -> list[str]:
        cells = [printable(form.format(values[name])) for name, (_, form) in COLUMNS.items()]
        # The last part of a path tells most; the whole is its tooltip.
        return [*cells, printable(os.path.basename(values["path"]))]  # noqa: PTH119
