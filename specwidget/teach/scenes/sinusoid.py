"""Figure: a sinusoid as the height of a turning point."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.teach.figure_spec import AudioClip, FigureSpec, slider

RATE = 16_000.0
SPAN = 0.01
"""Time drawn, seconds."""

N_DRAWN = 400
SECONDS = 1.0


def draw(*, frequency: float, amplitude: float, phase: float) -> Scene:
    """Draw 10 ms of a sinusoid, and the circle on which its point turns."""
    times = np.linspace(0, SPAN, N_DRAWN)
    angle = np.linspace(0, 2 * np.pi, 121)
    start = np.deg2rad(phase)
    first = amplitude * np.sin(start)
    point = amplitude * np.cos(start), first
    axes = (
        Axes(
            "The point at time 0",
            "across",
            "height",
            (-2.4, 2.4),
            (-1.1, 1.1),
            [
                Line(amplitude * np.cos(angle), amplitude * np.sin(angle), colour="muted"),
                Line([0, point[0]], [0, point[1]], colour="second"),
                Points([point[0]], [point[1]], colour="second"),
            ],
        ),
        Axes(
            "The height over time",
            "time (ms)",
            "x(t)",
            (0, 1000 * SPAN),
            (-1.1, 1.1),
            [
                ReferenceLine(y=0.0, style="dotted"),
                Line(1000 * times, sinusoid(times, frequency, amplitude, phase)),
                Points([0.0], [first], colour="second"),
            ],
        ),
    )
    caption = (
        f"{frequency:g} cycles a second, so a cycle takes {1000 / frequency:.3g} ms; the largest value is "
        f"{amplitude:g}. At time 0 the point stands at {phase:g}°, {phase / 360:.3g} of a cycle, at the height "
        f"{first:.3f}."
    )
    return Scene(axes, caption, columns=2)


def sinusoid(times: Values, frequency: float, amplitude: float, phase: float) -> Values:
    """Compute a sinusoid with its phase in degrees."""
    values: Values = amplitude * np.sin(2 * np.pi * frequency * times + np.deg2rad(phase))
    return values


def render_audio(*, frequency: float, amplitude: float, phase: float) -> AudioClip:
    """Render 1 s of the sinusoid, as loud as its amplitude."""
    times = np.arange(round(SECONDS * RATE)) / RATE
    return AudioClip(0.5 * sinusoid(times, frequency, amplitude, phase), RATE)


FIGURE = FigureSpec(
    "sinusoid",
    "A sinusoid",
    draw,
    (
        slider("frequency", 200.0, "Cycles per second.", span=(100, 1000), step=10, unit="Hz"),
        slider("amplitude", 0.8, "The largest value.", span=(0.1, 1), step=0.1),
        slider("phase", 0.0, "Where in its cycle it starts.", span=(0, 360), step=15, unit="°"),
    ),
    {"Play the sinusoid": render_audio},
)
