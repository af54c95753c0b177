"""R's keras3: `layer_stft_spectrogram`, Keras's layer in R."""

from __future__ import annotations

from typing import Any

from specwidget.codegen.keras import (
    arguments,
    layer_kernels,
    needs_kernels,
    needs_window_values,
    notes,
    output_dtype,
    result,
)
from specwidget.codegen.snippet import KERNEL_FILE, CodeRequest, CodeTarget, call, render
from specwidget.codegen.window_steps import MAX_WRITTEN_VALUES, WINDOW_FILE, has_window_values, number_lines
from specwidget.keras_differences import has_odd_power, has_other_floor
from specwidget.stft.kernels import kernel_names
from specwidget.stft.settings import STFTSettings

WAVES = {"real": "cos(phase)", "imag": "-sin(phase)"}
"""Each kernel before it is windowed."""

SCALES = {"density": "w <- w / sqrt(sum(w^2))", "spectrum": "w <- w / sum(abs(w))"}
"""The line that divides the window by its scale."""


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    lines = [f"config_set_epsilon({settings.epsilon!r})"] if has_other_floor(settings) else []
    if needs_window_values(request):
        lines += _window_lines(settings)
    written = [text.replace("=", " = ", 1) for text in arguments(request, r_literal)]
    written = [text.replace("window = w", "window = array(w)") for text in written]
    lines += _call("layer <- layer_stft_spectrogram", written)
    if needs_kernels(request):
        names = layer_kernels(request)
        lines += _saved_kernel_lines(request) if request.has_own_kernels else _fourier_kernel_lines(request)
        lines += [f"layer$build(shape({_dims(request)}))", f"set_weights(layer, list({', '.join(names)}))"]
    count = " * ".join(str(length) for length in request.shape)
    signal = [f"# Your signal: {request.axes}.", f"x <- array(rnorm({count}), dim = c({_dims(request)}))"]
    blocks = [signal, lines, [f"y <- {result(request, 'op_')}"]]
    return render(notes(request), ["library(keras3)"], blocks, request, output_dtype(settings))


def r_literal(value: Any) -> str:
    """Write a value as an R literal.

    Examples
    --------
    >>> r_literal(256), r_literal(None), r_literal(True), r_literal("hann")
    ('256L', 'NULL', 'TRUE', '"hann"')
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int):
        return f"{value}L"
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _dims(request: CodeRequest) -> str:
    """Write the input's dimensions."""
    return ", ".join(map(str, request.shape))


def _call(function: str, arguments: list[str]) -> list[str]:
    """Format a call as R's formatters do."""
    return call(function, arguments, indent="  ", last="")


def _window_lines(settings: STFTSettings) -> list[str]:
    """Write the lines that make the unscaled window `w`."""
    n, window = settings.frame_length, settings.window
    if window is None or window == "boxcar":
        return [f"w <- rep(1, {n})"]
    if has_window_values(settings):
        assert isinstance(window, tuple)
        if len(window) > MAX_WRITTEN_VALUES:
            return [
                f'# The {len(window)} values of your window; in Python np.savetxt("{WINDOW_FILE}", window).',
                f'w <- scan("{WINDOW_FILE}")',
            ]
        return number_lines("w <- c(", window, ")")
    return [
        'signal <- reticulate::import("scipy.signal")',
        *_call("w <- signal$get_window", [_r_window(window), f"{n}L", f"fftbins = {r_literal(settings.periodic)}"]),
    ]


def _r_window(window: Any) -> str:
    """Write a window's name and parameters as R passes them to SciPy."""
    if isinstance(window, tuple):
        return f"reticulate::tuple({', '.join(map(_r_window, window))})"
    return r_literal(window)


def _fourier_kernel_lines(request: CodeRequest) -> list[str]:
    """Write the lines that make the kernels of the DFT, (frame_length, 1, bins)."""
    settings = request.settings
    n, bins = settings.frame_length, settings.n_bins
    lines = _window_lines(settings)
    if settings.window is not None and settings.scaling is not None:
        lines.append(SCALES[settings.scaling])
    lines += [
        f"turns <- outer(0:{n - 1}, 0:{bins - 1}) %% {settings.n_fft}",
        f"phase <- 2 * pi * turns / {settings.n_fft}",
    ]
    for name in layer_kernels(request):
        lines.append(f"{name} <- array({WAVES[name]} * as.vector(w), dim = c({n}, 1, {bins}))")
    return [*lines, *_last_bin_lines(settings)]


def _saved_kernel_lines(request: CodeRequest) -> list[str]:
    """Write the lines that read the layer's own kernels from a file."""
    names = kernel_names(request.settings)
    return [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes them in Python.',
        f'kernels <- reticulate::import("numpy")$load("{KERNEL_FILE}")',
        *(f'{name} <- reticulate::py_get_item(kernels, "{name}_kernel")' for name in names),
        *_last_bin_lines(request.settings),
    ]


def _last_bin_lines(settings: STFTSettings) -> list[str]:
    """Write the lines that double the power of the last bin of an odd FFT, which Keras does not."""
    if not has_odd_power(settings):
        return []
    last = settings.n_bins
    return [
        "# psd doubles the last bin of an odd FFT; Keras does not.",
        *(f"{name}[, , {last}] <- sqrt(2) * {name}[, , {last}]" for name in kernel_names(settings)),
    ]


TARGET = CodeTarget("keras3 (R)", "r", write)
