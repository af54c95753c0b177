"""Base class of the pages behind the tabs: while another tab is open, they publish and compute nothing."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.widgets.static_view import StaticViewFactory


class TabPage(Panel):
    """A panel behind a tab.

    A subclass has a title, and may have a badge: a word or two about its content, which the tab shows beside the title.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    """

    title: ClassVar[str]
    tooltip: ClassVar[str]

    is_open = traitlets.Bool(False, help="Whether its tab is the open one.")
    page = traitlets.Unicode(help="Name of its tab.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        super().__init__(state, **kwargs)
        self.observe(self._on_open, names="is_open")

    def badge(self) -> str:
        """Return what the tab says beside its title. Called under the lock, after every update."""
        return ""

    def static_badge(self) -> str:
        """Return what the tab says in a page without a kernel, in which nothing is under way."""
        return self.badge()

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that makes the page's part of a page without a kernel, which has no closed tabs."""
        super()._from_state()
        return super().to_static()

    def _from_state(self, _change: Any = None) -> None:
        if self.is_open:
            super()._from_state()

    def _on_output(self, change: Any) -> None:
        if self.is_open:
            super()._on_output(change)

    def _on_open(self, _change: Any) -> None:
        with self._source.hold():
            self._from_state()
