"""Tab "Shapes": the steps from the input to the output, with shapes and formulas, and facts about the result."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.tab_page import TabPage
from specwidget.summary.shape_readouts import STEPS


class ShapesPanel(TabPage):
    """Input, padded signal, frames, kernels, bins and output, each with its axes, lengths, formulas and meaning."""

    files: ClassVar[str] = "explorer/panels/shapes_panel"
    title: ClassVar[str] = "Shapes"
    tooltip: ClassVar[str] = "Shapes from the input to the output, with their formulas."
    watched: ClassVar[tuple[str, ...]] = ("shapes", "results")
    supports_static: ClassVar[bool] = True

    steps: traitlets.List[Any] = traitlets.List(list(STEPS)).tag(sync=True)
    shapes: traitlets.List[Any] = traitlets.List(help="Rows of the shape readout.").tag(sync=True)
    results: traitlets.List[Any] = traitlets.List(help="Rows about the result.").tag(sync=True)

    def show_output(self, name: str) -> None:
        """Publish rows; those of the shapes arrive before anything is transformed."""
        rows = getattr(self._source, name)
        with self.hold_sync():
            if name == "shapes":
                self.steps = list(dict.fromkeys(row.step for row in rows)) or list(STEPS)
            setattr(self, name, [asdict(row) for row in rows])

    def refresh(self) -> None:
        """Publish the rows."""
        for name in self.watched:
            self.show_output(name)
