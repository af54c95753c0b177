"""SciPy: `scipy.signal.ShortTimeFFT`, with its slices moved to the layer's frames."""

from __future__ import annotations

from typing import Literal

from specwidget.codegen.numpy_steps import (
    cast_lines,
    layout_lines,
    mode_lines,
    padding_lines,
    signal_lines,
    signal_name,
)
from specwidget.codegen.snippet import CodeRequest, CodeTarget, call, device_note, render, trained_kernels_note
from specwidget.codegen.window_steps import window_lines
from specwidget.stft.settings import STFTSettings


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    scale = scale_to(settings)
    imports, window = window_lines(settings, scaled=scale is None)
    arguments = ["w", f"hop={settings.step}", f"fs={request.rate_text}", f"mfft={settings.n_fft}"]
    # phase_shift=None makes phase relative to the first sample of the frame.
    arguments += [*([f'scale_to="{scale}"'] if scale else []), "phase_shift=None"]
    padding = padding_lines(request)
    name = signal_name(padding)
    rows = f"{name}.transpose(0, 2, 1)" if settings.channels_last else name
    counting = f"n_frames = ({name}.shape[{request.time_axis}] - {settings.frame_length}) // {settings.step} + 1"
    transform = [
        *window,
        *call("sft = ShortTimeFFT", arguments),
        *([counting] if settings.padding == "valid" else []),
        "# SciPy centres slice 0 on sample 0; k_offset starts it there.",
        *call("z = sft.stft", [rows, "p0=0", "p1=n_frames", "k_offset=sft.m_num_mid"]),
        "# z: (batch, channels, bins, frames)",
        *_rate_lines(request),
    ]
    ending = [*mode_lines(settings, -2), *layout_lines(settings, "BCFT"), *cast_lines(settings, "float64")]
    blocks = [signal_lines(request), padding, transform, ending]
    notes = trained_kernels_note(request, "SciPy") + device_note(request, "on the CPU")
    used = {"import numpy as np", "from scipy.signal import ShortTimeFFT"} | imports
    if "from scipy.signal import get_window" in used:
        used = {"import numpy as np", "from scipy.signal import ShortTimeFFT, get_window"}
    return render(notes, used, blocks, request)


def _rate_lines(request: CodeRequest) -> list[str]:
    """Write the lines that replace SciPy's density per Hz with the layer's, per cycle/sample."""
    if request.sample_rate is None or scale_to(request.settings) != "psd" or request.settings.mode == "angle":
        return []
    return [
        f"# SciPy's density is per Hz, the layer's per cycle/sample: {request.rate_text} times the power.",
        f"z *= {request.rate_text}**0.5",
    ]


def scale_to(settings: STFTSettings) -> Literal["psd", "magnitude"] | None:
    """Name SciPy's equal of the scaling; None where there is no scaling, or SciPy's differs."""
    if settings.window_values is None or settings.scaling is None:
        return None
    if settings.scaling == "density":
        return "psd"
    # SciPy divides by the absolute value of the sum, the layer by the sum of absolute values.
    return None if (settings.window_values < 0).any() else "magnitude"


TARGET = CodeTarget("SciPy", "python", write)
