"""The page: a sound, the controls, the picture, the shapes, and whether the peers agree.

`explore` opens it. Inside, `state.py` knows what is shown and computes what follows; each panel is one entry in the
table `PANELS` of `page.py` with a ``.py``, a ``.js`` and a ``.css`` of its own; `readouts.py` is pure
functions, which the command line uses, too. Widgets are loaded with the page, and not before.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.explorer.page import Explorer, explore
    from specwidget.explorer.state.explorer_state import ExplorerState

_HOMES = {"Explorer": "page", "ExplorerState": "state.explorer_state", "explore": "page"}

__all__ = ["Explorer", "ExplorerState", "explore"]


def __getattr__(name: str) -> Any:
    """Load a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
