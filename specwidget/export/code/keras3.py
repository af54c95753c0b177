"""R's keras3: `layer_stft_spectrogram`, the same layer as Keras's in Python."""

from __future__ import annotations

from typing import Any

from specwidget.export.code.keras import (
    arguments,
    layer_kernels,
    needs_kernels,
    needs_values,
    notes,
    output_dtype,
    result,
)
from specwidget.export.code.snippet import KERNEL_FILE, CodeTarget, Task, call, lay_out
from specwidget.export.code.window import MOST_WRITTEN, WINDOW_FILE, has_values, number_lines
from specwidget.peers.keras_differences import has_odd_power, has_other_floor
from specwidget.stft.kernels import kernel_names
from specwidget.stft.settings import STFTSettings

WAVES = {"real": "cos(phase)", "imag": "-sin(phase)"}
"""What each kernel is before it is windowed."""

SCALES = {"density": "w <- w / sqrt(sum(w^2))", "spectrum": "w <- w / sum(abs(w))"}
"""How a window is divided by its scale."""


def write(task: Task) -> str:
    """Return the code."""
    settings = task.settings
    lines = [f"config_set_epsilon({settings.epsilon!r})"] if has_other_floor(settings) else []
    if needs_values(task):
        lines += _window_lines(settings)
    given = [text.replace("=", " = ", 1) for text in arguments(task, r_literal)]
    given = [text.replace("window = w", "window = array(w)") for text in given]
    lines += _call("layer <- layer_stft_spectrogram", given)
    if needs_kernels(task):
        names = layer_kernels(task)
        lines += _own_kernels(task) if task.has_own_kernels else _fourier_kernels(task)
        lines += [f"layer$build(shape({_dims(task)}))", f"set_weights(layer, list({', '.join(names)}))"]
    count = " * ".join(str(length) for length in task.shape)
    signal = [f"# Your signal: {task.axes}.", f"x <- array(rnorm({count}), dim = c({_dims(task)}))"]
    blocks = [signal, lines, [f"y <- {result(task, 'op_')}"]]
    return lay_out(notes(task), ["library(keras3)"], blocks, task, output_dtype(settings))


def r_literal(value: Any) -> str:
    """Return a value as R writes it.

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


def _dims(task: Task) -> str:
    """Return the lengths of the input's axes."""
    return ", ".join(map(str, task.shape))


def _call(function: str, arguments: list[str]) -> list[str]:
    """Return a call as R's formatters have it."""
    return call(function, arguments, indent="  ", last="")


def _window_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that make the window `w` as it is given."""
    n, window = settings.frame_length, settings.window
    if window is None or window == "boxcar":
        return [f"w <- rep(1, {n})"]
    if has_values(settings):
        assert isinstance(window, tuple)
        if len(window) > MOST_WRITTEN:
            return [
                f'# The {len(window)} values of your window; in Python np.savetxt("{WINDOW_FILE}", window).',
                f'w <- scan("{WINDOW_FILE}")',
            ]
        return number_lines("w <- c(", window, ")")
    made = _r_window(window)
    return [
        'signal <- reticulate::import("scipy.signal")',
        *_call("w <- signal$get_window", [made, f"{n}L", f"fftbins = {r_literal(settings.periodic)}"]),
    ]


def _r_window(window: Any) -> str:
    """Return a window's name and parameters as R passes them to SciPy."""
    if isinstance(window, tuple):
        return f"reticulate::tuple({', '.join(map(_r_window, window))})"
    return r_literal(window)


def _fourier_kernels(task: Task) -> list[str]:
    """Return the lines that make the kernels of the DFT, (frame_length, 1, bins)."""
    settings = task.settings
    n, bins = settings.frame_length, settings.n_bins
    lines = _window_lines(settings)
    if settings.window is not None and settings.scaling is not None:
        lines.append(SCALES[settings.scaling])
    lines += [
        f"turns <- outer(0:{n - 1}, 0:{bins - 1}) %% {settings.n_fft}",
        f"phase <- 2 * pi * turns / {settings.n_fft}",
    ]
    for name in layer_kernels(task):
        lines.append(f"{name} <- array({WAVES[name]} * as.vector(w), dim = c({n}, 1, {bins}))")
    return [*lines, *_doubling_lines(settings)]


def _own_kernels(task: Task) -> list[str]:
    """Return the lines that read the layer's own kernels."""
    names = kernel_names(task.settings)
    return [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes them in Python.',
        f'kernels <- reticulate::import("numpy")$load("{KERNEL_FILE}")',
        *(f'{name} <- reticulate::py_get_item(kernels, "{name}_kernel")' for name in names),
        *_doubling_lines(task.settings),
    ]


def _doubling_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that double the power of the last bin, which Keras does not."""
    if not has_odd_power(settings):
        return []
    last = settings.n_bins
    return [
        "# The last bin of an odd FFT counts twice in psd; Keras leaves it.",
        *(f"{name}[, , {last}] <- sqrt(2) * {name}[, , {last}]" for name in kernel_names(settings)),
    ]


TARGET = CodeTarget("keras3 (R)", "r", write)
