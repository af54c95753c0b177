"""Figure: one bin of the STFT as the sum of the products of a frame and the two kernels of the bin."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, Scene, Values
from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import SCALINGS, Scaling, STFTSettings
from specwidget.teach.analysis import sine
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider

RATE = 8000.0
FRAME_LENGTH = 64
WINDOWS = ("hann", "boxcar", "hamming", "blackman")


def draw(*, bin_number: int, sine_bin: float, phase: float, window: str, scaling: Scaling | None) -> Scene:
    """Draw a frame, both kernels of a bin, and the products whose sums are the real and the imaginary part."""
    settings = STFTSettings(mode="stft", frame_length=FRAME_LENGTH, window=window, scaling=scaling, dtype="float64")
    kernels = make_kernels(settings)
    assert kernels.real is not None
    assert kernels.imag is not None
    frame = signal(sine_bin, phase)
    n = np.arange(FRAME_LENGTH)
    pairs = {"re": kernels.real[:, 0, bin_number], "im": kernels.imag[:, 0, bin_number]}
    kernel_names = {"re": "real_kernel", "im": "imag_kernel"}
    sums = {name: float(frame @ kernel) for name, kernel in pairs.items()}
    largest = 1.15 * max(float(np.abs(kernel).max()) for kernel in pairs.values())
    axes = [
        Axes(
            "The frame",
            "sample n",
            "x[n]",
            (-1, FRAME_LENGTH),
            (-1.15, 1.15),
            [Line(n, frame, colour="muted"), Points(n, frame)],
            height=0.55,
        )
    ]
    for (name, kernel), colour in zip(pairs.items(), ("second", "third"), strict=True):
        product = frame * kernel
        axes.append(
            Axes(
                f"× {kernel_names[name]}[n, 0, {bin_number}]: the sum is {name} = {sums[name]:.3f}",
                "sample n",
                "value",
                (-1, FRAME_LENGTH),
                (-largest, largest),
                [Line(n, kernel, "kernel", "muted", "dashed"), Line(n, product, "product", colour, filled=True)],  # type: ignore[arg-type]
                height=0.7,
            )
        )
    magnitude = math.hypot(*sums.values())
    caption = (
        f"Bin {bin_number} of a sine at {sine_bin:g} bins: re = {sums['re']:.4f} and im = {sums['im']:.4f}, so the "
        f"magnitude is √(re² + im²) = {magnitude:.4f} and the angle {math.atan2(sums['im'], sums['re']):.3f} rad. "
        f"The phase of the sine changes re and im, but hardly the magnitude."
    )
    return Scene(axes, caption)


def signal(sine_bin: float, phase: float) -> Values:
    """Make a frame of a sine, with the frequency in bins and the phase in cycles."""
    return sine(sine_bin * RATE / FRAME_LENGTH, FRAME_LENGTH, RATE, 2 * np.pi * phase)


def render_audio(*, sine_bin: float, phase: float, **_others: object) -> AudioClip:
    """Render 1 s of the sine, starting with the frame."""
    return AudioClip(normalised(sine(sine_bin * RATE / FRAME_LENGTH, int(RATE), RATE, 2 * np.pi * phase), 0.4), RATE)


FIGURE = FigureSpec(
    "one_bin",
    "One bin, step by step",
    draw,
    (
        slider("bin_number", 5, "The kernels of higher bins oscillate faster.", span=(0, 32), label="Bin k"),
        slider(
            "sine_bin",
            5.0,
            "Frequency of the sine; if it matches the bin, the products keep one sign.",
            span=(0.5, 31.5),
            step=0.1,
            unit="bins",
            label="Sine frequency",
        ),
        slider(
            "phase",
            0.1,
            "Phase of the sine; shifts the value between re and im.",
            span=(0, 1),
            step=0.02,
            unit="cycles",
        ),
        choice("window", "hann", "Window of the kernels.", choices=WINDOWS),
        choice("scaling", "spectrum", "Normalisation of the kernels.", choices=SCALINGS),
    ),
    {"Play the sine": render_audio},
)
