"""PyTorch: `torch.stft`, with the window zero-padded to the FFT length, as PyTorch would centre it otherwise."""

from __future__ import annotations

from specwidget.codegen.snippet import CodeRequest, CodeTarget, call, device_note, render, trained_kernels_note
from specwidget.codegen.torch_steps import layout_lines, mode_lines, row_lines, scaled_window_lines, signal_lines


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings, zeros = request.settings, request.zeros_after_frame
    imports, window = scaled_window_lines(settings)
    if zeros:
        window += [
            "# torch.stft centres a shorter window in the FFT; the zeros put it at the start.",
            f"w = torch.nn.functional.pad(w, (0, {zeros}))",
        ]
    cast = "w" if settings.compute_dtype == "float64" else "w.float()"
    arguments = ["rows", f"n_fft={settings.n_fft}", f"hop_length={settings.step}", f"window={cast}"]
    transform = [
        *window,
        *call("z = torch.stft", [*arguments, "center=False", "return_complex=True"]),
        f"z = z.unflatten(0, (-1, {request.n_channels}))  # (batch, channels, bins, frames)",
    ]
    blocks = [
        signal_lines(request),
        row_lines(request, after=zeros),
        transform,
        [*mode_lines(settings, "z.real", "z.imag", "z"), *layout_lines(settings)],
    ]
    notes = trained_kernels_note(request, "torch.stft") + device_note(request, "on the device of x")
    return render(notes, {"import torch"} | imports, blocks, request)


TARGET = CodeTarget("PyTorch, torch.stft", "python", write)
