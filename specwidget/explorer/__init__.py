"""The explorer: a page with a sound, controls, its spectrogram, output shapes and the cross-check with other libraries.

`explore` (`explore_function.py`) opens it. `page.py` lists the panels in `PANELS`; `state/` holds what they show and
needs no widget; `spectrogram_view/` is the largest panel; `panels/` has the others; `downloads/` makes the files that
the page offers. Importing this package loads no widget library; the first use of a name does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.explorer.explore_function import explore
    from specwidget.explorer.page import Explorer
    from specwidget.explorer.state.explorer_state import ExplorerState

_MODULES = {"Explorer": "page", "ExplorerState": "state.explorer_state", "explore": "explore_function"}

__all__ = ["Explorer", "ExplorerState", "explore"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
