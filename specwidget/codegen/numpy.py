"""NumPy: strided frames, windowed, and their FFT."""

from __future__ import annotations

from specwidget.codegen.numpy_steps import (
    cast_lines,
    layout_lines,
    mode_lines,
    padding_lines,
    signal_lines,
    signal_name,
)
from specwidget.codegen.snippet import KERNEL_FILE, CodeRequest, CodeTarget, device_note, render, trained_kernels_note
from specwidget.codegen.window_steps import window_lines
from specwidget.stft.kernels import kernel_names


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    notes = device_note(request, "on the CPU")
    imports, window = window_lines(settings, by_numpy=True)
    needs_window = settings.window is not None and not request.has_own_kernels
    if not needs_window:
        imports, window = set(), []
    elif settings.compute_dtype == "float32":
        window.append('w = w.astype("float32")')
    padding = padding_lines(request)
    frames = _frame_lines(request, signal_name(padding))
    order = "BTCF" if settings.channels_last else "BCTF"
    if request.has_own_kernels:
        transform, values = _saved_kernel_lines(request)
    else:
        notes += trained_kernels_note(request, "this code")
        windowed = "frames * w" if needs_window else "frames"
        axes = "(batch, frames, channels, bins)" if settings.channels_last else "(batch, channels, frames, bins)"
        transform = [f"z = np.fft.rfft({windowed}, n={settings.n_fft})  # {axes}"]
        values = mode_lines(settings, -1)
    ending = [*values, *layout_lines(settings, order), *cast_lines(settings, settings.compute_dtype)]
    blocks = [signal_lines(request), padding, [*window, *frames, *transform], ending]
    used = {"import numpy as np", "from numpy.lib.stride_tricks import sliding_window_view"}
    return render(notes, used | imports, blocks, request)


def _frame_lines(request: CodeRequest, name: str) -> list[str]:
    """Write the line that makes `frames`, a view of the signal with the samples of a frame on the last axis."""
    view = f"sliding_window_view({name}, {request.settings.frame_length}, axis={request.time_axis})"
    every = f"[{':, ' * request.time_axis}::{request.settings.step}]" if request.settings.step > 1 else ""
    return [f"frames = {view}{every}"]


def _saved_kernel_lines(request: CodeRequest) -> tuple[list[str], list[str]]:
    """Write the lines that transform with the layer's own kernels, and the lines of the mode."""
    names = kernel_names(request.settings)
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'kernels = np.load("{KERNEL_FILE}")',
        *(f'{name} = frames @ kernels["{name}_kernel"][:, 0]' for name in names),
    ]
    if len(names) == 1:
        return lines, [f"y = {names[0]}"]
    return [*lines, "z = real + 1j * imag"], mode_lines(request.settings, -1)


TARGET = CodeTarget("NumPy", "python", write)
