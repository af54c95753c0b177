"""Keras: `keras.layers.STFTSpectrogram`, with its kernels set where Keras's own differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from specwidget.codegen.numpy_steps import signal_lines
from specwidget.codegen.snippet import KERNEL_FILE, CodeRequest, CodeTarget, call, device_note, literal, render
from specwidget.codegen.window_steps import window_lines
from specwidget.keras_differences import has_odd_power, has_other_floor, has_rounded_values, kernel_error_bound
from specwidget.stft.kernels import kernel_names
from specwidget.stft.settings import STFTSettings

LiteralWriter = Callable[[Any], str]
"""Writes a value as a literal of a language."""

WAVES = {"real": "np.cos(phase)", "imag": "-np.sin(phase)"}
"""Each kernel before it is windowed."""


def write(request: CodeRequest) -> str:
    """Write the code."""
    settings = request.settings
    imports = {"import keras", "import numpy as np"}
    window: list[str] = []
    if needs_window_values(request):
        window_imports, window = window_lines(settings, scaled=False)
        imports |= window_imports
    lines = [*window, *call("layer = keras.layers.STFTSpectrogram", arguments(request, literal))]
    if needs_kernels(request):
        has_own = request.has_own_kernels
        kernel_imports, kernels = _saved_kernel_lines(request) if has_own else _fourier_kernel_lines(request)
        imports |= kernel_imports
        lines += [*kernels, "layer.build(x.shape)", f"layer.set_weights([{', '.join(layer_kernels(request))}])"]
    floor = [f"keras.config.set_epsilon({settings.epsilon!r})"] if has_other_floor(settings) else []
    blocks = [signal_lines(request), [*floor, *lines], [f"y = {result(request, 'keras.ops.')}"]]
    return render(notes(request), imports, blocks, request, output_dtype(settings))


def notes(request: CodeRequest) -> list[str]:
    """List what Keras can't do as requested, and what the code does instead."""
    settings = request.settings
    sentences = device_note(request, "on the device of Keras's backend")
    if has_other_floor(settings):
        sentences.append("Keras has one epsilon for all its layers: setting it changes the others, too.")
    if settings.mode in ("log", "magnitude") and settings.compute_dtype == "float32":
        sentences.append("Keras takes the root of the power: magnitudes above 1.8e19 are infinite.")
    if needs_window_values(request):
        sentences.append("Keras has no windows with parameters, and can't load a saved layer with an array window.")
    if not needs_kernels(request):
        error = kernel_error_bound(settings)
        sentences.append(f"Keras rounds the phases of its kernels: its cosines are off by up to {error:.0e}.")
    elif not request.has_own_kernels:
        sentences.append("Keras makes the kernels of another DFT where fft_length is odd, so they are set here.")
    if output_dtype(settings) != settings.result_dtype:
        sentences.append(f'Keras computes mode "{settings.mode}" in float32, whatever the dtype.')
    if has_extra_bin(settings) and request.has_own_kernels:
        sentences.append("For psd, Keras returns two bins for an FFT of one sample: both are bin 0.")
    return sentences


def arguments(request: CodeRequest, write_literal: LiteralWriter) -> list[str]:
    """Write the arguments of Keras's layer; step and FFT length are the resolved ones."""
    settings = request.settings
    values = {
        "mode": layer_mode(request),
        "frame_length": settings.frame_length,
        "frame_step": settings.step,
        "fft_length": settings.n_fft,
        "window": None if needs_kernels(request) else settings.window,
        "periodic": settings.periodic,
        "scaling": settings.scaling,
        "padding": settings.padding,
        "expand_dims": settings.expand_dims,
        "data_format": "channels_last" if settings.channels_last else "channels_first",
        "trainable": settings.trainable,
        "dtype": settings.compute_dtype,
    }
    # These are written even where they have their defaults: data_format and dtype depend on Keras's configuration.
    always = ("mode", "frame_length", "frame_step", "fft_length", "window", "data_format", "dtype")
    defaults = {field.name: field.default for field in fields(STFTSettings)}
    chosen = [name for name, value in values.items() if name in always or value != defaults[name]]
    if needs_kernels(request):
        # They only affect the kernels that Keras makes.
        chosen = [name for name in chosen if name not in ("periodic", "scaling")]
    takes_values = needs_window_values(request)
    written = {name: "w" if name == "window" and takes_values else write_literal(values[name]) for name in chosen}
    return [f"{name}={text}" for name, text in written.items()]


def layer_mode(request: CodeRequest) -> str:
    """Choose the mode of Keras's layer from which `result` gets the requested one."""
    if has_floor_above_one(request.settings):
        return "magnitude"
    if has_extra_bin(request.settings) and not request.has_own_kernels:
        return "real"
    return request.settings.mode


def result(request: CodeRequest, ops: str) -> str:
    """Write the expression of the result; `ops` is the prefix of an operation's name, such as "keras.ops."."""
    operation = {("log", "magnitude"): "log", ("psd", "real"): "square"}.get(
        (request.settings.mode, layer_mode(request))
    )
    values = f"{ops}{operation}(layer(x))" if operation else "layer(x)"
    # The layer computes float16 in float32.
    return f'{ops}cast({values}, "float16")' if request.settings.result_dtype == "float16" else values


def layer_kernels(request: CodeRequest) -> tuple[str, ...]:
    """List the kernels of Keras's layer."""
    return ("real",) if layer_mode(request) == "real" else kernel_names(request.settings)


def needs_kernels(request: CodeRequest) -> bool:
    """Check whether kernels are set: the layer's own, or those of an odd FFT length."""
    return request.has_own_kernels or request.settings.n_fft % 2 == 1


def needs_window_values(request: CodeRequest) -> bool:
    """Check whether the window is passed by its values, as Keras only accepts names without parameters."""
    return not needs_kernels(request) and isinstance(request.settings.window, tuple)


def has_floor_above_one(settings: STFTSettings) -> bool:
    """Check whether Keras's second floor, epsilon for the magnitude, exceeds the first, the root of epsilon."""
    return settings.mode == "log" and settings.epsilon > 1


def has_extra_bin(settings: STFTSettings) -> bool:
    """Check whether Keras returns two bins where there is one."""
    return settings.mode == "psd" and settings.n_fft == 1


def output_dtype(settings: STFTSettings) -> str:
    """Determine the type of Keras's result."""
    return "float32" if has_rounded_values(settings) else settings.result_dtype


def _fourier_kernel_lines(request: CodeRequest) -> tuple[set[str], list[str]]:
    """Write the imports and lines that make the kernels of the DFT, (frame_length, 1, bins)."""
    settings = request.settings
    imports, lines = window_lines(settings)
    lines += [
        f"turns = np.outer(np.arange({settings.frame_length}), np.arange({settings.n_bins})) % {settings.n_fft}",
        f"phase = 2 * np.pi * turns[:, None] / {settings.n_fft}",
    ]
    for name in layer_kernels(request):
        lines.append(f"{name} = {WAVES[name]} * w[:, None, None]")
    return imports, [*lines, *_last_bin_lines(settings)]


def _saved_kernel_lines(request: CodeRequest) -> tuple[set[str], list[str]]:
    """Write the imports and lines that read the layer's own kernels from a file."""
    lines = [
        f'# specwidget.training.save_kernels(layer, "{KERNEL_FILE}") writes the layer\'s own kernels.',
        f'kernels = np.load("{KERNEL_FILE}")',
        *(f'{name} = kernels["{name}_kernel"]' for name in kernel_names(request.settings)),
    ]
    return set(), [*lines, *_last_bin_lines(request.settings)]


def _last_bin_lines(settings: STFTSettings) -> list[str]:
    """Write the lines that double the power of the last bin of an odd FFT, which Keras does not."""
    if not has_odd_power(settings):
        return []
    return [
        "# psd doubles the last bin of an odd FFT; Keras does not.",
        *(f"{name}[..., -1] *= np.sqrt(2)" for name in kernel_names(settings)),
    ]


# TensorFlow is the backend that Keras uses by default.
TARGET = CodeTarget("Keras (Python)", "python", write, needs=("tensorflow",))
