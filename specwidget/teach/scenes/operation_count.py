"""Figure: multiplications per frame, as a matrix product and by FFT."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from specwidget.teach.figure_spec import FigureSpec, length

RATE = 16_000
LENGTHS = tuple(2**power for power in range(3, 15))


def draw(*, frame_length: int, frame_step: int) -> Scene:
    """Draw the number of multiplications per frame of both methods over the frame length."""
    product_counts, fft_counts = (
        np.array([count(n) for n in LENGTHS], dtype=np.float64) for count in (count_matmul, count_fft)
    )
    current = count_matmul(frame_length), count_fft(frame_length)
    axes = Axes(
        "Multiplications per frame",
        "frame_length (samples)",
        "multiplications",
        (LENGTHS[0], LENGTHS[-1]),
        (10.0, 1e9),
        [
            Line(LENGTHS, product_counts, "frame @ kernels: 2 F n", "second"),
            Line(LENGTHS, fft_counts, "FFT: n + N log2 N", "first"),
            ReferenceLine(x=float(frame_length)),
            Points([frame_length], [current[0]], colour="second"),
            Points([frame_length], [current[1]], colour="first"),
        ],
        x_scale="log",
        y_scale="log",
        x_ticks=tuple((float(n), str(n)) for n in LENGTHS[1::2]),
        height=1.2,
    )
    n_frames = count_frames_per_second(frame_length, frame_step)
    caption = (
        f"A frame of {frame_length} samples needs {current[0]:,} multiplications as a matrix product and about "
        f"{current[1]:,} by FFT, a ratio of {current[0] / current[1]:.1f}. One second at {RATE:,} Hz has {n_frames:,} "
        f"frames: {n_frames * current[0]:,} against {n_frames * current[1]:,}. Run times differ less, because "
        f"processors are optimised for matrix products."
    )
    return Scene((axes,), caption)


def count_frames_per_second(frame_length: int, frame_step: int) -> int:
    """Count the frames of 1 s at `RATE`."""
    settings = STFTSettings(frame_length=frame_length, frame_step=frame_step, window=None, padding="same")
    return count_frames(RATE, settings)


def count_matmul(frame_length: int) -> int:
    """Count the multiplications of a frame with both kernels of all bins: two per sample and bin."""
    settings = STFTSettings(frame_length=frame_length, window=None)
    return 2 * settings.n_bins * frame_length


def count_fft(frame_length: int) -> int:
    """Count the multiplications of the window and a real radix-2 FFT.

    The real FFT is half of a complex one, which has ``N / 2 log2 N`` butterflies with a product of 4 multiplications.
    """
    n_fft = STFTSettings(frame_length=frame_length, window=None).n_fft
    return frame_length + n_fft * round(math.log2(n_fft))


FIGURE = FigureSpec(
    "operation_count",
    "Multiplications per frame",
    draw,
    (
        length("frame_length", 512, "The ratio grows with the frame length.", span=(8, 16384)),
        length("frame_step", 128, "Half the step doubles the number of frames per second.", span=(1, 16384)),
    ),
)
