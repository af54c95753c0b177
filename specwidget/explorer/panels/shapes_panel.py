"""Panel "Shapes": a diagram of the steps from the input to the output, with their shapes and formulas."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.summary.shape_readouts import STEPS


class ShapesPanel(Panel):
    """Input, padded signal, frames, kernels, bins and output, each with its axes, lengths, formulas and meaning."""

    files: ClassVar[str] = "explorer/panels/shapes_panel"
    watched: ClassVar[tuple[str, ...]] = ("shapes",)
    supports_static: ClassVar[bool] = True

    steps: traitlets.List[Any] = traitlets.List(list(STEPS)).tag(sync=True)
    shapes: traitlets.List[Any] = traitlets.List().tag(sync=True)

    def show(self) -> None:
        """Publish the rows; they arrive before anything is transformed."""
        self.shapes = [asdict(row) for row in self._source.shapes]

    def refresh(self) -> None:
        """Publish the rows."""
        self.show()
