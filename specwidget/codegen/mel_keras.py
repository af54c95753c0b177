"""Mel spectrograms with Keras's layer, in Python and in R."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from specwidget.codegen.keras3 import r_literal
from specwidget.codegen.mel_steps import MelCodeRequest, convention_arguments, render_mel, signal_lines
from specwidget.codegen.snippet import call, literal
from specwidget.keras_differences import KERAS_MEL_DIFFERENCES, KERAS_NO_TOP
from specwidget.mel.settings import MEL_DEFAULTS, MelSettings


def write(request: MelCodeRequest) -> str:
    """Write the code in Python."""
    layer = call("layer = keras.layers.MelSpectrogram", _arguments(request.settings, literal))
    result = ["y = keras.ops.convert_to_numpy(layer(x))"]
    imports = {"import keras", "import numpy as np"}
    return render_mel(_notes(request), imports, [signal_lines(request), layer, result], request)


def write_r(request: MelCodeRequest) -> str:
    """Write the code in R."""
    dims = ", ".join(map(str, request.shape))
    count = " * ".join(map(str, request.shape))
    signal = [
        f"# Your signal, at {request.settings.sampling_rate:g} Hz.",
        f"x <- array(rnorm({count}), dim = c({dims}))",
    ]
    arguments = [text.replace("=", " = ", 1) for text in _arguments(request.settings, r_literal)]
    layer = call("layer <- layer_mel_spectrogram", arguments, indent="  ", last="")
    return render_mel(_notes(request), ["library(keras3)"], [signal, [*layer, "y <- layer(op_array(x))"]], request)


def _notes(request: MelCodeRequest) -> list[str]:
    """Say which conventions Keras's layer does not have, and which named differences apply."""
    notes = []
    changed = convention_arguments(request.settings)
    if changed:
        notes.append(f"Keras's layer has its own conventions; these are not part of this code: {', '.join(changed)}.")
    applying = [each for each in KERAS_MEL_DIFFERENCES if each.applies(request.settings)]
    shown = ("top of a batch", "empty bands", "odd fft_length", "windows")
    return notes + [f"Keras {each.keras}; specwidget {each.layer}." for each in applying if each.name in shown]


def _arguments(settings: MelSettings, write_literal: Callable[[Any], str]) -> list[str]:
    """Write the arguments that differ from the defaults."""
    given = {name: getattr(settings, name) for name in MEL_DEFAULTS if name not in ("data_format", "conventions")}
    given["top_db"] = KERAS_NO_TOP if settings.top_db is None else settings.top_db
    if isinstance(settings.window, str) and settings.window not in ("hann", "hamming"):
        given["window"] = "hann"
    elif isinstance(settings.window, tuple):
        given["window"] = settings.transform.scaled_window.tolist()
    return [f"{name}={write_literal(value)}" for name, value in given.items() if value != MEL_DEFAULTS[name]]
