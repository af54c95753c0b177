"""The panel of the result and the cross-check."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.agreement import Agreement
from specwidget.explorer.panel import Panel
from specwidget.explorer.standing import Standing


class ReadoutPanel(Panel):
    """What the computation showed, and whether the peers agree."""

    files: ClassVar[str] = "readout_panel"
    watched: ClassVar[tuple[str, ...]] = ("agreement",)
    stands_alone: ClassVar[bool] = True

    results: traitlets.List[Any] = traitlets.List().tag(sync=True)
    agreement = traitlets.Dict().tag(sync=True)

    def show(self) -> None:
        """Publish rows and verdicts."""
        source = self._source
        with self.hold_sync():
            self.results = [asdict(row) for row in source.results]
            self.agreement = source.agreement.to_page()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Say once more whether the peers agree, to a page that still waits for it."""
        self.send_state("agreement")

    def stand_alone(self) -> Standing | None:
        """Return the rows; a verdict that has not come is not waited for."""
        standing = super().stand_alone()
        if standing is not None and not self.agreement["checked"]:
            standing.traits["agreement"] = Agreement(True, (), "Not compared when this page was saved.").to_page()
        return standing

    def refresh(self) -> None:
        """Publish rows and verdicts."""
        self.show()
