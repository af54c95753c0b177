"""A widget that is shown by a module of ours, and the shelf that several of them take their modules from."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets
import traitlets

from specwidget.explorer.views.assets import read_modules


class View(anywidget.AnyWidget):
    """A widget whose `_esm` is what `read_view` returns: its module is loaded when it is shown.

    The page knows the widget by `_itself`, and the shelf, if there is one, by `_shelf`: the names of their models.
    """

    _itself = traitlets.Unicode().tag(sync=True)
    _shelf = traitlets.Unicode().tag(sync=True)
    has_stand_in = traitlets.Bool(False, help="Whether a picture after it stands for it elsewhere.").tag(sync=True)

    def __init__(self, **kwargs: Any) -> None:
        name = uuid.uuid4().hex
        super().__init__(model_id=name, _itself=name, **kwargs)


class Shelf(ipywidgets.Widget):
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
