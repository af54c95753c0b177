"""What a longer FFT adds to a frame: points between the bins, and nothing between two sines."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, sine, transform_frame
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS
from specwidget.teach.two_tone import TOLD_APART, dip_between_sines

RATE = 8000.0
CENTRE = 1000.0
"""Frequency, Hz, half-way between the two sines."""

SHOWN = (500.0, 1500.0)
LOWEST = -60.0
CURVE_LENGTH = 2**15
"""Length of the FFT that stands for all frequencies."""


def draw(*, frame_length: int, fft_length: int, gap_hz: float, window: str) -> Scene:
    """Draw one frame's spectrum: at all frequencies, and at the bins."""
    frame = signal(gap_hz, frame_length)
    settings = {"mode": "magnitude", "window": window, "periodic": True, "scaling": "spectrum"}
    bins = decibels(transform_frame(frame, fft_length=fft_length, **settings) / 0.5, LOWEST)
    curve = decibels(transform_frame(frame, fft_length=CURVE_LENGTH, **settings) / 0.5, LOWEST)
    spacing = RATE / fft_length
    axes = Axes(
        f"One frame of {frame_length} samples: {len(bins)} bins, {spacing:.1f} Hz apart",
        "frequency (Hz)",
        "level (dB)",
        SHOWN,
        (LOWEST, 8.0),
        [
            ReferenceLine(x=CENTRE - gap_hz / 2, label="the two sines", colour="second"),
            ReferenceLine(x=CENTRE + gap_hz / 2, colour="second"),
            Line(np.arange(len(curve)) * RATE / CURVE_LENGTH, curve, "every frequency", "muted"),
            Points(np.arange(len(bins)) * spacing, bins, "bins", "first"),
        ],
        height=1.3,
    )
    return Scene((axes,), _caption(frame_length, fft_length, gap_hz, window))


def signal(gap_hz: float, n_samples: int) -> Values:
    """Return two sines, a quarter of a turn apart in the middle, where neither adds to nor takes from the other."""
    middle = (n_samples - 1) / 2 / RATE
    parts = [sine(f, n_samples, RATE, phase - 2 * np.pi * f * middle) for f, phase in _sines(gap_hz)]
    summed: Values = parts[0] + parts[1]
    return summed


def hear(*, gap_hz: float, **_others: object) -> AudioClip:
    """Return two seconds of both sines."""
    return AudioClip(normalised(signal(gap_hz, 2 * int(RATE)), 0.5), RATE)


def _sines(gap_hz: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return frequency, Hz, and phase in the middle of each sine."""
    return (CENTRE - gap_hz / 2, 0.0), (CENTRE + gap_hz / 2, np.pi / 2)


def _caption(frame_length: int, fft_length: int, gap_hz: float, window: str) -> str:
    """Return what the frame tells apart, and what the FFT adds."""
    dip = dip_between_sines(make_window(window, frame_length, True), gap_hz * frame_length / RATE)
    verdict = f"tells them apart (a dip of {dip:.0f} dB)" if dip >= TOLD_APART else "does not tell them apart"
    return (
        f"The sines are {gap_hz:g} Hz apart. A frame of {frame_length} samples, {1000 * frame_length / RATE:g} ms, "
        f"{verdict}, whatever fft_length is; fft_length {fft_length} has {fft_length / frame_length:.3g} times as many "
        f"bins as the frame needs."
    )


PLAN = FigureSpec(
    "zero_padding",
    "Zero padding interpolates",
    draw,
    (
        length("fft_length", 128, "More points on the same curve.", span=(32, 4096), label="FFT length"),
        length("frame_length", 128, "This is what sharpens the curve itself.", span=(32, 1024)),
        slider(
            "gap_hz", 70, "How far apart the sines are.", span=(10, 400), step=10, label="Between the sines", unit="Hz"
        ),
        choice("window", "hann", "A narrow main lobe tells nearer sines apart.", choices=WINDOWS),
    ),
    {"Hear the signal": hear},
)
