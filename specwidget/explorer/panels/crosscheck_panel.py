"""The panel of the cross-check: a row for each peer, which opens to its map of errors and the code for its library."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.panels.error_map import map_message
from specwidget.peers import PEERS
from specwidget.raster.colours import COLOUR_MAPS, colour_tables
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState


class CrosscheckPanel(Panel):
    """Whether the peers agree with what is shown.

    Peers whose libraries take seconds to load are compared with when their row is opened, or all are asked for; from
    then on after every change, as the others are.
    """

    files: ClassVar[str] = "explorer/panels/crosscheck_panel"
    supports_static: ClassVar[bool] = True
    watched: ClassVar[tuple[str, ...]] = ("agreement",)

    rows: traitlets.List[Any] = traitlets.List(help="A row for each peer.").tag(sync=True)
    sentence = traitlets.Unicode(help="Which part was compared, where it is not all.").tag(sync=True)
    colours = traitlets.Unicode(help="The colours of the maps, as 256 hexadecimal RGB triples.").tag(sync=True)

    def __init__(self, state: Any, **kwargs: Any) -> None:
        super().__init__(state, colours=colour_tables()[COLOUR_MAPS["sequential"][0]], **kwargs)

    def show(self) -> None:
        """Publish the rows."""
        agreement = self._source.agreement
        with self.hold_sync():
            self.rows = agreement.to_page()
            self.sentence = agreement.sentence

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Compare with peers, send the map of one, or say once more what is known to a page that still waits."""
        kind, names = content.get("kind"), [name for name in content.get("peers", []) if name in PEERS]
        if kind == "check":
            self._source.ask_peers(names)
        elif kind == "map":
            for name in names:
                message = self._map_of(name)
                if message is not None:
                    self.send(*message)
        else:
            self.send_state(["rows", "sentence"])

    def refresh(self) -> None:
        """Publish the rows."""
        self.show()

    def to_static(self) -> StaticViewFactory | None:
        """Return the rows and maps that there are; what has not been compared is not waited for."""
        make = super().to_static()
        if make is None:
            return None
        rows = [row if "sentence" in row else {**row, "status": "left"} for row in self._source.agreement.to_page()]
        maps = [message for name in PEERS if (message := self._map_of(name)) is not None]

        def make_all() -> StaticViewState:
            """Put them in."""
            standing = make()
            standing.traits["rows"] = rows
            standing.messages.extend(maps)
            return standing

        return make_all

    def _map_of(self, name: str) -> tuple[dict[str, Any], list[memoryview]] | None:
        """Return the map of errors of a peer as a message, if there is one."""
        agreement, current = self._source.agreement, self._source.current
        report = agreement.reports.get(name)
        if report is None or report.errors is None or current is None:
            return None
        header, buffers = map_message(report.errors, current.settings, agreement.n_samples, current.sample_rate)
        return {"kind": "map", "peer": name, "header": header}, buffers
