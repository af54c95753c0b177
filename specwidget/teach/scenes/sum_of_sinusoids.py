"""Figure: the sum of two sinusoids."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Scene, Values
from specwidget.teach.figure_spec import AudioClip, FigureSpec, slider
from specwidget.teach.scenes.sinusoid import sinusoid

RATE = 16_000.0
FREQUENCY = 200.0
"""Frequency of the first sinusoid, Hz."""

SECONDS = 2.0


def draw(*, difference: float, ratio: float, phase: float) -> Scene:
    """Draw two sinusoids and their sum."""
    # Without a difference, some cycles; else two beats.
    span = 0.02 if difference == 0 else max(0.02, 2 / difference)
    times = np.linspace(0, span, 1601)
    first, second = parts(times, difference, ratio, phase)
    axes = (
        Axes(
            "The two sinusoids",
            "time (s)",
            "x(t)",
            (0, span),
            (-1.1, 1.1),
            [Line(times, first, "first"), Line(times, second, "second", "second")],
            height=0.7,
        ),
        Axes("Their sum", "time (s)", "x(t)", (0, span), (-2.1, 2.1), [Line(times, first + second, colour="third")]),
    )
    return Scene(axes, _caption(difference, ratio, phase))


def parts(times: Values, difference: float, ratio: float, phase: float) -> tuple[Values, Values]:
    """Compute both sinusoids: the first has amplitude 1 and phase 0."""
    return sinusoid(times, FREQUENCY, 1.0, 0.0), sinusoid(times, FREQUENCY + difference, ratio, phase)


def _caption(difference: float, ratio: float, phase: float) -> str:
    largest, smallest = 1 + ratio, abs(1 - ratio)
    if difference:
        return (
            f"{FREQUENCY:g} and {FREQUENCY + difference:g} Hz: {difference:g} times a second the sum swells to "
            f"{largest:g} and shrinks to {smallest:.3g}. These are beats."
        )
    amplitude = abs(1 + ratio * np.exp(1j * np.deg2rad(phase)))
    return (
        f"Two sinusoids of {FREQUENCY:g} Hz, {phase:g}° apart: the sum is one sinusoid of {FREQUENCY:g} Hz with "
        f"amplitude {amplitude:.3f}, between {smallest:.3g} and {largest:g}."
    )


def render_audio(*, difference: float, ratio: float, phase: float) -> AudioClip:
    """Render 2 s of the sum, as loud as it is drawn."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    first, second = parts(times, difference, ratio, phase)
    return AudioClip(0.4 * (first + second), RATE)


FIGURE = FigureSpec(
    "sum_of_sinusoids",
    "The sum of two sinusoids",
    draw,
    (
        slider("phase", 0.0, "Phase of the second sinusoid.", span=(0, 360), step=15, unit="°"),
        slider("ratio", 1.0, "Amplitude of the second sinusoid; that of the first is 1.", span=(0, 1), step=0.1),
        slider(
            "difference",
            0.0,
            "Frequency of the second minus that of the first.",
            span=(0, 100),
            step=1,
            unit="Hz",
            label="Difference",
        ),
    ),
    {"Play the sum": render_audio},
)
