"""Figure: frequency resolution against time resolution, with two sines and two clicks."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Image, Scene, Values
from specwidget.raster.quantity import get_quantity
from specwidget.stft.windows import make_window
from specwidget.teach.analysis import decibels, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_clicks, dip_between_sines

RATE = 8000.0
SECONDS = 1.0
CENTRE = 1000.0
"""Mean frequency of the two sines, Hz."""

TIME_RANGE = (0.25, 0.75)
"""Range of the time axis, seconds; every frame in it lies within the signal."""

MAX_FREQUENCY = 2000.0
"""Upper end of the frequency axis, Hz."""

DYNAMIC_RANGE = 60.0


def draw(*, frame_length: int, frame_step: int, window: str, gap_hz: float, gap_ms: float) -> Scene:
    """Draw the spectrogram near the clicks."""
    first, last = (round(time * RATE) for time in TIME_RANGE)
    # Half a frame more at both ends, so that the frame centres cover exactly `TIME_RANGE`.
    result = transform(
        signal(gap_hz, gap_ms)[first - frame_length // 2 : last + frame_length // 2],
        RATE,
        mode="magnitude",
        frame_length=frame_length,
        frame_step=min(frame_step, frame_length),
        # At least 512 points, so that short frames give a smooth image.
        fft_length=max(512, 1 << (frame_length - 1).bit_length()),
        window=window,
        scaling="spectrum",
    )
    quantity = get_quantity(result.settings, decibels=True)
    bins = result.frequencies <= MAX_FREQUENCY
    values = decibels(result.channel_values().T[bins])
    step, spacing = result.settings.step / RATE, RATE / result.settings.n_fft
    top = float(values.max())
    image = Image(
        values,
        (TIME_RANGE[0] - step / 2, TIME_RANGE[0] + (result.n_frames - 0.5) * step),
        (-spacing / 2, (bins.sum() - 0.5) * spacing),
        quantity.label,
        quantity.full_unit,
        range=(top - DYNAMIC_RANGE, top),
    )
    axes = Axes(
        f"Frames of {frame_length} samples, {1000 * frame_length / RATE:.1f} ms",
        "time (s)",
        "frequency (Hz)",
        TIME_RANGE,
        (0, MAX_FREQUENCY),
        [image],
        height=1.6,
    )
    return Scene((axes,), _caption(frame_length, gap_hz, gap_ms, window))


def signal(gap_hz: float, gap_ms: float) -> Values:
    """Make two sines `gap_hz` apart with two clicks `gap_ms` apart in the middle of the signal."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    samples: Values = np.zeros_like(times)
    for offset in (-gap_hz / 2, gap_hz / 2):
        samples += 0.2 * np.sin(2 * np.pi * (CENTRE + offset) * times)
    clicks = SECONDS / 2 + np.array([-0.5, 0.5]) * gap_ms / 1000
    samples[np.round(clicks * RATE).astype(int)] += 2.0
    return samples


def render_audio(*, gap_hz: float, gap_ms: float, **_others: object) -> AudioClip:
    """Render the signal, played twice."""
    return AudioClip(normalised(np.tile(signal(gap_hz, gap_ms), 2)), RATE)


def _caption(frame_length: int, gap_hz: float, gap_ms: float, window: str) -> str:
    values = make_window(window, frame_length, False)
    gap_bins, gap_samples = gap_hz * frame_length / RATE, gap_ms / 1000 * RATE
    sines = _verdict(dip_between_sines(values, gap_bins))
    clicks = _verdict(dip_between_clicks(values, gap_samples))
    return (
        f"The sines, {gap_hz:g} Hz or {gap_bins:.2f} bins of {RATE / frame_length:.1f} Hz apart, {sines}; "
        f"the clicks, {gap_ms:g} ms or {gap_samples:g} samples apart, {clicks}."
    )


def _verdict(dip: float) -> str:
    """Describe whether two components are resolved, and by what dip."""
    if dip < MIN_DIP_DB:
        return "are not resolved"
    return "are resolved, with silence between them" if math.isinf(dip) else f"are resolved, with a dip of {dip:.0f} dB"


FIGURE = FigureSpec(
    "two_sines_two_clicks",
    "Two sines and two clicks",
    draw,
    (
        length("frame_length", 256, "Long frames resolve the sines, short ones the clicks.", span=(16, 2048)),
        length("frame_step", 16, "A smaller step adds columns, not time resolution.", span=(8, 512)),
        choice("window", "hann", "A narrow main lobe needs a window that is wide in time.", choices=WINDOWS),
        slider(
            "gap_hz",
            100,
            "Frequency difference of the sines.",
            span=(10, 400),
            step=10,
            label="Sine spacing",
            unit="Hz",
        ),
        slider("gap_ms", 10, "Time between the clicks.", span=(1, 60), step=1, label="Click spacing", unit="ms"),
    ),
    {"Play the signal": render_audio},
)
