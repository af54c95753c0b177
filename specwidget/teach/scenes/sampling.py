"""Figure: a tone, its samples, and the slowest tone through them."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Stems, Values
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, slider

SPAN = 0.004
"""Time drawn, seconds."""

AUDIO_RATE = 48_000.0
"""Sample rate at which the tones are played, a multiple of each of `RATES`."""

RATES = (2000, 4000, 8000, 16_000)
SECONDS = 1.0


def draw(*, frequency: float, sample_rate: int) -> Scene:
    """Draw a tone, its samples and their alias, and where both lie on the axis of frequencies."""
    times = np.linspace(0, SPAN, 1201)
    places = np.arange(round(SPAN * sample_rate) + 1) / sample_rate
    heard = alias(frequency, sample_rate)
    axes = (
        Axes(
            f"The tone and its {sample_rate} samples a second",
            "time (ms)",
            "x(t)",
            (0, 1000 * SPAN),
            (-1.15, 1.15),
            [
                Line(1000 * times, tone(times, frequency), "the tone", "muted"),
                Line(1000 * times, tone(times, heard), "the slowest through the samples", "second", "dashed"),
                Points(1000 * places, tone(places, frequency), "samples", "first"),
            ],
        ),
        Axes(
            "Which frequency is heard",
            "frequency of the tone (Hz)",
            "heard (Hz)",
            (0, 8000),
            (0, 8400),
            [
                Line(FREQUENCIES, alias(FREQUENCIES, sample_rate)),
                ReferenceLine(x=sample_rate / 2, label="half the sample rate"),
                Stems([frequency], [abs(heard)], colour="second"),
            ],
            height=0.8,
        ),
    )
    half = sample_rate / 2
    verdict = (
        "below half the sample rate, so the samples hold it"
        if frequency < half
        else f"not below half the sample rate, {half:g} Hz: the samples are those of {heard:g} Hz, and that is heard"
    )
    return Scene(axes, f"The tone of {frequency:g} Hz is {verdict}.")


FREQUENCIES = np.linspace(0, 8000, 1601)


def alias(frequency: float | Values, sample_rate: float) -> Values:
    """Compute the frequency between 0 and half the sample rate that has the same samples, Hz."""
    turned: Values = np.abs(np.asarray(frequency) - sample_rate * np.round(np.asarray(frequency) / sample_rate))
    return turned


def tone(times: Values, frequency: float | Values) -> Values:
    """Compute the tone: a cosine, which has the same samples as its alias, mirrored or not."""
    values: Values = np.cos(2 * np.pi * frequency * times)
    return values


def render_tone(*, frequency: float, **_others: object) -> AudioClip:
    """Render the tone as it is."""
    return AudioClip(0.4 * tone(np.arange(round(SECONDS * AUDIO_RATE)) / AUDIO_RATE, frequency), AUDIO_RATE)


def render_samples(*, frequency: float, sample_rate: int) -> AudioClip:
    """Render what the samples hold: the alias."""
    times = np.arange(round(SECONDS * AUDIO_RATE)) / AUDIO_RATE
    return AudioClip(0.4 * tone(times, alias(frequency, sample_rate)), AUDIO_RATE)


FIGURE = FigureSpec(
    "sampling",
    "Sampling",
    draw,
    (
        slider("frequency", 1000.0, "Frequency of the tone.", span=(250, 7750), step=250, unit="Hz"),
        choice("sample_rate", 8000, "Samples per second.", choices=RATES, label="Sample rate"),
    ),
    {"Play the tone": render_tone, "Play the samples": render_samples},
)
