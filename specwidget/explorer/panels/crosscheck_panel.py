"""Tab "Cross-check": a row for each peer library, which opens to a map of the errors and the code for it."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panels.error_map import map_message
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.raster.colours import COLOUR_MAPS, colour_tables
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState


class CrosscheckPanel(TabPage):
    """Whether the peers agree with the current computation.

    Peers whose libraries take seconds to load are compared when their row is opened, or with "Check all"; from then on
    they are compared after every change, like the others.
    """

    files: ClassVar[str] = "explorer/panels/crosscheck_panel"
    title: ClassVar[str] = "Cross-check"
    tooltip: ClassVar[str] = "Whether other libraries compute the same."
    supports_static: ClassVar[bool] = True
    watched: ClassVar[tuple[str, ...]] = ("crosscheck",)

    rows: traitlets.List[Any] = traitlets.List(help="A row for each peer.").tag(sync=True)
    sentence = traitlets.Unicode(help="Which samples were compared; empty for all.").tag(sync=True)
    colours = traitlets.Unicode(help="The colours of the maps, as 256 hexadecimal RGB triples.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        super().__init__(state, colours=colour_tables()[COLOUR_MAPS["sequential"][0]], **kwargs)

    def badge(self) -> str:
        """Return the most important verdict, with the number of peers."""
        return "" if self._source.is_stale else self._source.crosscheck.badge()

    def static_badge(self) -> str:
        """Return the most important verdict of those that there are; nothing while results are awaited."""
        return "" if self._source.crosscheck.waiting else self.badge()

    def show(self) -> None:
        """Publish the rows."""
        status = self._source.crosscheck
        with self.hold_sync():
            self.rows = status.to_page()
            self.sentence = status.sentence

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Compare with peers, send the error map of one, or send the rows to a new view."""
        known = self._source.crosscheck.peers
        kind, names = content.get("kind"), [name for name in content.get("peers", []) if name in known]
        if kind == "check":
            self._source.request_peers(names)
        elif kind == "map":
            for name in names:
                message = self._error_map(name)
                if message is not None:
                    self.send(*message)
        else:
            self.send_state(["rows", "sentence"])

    def refresh(self) -> None:
        """Publish the rows."""
        self.show()

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that adds the rows and error maps so far; it waits for no comparison."""
        make = super().to_static()
        if make is None:
            return None
        rows = [row if "sentence" in row else {**row, "status": "left"} for row in self._source.crosscheck.to_page()]
        maps = [message for name in self._source.crosscheck.peers if (message := self._error_map(name)) is not None]

        def make_all() -> StaticViewState:
            view = make()
            view.traits["rows"] = rows
            view.messages.extend(maps)
            return view

        return make_all

    def _error_map(self, name: str) -> tuple[dict[str, Any], list[memoryview]] | None:
        """Return the message with the error map of a peer, if there is one."""
        status, computation = self._source.crosscheck, self._source.current
        report = status.reports.get(name)
        if report is None or report.errors is None or computation is None:
            return None
        header, buffers = map_message(report.errors, computation.settings, status.n_samples, computation.sample_rate)
        return {"kind": "map", "peer": name, "header": header}, buffers
