"""specwidget: a parameter laboratory for the short-time Fourier transform, in Jupyter.

Data flow::

    signal -> layout -> pad -> frames -> transform -> mode -> layout -> Spectrogram -> readouts, figures, pixels -> page
    signal -> ends -> frames -> transform -> power -> bank -> logarithm -> normalization -> mel spectrogram -> MFCC

`specwidget.stft` has the transform as pure functions. `STFTSpectrogram` adds the interface of Keras's layer.
`specwidget.mel` has filter banks, `MelSpectrogram`, `MFCC` and the `front_ends` of published models.
`explore` opens the interactive page for a sound. `crosscheck` compares with other libraries, `front_end_difference` two
front ends; `identify` finds the settings behind an array. `training.fit` trains the kernels. `codegen` writes code for
other libraries, `export` settings and kernels. `corpus` surveys many recordings and writes their features. `teach` has
the figures and exercises of the course. Settings are validated once, at construction, and passed to each step; shapes
are integers, known before any array is computed. A module imports only from those before it:
`arrays`, `devices`, `stft`, `spectrogram`, `layer`, `mel`, `training`, `sounds`, `keras_differences`, `codegen`,
`peers`, `export`, `matching`, `compose`, `raster`, `summary`, `charts`, `widgets`, `corpus`, `explorer`, `teach`,
`cli`.

Public names are imported at first use, so that `import specwidget` is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.2.0"

if TYPE_CHECKING:
    from specwidget import codegen as codegen
    from specwidget import corpus as corpus
    from specwidget import export as export
    from specwidget import teach as teach
    from specwidget import training as training
    from specwidget.compose import layer_mel_spectrogram, layer_stft_spectrogram
    from specwidget.devices import DeviceError
    from specwidget.explorer import explore
    from specwidget.layer import STFTSpectrogram
    from specwidget.matching.difference import Difference, front_end_difference
    from specwidget.matching.identification import identify
    from specwidget.matching.result import Identification
    from specwidget.mel.conventions import MelConventions
    from specwidget.mel.front_ends import front_ends
    from specwidget.mel.layer import MelSpectrogram
    from specwidget.mel.mfcc import MFCC
    from specwidget.mel.settings import MelSettings
    from specwidget.peers import PeerReport, crosscheck
    from specwidget.spectrogram import Spectrogram
    from specwidget.stft.settings import STFTSettings

_PUBLIC_NAMES = {
    "DeviceError": "devices",
    "Difference": "matching.difference",
    "Identification": "matching.result",
    "MFCC": "mel.mfcc",
    "MelConventions": "mel.conventions",
    "MelSettings": "mel.settings",
    "MelSpectrogram": "mel.layer",
    "PeerReport": "peers",
    "STFTSettings": "stft.settings",
    "STFTSpectrogram": "layer",
    "Spectrogram": "spectrogram",
    "crosscheck": "peers",
    "explore": "explorer",
    "front_end_difference": "matching.difference",
    "front_ends": "mel.front_ends",
    "identify": "matching.identification",
    "layer_mel_spectrogram": "compose",
    "layer_stft_spectrogram": "compose",
}

_PUBLIC_MODULES = ("codegen", "corpus", "export", "teach", "training")
"""Modules that are available as attributes of the package."""

__all__ = [
    "MFCC",
    "DeviceError",
    "Difference",
    "Identification",
    "MelConventions",
    "MelSettings",
    "MelSpectrogram",
    "PeerReport",
    "STFTSettings",
    "STFTSpectrogram",
    "Spectrogram",
    "crosscheck",
    "explore",
    "front_end_difference",
    "front_ends",
    "identify",
    "layer_mel_spectrogram",
    "layer_stft_spectrogram",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name in _PUBLIC_MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _PUBLIC_NAMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_PUBLIC_NAMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__, *_PUBLIC_MODULES})
