"""The workbench: tabs with their badges, the line with the shapes, errors, and the height of the explorer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.summary.errors import page_message
from specwidget.summary.notes import Fix
from specwidget.summary.remedies import remedy_of
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState

HEIGHT_RANGE = (320, 4000)
"""Lowest and highest height that can be given, pixels."""


class Workbench(Panel):
    """What the panels of the page have in common.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    pages : mapping of str to TabPage
        The pages behind the tabs, by name. The first is open at first.
    height : int
        Height of the explorer in CSS pixels; 0 fits it to the window.
    """

    files: ClassVar[str] = "explorer/workbench/workbench"
    watched: ClassVar[tuple[str, ...]] = ("shape_summary", "crosscheck")
    supports_static: ClassVar[bool] = True

    reports_connection = traitlets.Bool(True).tag(sync=True)
    tabs: traitlets.List[Any] = traitlets.List(help="Name, title and tooltip of each tab.").tag(sync=True)
    open_tab = traitlets.Unicode(help="Name of the open tab; empty for none.").tag(sync=True)
    badges = traitlets.Dict(help="What each tab says beside its title, by name.").tag(sync=True)
    has_history = traitlets.Bool(True, help="Whether there are undo and A/B.").tag(sync=True)
    shape_summary = traitlets.Unicode(help="Shapes of input and output, and the frames between them.").tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings are invalid, so that an earlier result is displayed.").tag(
        sync=True
    )
    problems: traitlets.List[Any] = traitlets.List(
        help="Error messages of the controls, each with the label of its remedy."
    ).tag(sync=True)
    has_large_type = traitlets.Bool(False, help="Whether type and lines are larger, for a projector.").tag(sync=True)
    height = traitlets.Int(0, help="Height in CSS pixels; 0 fits the explorer to the window.").tag(sync=True)
    height_range: traitlets.List[int] = traitlets.List(list(HEIGHT_RANGE)).tag(sync=True)

    def __init__(self, state: ExplorerState, pages: Mapping[str, TabPage], height: int = 0, **kwargs: Any) -> None:
        self.pages = pages
        self._remedies: dict[str, Fix | None] = {}
        tabs = [{"name": name, "title": page.title, "tooltip": page.tooltip} for name, page in pages.items()]
        super().__init__(state, tabs=tabs, open_tab=next(iter(pages), ""), height=height, **kwargs)
        for name, page in pages.items():
            page.page = name
            page.observe(self._on_page, names="is_open")
        self.observe(self._open_page, names="open_tab")
        self._open_page()

    @traitlets.validate("open_tab")
    def _check_tab(self, proposal: Any) -> str:
        name = str(proposal["value"])
        return name if name in self.pages else ""

    @traitlets.validate("height")
    def _check_height(self, proposal: Any) -> int:
        low, high = HEIGHT_RANGE
        height = int(proposal["value"])
        return height if height == 0 else min(max(height, low), high)

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that makes the tabs of a page without a kernel: those whose pages are useful there."""
        make = super().to_static()
        names = [name for name, page in self.pages.items() if page.to_static() is not None]
        tabs = [tab for tab in self.tabs if tab["name"] in names]
        badges = {name: self.pages[name].static_badge() for name in names}
        first = self.open_tab if self.open_tab in names else next(iter(names), "")

        def make_tabs() -> StaticViewState:
            assert make is not None
            view = make()
            view.traits.update(
                has_history=False, tabs=tabs, badges=badges, open_tab=first, problems=[], is_stale=False, height=0
            )
            return view

        return make_tabs

    def show(self) -> None:
        """Publish shapes and badges; the shapes arrive before anything is transformed."""
        self.shape_summary = self._source.shape_summary
        self.badges = {name: page.badge() for name, page in self.pages.items()}

    def refresh(self) -> None:
        """Publish everything."""
        state = self._source
        self.is_stale = state.is_stale
        self._remedies = {name: self._remedy(name) for name in state.errors}
        self.problems = [
            {"name": name, "sentence": page_message(text), "fix": fix.label if (fix := self._remedies[name]) else ""}
            for name, text in state.errors.items()
        ]
        self.show()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Apply the remedy of a problem, unless it has gone meanwhile."""
        fix = self._remedies.get(str(content.get("name")))
        if content.get("kind") == "remedy" and fix is not None:
            self._source.update(**fix.changes)

    def _remedy(self, name: str) -> Fix | None:
        """Return the change that makes the settings valid again."""
        state = self._source
        _, n_samples, channels = state.sound.samples.shape
        requested = {setting: getattr(state, setting) for setting in FRONT_END_DEFAULTS}
        valid = None if state.current is None else state.current.settings
        return remedy_of(name, requested, valid, n_samples, channels, state.sound.sample_rate)

    def _open_page(self, _change: Any = None) -> None:
        for name, page in self.pages.items():
            page.is_open = name == self.open_tab

    def _on_page(self, change: Any) -> None:
        """Follow a page that was opened from Python."""
        if change["new"]:
            self.open_tab = change["owner"].page
