"""librosa: `librosa.stft`, with the window made as long as the FFT, so that it is not put into its middle."""

from __future__ import annotations

from specwidget.export.code.arrays import (
    cast_lines,
    layout_lines,
    prepare_lines,
    signal_lines,
    signal_name,
    value_lines,
)
from specwidget.export.code.snippet import (
    CodeTarget,
    Task,
    call,
    lay_out,
    literal,
    on_the_processor,
    without_kernels,
)
from specwidget.export.code.window import has_values, window_lines
from specwidget.stft.settings import STFTSettings


def write(task: Task) -> str:
    """Return the code."""
    settings, zeros = task.settings, task.zeros_after_frame
    imports: set[str] = set()
    window: list[str] = []
    chosen = literal(settings.window)
    if not _is_librosa_s(settings):
        imports, window = window_lines(settings)
        chosen = "w"
        if zeros:
            window += [
                "# librosa would put the window into the middle of the FFT; here it begins it.",
                f"w = np.pad(w, (0, {zeros}))",
            ]
    prepared = prepare_lines(task, zeros)
    name = signal_name(prepared)
    rows = f"{name}.transpose(0, 2, 1)" if settings.channels_last else name
    arguments = [rows, f"n_fft={settings.n_fft}", f"hop_length={settings.step}", f"window={chosen}", "center=False"]
    transform = [*window, *call("z = librosa.stft", arguments), "# z: (batch, channels, bins, frames)"]
    ending = [
        *value_lines(settings, -2),
        *layout_lines(settings, "BCFT"),
        *cast_lines(settings, settings.compute_dtype),
    ]
    blocks = [signal_lines(task), prepared, transform, ending]
    notes = without_kernels(task, "librosa") + on_the_processor(task, "runs on the processor")
    return lay_out(notes, {"import librosa", "import numpy as np"} | imports, blocks, task)


def _is_librosa_s(settings: STFTSettings) -> bool:
    """Tell whether librosa makes the same window by name: periodic, not scaled, as long as the FFT."""
    named = settings.window is not None and not has_values(settings)
    return named and settings.periodic and settings.scaling is None and settings.n_fft == settings.frame_length


TARGET = CodeTarget("librosa", "python", write)
