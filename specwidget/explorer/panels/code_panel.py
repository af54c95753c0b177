"""Tab "Code": a program that computes the same with another library."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.codegen import CODE_TARGETS, install_command, to_code
from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState


class CodePanel(TabPage):
    """A choice of libraries, and the code for the chosen one."""

    files: ClassVar[str] = "explorer/panels/code_panel"
    title: ClassVar[str] = "Code"
    tooltip: ClassVar[str] = "A program that computes the same with another library."
    supports_static: ClassVar[bool] = True

    targets: traitlets.List[Any] = traitlets.List(help="Name and label of each library.").tag(sync=True)
    target = traitlets.Enum(tuple(CODE_TARGETS), "specwidget", help="Name of the chosen library.").tag(sync=True)
    code = traitlets.Unicode(help="The code; empty before the first valid result.").tag(sync=True)
    install = traitlets.Unicode(help="Command that installs what the code needs; empty if nothing.").tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings are invalid, so that the code is of earlier ones.").tag(
        sync=True
    )
    written = traitlets.Dict(help="Code and install command by library, for a page without a kernel.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        targets = [{"name": name, "label": each.label} for name, each in CODE_TARGETS.items()]
        super().__init__(state, targets=targets, **kwargs)
        self.observe(self._on_change, names="target")

    def refresh(self) -> None:
        """Write the code of the current computation."""
        computation = self._source.current
        if computation is None:
            return
        with self.hold_sync():
            self.code, self.install = _write(computation, self.target)
            self.is_stale = self._source.is_stale

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that writes the code for every library."""
        make, computation, target = super().to_static(), self._source.current, self.target
        if make is None or computation is None:
            return None

        def make_all() -> StaticViewState:
            view = make()
            written = {name: _write(computation, name) for name in CODE_TARGETS}
            code, install = written[target]
            view.traits.update(written=written, code=code, install=install, is_stale=False)
            return view

        return make_all

    def _on_change(self, _change: Any) -> None:
        with self._source.hold():
            if self.is_open:
                self.refresh()


def _write(computation: Computation, target: str) -> tuple[str, str]:
    """Return the code of a computation, and the command that installs what it needs."""
    code = to_code(computation.layer, computation.inputs.shape, target, computation.sample_rate)
    return code, install_command(code, target)
