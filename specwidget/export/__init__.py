"""What is taken away: settings in a file, code for another library, a layer in a model.

- `to_code` writes the transform in another library's words.
- `save_settings` and `load_settings` keep settings in a file.
- `to_keras` makes a genuine `keras.layers.STFTSpectrogram`, `from_keras` goes back.
- `to_torch` makes a `torch.nn.Module`, `from_torch` goes back.
- `to_onnx` writes a model that onnxruntime runs.

A layer takes its kernels along, so what training made of them survives. The public names are loaded when they are
first used, and a framework is imported when one of its functions is called: where it is missing, a sentence says what
to install.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.export.code import CODE_TARGETS, to_code
    from specwidget.export.files import load_settings, save_settings
    from specwidget.export.keras import from_keras, to_keras
    from specwidget.export.onnx import to_onnx
    from specwidget.export.torch import from_torch, to_torch

_HOMES = {
    "CODE_TARGETS": "code",
    "from_keras": "keras",
    "from_torch": "torch",
    "load_settings": "files",
    "save_settings": "files",
    "to_code": "code",
    "to_keras": "keras",
    "to_onnx": "onnx",
    "to_torch": "torch",
}
"""The public names, and the modules that they are in."""

__all__ = [
    "CODE_TARGETS",
    "from_keras",
    "from_torch",
    "load_settings",
    "save_settings",
    "to_code",
    "to_keras",
    "to_onnx",
    "to_torch",
]


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
