"""specwidget: a parameter laboratory for the short-time Fourier transform, in Jupyter.

The way of the data::

    signal -> layout -> pad -> frames -> transform -> mode -> layout -> Spectrogram -> readouts, figures, pixels -> page

`specwidget.stft` holds the transform as pure functions; `STFTSpectrogram` is the face of Keras's layer on them;
`explore` opens the page on a sound; `crosscheck` compares with other libraries; `training.fit` lets the kernels learn;
`codegen` writes code for other libraries; `export` takes settings and kernels away; `teach` holds the figures and
exercises of the course. Settings are checked once, at construction, and passed to each step; shapes are integers, known
before any array is touched. A module imports only from those that stand before it: `arrays`, `stft`, `result`, `layer`,
`training`, `sounds`, `keras_differences`, `codegen`, `peers`, `export`, `compose`, `pixels`, `figures`, `explorer`,
`teach`, `cli`.

The public names are loaded when they are first used, so that `import specwidget` stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from specwidget import codegen as codegen
    from specwidget import export as export
    from specwidget import teach as teach
    from specwidget import training as training
    from specwidget.arrays import DeviceError
    from specwidget.compose import layer_stft_spectrogram
    from specwidget.explorer import explore
    from specwidget.layer import STFTSpectrogram
    from specwidget.peers import PeerReport, crosscheck
    from specwidget.spectrogram import Spectrogram
    from specwidget.stft.settings import STFTSettings

_HOMES = {
    "DeviceError": "arrays",
    "PeerReport": "peers",
    "STFTSettings": "stft.settings",
    "STFTSpectrogram": "layer",
    "Spectrogram": "spectrogram",
    "crosscheck": "peers",
    "explore": "explorer",
    "layer_stft_spectrogram": "compose",
}

_MODULES = ("codegen", "export", "teach", "training")
"""Modules that are reached as attributes of the package."""

__all__ = [
    "DeviceError",
    "PeerReport",
    "STFTSettings",
    "STFTSpectrogram",
    "Spectrogram",
    "crosscheck",
    "explore",
    "layer_stft_spectrogram",
]


def __getattr__(name: str) -> Any:
    """Load a public name at its first use."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__, *_MODULES})
