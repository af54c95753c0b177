"""PyTorch: `torch.stft`, with the window made as long as the FFT, so that it is not put into its middle."""

from __future__ import annotations

from specwidget.export.code.snippet import CodeTarget, Task, call, lay_out, on_the_processor, without_kernels
from specwidget.export.code.tensors import layout_lines, row_lines, scaled_window_lines, signal_lines, value_lines


def write(task: Task) -> str:
    """Return the code."""
    settings, zeros = task.settings, task.zeros_after_frame
    imports, window = scaled_window_lines(settings)
    if zeros:
        window += [
            "# torch.stft would put the window into the middle of the FFT; here it begins it.",
            f"w = torch.nn.functional.pad(w, (0, {zeros}))",
        ]
    chosen = "w" if settings.compute_dtype == "float64" else "w.float()"
    arguments = ["rows", f"n_fft={settings.n_fft}", f"hop_length={settings.step}", f"window={chosen}"]
    transform = [
        *window,
        *call("z = torch.stft", [*arguments, "center=False", "return_complex=True"]),
        f"z = z.unflatten(0, (-1, {task.n_channels}))  # (batch, channels, bins, frames)",
    ]
    blocks = [
        signal_lines(task),
        row_lines(task, zeros),
        transform,
        [*value_lines(settings, "z.real", "z.imag"), *layout_lines(settings)],
    ]
    notes = without_kernels(task, "torch.stft") + on_the_processor(task, "runs where x is")
    return lay_out(notes, {"import torch"} | imports, blocks, task)


TARGET = CodeTarget("PyTorch, torch.stft", "python", write)
