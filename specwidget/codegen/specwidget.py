"""specwidget: `STFTSpectrogram`."""

from __future__ import annotations

from dataclasses import fields

from specwidget.codegen.numpy_steps import signal_lines
from specwidget.codegen.snippet import KERNEL_FILE, CodeRequest, CodeTarget, call, literal, render
from specwidget.codegen.window_steps import has_window_values, window_lines
from specwidget.stft.settings import STFTSettings

ALWAYS_WRITTEN = ("mode", "frame_length")
"""Arguments that are written even where they have their defaults."""


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings, lines = request.settings, []
    imports = {"import numpy as np", "import specwidget"}
    if request.has_own_kernels:
        lines += [
            f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
            f'layer = specwidget.training.load_kernels("{KERNEL_FILE}")',
        ]
    else:
        if has_window_values(settings):
            window_imports, window = window_lines(settings, scaled=False)
            imports, lines = imports | window_imports, [*lines, *window]
        lines += call("layer = specwidget.STFTSpectrogram", arguments(settings))
    return render([], imports, [signal_lines(request), [*lines, "y = layer(x)"]], request)


def arguments(settings: STFTSettings) -> list[str]:
    """Write the arguments that differ from the defaults."""
    written = []
    for field in fields(STFTSettings):
        value = getattr(settings, field.name)
        if field.name in ALWAYS_WRITTEN or value != field.default:
            text = "w" if field.name == "window" and has_window_values(settings) else literal(value)
            written.append(f"{field.name}={text}")
    return written


TARGET = CodeTarget("specwidget", "python", write)
