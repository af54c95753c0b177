"""SciPy: `scipy.signal.ShortTimeFFT`, whose slices are made to begin where our frames do."""

from __future__ import annotations

from specwidget.export.code.arrays import (
    cast_lines,
    layout_lines,
    prepare_lines,
    signal_lines,
    signal_name,
    value_lines,
)
from specwidget.export.code.snippet import CodeTarget, Task, call, lay_out, on_the_processor, without_kernels
from specwidget.export.code.window import window_lines
from specwidget.stft.settings import STFTSettings


def write(task: Task) -> str:
    """Return the code."""
    settings = task.settings
    scale = scale_to(settings)
    imports, window = window_lines(settings, scaled=scale is None)
    arguments = ["w", f"hop={settings.step}", "fs=1", f"mfft={settings.n_fft}"]
    # The phase is counted from the first sample of the frame.
    arguments += [*([f'scale_to="{scale}"'] if scale else []), "phase_shift=None"]
    prepared = prepare_lines(task)
    name = signal_name(prepared)
    rows = f"{name}.transpose(0, 2, 1)" if settings.channels_last else name
    counted = f"n_frames = ({name}.shape[{task.time_axis}] - {settings.frame_length}) // {settings.step} + 1"
    transform = [
        *window,
        *call("sft = ShortTimeFFT", arguments),
        *([counted] if settings.padding == "valid" else []),
        "# SciPy places a frame by its middle; here frame 0 begins at sample 0.",
        *call("z = sft.stft", [rows, "p0=0", "p1=n_frames", "k_offset=sft.m_num_mid"]),
        "# z: (batch, channels, bins, frames)",
    ]
    ending = [*value_lines(settings, -2), *layout_lines(settings, "BCFT"), *cast_lines(settings, "float64")]
    blocks = [signal_lines(task), prepared, transform, ending]
    notes = without_kernels(task, "SciPy") + on_the_processor(task, "runs on the processor")
    used = {"import numpy as np", "from scipy.signal import ShortTimeFFT"} | imports
    if "from scipy.signal import get_window" in used:
        used = {"import numpy as np", "from scipy.signal import ShortTimeFFT, get_window"}
    return lay_out(notes, used, blocks, task)


def scale_to(settings: STFTSettings) -> str | None:
    """Return SciPy's name of the scaling; None where there is none, or SciPy's differs."""
    if settings.window is None or settings.window_values is None:
        return None
    # SciPy divides by the sum of the values, the layer by that of their sizes.
    if settings.scaling == "spectrum" and (settings.window_values < 0).any():
        return None
    return {"density": "psd", "spectrum": "magnitude", None: None}[settings.scaling]


TARGET = CodeTarget("SciPy", "python", write)
