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
    _update = traitlets.Unicode(help="Page and number of the latest update by a page, as 'page:number'.").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        name = uuid.uuid4().hex
        self._taken: dict[str, int] = {}
        super().__init__(model_id=name, _own_model_id=name, **kwargs)

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Acknowledge an update of a page before it is followed, and ignore a message that was taken before.

        A page sends again what is not acknowledged: values of traits, which may be set twice, and messages, which must
        not be handled twice. `connection.js` is the other end.
        """
        data = msg["content"]["data"]
        try:
            if self._take(data):
                super()._handle_msg(msg)
        except KeyboardInterrupt:
            # The page counts on it, and setting traits twice does no harm.
            if data["method"] == "update":
                _interrupted.append(lambda: super(View, self)._handle_msg(msg))
                _worker.request()
            raise

    def _take(self, data: dict[str, Any]) -> bool:
        """Acknowledge an update, and return whether it is to be handled."""
        update = data.get("state", {}).get("_update") or data.get("content", {}).get("update")
        if not update:
            return True
        self.send({"kind": "taken", "update": update})
        page, _, number = update.partition(":")
        before = self._taken.get(page, 0)
        self._taken[page] = max(before, int(number))
        return data["method"] != "custom" or int(number) > before


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
