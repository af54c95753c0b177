"""Figure: the floor of mode "log", set by epsilon."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Band, Line, ReferenceLine, Scene, Values
from specwidget.raster.quantity import get_quantity
from specwidget.spectrogram import DECIBELS_PER_NEPER
from specwidget.stft.settings import SCALINGS
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, slider

RATE = 16_000.0
SECONDS = 1.0
FREQUENCY = 1000.0
DECAY = 100.0
"""Decay of the tone from start to end, dB."""

FRAME_LENGTH = 512
LEVEL_RANGE = (-150.0, 30.0)


def draw(*, level_db: float, epsilon_power: int, scaling: str | None) -> Scene:
    """Draw the bin of a decaying tone with and without the floor."""
    samples = signal(level_db)
    settings = {"mode": "log", "frame_length": FRAME_LENGTH, "frame_step": 128, "scaling": scaling}
    epsilon = 10.0**epsilon_power
    floored, free = transform(samples, RATE, epsilon=epsilon, **settings), transform(samples, RATE, **settings)
    k = round(FREQUENCY * floored.settings.n_fft / RATE)
    floor = 10 * math.log10(epsilon)
    axes = Axes(
        f"Bin {k}, {FREQUENCY:g} Hz",
        "time (s)",
        get_quantity(floored.settings, decibels=True).axis_label,
        (0, SECONDS),
        LEVEL_RANGE,
        [
            Band(y=(LEVEL_RANGE[0], floor), label="below the floor", colour="bad"),
            ReferenceLine(y=floor, label="floor, 10 log10(epsilon)", colour="bad"),
            Line(free.times, DECIBELS_PER_NEPER * free.channel_values()[:, k], "without a floor", "muted", "dashed"),
            Line(floored.times, DECIBELS_PER_NEPER * floored.channel_values()[:, k], "mode 'log'", "first"),
        ],
    )
    share = floored.floor_share()
    assert share is not None
    on_floor = floored.times[floored.channel_values()[:, k] <= 0.5 * math.log(epsilon) + 1e-9]
    since = f"from {on_floor[0]:.2f} s on" if len(on_floor) else "at no time"
    caption = (
        f"With epsilon = 1e{epsilon_power} the floor is {0.5 * math.log(epsilon):.2f}, or {floor:.0f} dB. "
        f"The tone is at the floor {since}; {share:.0%} of all values of the transform are."
    )
    return Scene((axes,), caption)


def signal(level_db: float) -> Values:
    """Make a tone that starts at a level, dB re full scale, and decays exponentially."""
    n_samples = round(SECONDS * RATE)
    times = np.arange(n_samples) / RATE
    tone: Values = 10 ** ((level_db - DECAY * times / SECONDS) / 20) * sine(FREQUENCY, n_samples, RATE)
    return tone


def render_audio(*, level_db: float, **_others: object) -> AudioClip:
    """Render the tone at its own level, without normalisation."""
    return AudioClip(signal(level_db), RATE)


FIGURE = FigureSpec(
    "floor",
    "The floor",
    draw,
    (
        slider(
            "level_db",
            -6.0,
            "Initial level of the tone; a quiet tone reaches the floor sooner.",
            span=(-80, 0),
            step=1,
            unit="dB",
            label="Initial level",
        ),
        slider(
            "epsilon_power",
            -7,
            "A smaller epsilon lowers the floor and shows more of the tone.",
            span=(-14, -1),
            label="log10(epsilon)",
        ),
        choice("scaling", "spectrum", "'spectrum' gives lower values, which reach the floor sooner.", choices=SCALINGS),
    ),
    {"Play the tone": render_audio},
)
