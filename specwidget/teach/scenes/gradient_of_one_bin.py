"""Figure: the gradient of a bin's value with respect to its real kernel, analytically and from the layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, Scene, Values, padded_extent
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import Mode
from specwidget.teach.analysis import NO_FLOOR
from specwidget.teach.figure_spec import FigureSpec, choice, slider
from specwidget.teach.scenes.one_bin import FRAME_LENGTH, render_audio, signal

MODES: dict[Mode, tuple[str, Callable[[float, float, float], float]]] = {
    "magnitude": ("re / |X|", lambda re, power, sides: re / np.sqrt(power)),
    "log": ("re / |X|²", lambda re, power, sides: re / power),
    "psd": ("2 · sides · re", lambda re, power, sides: 2 * sides * re),
    "real": ("1", lambda re, power, sides: 1.0),
}
"""Derivative of the value with respect to `re`, by mode: as a formula, and as a function of `re`, the power, and 1 or 2
for the sides of the spectrum that the bin represents."""


def draw(*, mode: Mode, bin_number: int, sine_bin: float, phase: float) -> Scene:
    """Draw a frame, and the gradient of a bin's value with respect to its real kernel."""
    frame = signal(sine_bin, phase)
    layer = STFTSpectrogram(mode, FRAME_LENGTH, scaling="spectrum", dtype="float64", epsilon=NO_FLOOR)
    layer_gradient = gradient(layer, frame, bin_number)
    factor, value = analytic_factor(layer, frame, bin_number)
    n = np.arange(FRAME_LENGTH)
    axes = (
        Axes(
            "The frame",
            "sample n",
            "x[n]",
            (-1, FRAME_LENGTH),
            (-1.15, 1.15),
            [Line(n, frame, colour="muted"), Points(n, frame)],
            height=0.7,
        ),
        Axes(
            f"Derivative of bin {bin_number}, mode {mode!r}, with respect to real_kernel[n, 0, {bin_number}]",
            "sample n",
            "derivative",
            (-1, FRAME_LENGTH),
            # The appended values keep the range from collapsing where the gradient is 0.
            padded_extent(np.append(layer_gradient, [0.0, 1e-6]), margin=0.15),
            [
                Line(n, layer_gradient, "layer.vjp", "first"),
                Points(n, factor * frame, f"analytic: {MODES[mode][0]} · x[n]", "second", "ring"),
            ],
        ),
    )
    caption = (
        f"The value of bin {bin_number} is {value:.4f}. Its derivative is {MODES[mode][0]} · x[n] = "
        f"{factor:.4g} · x[n]: the scaled frame for the kernel of this bin, and 0 for all other kernels. The result of "
        f"layer.vjp differs by at most {np.abs(layer_gradient - factor * frame).max():.1g}."
    )
    return Scene(axes, caption)


def gradient(layer: STFTSpectrogram, frame: Values, bin_number: int) -> Values:
    """Compute the gradient of a bin's value with respect to its real kernel, (frame_length,), with `layer.vjp`."""
    cotangent = np.zeros((1, 1, layer.settings.n_bins))
    cotangent[0, 0, bin_number] = 1.0
    kernel_gradient = layer.vjp(frame[None, :, None], cotangent, wrt_inputs=False).real_kernel
    assert kernel_gradient is not None
    own: Values = kernel_gradient[:, 0, bin_number]
    return own


def analytic_factor(layer: STFTSpectrogram, frame: Values, bin_number: int) -> tuple[float, float]:
    """Compute the analytic factor of the frame in the gradient, and the value of the bin."""
    mode = layer.settings.mode
    full = STFTSpectrogram("stft", FRAME_LENGTH, scaling="spectrum", dtype="float64")
    re, im = (float(frame @ kernel[:, 0, bin_number]) for kernel in full.get_weights())
    sides = 1.0 if bin_number in (0, FRAME_LENGTH // 2) else 2.0
    return MODES[mode][1](re, re**2 + im**2, sides), float(layer(frame[None, :, None])[0, 0, bin_number])


FIGURE = FigureSpec(
    "gradient_of_one_bin",
    "Gradient of one bin",
    draw,
    (
        choice("mode", "magnitude", "Changes the factor only, not the frame in the gradient.", choices=tuple(MODES)),
        slider("bin_number", 5, "The value depends on the kernels of this bin only.", span=(0, 32), label="Bin k"),
        slider(
            "sine_bin",
            5.4,
            "Frequency of the sine.",
            span=(0.5, 31.5),
            step=0.1,
            unit="bins",
            label="Sine frequency",
        ),
        slider(
            "phase",
            0.1,
            "Phase of the sine; where re = 0, the gradient of the magnitude is 0.",
            span=(0, 1),
            step=0.02,
            unit="cycles",
        ),
    ),
    {"Play the sine": render_audio},
)
