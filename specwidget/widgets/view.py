"""Base class of the widgets, with acknowledged updates, and the JavaScript modules that several widgets share."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from specwidget.widgets.assets import CONNECTION, read_modules
from specwidget.widgets.debounce import Debouncer

INTERRUPTED_S = 10.0
"""Seconds that an interrupt waits for the update that it stopped, which a thread handles again."""

MAX_REMEMBERED = 1000
"""Messages of pages that are remembered, so that none is handled twice."""


class View(anywidget.AnyWidget):
    """A widget whose `_esm` comes from `read_view`: its module is loaded when it is rendered.

    `_own_model_id` is the id of its model, and `_shared_modules` that of the `SharedModules` it uses; empty for none.
    """

    _own_model_id = traitlets.Unicode().tag(sync=True)
    _shared_modules = traitlets.Unicode().tag(sync=True)
    has_static_fallback = traitlets.Bool(False, help="Whether a static fallback follows it.").tag(sync=True)
    reports_connection = traitlets.Bool(True, help="Whether its view says that the kernel does not answer.").tag(
        sync=True
    )
    _update = traitlets.Unicode(help="Latest update by a page, as 'page:number:attempt'.").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        name = uuid.uuid4().hex
        self._handled: dict[tuple[str, str], None] = {}
        self._latest: dict[str, int] = {}
        self._is_repeated = False
        super().__init__(model_id=name, _own_model_id=name, **kwargs)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Acknowledge an update of a page before it is followed, and ignore a message that was handled before.

        A page sends again what is not acknowledged, and nothing must be handled twice: what came in between may have
        changed the same values. `connection.js` is the other end.
        """
        data = msg["content"]["data"]
        content = data.get("content", {})
        if content.get("kind") == "traits":
            # An update that is sent again.
            data = {"method": "update", "state": content["state"] | {"_update": content["update"]}, "buffer_paths": []}
            msg = {**msg, "content": {**msg["content"], "data": data}}
        try:
            if self._acknowledge(data):
                super()._handle_msg(msg)
        except KeyboardInterrupt:
            # The page counts on it, and setting traits twice does no harm.
            if data["method"] == "update":
                _interrupted.append(lambda: self._handle_again(msg))
                _worker.request()
                # Whatever comes next, a message or a cell, is newer than this update.
                _worker.wait_done(INTERRUPTED_S)
            raise

    def _handle_again(self, msg: dict[str, Any]) -> None:
        """Handle an update that was interrupted: its traits may be set, and nobody be notified of it."""
        self._is_repeated = True
        try:
            super()._handle_msg(msg)
        finally:
            self._is_repeated = False

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Set what the page sends."""
        before = {name: getattr(self, name) for name in sync_data if self.has_trait(name)}
        super().set_state(sync_data)
        for name, old in before.items() if self._is_repeated else ():
            new = getattr(self, name)
            self.notify_change(traitlets.Bunch(type="change", name=name, old=old, new=new, owner=self))

    def _acknowledge(self, data: dict[str, Any]) -> bool:
        """Acknowledge an update, and return whether it is to be handled."""
        update = data.get("state", {}).get("_update") or data.get("content", {}).get("update")
        if not update:
            return True
        self.send({"kind": "acknowledged", "update": update})
        page, number, _attempt = update.split(":")
        if data["method"] != "custom":
            # Updates of traits come in order, and one that is sent again holds those before it.
            is_new = int(number) > self._latest.get(page, -1)
            self._latest[page] = max(int(number), self._latest.get(page, -1))
            return is_new
        is_new = (page, number) not in self._handled
        self._handled[page, number] = None
        if len(self._handled) > MAX_REMEMBERED:
            del self._handled[next(iter(self._handled))]
        return is_new


_interrupted: deque[Callable[[], None]] = deque()
"""Updates that a kernel interrupt has stopped."""


def _handle_interrupted() -> None:
    while _interrupted:
        _interrupted.popleft()()


_worker = Debouncer(_handle_interrupted, 0.0)
"""Handles them again in a thread, which no interrupt reaches."""


class SharedModules(ipywidgets.Widget):
    """Modules that several views share, so that each is sent once.

    Parameters
    ----------
    *names : str or Path
        The modules of the views, named as for `read_modules`.
    """

    modules: traitlets.List[Any] = traitlets.List(help="Key and text of each, after those that it imports.").tag(
        sync=True
    )

    def __init__(self, *names: str | Path) -> None:
        super().__init__(modules=list(read_modules(*names, CONNECTION)))
