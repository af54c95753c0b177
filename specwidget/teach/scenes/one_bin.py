"""One bin by hand: the frame times its kernels, and the sum of the products."""

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


def draw(*, bin_number: int, place: float, phase: float, window: str, scaling: Scaling | None) -> Scene:
    """Draw a frame with both kernels of a bin, and the products whose sums are its value."""
    settings = STFTSettings(mode="stft", frame_length=FRAME_LENGTH, window=window, scaling=scaling, dtype="float64")
    kernels = make_kernels(settings)
    assert kernels.real is not None
    assert kernels.imag is not None
    frame = signal(place, phase)
    n = np.arange(FRAME_LENGTH)
    pairs = {"re": kernels.real[:, 0, bin_number], "im": kernels.imag[:, 0, bin_number]}
    name_of = {"re": "real_kernel", "im": "imag_kernel"}
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
            height=0.6,
        )
    ]
    for (name, kernel), colour in zip(pairs.items(), ("second", "third"), strict=True):
        product = frame * kernel
        axes.append(
            Axes(
                f"× {name_of[name]}[n, 0, {bin_number}]: the sum is {name} = {sums[name]:.3f}",
                "sample n",
                "kernel, product",
                (-1, FRAME_LENGTH),
                (-largest, largest),
                [Line(n, kernel, "kernel", "muted", "dashed"), Line(n, product, "product", colour, filled=True)],  # type: ignore[arg-type]
                height=0.75,
            )
        )
    magnitude = math.hypot(*sums.values())
    caption = (
        f"Bin {bin_number} of a sine at bin {place:g}: re = {sums['re']:.4f} and im = {sums['im']:.4f}, so the "
        f"magnitude is √(re² + im²) = {magnitude:.4f} and the angle {math.atan2(sums['im'], sums['re']):.3f} rad. "
        f"Turning the phase moves re and im, and hardly the magnitude."
    )
    return Scene(axes, caption)


def signal(place: float, phase: float) -> Values:
    """Return a frame of a sine, whose frequency is given in bins and whose phase in turns."""
    return sine(place * RATE / FRAME_LENGTH, FRAME_LENGTH, RATE, 2 * np.pi * phase)


def hear(*, place: float, phase: float, **_others: object) -> AudioClip:
    """Return a second of the sine, which begins with the frame."""
    return AudioClip(normalised(sine(place * RATE / FRAME_LENGTH, int(RATE), RATE, 2 * np.pi * phase), 0.4), RATE)


PLAN = FigureSpec(
    "one_bin",
    "One bin, by hand",
    draw,
    (
        slider("bin_number", 5, "The kernel of another bin turns faster.", span=(0, 32), label="Bin k"),
        slider(
            "place",
            5.0,
            "Where sine and kernel agree, the products have one sign.",
            span=(0.5, 31.5),
            step=0.1,
            unit="bins",
            label="Sine",
        ),
        slider("phase", 0.1, "Moves the sum from re to im and back.", span=(0, 1), step=0.02, unit="turns"),
        choice("window", "hann", "The kernel fades with it.", choices=WINDOWS),
        choice("scaling", "spectrum", "What the kernel is divided by.", choices=SCALINGS),
    ),
    {"Hear the sine": hear},
)
