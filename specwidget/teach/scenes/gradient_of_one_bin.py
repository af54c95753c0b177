"""How a bin's value would change with each sample of its kernel: by hand, and by the layer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, Scene, Values, padded_extent
from specwidget.layer import STFTSpectrogram
from specwidget.stft.settings import Mode
from specwidget.teach.analysis import NO_FLOOR
from specwidget.teach.figure_spec import FigureSpec, choice, slider
from specwidget.teach.scenes.one_bin import FRAME_LENGTH, hear, signal

MODES: dict[Mode, tuple[str, Callable[[float, float, float], float]]] = {
    "magnitude": ("re / |X|", lambda re, power, sides: re / np.sqrt(power)),
    "log": ("re / |X|²", lambda re, power, sides: re / power),
    "psd": ("2 · sides · re", lambda re, power, sides: 2 * sides * re),
    "real": ("1", lambda re, power, sides: 1.0),
}
"""What the derivative of each mode's value by `re` is: as a formula, and from `re`, the power and the bin's sides."""


def draw(*, mode: Mode, bin_number: int, place: float, phase: float) -> Scene:
    """Draw a frame, and the gradient of a bin's value by its real kernel."""
    frame = signal(place, phase)
    layer = STFTSpectrogram(mode, FRAME_LENGTH, scaling="spectrum", dtype="float64", epsilon=NO_FLOOR)
    by_layer = gradient(layer, frame, bin_number)
    factor, value = factor_by_hand(layer, frame, bin_number)
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
            f"Derivative of mode {mode!r} in bin {bin_number} by real_kernel[n, 0, {bin_number}]",
            "sample n",
            "derivative",
            (-1, FRAME_LENGTH),
            padded_extent(np.append(by_layer, [0.0, 1e-6]), margin=0.15),
            [
                Line(n, by_layer, "layer.vjp", "first"),
                Points(n, factor * frame, f"by hand: {MODES[mode][0]} · x[n]", "second", "ring"),
            ],
        ),
    )
    caption = (
        f"The value of bin {bin_number} is {value:.4f}. By hand its derivative is {MODES[mode][0]} · x[n] = "
        f"{factor:.4g} · x[n]: the frame itself, scaled, and 0 for every other bin's kernel. The layer's "
        f"differs by at most {np.abs(by_layer - factor * frame).max():.1g}."
    )
    return Scene(axes, caption)


def gradient(layer: STFTSpectrogram, frame: Values, bin_number: int) -> Values:
    """Return the derivative of a bin's value by its real kernel, (frame_length,), as the layer computes it."""
    cotangent = np.zeros((1, 1, layer.settings.n_bins))
    cotangent[0, 0, bin_number] = 1.0
    by_kernel = layer.vjp(frame[None, :, None], cotangent, by_inputs=False).real_kernel
    assert by_kernel is not None
    pulled: Values = by_kernel[:, 0, bin_number]
    return pulled


def factor_by_hand(layer: STFTSpectrogram, frame: Values, bin_number: int) -> tuple[float, float]:
    """Return what the frame is to be multiplied by, and the value of the bin."""
    mode = layer.settings.mode
    full = STFTSpectrogram("stft", FRAME_LENGTH, scaling="spectrum", dtype="float64")
    re, im = (float(frame @ kernel[:, 0, bin_number]) for kernel in full.get_weights())
    sides = 1.0 if bin_number in (0, FRAME_LENGTH // 2) else 2.0
    return MODES[mode][1](re, re**2 + im**2, sides), float(layer(frame[None, :, None])[0, 0, bin_number])


PLAN = FigureSpec(
    "gradient_of_one_bin",
    "The gradient of one bin",
    draw,
    (
        choice("mode", "magnitude", "The derivative by re differs; the frame in it does not.", choices=tuple(MODES)),
        slider("bin_number", 5, "Only this bin's kernel matters to it.", span=(0, 32), label="Bin k"),
        slider(
            "place",
            5.4,
            "A sine far from the bin hardly moves it.",
            span=(0.5, 31.5),
            step=0.1,
            unit="bins",
            label="Sine",
        ),
        slider("phase", 0.1, "Where re is 0, the magnitude does not feel it.", span=(0, 1), step=0.02, unit="turns"),
    ),
    {"Hear the sine": hear},
)
