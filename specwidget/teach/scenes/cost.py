"""How many multiplications a frame costs, by matrix product and by FFT."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised

RATE = 16_000
LENGTHS = tuple(2**power for power in range(3, 15))


def draw(*, frame_length: int, frame_step: int) -> Scene:
    """Draw the multiplications for a frame by both ways, over its length."""
    by_product, by_fft = (
        np.array([count(n) for n in LENGTHS], dtype=np.float64) for count in (count_product, count_fft)
    )
    here = count_product(frame_length), count_fft(frame_length)
    axes = Axes(
        "Multiplications for one frame",
        "frame_length (samples)",
        "multiplications",
        (LENGTHS[0], LENGTHS[-1]),
        (10.0, 1e9),
        [
            Line(LENGTHS, by_product, "frame @ kernels: 2 F n", "second"),
            Line(LENGTHS, by_fft, "FFT: n + N log2 N", "first"),
            ReferenceLine(x=float(frame_length)),
            Points([frame_length], [here[0]], colour="second"),
            Points([frame_length], [here[1]], colour="first"),
        ],
        x_scale="log",
        y_scale="log",
        x_ticks=tuple((float(n), str(n)) for n in LENGTHS[1::2]),
        height=1.2,
    )
    n_frames = frames_of_a_second(frame_length, frame_step)
    caption = (
        f"A frame of {frame_length} samples costs {here[0]:,} multiplications as a matrix product and about "
        f"{here[1]:,} by FFT: {here[0] / here[1]:.1f} times as many. A second of sound at {RATE:,} Hz has {n_frames:,} "
        f"frames: {n_frames * here[0]:,} against {n_frames * here[1]:,}. Counts are not times: processors are quicker "
        f"with the product's."
    )
    return Scene((axes,), caption)


def frames_of_a_second(frame_length: int, frame_step: int) -> int:
    """Return the frames of a second of sound."""
    settings = STFTSettings(frame_length=frame_length, frame_step=frame_step, window=None, padding="same")
    return count_frames(RATE, settings)


def hear(*, frame_length: int, frame_step: int) -> AudioClip:
    """Return the frames of a second, a click for each: many are a tone, and half the step is the octave above.

    At a step of one sample nothing is between the clicks, and nothing is heard.
    """
    clicks = np.zeros(RATE)
    clicks[np.arange(frames_of_a_second(frame_length, frame_step)) * frame_step] = 1.0
    return AudioClip(normalised(clicks - clicks.mean()), float(RATE))


def count_product(frame_length: int) -> int:
    """Return the multiplications of a frame with the kernels of all bins: two for each sample and bin."""
    settings = STFTSettings(frame_length=frame_length, window=None)
    return 2 * settings.n_bins * frame_length


def count_fft(frame_length: int) -> int:
    """Return those of the window and a real FFT of radix 2: half a complex one, `N / 2 log2 N` products of 4 each."""
    n_fft = STFTSettings(frame_length=frame_length, window=None).n_fft
    return frame_length + n_fft * round(math.log2(n_fft))


PLAN = FigureSpec(
    "cost",
    "What a frame costs",
    draw,
    (
        length("frame_length", 512, "See the gap grow.", span=(8, 16384)),
        length("frame_step", 128, "Half the step is twice the frames: the octave above.", span=(1, 16384)),
    ),
    {"Hear the frames of a second": hear},
)
