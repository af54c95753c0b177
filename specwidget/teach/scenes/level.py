"""Figure: an amplitude ratio in decibels."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.teach.analysis import sine
from specwidget.teach.figure_spec import AudioClip, FigureSpec, slider

RATE = 16_000.0
FREQUENCY = 500.0
SPAN = 0.01
"""Time drawn, seconds."""

N_BEEP = 6000
"""Samples of each of the two beeps."""

N_FADE = 400
"""Samples of the fade at each of their ends."""


def draw(*, change: float) -> Scene:
    """Draw a tone and its quieter copy, and their ratio on the scale of decibels."""
    ratio = ratio_of(change)
    n = round(SPAN * RATE)
    times = 1000 * np.arange(n) / RATE
    tone = sine(FREQUENCY, n, RATE)
    scale = np.linspace(-60, 0, 241)
    axes = (
        Axes(
            "The tone and the quieter one",
            "time (ms)",
            "amplitude",
            (0, 1000 * SPAN),
            (-1.1, 1.1),
            [Line(times, tone, "first", "muted"), Line(times, ratio * tone, "second", "second")],
            height=0.8,
        ),
        Axes(
            "Ratio of the amplitudes",
            "level (dB re the first tone)",
            "ratio",
            (-60, 0),
            (-0.05, 1.1),
            [Line(scale, ratio_of(scale)), ReferenceLine(x=change), Points([change], [ratio], colour="second")],
            height=0.8,
        ),
    )
    caption = (
        f"A change of {change:g} dB: the amplitude is multiplied by {ratio:.3g}, the power by {ratio**2:.3g}. "
        f"20 log10({ratio:.3g}) = 10 log10({ratio**2:.3g}) = {change:g}."
    )
    return Scene(axes, caption)


def ratio_of(change: float | Values) -> Values:
    """Return the ratio of amplitudes of a change of level in dB."""
    return np.asarray(10.0 ** (np.asarray(change) / 20))


def render_audio(*, change: float) -> AudioClip:
    """Render the tone and then the quieter one, faded in and out."""
    to_the_end = np.minimum(np.arange(N_BEEP), N_BEEP - np.arange(N_BEEP))
    beep = sine(FREQUENCY, N_BEEP, RATE) * np.minimum(1, to_the_end / N_FADE)
    return AudioClip(np.concatenate([0.8 * beep, np.zeros(2000), 0.8 * ratio_of(change) * beep]), RATE)


FIGURE = FigureSpec(
    "level",
    "Decibels",
    draw,
    (slider("change", -6.0, "Level of the second tone minus that of the first.", span=(-60, 0), step=1, unit="dB"),),
    {"Play both": render_audio},
)
