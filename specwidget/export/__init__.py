"""What is taken away: settings in a file, code for another library.

The public names are loaded when they are first used: importing this package imports nothing else.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.export.files import load_settings, save_settings

_HOMES = {
    "load_settings": "files",
    "save_settings": "files",
}
"""The public names, and the modules that they are in."""

__all__ = ["load_settings", "save_settings"]


def __getattr__(name: str) -> Any:
    """Load a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
