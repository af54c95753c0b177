"""The panel of the result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel


class ReadoutPanel(Panel):
    """What the computation showed."""

    files: ClassVar[str] = "explorer/panels/readout_panel"
    supports_static: ClassVar[bool] = True

    results: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def show(self) -> None:
        """Publish the rows."""
        source = self._source
        with self.hold_sync():
            self.results = [asdict(row) for row in source.results]

    def refresh(self) -> None:
        """Publish the rows."""
        self.show()
