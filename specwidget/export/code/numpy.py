"""NumPy alone: frames by strides, the FFT of windowed frames."""

from __future__ import annotations

from specwidget.export.code.arrays import (
    cast_lines,
    layout_lines,
    prepare_lines,
    signal_lines,
    signal_name,
    value_lines,
)
from specwidget.export.code.snippet import KERNEL_FILE, CodeTarget, Task, lay_out, on_the_processor, without_kernels
from specwidget.export.code.window import window_lines
from specwidget.stft.kernels import kernel_names


def write(task: Task) -> str:
    """Return the code."""
    settings = task.settings
    notes = on_the_processor(task, "runs on the processor")
    imports, window = window_lines(settings, by_numpy=True)
    needs_window = settings.window is not None and not task.has_own_kernels
    if not needs_window:
        imports, window = set(), []
    elif settings.compute_dtype == "float32":
        window.append('w = w.astype("float32")')
    prepared = prepare_lines(task)
    frames = _frame_lines(task, signal_name(prepared))
    order = "BTCF" if settings.channels_last else "BCTF"
    if task.has_own_kernels:
        transform, values = _by_kernels(task)
    else:
        notes += without_kernels(task, "this")
        windowed = "frames * w" if needs_window else "frames"
        axes = "(batch, frames, channels, bins)" if settings.channels_last else "(batch, channels, frames, bins)"
        transform = [f"z = np.fft.rfft({windowed}, n={settings.n_fft})  # {axes}"]
        values = value_lines(settings, -1)
    ending = [*values, *layout_lines(settings, order), *cast_lines(settings, settings.compute_dtype)]
    blocks = [signal_lines(task), prepared, [*window, *frames, *transform], ending]
    used = {"import numpy as np", "from numpy.lib.stride_tricks import sliding_window_view"}
    return lay_out(notes, used | imports, blocks, task)


def _frame_lines(task: Task, name: str) -> list[str]:
    """Return the lines that make `frames`, a view of the signal with the frame's samples on the last axis."""
    made = f"sliding_window_view({name}, {task.settings.frame_length}, axis={task.time_axis})"
    every = f"[{':, ' * task.time_axis}::{task.settings.step}]" if task.settings.step > 1 else ""
    return [f"frames = {made}{every}"]


def _by_kernels(task: Task) -> tuple[list[str], list[str]]:
    """Return the lines of the transform by the layer's own kernels, and those of the values."""
    names = kernel_names(task.settings)
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'kernels = np.load("{KERNEL_FILE}")',
        *(f'{name} = frames @ kernels["{name}_kernel"][:, 0]' for name in names),
    ]
    if len(names) == 1:
        return lines, [f"y = {names[0]}"]
    return [*lines, "z = real + 1j * imag"], value_lines(task.settings, -1)


TARGET = CodeTarget("NumPy", "python", write)
