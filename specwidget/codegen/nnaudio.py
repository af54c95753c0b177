"""nnAudio: `nnAudio.features.stft.STFT`, a layer of PyTorch.

Only the cross-check shows this code. `CODE_TARGETS` does not offer it: nnAudio takes windows by name only, so it can't
compute every setting; see `window_name`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.codegen.snippet import CodeRequest, CodeTarget, call, device_note, literal, render
from specwidget.codegen.torch_steps import (
    SCALES,
    layout_lines,
    mode_lines,
    row_lines,
    signal_lines,
    unscaled_window_lines,
)
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import make_window

SUFFIXES = ("_periodic", "_symmetric")
"""Endings of a window's name by which SciPy makes it periodic or symmetric, whatever `fftbins` is."""


def write(request: CodeRequest) -> str:
    """Write the code, for settings whose window has a `window_name`."""
    settings = request.settings
    before, after = zeros_around_window(settings)
    scale_imports, scale = _scale_lines(settings)
    layer = call(
        "layer = STFT",
        [
            f"n_fft={settings.n_fft}",
            f"win_length={settings.frame_length}",
            f"hop_length={settings.step}",
            f"window={literal(window_name(settings))}",
            "center=False",
            'output_format="Complex"',
            *(["trainable=True"] if settings.trainable else []),
            "verbose=False",
        ],
    )
    if settings.compute_dtype == "float64":
        layer.append("layer = layer.double()")
    transform = [
        *layer,
        "z = torch.view_as_complex(layer(rows))",
        *(_phase_lines(settings) if before else []),
        *scale,
        f"z = z.unflatten(0, (-1, {request.n_channels}))  # (batch, channels, bins, frames)",
    ]
    ending = [*mode_lines(settings, "z.real", "z.imag", "z"), *layout_lines(settings)]
    notes = device_note(request, "on the device of x")
    imports = {"import torch", "from nnAudio.features.stft import STFT"} | scale_imports
    return render(
        notes, imports, [signal_lines(request), row_lines(request, before, after), transform, ending], request
    )


def window_name(settings: STFTSettings) -> Any:
    """Find a name, or tuple, by which SciPy makes the window whatever its default; None where there is none."""
    if settings.window is None:
        return "boxcar"
    if not settings.has_named_window:
        return None
    name, *parameters = (settings.window,) if isinstance(settings.window, str) else settings.window
    if not settings.periodic and not name.endswith(SUFFIXES):
        name = f"{name}_symmetric"
    window = (name, *parameters) if parameters else name
    try:
        # SciPy does not accept the suffix for every window.
        values = make_window(window, settings.frame_length, periodic=True)
    except ValueError:
        return None
    return window if np.array_equal(np.asarray(values), np.asarray(settings.window_values)) else None


def zeros_around_window(settings: STFTSettings) -> tuple[int, int]:
    """Count the zeros before and after a window that is centred in the FFT."""
    missing = settings.n_fft - settings.frame_length
    return missing // 2, missing - missing // 2


def _phase_lines(settings: STFTSettings) -> list[str]:
    """Write the lines that make phase relative to the window's first sample, not the FFT's."""
    if settings.mode in ("psd", "magnitude", "log"):
        return []
    before, _ = zeros_around_window(settings)
    return [
        "# nnAudio centres the window in the FFT; this makes phase relative to its first sample.",
        f"turns = torch.arange({settings.n_bins}).double() * {before} % {settings.n_fft} / {settings.n_fft}",
        "z = z * torch.exp(2j * torch.pi * turns)[:, None].to(z.dtype)",
    ]


def _scale_lines(settings: STFTSettings) -> tuple[set[str], list[str]]:
    """Write the imports and lines that divide by the window's scale, where there is any."""
    if settings.scaling is None or settings.window is None:
        return set(), []
    imports, lines = unscaled_window_lines(settings)
    return imports, [*lines, f"z = z / {SCALES[settings.scaling]}"]


TARGET = CodeTarget("nnAudio", "python", write)
