"""Panel "Result": fraction at the floor, library and time of the computation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel


class ReadoutPanel(Panel):
    """The rows of `result_rows`."""

    files: ClassVar[str] = "explorer/panels/readout_panel"
    supports_static: ClassVar[bool] = True

    results: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def show(self) -> None:
        """Publish the rows."""
        self.results = [asdict(row) for row in self._source.results]

    def refresh(self) -> None:
        """Publish the rows."""
        self.show()
