"""Base class of the widgets, and the JavaScript modules that several widgets share."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from specwidget.widgets.assets import read_modules


class View(anywidget.AnyWidget):
    """A widget whose `_esm` comes from `read_view`: its module is loaded when it is rendered.

    `_own_model_id` is the id of its model, and `_shared_modules` that of the `SharedModules` it uses; empty for none.
    """

    _own_model_id = traitlets.Unicode().tag(sync=True)
    _shared_modules = traitlets.Unicode().tag(sync=True)
    has_static_fallback = traitlets.Bool(False, help="Whether a static fallback follows it.").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        name = uuid.uuid4().hex
        super().__init__(model_id=name, _own_model_id=name, **kwargs)


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
        super().__init__(modules=list(read_modules(*names)))
