"""Figure: zero padding interpolates the spectrum of a frame and adds no resolution."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, sine, transform_frame
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_sines

RATE = 8000.0
CENTRE = 1000.0
"""Mean frequency of the two sines, Hz."""

FREQUENCY_RANGE = (500.0, 1500.0)
MIN_LEVEL_DB = -60.0
DENSE_FFT_LENGTH = 2**15
"""Length of the FFT that approximates the continuous spectrum."""


def draw(*, frame_length: int, fft_length: int, gap_hz: float, window: str) -> Scene:
    """Draw the spectrum of one frame: continuous, and at the bins."""
    frame = signal(gap_hz, frame_length)
    settings = {"mode": "magnitude", "window": window, "periodic": True, "scaling": "spectrum"}
    bins = decibels(transform_frame(frame, fft_length=fft_length, **settings) / 0.5, MIN_LEVEL_DB)
    curve = decibels(transform_frame(frame, fft_length=DENSE_FFT_LENGTH, **settings) / 0.5, MIN_LEVEL_DB)
    spacing = RATE / fft_length
    axes = Axes(
        f"One frame of {frame_length} samples: {len(bins)} bins, {spacing:.1f} Hz apart",
        "frequency (Hz)",
        "level (dB re a sine on the bin)",
        FREQUENCY_RANGE,
        (MIN_LEVEL_DB, 8.0),
        [
            ReferenceLine(x=CENTRE - gap_hz / 2, label="the two sines", colour="second"),
            ReferenceLine(x=CENTRE + gap_hz / 2, colour="second"),
            Line(np.arange(len(curve)) * RATE / DENSE_FFT_LENGTH, curve, "continuous spectrum", "muted"),
            Points(np.arange(len(bins)) * spacing, bins, "bins", "first"),
        ],
        height=1.3,
    )
    return Scene((axes,), _caption(frame_length, fft_length, gap_hz, window))


def signal(gap_hz: float, n_samples: int) -> Values:
    """Make two sines in quadrature at the centre of the signal, where they neither reinforce nor cancel each other."""
    centre = (n_samples - 1) / 2 / RATE
    parts = [sine(f, n_samples, RATE, phase - 2 * np.pi * f * centre) for f, phase in _sines(gap_hz)]
    summed: Values = parts[0] + parts[1]
    return summed


def render_audio(*, gap_hz: float, **_others: object) -> AudioClip:
    """Render 2 s of both sines."""
    return AudioClip(normalised(signal(gap_hz, 2 * int(RATE)), 0.5), RATE)


def _sines(gap_hz: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return frequency, Hz, and phase at the centre of the signal of each sine."""
    return (CENTRE - gap_hz / 2, 0.0), (CENTRE + gap_hz / 2, np.pi / 2)


def _caption(frame_length: int, fft_length: int, gap_hz: float, window: str) -> str:
    dip = dip_between_sines(make_window(window, frame_length, True), gap_hz * frame_length / RATE)
    verdict = f"resolves them (dip {dip:.0f} dB)" if dip >= MIN_DIP_DB else "does not resolve them"
    return (
        f"The sines are {gap_hz:g} Hz apart. A frame of {frame_length} samples, {1000 * frame_length / RATE:g} ms, "
        f"{verdict}, whatever fft_length is; fft_length = {fft_length} is {fft_length / frame_length:.3g} times the "
        f"frame length."
    )


FIGURE = FigureSpec(
    "zero_padding",
    "Zero padding interpolates",
    draw,
    (
        length(
            "fft_length",
            128,
            "Longer: more samples of the same continuous spectrum.",
            span=(32, 4096),
            label="FFT length",
        ),
        length("frame_length", 128, "Longer: a narrower main lobe, hence more resolution.", span=(32, 1024)),
        slider(
            "gap_hz", 70, "Frequency difference of the sines.", span=(10, 400), step=10, label="Sine spacing", unit="Hz"
        ),
        choice("window", "hann", "A narrower main lobe resolves closer sines.", choices=WINDOWS),
    ),
    {"Play the signal": render_audio},
)
