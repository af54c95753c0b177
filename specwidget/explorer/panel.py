"""A panel: one view of the explorer's state, with its Python, JavaScript and style side by side."""

from __future__ import annotations

import logging
from typing import Any, ClassVar

import anywidget
import traitlets

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.summary.controls import Control, decode, encode
from specwidget.summary.errors import GENERAL
from specwidget.widgets.assets import read_style, read_view
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState
from specwidget.widgets.view import SharedModules, View

logger = logging.getLogger(__name__)


class Panel(View):
    """A widget that shows a part of the state and changes some of its traits.

    A subclass names its files and the state's traits that it mirrors. What the page sets arrives here as a trait, is
    passed on under the state's lock, and everything has been computed when the handler returns: so the page has one
    update under way, and sends the next when this one is done.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    shelf : Shelf, optional
        Where the page finds the panel's modules; None is a panel that brings them along.
    """

    files: ClassVar[str]
    """Path of the panel's ``.js`` and ``.css`` in the explorer's folder, without the ending."""
    controls: ClassVar[tuple[Control, ...]] = ()
    """Controls that the panel shows; it mirrors the traits that they set."""
    synced: ClassVar[tuple[str, ...]] = ()
    """Other traits of the state that the page may set."""
    watched: ClassVar[tuple[str, ...]] = ()
    """Outputs of the state after which `show` is called at once, before the rest is computed."""
    shows_errors_of: ClassVar[tuple[str, ...]] = ()
    """Names of errors that are shown here, besides those of the controls."""
    supports_static: ClassVar[bool] = False
    """Whether the panel is of use in a page that was saved as a file, without a kernel."""

    errors = traitlets.Dict().tag(sync=True)
    table: traitlets.List[Any] = traitlets.List().tag(sync=True)

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
        self._from_page = False
        self._names = (*(control.name for control in self.controls), *self.synced)
        values = {name: self.encode(name, getattr(state, name)) for name in self._names}
        self.add_traits(**{name: traitlets.Any(value).tag(sync=True) for name, value in values.items()})
        super().__init__(table=[control.to_page() for control in self.controls], **kwargs)
        self.add_class("specwidget-panel")
        for name in self._names:
            self.observe(self._push, names=name)
        # Under the lock: what another thread publishes meanwhile would be shown first, and then overwritten.
        with state.hold():
            for name in self.watched:
                state.observe(self._show_change, names=name)
            state.observe(self._pull, names="revision")
            self._pull()

    def show(self) -> None:
        """Publish the outputs that this panel watches."""

    def encode(self, name: str, value: Any) -> Any:
        """Return the value of a trait of the state as the page knows it; the visible part as numbers."""
        if name == "visible" and isinstance(value, tuple | list):
            return [encode(end) for end in value]
        return encode(value)

    def decode(self, _name: str, value: Any) -> Any:
        """Return what the page sends as the value of a trait of the state."""
        return decode(value)

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Answer a message of the page."""

    def to_static(self) -> StaticViewFactory | None:
        """Return what makes all that the panel needs in a page without a kernel; None where it is of no use there.

        Called under the state's lock, so that all panels tell of one moment. What takes time is left to what is
        returned, which must not look at the state.
        """
        if not self.supports_static:
            return None
        own = self.traits(sync=True).keys() - anywidget.AnyWidget.class_traits().keys()
        traits = {name: getattr(self, name) for name in sorted(own) if not name.startswith("_")}
        return lambda: StaticViewState(traits, tuple(self._names))

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the page has set, and compute before returning."""
        with self._source.hold():
            self._from_page = True
            try:
                super().set_state(sync_data)
            finally:
                self._from_page = False

    def close(self) -> None:
        """Stop watching the state; a second time does nothing, as Python may close it again at its end."""
        if self.comm is None:
            return
        self._source.unobserve(self._pull, names="revision")
        for name in self.watched:
            self._source.unobserve(self._show_change, names=name)
        super().close()

    def _handle_custom_msg(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Answer a message of the page under the lock; what fails is logged and told."""
        with self._source.hold():
            try:
                self.handle(content, buffers)
            except Exception as error:
                logger.exception("The explorer could not answer the page")
                sentence = f"Something in the explorer failed: {type(error).__name__}. The log tells more."
                self._source.fail(GENERAL, sentence)

    def _push(self, change: Any) -> None:
        """Pass on what the page has set."""
        # Only what the page sends: what `_pull` shows may be older than the state is by now.
        name, value = change["name"], change["new"]
        if self._from_page and self.encode(name, getattr(self._source, name)) != value:
            setattr(self._source, name, self.decode(name, value))

    def _pull(self, _change: Any = None) -> None:
        """Show the state's values and the errors that belong here."""
        source = self._source
        with self.hold_sync():
            for name in self._names:
                setattr(self, name, self.encode(name, getattr(source, name)))
            here = (*self._names, *self.shows_errors_of)
            self.errors = {name: sentence for name, sentence in source.errors.items() if name in here}
            self.refresh()

    def refresh(self) -> None:
        """Publish what else depends on the state as a whole."""

    def show_output(self, _name: str) -> None:
        """Publish one of the outputs that this panel watches."""
        self.show()

    def _show_change(self, change: Any) -> None:
        """Publish the output that has changed."""
        self.show_output(change["name"])
