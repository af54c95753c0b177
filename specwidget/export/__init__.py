"""Export: the layers to Keras, PyTorch and ONNX, and settings to files.

- `save_settings`, `load_settings`, `load_mel_settings`, `load_front_end` and `load_sample_rate` write and read settings
  files.
- `to_keras` makes a `keras.layers.STFTSpectrogram` or `MelSpectrogram`, `from_keras` converts it back.
- `to_torch` makes a `torch.nn.Module`, `from_torch` converts that of an `STFTSpectrogram` back.
- `to_onnx` writes a model that onnxruntime runs.

An exported layer has the kernels of the original, trained or not. The public names are loaded when they are first used,
and a framework is imported when one of its functions is called; an ImportError says how to install a missing one.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.export.keras import from_keras, to_keras
    from specwidget.export.onnx import to_onnx
    from specwidget.export.settings_files import (
        load_front_end,
        load_mel_settings,
        load_sample_rate,
        load_settings,
        save_settings,
    )
    from specwidget.export.torch import from_torch, to_torch

_HOMES = {
    "from_keras": "keras",
    "from_torch": "torch",
    "load_front_end": "settings_files",
    "load_mel_settings": "settings_files",
    "load_sample_rate": "settings_files",
    "load_settings": "settings_files",
    "save_settings": "settings_files",
    "to_keras": "keras",
    "to_onnx": "onnx",
    "to_torch": "torch",
}
"""The module of each public name."""

__all__ = [
    "from_keras",
    "from_torch",
    "load_front_end",
    "load_mel_settings",
    "load_sample_rate",
    "load_settings",
    "save_settings",
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
    """List the public names, whether loaded or not."""
    return sorted({*globals(), *__all__})
