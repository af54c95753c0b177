"""The panel of code to take away: the present settings in another library's words."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.codegen import CODE_TARGETS, install_command, to_code
from specwidget.explorer.panel import Panel
from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState


class CodePanel(Panel):
    """A choice of libraries, and the code for the one chosen; it folds, and writes nothing while it is folded."""

    files: ClassVar[str] = "explorer/panels/code_panel"
    supports_static: ClassVar[bool] = True

    targets: traitlets.List[Any] = traitlets.List(help="Name and label of each library.").tag(sync=True)
    target = traitlets.Enum(tuple(CODE_TARGETS), "specwidget", help="Name of the one chosen.").tag(sync=True)
    is_open = traitlets.Bool(False, help="Whether the panel is unfolded.").tag(sync=True)
    code = traitlets.Unicode(help="The code; empty while nothing can be written.").tag(sync=True)
    install = traitlets.Unicode(help="The command that installs what the code needs; empty for nothing.").tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings ask for something else than the code is of.").tag(sync=True)

    written = traitlets.Dict(help="Code and installation by target, where no kernel writes them.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        targets = [{"name": name, "label": each.label} for name, each in CODE_TARGETS.items()]
        super().__init__(state, targets=targets, **kwargs)
        self.observe(self._rewrite, names=["target", "is_open"])

    def refresh(self) -> None:
        """Write the code anew."""
        shown = self._source.current
        if not self.is_open or shown is None:
            return
        with self.hold_sync():
            self.code, self.install = _write(shown, self.target)
            self.is_stale = self._source.is_stale

    def to_static(self) -> StaticViewFactory | None:
        """Return what makes what the panel needs in a page without a kernel: the code for every library."""
        make, shown, target = super().to_static(), self._source.current, self.target
        if make is None or shown is None:
            return None

        def make_all() -> StaticViewState:
            """Write all of it."""
            standing = make()
            written = {name: _write(shown, name) for name in CODE_TARGETS}
            code, install = written[target]
            standing.traits.update(written=written, code=code, install=install, is_stale=False)
            return standing

        return make_all

    def _rewrite(self, _change: Any) -> None:
        """Write the code that was chosen."""
        with self._source.hold():
            self.refresh()


def _write(shown: Computation, target: str) -> tuple[str, str]:
    """Return the code of what is shown, and the command that installs what it needs."""
    code = to_code(shown.layer, shown.inputs.shape, target)
    return code, install_command(code, target)
