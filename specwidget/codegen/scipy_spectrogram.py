"""SciPy: `scipy.signal.spectrogram`, the legacy function.

Only the cross-check shows this code. `CODE_TARGETS` does not offer it: SciPy recommends `ShortTimeFFT` for new code,
and this function returns NaN for a window of zeros.
"""

from __future__ import annotations

from specwidget.codegen.numpy_steps import (
    cast_lines,
    layout_lines,
    mode_lines,
    padding_lines,
    signal_lines,
    signal_name,
)
from specwidget.codegen.snippet import CodeRequest, CodeTarget, call, device_note, render, trained_kernels_note
from specwidget.codegen.window_steps import window_lines
from specwidget.stft.settings import STFTSettings

SCIPY_MODES = {"psd": "psd", "magnitude": "magnitude", "log": "magnitude", "angle": "angle"}
"""SciPy's mode for those that it has; the others are computed from its complex values."""


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    imports, window = window_lines(settings, scaled=False)
    padding = padding_lines(request)
    name = signal_name(padding)
    rows = f"{name}.transpose(0, 2, 1)" if settings.channels_last else name
    mode = scipy_mode(settings)
    arguments = [
        rows,
        "fs=1",
        "window=w",
        f"noverlap={settings.frame_length - settings.step}",
        f"nfft={settings.n_fft}",
        "detrend=False",
        f'scaling="{scipy_scaling(settings)}"',
        f'mode="{mode}"',
    ]
    output = "z" if mode == "complex" else "y"
    transform = [
        *window,
        *call(f"_, _, {output} = spectrogram", arguments),
        *_rescaling_lines(settings, output),
        f"# {output}: (batch, channels, bins, frames)",
    ]
    values = mode_lines(settings, -2) if mode == "complex" else _floor_lines(settings)
    ending = [*values, *layout_lines(settings, "BCFT"), *cast_lines(settings, settings.compute_dtype)]
    notes = trained_kernels_note(request, "SciPy") + device_note(request, "on the CPU")
    used = {"import numpy as np", "from scipy.signal import spectrogram"} | imports
    if "from scipy.signal import get_window" in used:
        used = {"import numpy as np", "from scipy.signal import get_window, spectrogram"}
    return render(notes, used, [signal_lines(request), padding, transform, ending], request)


def scipy_mode(settings: STFTSettings) -> str:
    """Choose SciPy's mode."""
    return SCIPY_MODES.get(settings.mode, "complex")


def scipy_scaling(settings: STFTSettings) -> str:
    """Choose SciPy's scaling: the layer's where SciPy has it, else density, which `needs_rescaling` corrects."""
    # SciPy's "spectrum" divides by the absolute value of the sum, the layer by the sum of absolute values.
    has_spectrum = settings.window_values is not None and not (settings.window_values < 0).any()
    return "spectrum" if settings.scaling == "spectrum" and has_spectrum else "density"


def needs_rescaling(settings: STFTSettings) -> bool:
    """Check whether SciPy's scaling differs from the layer's, in a mode that has a scale."""
    differs = settings.window is None or settings.scaling != scipy_scaling(settings)
    return differs and settings.mode != "angle"


def _rescaling_lines(settings: STFTSettings, output: str) -> list[str]:
    """Write the line that replaces SciPy's scaling with the layer's."""
    if not needs_rescaling(settings):
        return []
    is_scaled = settings.window is not None and settings.scaling == "spectrum"
    factor = "np.linalg.norm(w) / np.abs(w).sum()" if is_scaled else "np.linalg.norm(w)"
    if settings.mode == "psd":
        factor = f"({factor}) ** 2" if is_scaled else f"{factor} ** 2"
    return [f"{output} *= {factor}"]


def _floor_lines(settings: STFTSettings) -> list[str]:
    """Write the line that applies the floor to SciPy's magnitudes."""
    floored = f"np.maximum(y, {settings.epsilon!r}**0.5)"
    return {"magnitude": [f"y = {floored}"], "log": [f"y = np.log({floored})"]}.get(settings.mode, [])


TARGET = CodeTarget("SciPy, spectrogram", "python", write)
