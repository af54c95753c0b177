"""specwidget itself: the layer."""

from __future__ import annotations

from dataclasses import fields

from specwidget.export.code.arrays import signal_lines
from specwidget.export.code.snippet import KERNEL_FILE, CodeTarget, Task, call, lay_out, literal
from specwidget.export.code.window import has_values, window_lines
from specwidget.stft.settings import STFTSettings

ALWAYS = ("mode", "frame_length")
"""Arguments that are written even where they have their defaults."""


def write(task: Task) -> str:
    """Return the code."""
    settings, lines = task.settings, []
    imports = {"import numpy as np", "import specwidget"}
    if task.has_own_kernels:
        lines += [
            f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
            f'layer = specwidget.training.load_kernels("{KERNEL_FILE}")',
        ]
    else:
        if has_values(settings):
            more, made = window_lines(settings, scaled=False)
            imports, lines = imports | more, [*lines, *made]
        lines += call("layer = specwidget.STFTSpectrogram", arguments(settings))
    return lay_out([], imports, [signal_lines(task), [*lines, "y = layer(x)"]], task)


def arguments(settings: STFTSettings) -> list[str]:
    """Return the arguments that differ from the defaults, as they are written."""
    listed = []
    for field in fields(STFTSettings):
        value = getattr(settings, field.name)
        if field.name in ALWAYS or value != field.default:
            written = "w" if field.name == "window" and has_values(settings) else literal(value)
            listed.append(f"{field.name}={written}")
    return listed


TARGET = CodeTarget("specwidget", "python", write)
