"""PyTorch: `conv1d` with the kernels, windowed cosines and sines, which may be trained."""

from __future__ import annotations

from specwidget.export.code.snippet import KERNEL_FILE, CodeTarget, Task, call, lay_out, on_the_processor
from specwidget.export.code.tensors import layout_lines, row_lines, scaled_window_lines, signal_lines, value_lines
from specwidget.stft.kernels import kernel_names

PARTS = {"real": "torch.cos(phase)", "imag": "-sines"}
"""What each kernel is before it is windowed."""


def write(task: Task) -> str:
    """Return the code."""
    settings = task.settings
    names = kernel_names(settings)
    imports, kernels = _own_kernels(task) if task.has_own_kernels else _fourier_kernels(task)
    if settings.trainable:
        kernels.append("kernels = torch.nn.Parameter(kernels)")
    output = "y" if settings.mode == "stft" or len(names) == 1 else "parts"
    values = value_lines(settings, "real", "imag") if output == "parts" else []
    transform = [
        *call(f"{output} = torch.nn.functional.conv1d", ["rows[:, None]", "kernels", f"stride={settings.step}"]),
        f"{output} = {output}.unflatten(0, (-1, {task.n_channels}))  # (batch, channels, kernels, frames)",
    ]
    if output == "parts":
        transform.append("real, imag = parts.chunk(2, dim=-2)")
    blocks = [signal_lines(task), row_lines(task), kernels, transform, [*values, *layout_lines(settings)]]
    return lay_out(on_the_processor(task, "runs where x is"), {"import torch"} | imports, blocks, task)


def _fourier_kernels(task: Task) -> tuple[set[str], list[str]]:
    """Return the imports and lines that make the kernels of Fourier's transform, (kernels, 1, frame_length)."""
    settings = task.settings
    imports, lines = scaled_window_lines(settings)
    names = kernel_names(settings)
    lines += [
        f"n, k = torch.arange({settings.frame_length}), torch.arange({settings.n_bins})",
        f"turns = torch.outer(k, n) % {settings.n_fft}",
        f"phase = 2 * torch.pi * turns.double() / {settings.n_fft}",
    ]
    if "imag" in names:
        lines += [
            "# The sine of a whole or half turn is 0, which rounding misses by 1e-16.",
            f"sines = torch.sin(phase).masked_fill(2 * turns % {settings.n_fft} == 0, 0)",
        ]
    waves = [PARTS[name] for name in names]
    lines.append(f"waves = {waves[0]}" if len(waves) == 1 else f"waves = torch.cat([{', '.join(waves)}])")
    kind = ".float()" if settings.compute_dtype == "float32" else ""
    lines.append(f"kernels = (waves * w)[:, None]{kind}  # (kernels, 1, frame_length)")
    return imports, lines


def _own_kernels(task: Task) -> tuple[set[str], list[str]]:
    """Return the imports and lines that read the layer's own kernels."""
    names = kernel_names(task.settings)
    read = ", ".join(f'saved["{name}_kernel"]' for name in names)
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'saved = np.load("{KERNEL_FILE}")',
        f"kernels = np.concatenate([{read}], axis=2)" if len(names) > 1 else f"kernels = {read}",
        "kernels = torch.from_numpy(kernels).permute(2, 1, 0)  # (kernels, 1, frame_length)",
    ]
    return {"import numpy as np"}, lines


TARGET = CodeTarget("PyTorch, conv1d", "python", write)
