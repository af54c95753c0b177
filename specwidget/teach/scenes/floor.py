"""What lies on the floor of the log mode."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Band, Line, ReferenceLine, Scene, Values
from specwidget.result import DECIBELS_PER_NEPER
from specwidget.stft.settings import SCALINGS
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, slider

RATE = 16_000.0
SECONDS = 1.0
FREQUENCY = 1000.0
FALL = 100.0
"""How far the tone falls from its start to its end, dB."""

FRAME_LENGTH = 512
ENDS = (-150.0, 30.0)


def draw(*, level_db: float, epsilon_power: int, scaling: str | None) -> Scene:
    """Draw the tone's bin with the floor and without it."""
    samples = signal(level_db)
    settings = {"mode": "log", "frame_length": FRAME_LENGTH, "frame_step": 128, "scaling": scaling}
    epsilon = 10.0**epsilon_power
    shown, free = transform(samples, RATE, epsilon=epsilon, **settings), transform(samples, RATE, **settings)
    k = round(FREQUENCY * shown.settings.n_fft / RATE)
    floor = 10 * math.log10(epsilon)
    axes = Axes(
        f"Bin {k}, {FREQUENCY:g} Hz",
        "time (s)",
        "magnitude (dB)",
        (0, SECONDS),
        ENDS,
        [
            Band(y=(ENDS[0], floor), label="below the floor", colour="bad"),
            ReferenceLine(y=floor, label="floor, 10 log10(epsilon)", colour="bad"),
            Line(free.times, DECIBELS_PER_NEPER * free.panel()[:, k], "without a floor", "muted", "dashed"),
            Line(shown.times, DECIBELS_PER_NEPER * shown.panel()[:, k], "mode 'log'", "first"),
        ],
    )
    share = shown.floor_share()
    assert share is not None
    on_floor = shown.times[shown.panel()[:, k] <= 0.5 * math.log(epsilon) + 1e-9]
    when = f"from {on_floor[0]:.2f} s on" if len(on_floor) else "never"
    caption = (
        f"With epsilon = 1e{epsilon_power} nothing is below {0.5 * math.log(epsilon):.2f}, which is {floor:.0f} dB. "
        f"The tone lies on the floor {when}; of all values of the transform {share:.0%} do."
    )
    return Scene((axes,), caption)


def signal(level_db: float) -> Values:
    """Return a tone that begins at a level, dB re full scale, and falls evenly."""
    n_samples = round(SECONDS * RATE)
    times = np.arange(n_samples) / RATE
    tone: Values = 10 ** ((level_db - FALL * times / SECONDS) / 20) * sine(FREQUENCY, n_samples, RATE)
    return tone


def hear(*, level_db: float, **_others: object) -> AudioClip:
    """Return the tone as loud as it is."""
    return AudioClip(signal(level_db), RATE)


PLAN = FigureSpec(
    "floor",
    "The floor, and what it hides",
    draw,
    (
        slider(
            "level_db",
            -6.0,
            "A quiet recording reaches the floor at once.",
            span=(-80, 0),
            step=1,
            unit="dB",
            label="Tone begins at",
        ),
        slider(
            "epsilon_power",
            -7,
            "Smaller: a lower floor, and more of the noise.",
            span=(-14, -1),
            label="epsilon, 10 to the power",
        ),
        choice("scaling", "spectrum", "'spectrum' reads lower, and reaches the floor sooner.", choices=SCALINGS),
    ),
    {"Hear the tone": hear},
)
