"""Mel spectrograms with this package's own layer."""

from __future__ import annotations

from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    convention_arguments,
    render_mel,
    setting_arguments,
    signal_lines,
)
from specwidget.codegen.snippet import call
from specwidget.mel.settings import MEL_DEFAULTS


def write(request: MelCodeRequest) -> str:
    """Write the code."""
    arguments = setting_arguments(request.settings, [name for name in MEL_DEFAULTS if name != "conventions"])
    lines, changed = [], convention_arguments(request.settings)
    if changed:
        lines += call("conventions = specwidget.MelConventions", changed)
        arguments.append("conventions=conventions")
    lines += [*call("layer = specwidget.MelSpectrogram", arguments), "y = layer(x)"]
    return render_mel([], {"import numpy as np", "import specwidget"}, [signal_lines(request), lines], request)
