"""A widget that is shown by a module of ours, and the shelf that several of them take their modules from."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from specwidget.widgets.assets import read_modules


class View(anywidget.AnyWidget):
    """A widget whose `_esm` is what `read_view` returns: its module is loaded when it is shown.

    The page finds the widget's model by `_own_model_id`, and that of the modules that it shares with others, if there
    are any, by `_shared_modules`.
    """

    _own_model_id = traitlets.Unicode().tag(sync=True)
    _shared_modules = traitlets.Unicode().tag(sync=True)
    has_static_fallback = traitlets.Bool(False, help="Whether a picture after it stands for it elsewhere.").tag(
        sync=True
    )

    def __init__(self, **kwargs: Any) -> None:
        name = uuid.uuid4().hex
        super().__init__(model_id=name, _own_model_id=name, **kwargs)


class SharedModules(ipywidgets.Widget):
    """Modules that several views share, so that each goes to the page once.

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
