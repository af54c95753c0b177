"""Mel spectrograms in NumPy: strided frames, their FFT, and the bank by its formula."""

from __future__ import annotations

from specwidget.codegen.mel_steps import (
    MelCodeRequest,
    bank_lines,
    frame_lines,
    padding_lines,
    power_line,
    process_lines,
    render_mel,
    signal_lines,
    tail_lines,
    window_lines,
)


def write(request: MelCodeRequest) -> str:
    """Write the code."""
    imports, blocks = steps(request)
    return render_mel([], imports, [signal_lines(request), *blocks, tail_lines(request.settings)], request)


def steps(request: MelCodeRequest) -> tuple[set[str], list[list[str]]]:
    """Write the imports and the blocks from `x` to `bands`."""
    settings = request.settings
    imports, window = window_lines(settings)
    imports |= {"import numpy as np", "from numpy.lib.stride_tricks import sliding_window_view"}
    transform = [*window, f"z = np.fft.rfft(frames * w, n={settings.n_fft})", power_line(settings)]
    product = ["bands = np.swapaxes(power @ bank, -1, -2)"]
    framing = [*process_lines(request), *padding_lines(request), *frame_lines(settings)]
    return imports, [framing, transform, bank_lines(settings), product]
