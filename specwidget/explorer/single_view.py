"""All panels of an explorer as one widget, for hosts that show single widgets, such as marimo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.widgets.assets import key_of, read_style, read_view
from specwidget.widgets.view import SharedModules, View


class SingleView(View):
    """One view with the views of all panels in it.

    Parameters
    ----------
    boxes : mapping of str to sequence of (str, Panel)
        Name and panel, by the name of the box of the grid that they are in; those in "" are in the grid itself.
    modules : SharedModules
        Modules of the panels, and of this view.
    """

    files: ClassVar[str] = "explorer/single_view"
    # anywidget makes traits of them, which each instance sets.
    _esm = ""
    _css = ""

    parts: traitlets.List[Any] = traitlets.List(help="Box, name, module and model of each panel.").tag(sync=True)

    def __init__(self, boxes: Mapping[str, Sequence[tuple[str, Panel]]], modules: SharedModules) -> None:
        panels = [(box, name, panel) for box, listed in boxes.items() for name, panel in listed]
        parts = [
            {"box": box, "name": name, "key": key_of(f"{panel.files}.js"), "model_id": panel.model_id}
            for box, name, panel in panels
        ]
        super().__init__(
            parts=parts,
            _esm=read_view(f"{self.files}.js", alone=False),
            _css=read_style(*dict.fromkeys(f"{panel.files}.css" for _, _, panel in panels)),
            _shared_modules=modules.model_id,
        )
