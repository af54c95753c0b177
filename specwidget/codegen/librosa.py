"""librosa: `librosa.stft`, with the window zero-padded to the FFT length, as librosa would centre it otherwise."""

from __future__ import annotations

from specwidget.codegen.numpy_steps import (
    cast_lines,
    layout_lines,
    mode_lines,
    padding_lines,
    signal_lines,
    signal_name,
)
from specwidget.codegen.snippet import (
    CodeRequest,
    CodeTarget,
    call,
    device_note,
    literal,
    render,
    trained_kernels_note,
)
from specwidget.codegen.window_steps import window_lines
from specwidget.stft.settings import STFTSettings


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings, zeros = request.settings, request.zeros_after_frame
    imports: set[str] = set()
    window: list[str] = []
    argument = literal(settings.window)
    if not takes_window_name(settings):
        imports, window = window_lines(settings)
        argument = "w"
        if zeros:
            window += [
                "# librosa centres a shorter window in the FFT; the zeros put it at the start.",
                f"w = np.pad(w, (0, {zeros}))",
            ]
    padding = padding_lines(request, after=zeros)
    name = signal_name(padding)
    rows = f"{name}.transpose(0, 2, 1)" if settings.channels_last else name
    arguments = [rows, f"n_fft={settings.n_fft}", f"hop_length={settings.step}", f"window={argument}", "center=False"]
    transform = [*window, *call("z = librosa.stft", arguments), "# z: (batch, channels, bins, frames)"]
    ending = [
        *mode_lines(settings, -2),
        *layout_lines(settings, "BCFT"),
        *cast_lines(settings, settings.compute_dtype),
    ]
    blocks = [signal_lines(request), padding, transform, ending]
    notes = trained_kernels_note(request, "librosa") + device_note(request, "on the CPU")
    return render(notes, {"import librosa", "import numpy as np"} | imports, blocks, request)


def takes_window_name(settings: STFTSettings) -> bool:
    """Check whether librosa makes the same window from its name: periodic, unscaled, as long as the FFT."""
    is_whole = settings.n_fft == settings.frame_length
    return settings.has_named_window and settings.periodic and settings.scaling is None and is_whole


TARGET = CodeTarget("librosa", "python", write)
