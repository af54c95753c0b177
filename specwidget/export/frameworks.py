"""Importing a framework when an export needs it, with an error that says how to install it."""

from __future__ import annotations

import importlib
from typing import Any

from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC

INSTALL = {
    "keras": "Install it with a framework that it runs on: pip install keras torch.",
    "torch": "Install it with: pip install torch.",
    "onnx": "Install it with: pip install onnx.",
}
"""How to install a framework."""

_TITLES = {"keras": "Keras 3", "torch": "PyTorch", "onnx": "the package onnx"}


def load_framework(name: str) -> Any:
    """Import a framework.

    Parameters
    ----------
    name : {"keras", "torch", "onnx"}
        Name of the module.

    Returns
    -------
    module
        The framework.

    Raises
    ------
    ImportError
        If it is not installed, or its import fails; the message says which, and what to do.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == name:
            raise ImportError(f"This export needs {_TITLES[name]}, which is not installed. {INSTALL[name]}") from error
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        advice = " Set KERAS_BACKEND to a framework that is installed." if name == "keras" else ""
        raise ImportError(
            f"This export needs {_TITLES[name]}, which is installed but does not import: {reason}.{advice}"
        ) from error


def check_layer(layer: object) -> None:
    """Raise a TypeError unless `layer` is a layer of this package."""
    if not isinstance(layer, STFTSpectrogram | MelSpectrogram | MFCC):
        raise TypeError(
            f"`layer` must be a specwidget.STFTSpectrogram, MelSpectrogram or MFCC; got {type(layer).__name__}."
        )
