"""Tab "Files": the files of a survey, sorted by any column; choosing one explores it."""

from __future__ import annotations

import os
from typing import Any, ClassVar

import traitlets

from specwidget.corpus import Survey
from specwidget.corpus.oddness import rank_by_oddness
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.sounds import read_sound
from specwidget.stft.formatting import printable
from specwidget.summary.errors import page_message

COLUMNS: dict[str, tuple[str, str]] = {
    "path": ("File", "{}"),
    "oddness": ("Oddness", "{:.1f}"),
    "measure": ("Odd in", "{}"),
    "duration": ("Duration, s", "{:.2f}"),
    "sample_rate": ("Rate, Hz", "{:g}"),
    "channels": ("Channels", "{}"),
    "peak": ("Peak", "{:.3f}"),
    "clipped": ("Clipped", "{:.2%}"),
    "mean": ("Mean", "{:.4f}"),
    "silence": ("Silence", "{:.1%}"),
    "not_finite": ("NaN", "{}"),
    "floor_share": ("On the floor", "{:.1%}"),
    "level": ("Level", "{:.2f}"),
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
    limit = traitlets.Int(MOST_ROWS, help="Most files in the list.").tag(sync=True)
    rows: traitlets.List[Any] = traitlets.List(help="Number of the file, and its cells as text.").tag(sync=True)
    total = traitlets.Int(help="Number of files.").tag(sync=True)
    chosen = traitlets.Int(-1, help="Number of the file that was chosen last.").tag(sync=True)
    failure = traitlets.Unicode(help="Why the chosen file can't be shown.").tag(sync=True)

    def __init__(self, state: ExplorerState, survey: Survey, **kwargs: Any) -> None:
        ranked = rank_by_oddness(survey.readable)
        self._values = [vars(file) | {"oddness": oddness, "measure": measure} for file, oddness, measure in ranked]
        columns = [[name, title] for name, (title, _) in COLUMNS.items()]
        super().__init__(state, columns=columns, total=len(ranked), **kwargs)
        self.observe(self._list, names=["order", "descending", "limit"])

    @traitlets.validate("order")
    def _check_order(self, proposal: Any) -> str:
        return proposal["value"] if proposal["value"] in COLUMNS else "oddness"

    @traitlets.validate("limit")
    def _check_limit(self, proposal: Any) -> int:
        return min(max(int(proposal["value"]), 1), MOST_ROWS)

    def badge(self) -> str:
        """Return the number of files."""
        return str(self.total or "")

    def refresh(self) -> None:
        """Publish the list, if it has not been yet."""
        if not self.rows:
            self._list()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Show a file, or list the oddest."""
        kind, number = content.get("kind"), content.get("number")
        if kind == "oddest":
            with self.hold_trait_notifications():
                self.order, self.descending, self.limit = "oddness", True, N_ODDEST
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
        self.chosen = number
        self._source.adopt(sound)

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
