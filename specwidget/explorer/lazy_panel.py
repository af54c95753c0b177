"""Base class of the tab pages whose contents are made after the picture, in a thread, and only while open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.picture_cache import Stop
from specwidget.explorer.tab_page import TabPage
from specwidget.raster.columns import Cancelled
from specwidget.summary.errors import USER_ERRORS, internal_error, message_of, page_message
from specwidget.widgets.debounce import Debouncer
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState, static_codes

logger = logging.getLogger(__name__)

RENDER_DELAY_S = 0.05
"""Seconds after which content is made: time for the picture to be sent first, and for changes in a burst."""

Payload = tuple[dict[str, Any], list[NDArray[Any]]]
"""Message of a content: JSON-serializable values, and arrays."""


@dataclass(frozen=True)
class LazyContent:
    """One of the contents of a lazy panel, and how it is made.

    Parameters
    ----------
    key : hashable
        What it is made from: it is made again when the key changes.
    make : callable
        Makes it. Called without the state's lock, so it must not read the state.
    refine : callable, optional
        Yields it again, each time better, where `make` returns a preview. Called as `make` is; its argument tells when
        to stop, and then it may raise `Cancelled`.
    defer_refinement : bool
        Whether the refinement waits, as this content will soon be made again from better input.
    """

    key: Hashable
    make: Callable[[], Payload]
    refine: Callable[[Stop], Iterator[Payload]] | None = None
    defer_refinement: bool = False


class LazyPanel(TabPage):
    """A tab page whose contents take time to make.

    A subclass lists its contents in `contents`. Each travels in a message of its own, with its name as kind and a
    serial number. The page knows from `serials` which one it must have, and dims what is older.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    """

    serials = traitlets.Dict(help="Serial number of the newest version of each content, made or not.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._requested: dict[str, LazyContent] = {}
        self._messages: dict[str, tuple[dict[str, Any], list[Any]]] = {}
        self._refined: dict[str, LazyContent] = {}
        self._debouncer = Debouncer(self._make_contents, RENDER_DELAY_S)
        super().__init__(state, **kwargs)

    def contents(self) -> dict[str, LazyContent]:
        """Return the contents of the current computation by name; none if there is nothing to show yet."""
        return {}

    def static_contents(self) -> dict[str, LazyContent]:
        """Return the contents of a page without a kernel by name."""
        return self.contents()

    def refresh(self) -> None:
        """Request the contents whose key has changed, if the panel is open."""
        if self.is_open:
            self.request()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send what has been made once more to a view that asks for it."""
        if content.get("kind") == "want" and self.is_open:
            self.request()
            for name in self._messages:
                if not self._is_pending(name):
                    self.send(*self._messages[name])

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that makes the contents, too: a page without a kernel has them when it is opened."""
        make, contents = super().to_static(), self.static_contents()
        if make is None or not contents:
            return None

        def make_all() -> StaticViewState:
            view = make()
            view.traits["serials"] = dict.fromkeys(contents, 1)
            for name, content in contents.items():
                values, arrays = _make(content, exact=True)
                view.messages.append(({"kind": name, "serial": 1, **values}, [_to_static(array) for array in arrays]))
            return view

        return make_all

    def close(self) -> None:
        """Make nothing more."""
        self._debouncer.close()
        super().close()

    def request(self) -> None:
        """Have the contents made whose key has changed. The caller has the lock."""
        changed = {
            name: content
            for name, content in self.contents().items()
            if name not in self._requested or self._requested[name].key != content.key
        }
        if changed:
            self._requested |= changed
            self.serials = {**self.serials, **{name: self.serials.get(name, 0) + 1 for name in changed}}
        if any(self._is_pending(name) or self._needs_refinement(name) for name in self._requested):
            self._debouncer.request()

    def _on_change(self, _change: Any) -> None:
        """Refresh after a change of the page's own traits."""
        with self._source.hold():
            self.refresh()

    def _is_pending(self, name: str) -> bool:
        return name not in self._messages or self._messages[name][0]["serial"] != self.serials[name]

    def _needs_refinement(self, name: str) -> bool:
        content = self._requested[name]
        return content.refine is not None and not content.defer_refinement and self._refined.get(name) is not content

    def _make_contents(self) -> None:
        """Make and send pending contents, then refine them, as long as the panel is open; the latest request wins."""
        while True:
            with self._source.hold():
                pending = next(filter(self._is_pending, self._requested), None)
                name = pending or next(filter(self._needs_refinement, self._requested), None)
                if name is None or not self.is_open or self.comm is None:
                    return
                content = self._requested[name]
                if pending is None:
                    self._refined[name] = content
            for payload in [_make(content)] if pending else self._refine(name, content):
                with self._source.hold():
                    if self._requested[name] is content and self.comm is not None:
                        self._send_payload(name, payload)

    def _refine(self, name: str, content: LazyContent) -> Iterator[Payload]:
        """Yield a content again, each time better, until another is requested or the tab is closed."""

        def stop() -> bool:
            return self._requested[name] is not content or not self.is_open or self.comm is None

        try:
            assert content.refine is not None
            yield from content.refine(stop)
        except Cancelled:
            # If the panel is opened again, the refinement begins anew.
            self._refined.pop(name, None)
        except Exception:
            # The preview stays, and is labelled as one.
            logger.exception("The content of a panel could not be refined")

    def _send_payload(self, name: str, payload: Payload) -> None:
        """Send a content, and store its message for views that ask. The caller has the lock."""
        values, arrays = payload
        if "problem" in values:
            # What can't be made can't be refined.
            self._refined[name] = self._requested[name]
        self._messages[name] = {"kind": name, "serial": self.serials[name], **values}, [_raw(each) for each in arrays]
        self.send(*self._messages[name])


def _make(content: LazyContent, *, exact: bool = False) -> Payload:
    """Make a content, refined to the end if it is to be exact; or return the message why it can't be made."""
    try:
        payload = content.make()
        if exact and content.refine is not None:
            *_, payload = payload, *content.refine(lambda: False)
        return payload
    except USER_ERRORS as error:
        return {"problem": page_message(message_of(error))}, []
    except Exception as error:
        logger.exception("The content of a panel could not be made")
        return {"problem": internal_error(error)}, []


def _to_static(array: NDArray[Any]) -> Any:
    """Return an array as it is saved in a page; 16-bit numbers are the codes of a picture."""
    return static_codes(array) if array.dtype == np.uint16 else _raw(array)


def _raw(array: NDArray[Any]) -> Any:
    """Return an array as raw memory."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
