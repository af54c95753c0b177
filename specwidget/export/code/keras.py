"""Keras: `keras.layers.STFTSpectrogram`, with kernels set where Keras would make others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from specwidget.export.code.arrays import signal_lines
from specwidget.export.code.snippet import KERNEL_FILE, CodeTarget, Task, call, lay_out, literal, on_the_processor
from specwidget.export.code.window import window_lines
from specwidget.peers.keras_differences import (
    has_odd_power,
    has_other_floor,
    has_rounded_values,
    kernel_error,
)
from specwidget.stft.kernels import kernel_names
from specwidget.stft.settings import STFTSettings

Writer = Callable[[Any], str]
"""How a language writes a value."""

WAVES = {"real": "np.cos(phase)", "imag": "-np.sin(phase)"}
"""What each kernel is before it is windowed."""


def write(task: Task) -> str:
    """Return the code."""
    settings = task.settings
    imports = {"import keras", "import numpy as np"}
    window: list[str] = []
    if needs_values(task):
        more, window = window_lines(settings, scaled=False)
        imports |= more
    lines = [*window, *call("layer = keras.layers.STFTSpectrogram", arguments(task, literal))]
    if needs_kernels(task):
        more, kernels = _own_kernels(task) if task.has_own_kernels else _fourier_kernels(task)
        imports |= more
        lines += [*kernels, "layer.build(x.shape)", f"layer.set_weights([{', '.join(layer_kernels(task))}])"]
    floor = [f"keras.config.set_epsilon({settings.epsilon!r})"] if has_other_floor(settings) else []
    blocks = [signal_lines(task), [*floor, *lines], [f"y = {result(task, 'keras.ops.')}"]]
    return lay_out(notes(task), imports, blocks, task, output_dtype(settings))


def notes(task: Task) -> list[str]:
    """Return what Keras can't do as it is set, and what it does otherwise."""
    settings = task.settings
    said = on_the_processor(task, "runs where Keras's backend does")
    if has_other_floor(settings):
        said.append("Keras has one epsilon for all its layers: setting it changes others, too.")
    if needs_values(task):
        said.append("Keras has no windows with parameters, and can't load a saved layer with an array for a window.")
    if not needs_kernels(task):
        error = kernel_error(settings)
        said.append(f"Keras rounds the phases of its kernels: its cosines are off by up to {error:.0e}.")
    elif not task.has_own_kernels:
        said.append("Keras makes the kernels of another DFT where fft_length is odd, so they are made here.")
    if output_dtype(settings) != settings.result_dtype:
        said.append(f'Keras computes mode "{settings.mode}" in float32, whatever the dtype.')
    if has_extra_bin(settings) and task.has_own_kernels:
        said.append("Keras gives psd two bins where an FFT of one sample has one: both are bin 0.")
    return said


def arguments(task: Task, written: Writer) -> list[str]:
    """Return the arguments of Keras's layer, as a language writes them; step and FFT length are those that are used."""
    settings = task.settings
    values = {
        "mode": layer_mode(task),
        "frame_length": settings.frame_length,
        "frame_step": settings.step,
        "fft_length": settings.n_fft,
        "window": None if needs_kernels(task) else settings.window,
        "periodic": settings.periodic,
        "scaling": settings.scaling,
        "padding": settings.padding,
        "expand_dims": settings.expand_dims,
        "data_format": "channels_last" if settings.channels_last else "channels_first",
        "trainable": settings.trainable,
        "dtype": settings.compute_dtype,
    }
    # These are written even where they have their defaults; data_format and dtype depend on Keras's configuration.
    always = ("mode", "frame_length", "frame_step", "fft_length", "window", "data_format", "dtype")
    defaults = {field.name: field.default for field in fields(STFTSettings)}
    shown = [name for name, value in values.items() if name in always or value != defaults[name]]
    given = {name: "w" if name == "window" and needs_values(task) else written(values[name]) for name in shown}
    if needs_kernels(task):
        given = {name: text for name, text in given.items() if name not in ("periodic", "scaling")}
    return [f"{name}={text}" for name, text in given.items()]


def layer_mode(task: Task) -> str:
    """Return the mode that Keras's layer gets, from whose result ours follows; see `result`."""
    if has_floor_above_one(task.settings):
        return "magnitude"
    if has_extra_bin(task.settings) and not task.has_own_kernels:
        return "real"
    return task.settings.mode


def result(task: Task, ops: str) -> str:
    """Return the expression of the result; `ops` stands before the name of an operation, such as "keras.ops."."""
    operation = {("log", "magnitude"): "log", ("psd", "real"): "square"}.get((task.settings.mode, layer_mode(task)))
    made = f"{ops}{operation}(layer(x))" if operation else "layer(x)"
    # float16 is computed in float32, as the layer does.
    return f'{ops}cast({made}, "float16")' if task.settings.result_dtype == "float16" else made


def layer_kernels(task: Task) -> tuple[str, ...]:
    """Return the names of the kernels that Keras's layer has."""
    return ("real",) if layer_mode(task) == "real" else kernel_names(task.settings)


def needs_kernels(task: Task) -> bool:
    """Tell whether kernels are set: the layer's own, or those that Keras would make of another DFT."""
    return task.has_own_kernels or task.settings.n_fft % 2 == 1


def needs_values(task: Task) -> bool:
    """Tell whether the window's values are passed: Keras takes names, but none with parameters."""
    return not needs_kernels(task) and isinstance(task.settings.window, tuple)


def has_floor_above_one(settings: STFTSettings) -> bool:
    """Tell whether Keras's second floor, epsilon on the magnitude, would be above the first, its root."""
    return settings.mode == "log" and settings.epsilon > 1


def has_extra_bin(settings: STFTSettings) -> bool:
    """Tell whether Keras makes two bins of one."""
    return settings.mode == "psd" and settings.n_fft == 1


def output_dtype(settings: STFTSettings) -> str:
    """Return the type in which Keras gives the result."""
    return "float32" if has_rounded_values(settings) else settings.result_dtype


def _fourier_kernels(task: Task) -> tuple[set[str], list[str]]:
    """Return the imports and lines that make the kernels of the DFT, (frame_length, 1, bins)."""
    settings = task.settings
    imports, lines = window_lines(settings)
    lines += [
        f"turns = np.outer(np.arange({settings.frame_length}), np.arange({settings.n_bins})) % {settings.n_fft}",
        f"phase = 2 * np.pi * turns[:, None] / {settings.n_fft}",
    ]
    for name in layer_kernels(task):
        lines.append(f"{name} = {WAVES[name]} * w[:, None, None]")
    return imports, [*lines, *_doubling_lines(settings)]


def _own_kernels(task: Task) -> tuple[set[str], list[str]]:
    """Return the imports and lines that read the layer's own kernels."""
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'kernels = np.load("{KERNEL_FILE}")',
        *(f'{name} = kernels["{name}_kernel"]' for name in kernel_names(task.settings)),
    ]
    return set(), [*lines, *_doubling_lines(task.settings)]


def _doubling_lines(settings: STFTSettings) -> list[str]:
    """Return the lines that double the power of the last bin, which Keras does not."""
    if not has_odd_power(settings):
        return []
    return [
        "# The last bin of an odd FFT counts twice in psd; Keras leaves it.",
        *(f"{name}[..., -1] *= np.sqrt(2)" for name in kernel_names(settings)),
    ]


# The backend that Keras takes where none is named.
TARGET = CodeTarget("Keras (Python)", "python", write, needs=("tensorflow",))
