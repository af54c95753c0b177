"""Mel spectrograms with this package's own layer."""

from __future__ import annotations

from dataclasses import fields

from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    convention_arguments,
    render_mel,
    setting_arguments,
    signal_lines,
)
from specwidget.codegen.snippet import call, literal
from specwidget.mel.settings import MEL_DEFAULTS
from specwidget.mel.stages import Cepstrum


def write(request: MelCodeRequest) -> str:
    """Write the code."""
    arguments = setting_arguments(request.settings, [name for name in MEL_DEFAULTS if name != "conventions"])
    lines, changed = [], convention_arguments(request.settings)
    if changed:
        lines += call("conventions = specwidget.MelConventions", changed)
        arguments.append("conventions=conventions")
    if request.cepstrum is None:
        lines += call("layer = specwidget.MelSpectrogram", arguments)
    else:
        lines += call("mel = specwidget.MelSpectrogram", arguments)
        lines += call("layer = specwidget.MFCC", ["mel", *_cepstral_arguments(request.cepstrum)])
    lines.append("y = layer(x)")
    imports = {"import numpy as np", "import specwidget"}
    return render_mel([], imports, [signal_lines(request), lines], request, has_bands=False)


def _cepstral_arguments(cepstrum: Cepstrum) -> list[str]:
    """Write the arguments of `MFCC` that differ from the defaults."""
    return [
        f"{field.name}={literal(getattr(cepstrum, field.name))}"
        for field in fields(cepstrum)
        if getattr(cepstrum, field.name) != field.default
    ]
