"""PyTorch: `conv1d` with the layer's kernels, windowed cosines and sines, which may be trained."""

from __future__ import annotations

from specwidget.codegen.snippet import KERNEL_FILE, CodeRequest, CodeTarget, call, device_note, render
from specwidget.codegen.torch_steps import layout_lines, mode_lines, row_lines, scaled_window_lines, signal_lines
from specwidget.stft.kernels import kernel_names

WAVES = {"real": "torch.cos(phase)", "imag": "-sines"}
"""Each kernel before it is windowed."""


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    names = kernel_names(settings)
    imports, kernels = _saved_kernel_lines(request) if request.has_own_kernels else _fourier_kernel_lines(request)
    if settings.trainable:
        kernels.append("kernels = torch.nn.Parameter(kernels)")
    output = "y" if settings.mode == "stft" or len(names) == 1 else "parts"
    values = mode_lines(settings, "real", "imag", "torch.complex(real, imag)") if output == "parts" else []
    transform = [
        *call(f"{output} = torch.nn.functional.conv1d", ["rows[:, None]", "kernels", f"stride={settings.step}"]),
        f"{output} = {output}.unflatten(0, (-1, {request.n_channels}))  # (batch, channels, kernels, frames)",
    ]
    if output == "parts":
        transform.append("real, imag = parts.chunk(2, dim=-2)")
    blocks = [signal_lines(request), row_lines(request), kernels, transform, [*values, *layout_lines(settings)]]
    return render(device_note(request, "on the device of x"), {"import torch"} | imports, blocks, request)


def _fourier_kernel_lines(request: CodeRequest) -> tuple[set[str], list[str]]:
    """Write the imports and lines that make the kernels of the DFT, (kernels, 1, frame_length)."""
    settings = request.settings
    imports, lines = scaled_window_lines(settings)
    names = kernel_names(settings)
    lines += [
        f"n, k = torch.arange({settings.frame_length}), torch.arange({settings.n_bins})",
        f"turns = torch.outer(k, n) % {settings.n_fft}",
        f"phase = 2 * torch.pi * turns.double() / {settings.n_fft}",
    ]
    if "imag" in names:
        lines += [
            "# The sine of a multiple of pi is 0; rounding would make it 1e-16.",
            f"sines = torch.sin(phase).masked_fill(2 * turns % {settings.n_fft} == 0, 0)",
        ]
    waves = [WAVES[name] for name in names]
    lines.append(f"waves = {waves[0]}" if len(waves) == 1 else f"waves = torch.cat([{', '.join(waves)}])")
    cast = ".float()" if settings.compute_dtype == "float32" else ""
    lines.append(f"kernels = (waves * w)[:, None]{cast}  # (kernels, 1, frame_length)")
    return imports, lines


def _saved_kernel_lines(request: CodeRequest) -> tuple[set[str], list[str]]:
    """Write the imports and lines that read the layer's own kernels from a file."""
    names = kernel_names(request.settings)
    arrays = ", ".join(f'saved["{name}_kernel"]' for name in names)
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'saved = np.load("{KERNEL_FILE}")',
        f"kernels = np.concatenate([{arrays}], axis=2)" if len(names) > 1 else f"kernels = {arrays}",
        "kernels = torch.from_numpy(kernels).permute(2, 1, 0)  # (kernels, 1, frame_length)",
    ]
    return {"import numpy as np"}, lines


TARGET = CodeTarget("PyTorch, conv1d", "python", write)
