"""Tab "Code": a program that computes the same with another library, or opens the explorer as it is."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.codegen import CODE_TARGETS, MEL_CODE_TARGETS, CodeTarget, code_targets, install_command
from specwidget.explorer.explore_call import write_explore_call
from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.summary.display import DisplayChoices
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState

EXPLORE = "explore"
"""Name of the choice that is no library: the call of `explore`."""

EVERY_TARGET = (*(CODE_TARGETS | MEL_CODE_TARGETS), EXPLORE)
"""Every choice, whatever the stage."""


class CodePanel(TabPage):
    """A choice of libraries, and the code for the chosen one; the last choice is the call of `explore`."""

    files: ClassVar[str] = "explorer/panels/code_panel"
    title: ClassVar[str] = "Code"
    tooltip: ClassVar[str] = "A program that computes the same with another library, or the call that opens this page."
    supports_static: ClassVar[bool] = True

    targets: traitlets.List[Any] = traitlets.List(help="Name and label of each library.").tag(sync=True)
    target = traitlets.Enum(EVERY_TARGET, "specwidget", help="Name of the chosen library.").tag(sync=True)
    code = traitlets.Unicode(help="The code; empty before the first valid result.").tag(sync=True)
    install = traitlets.Unicode(help="Command that installs what the code needs; empty if nothing.").tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings are invalid, so that the code is of earlier ones.").tag(
        sync=True
    )
    written = traitlets.Dict(help="Code and install command by library, for a page without a kernel.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        super().__init__(state, targets=_to_page(CODE_TARGETS), **kwargs)
        self.observe(self._on_change, names="target")

    def refresh(self) -> None:
        """Write the code of the current computation."""
        computation = self._source.current
        if computation is None:
            return
        targets = code_targets(computation.settings)
        with self.hold_sync():
            self.targets = _to_page(targets)
            if self.target not in (*targets, EXPLORE):
                self.target = next(iter(targets))
            self.code, self.install = _write(computation, self._source.display, self.target)
            self.is_stale = self._source.is_stale

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that writes the code for every library."""
        make, computation, target = super().to_static(), self._source.current, self.target
        choices = self._source.display
        if make is None or computation is None:
            return None

        def make_all() -> StaticViewState:
            view = make()
            names = (*code_targets(computation.settings), EXPLORE)
            written = {name: _write(computation, choices, name) for name in names}
            code, install = written[target]
            view.traits.update(written=written, code=code, install=install, is_stale=False)
            return view

        return make_all

    def _on_change(self, _change: Any) -> None:
        with self._source.hold():
            if self.is_open:
                self.refresh()


def write_code(computation: Computation, choices: DisplayChoices, target: str) -> str:
    """Write the code of a computation for a library, or the call of `explore`."""
    if target == EXPLORE:
        return write_explore_call(computation.sound, computation.settings, choices)
    return computation.to_code(target)


def _write(computation: Computation, choices: DisplayChoices, target: str) -> tuple[str, str]:
    """Return the code of a computation, and the command that installs what it needs."""
    code = write_code(computation, choices, target)
    return code, "" if target == EXPLORE else install_command(code, target)


def _to_page(targets: dict[str, CodeTarget]) -> list[dict[str, str]]:
    libraries = [{"name": name, "label": target.label} for name, target in targets.items()]
    return [*libraries, {"name": EXPLORE, "label": "This page: explore(…)"}]
