"""Base class of the panels: a view of the explorer's state with a Python, a JavaScript and a style file of one name."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import anywidget
import traitlets

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.summary.controls import Control, decode, encode
from specwidget.summary.errors import GENERAL, internal_error, page_message
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState
from specwidget.widgets.view import SharedModules, View

logger = logging.getLogger(__name__)


class Panel(View):
    """A widget that shows a part of the state and may set some of its traits.

    A subclass names its files and the traits of the state that it synchronizes with the page. What the page sets is
    set on the state under its lock, and everything is computed when the handler returns: so the page has one update
    under way, and sends the next one after it.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    modules : SharedModules, optional
        Where the page finds the panel's modules; None is a panel that brings its own.
    """

    files: ClassVar[str]
    """Path of the panel's ``.js`` and ``.css`` in the package, without the suffix."""
    controls: ClassVar[tuple[Control, ...]] = ()
    """Controls of the panel; the traits that they set are synchronized."""
    synced: ClassVar[tuple[str, ...]] = ()
    """Other traits of the state that the page may set."""
    watched: ClassVar[tuple[str, ...]] = ()
    """Outputs of the state after which `show_output` is called at once, before the rest of the update."""
    shows_errors_of: ClassVar[tuple[str, ...]] = ()
    """Inputs whose errors are shown here, besides those of the controls."""
    supports_static: ClassVar[bool] = False
    """Whether the panel is useful in a page that was saved as a file, without a kernel."""

    reports_connection = traitlets.Bool(False, help="One view of the page reports a lost connection.").tag(sync=True)
    errors = traitlets.Dict(help="Error messages by the name of the input, in the page's words.").tag(sync=True)
    table: traitlets.List[Any] = traitlets.List(help="The controls.").tag(sync=True)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Read the files of the panel."""
        super().__init_subclass__(**kwargs)
        # anywidget makes a subclass for each instance; the texts are read once, with the class that names the files.
        if "files" in cls.__dict__:
            cls._esm = read_view(f"{cls.files}.js")
            cls._css = read_style(f"{cls.files}.css")

    def __init__(self, state: ExplorerState, modules: SharedModules | None = None, **kwargs: Any) -> None:
        if modules is not None:
            kwargs |= {"_esm": read_view(f"{self.files}.js", alone=False), "_shared_modules": modules.model_id}
        self._source = state
        self._is_set_by_page = False
        self._names = (*(control.name for control in self.controls), *self.synced)
        values = {name: self.encode(name, getattr(state, name)) for name in self._names}
        self.add_traits(**{name: traitlets.Any(value).tag(sync=True) for name, value in values.items()})
        super().__init__(table=[control.to_page() for control in self.controls], **kwargs)
        self.add_class("specwidget-panel")
        for name in self._names:
            self.observe(self._to_state, names=name)
        # Under the lock, so that nothing that another thread publishes meanwhile is overwritten with older values.
        with state.hold():
            for name in self.watched:
                state.observe(self._on_output, names=name)
            state.observe(self._from_state, names="revision")
            self._from_state()

    def show(self) -> None:
        """Publish the outputs that this panel watches."""

    def show_output(self, _name: str) -> None:
        """Publish one of the outputs that this panel watches."""
        self.show()

    def refresh(self) -> None:
        """Publish what depends on the state as a whole. Called under the lock, after every update."""

    def encode(self, name: str, value: Any) -> Any:
        """Return the value of a trait of the state in the page's form."""
        if name == "visible" and isinstance(value, tuple | list):
            return [encode(end) for end in value]
        return encode(value)

    def decode(self, _name: str, value: Any) -> Any:
        """Return a value in the page's form as the value of a trait of the state."""
        return decode(value)

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Answer a message of the page. Called under the lock."""

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that makes the panel's part of a page without a kernel; None if it has no use there.

        Called under the state's lock, so that all panels are of one moment. What takes time is left to the function,
        which must not read the state.
        """
        if not self.supports_static:
            return None
        own = self.traits(sync=True).keys() - anywidget.AnyWidget.class_traits().keys()
        traits = {name: getattr(self, name) for name in sorted(own) if not name.startswith("_")}
        return lambda: StaticViewState(traits, tuple(self._names))

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set what the page sends, and compute before returning."""
        with self._source.hold():
            self._is_set_by_page = True
            try:
                super().set_state(sync_data)
            finally:
                self._is_set_by_page = False

    def close(self) -> None:
        """Stop watching the state. A second call does nothing, as Python may make one at its exit."""
        if self.comm is None:
            return
        self._source.unobserve(self._from_state, names="revision")
        for name in self.watched:
            self._source.unobserve(self._on_output, names=name)
        super().close()

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        with self._source.hold():
            try:
                self.handle(content, buffers)
            except Exception as error:
                logger.exception("The explorer could not answer the page")
                self._source.set_error(GENERAL, internal_error(error))

    def _to_state(self, change: Any) -> None:
        """Set on the state what the page has set."""
        # Only what the page sends: a value that `_from_state` sets may be older than the state's by now.
        name, value = change["name"], change["new"]
        if self._is_set_by_page and self.encode(name, getattr(self._source, name)) != value:
            setattr(self._source, name, self.decode(name, value))
            # A text may mean the value that the state has already.
            setattr(self, name, self.encode(name, getattr(self._source, name)))

    def _from_state(self, _change: Any = None) -> None:
        """Publish the state's values, and the errors that are shown here."""
        state = self._source
        with self.hold_sync():
            for name in self._names:
                setattr(self, name, self.encode(name, getattr(state, name)))
            names = (*self._names, *self.shows_errors_of)
            self.errors = {name: page_message(text) for name, text in state.errors.items() if name in names}
            self.refresh()

    def _on_output(self, change: Any) -> None:
        self.show_output(change["name"])
