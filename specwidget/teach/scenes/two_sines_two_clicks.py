"""Two sines and two clicks under one frame length: what is near in frequency against what is near in time."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Image, Scene, Values
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS
from specwidget.teach.two_tone import TOLD_APART, dip_between_clicks, dip_between_sines

RATE = 8000.0
SECONDS = 1.0
CENTRE = 1000.0
"""Frequency, Hz, half-way between the two sines."""

SHOWN = (0.25, 0.75)
"""Times, seconds, between which frames are shown: all of them whole."""

TOP = 2000.0
"""Highest frequency that is shown, Hz."""

DYNAMIC_RANGE = 60.0


def draw(*, frame_length: int, frame_step: int, window: str, gap_hz: float, gap_ms: float) -> Scene:
    """Draw the spectrogram round the clicks."""
    first, last = (round(time * RATE) for time in SHOWN)
    result = transform(
        signal(gap_hz, gap_ms)[first - frame_length // 2 : last + frame_length // 2],
        RATE,
        mode="magnitude",
        frame_length=frame_length,
        frame_step=min(frame_step, frame_length),
        fft_length=max(512, 1 << (frame_length - 1).bit_length()),
        window=window,
        scaling="spectrum",
    )
    bins = result.frequencies <= TOP
    values = decibels(result.channel_values().T[bins])
    step, spacing = result.settings.step / RATE, RATE / result.settings.n_fft
    top = float(values.max())
    image = Image(
        values,
        (SHOWN[0] - step / 2, SHOWN[0] + (result.n_frames - 0.5) * step),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        "magnitude",
        "dB",
        range=(top - DYNAMIC_RANGE, top),
    )
    axes = Axes(
        f"Frames of {frame_length} samples, {1000 * frame_length / RATE:.1f} ms",
        "time (s)",
        "frequency (Hz)",
        SHOWN,
        (0, TOP),
        [image],
        height=1.6,
    )
    return Scene((axes,), _caption(frame_length, gap_hz, gap_ms, window))


def signal(gap_hz: float, gap_ms: float) -> Values:
    """Return two sines `gap_hz` apart, with two clicks `gap_ms` apart in their middle."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    samples: Values = np.zeros_like(times)
    for offset in (-gap_hz / 2, gap_hz / 2):
        samples += 0.2 * np.sin(2 * np.pi * (CENTRE + offset) * times)
    clicks = SECONDS / 2 + np.array([-0.5, 0.5]) * gap_ms / 1000
    samples[np.round(clicks * RATE).astype(int)] += 2.0
    return samples


def hear(*, gap_hz: float, gap_ms: float, **_others: object) -> AudioClip:
    """Return the signal, twice."""
    return AudioClip(normalised(np.tile(signal(gap_hz, gap_ms), 2)), RATE)


def _caption(frame_length: int, gap_hz: float, gap_ms: float, window: str) -> str:
    """Return which of the two pairs the frame tells apart."""
    values = make_window(window, frame_length, False)
    gap_bins, gap_samples = gap_hz * frame_length / RATE, gap_ms / 1000 * RATE
    sines = _verdict(dip_between_sines(values, gap_bins))
    clicks = _verdict(dip_between_clicks(values, gap_samples))
    return (
        f"The sines, {gap_hz:g} Hz or {gap_bins:.2f} bins of {RATE / frame_length:.1f} Hz apart, {sines}; "
        f"the clicks, {gap_ms:g} ms or {gap_samples:g} samples apart, {clicks}."
    )


def _verdict(dip: float) -> str:
    """Return whether two are told apart, and by how much."""
    if dip < TOLD_APART:
        return "are not told apart"
    return "are told apart by silence between them" if math.isinf(dip) else f"are told apart by a dip of {dip:.0f} dB"


PLAN = FigureSpec(
    "two_sines_two_clicks",
    "Two sines and two clicks",
    draw,
    (
        length("frame_length", 256, "Long frames part the sines, short ones the clicks.", span=(16, 2048)),
        length("frame_step", 16, "More columns, but clicks no sharper than the frame.", span=(8, 512)),
        choice("window", "hann", "What is narrow in frequency is wide in time.", choices=WINDOWS),
        slider(
            "gap_hz", 100, "How far apart the sines are.", span=(10, 400), step=10, label="Between the sines", unit="Hz"
        ),
        slider(
            "gap_ms", 10, "How far apart the clicks are.", span=(1, 60), step=1, label="Between the clicks", unit="ms"
        ),
    ),
    {"Hear the signal": hear},
)
