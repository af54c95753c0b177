"""How the step samples what a frame sees along time."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, Scene, Values
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised, slider

RATE = 8000.0
SECONDS = 0.5
CARRIER = 1000.0
"""Frequency, Hz, of the tone whose amplitude swings."""


FINE_STEP = 8
"""Step, samples, of what stands for a frame at every place."""


def draw(*, frame_length: int, frame_step: int, modulation: float) -> Scene:
    """Draw a tone whose amplitude swings, and its bin frame by frame over the same bin with a fine step."""
    samples = signal(modulation)
    settings = {"mode": "magnitude", "frame_length": frame_length, "scaling": "spectrum", "padding": "same"}
    every, frames = (transform(samples, RATE, frame_step=step, **settings) for step in (FINE_STEP, frame_step))
    k = round(CARRIER * every.settings.n_fft / RATE)
    times = np.arange(len(samples)) / RATE
    top = 1.15
    axes = (
        Axes(
            "The tone",
            "time (s)",
            "amplitude",
            (0, SECONDS),
            (-1.1, 1.1),
            [Line(times, samples, colour="muted")],
            height=0.6,
        ),
        Axes(
            f"Its bin {k}: {frames.n_frames} frames",
            "time (s)",
            "amplitude, 2 × magnitude",
            (0, SECONDS),
            (0, top),
            [
                Line(times[::FINE_STEP], envelope(times[::FINE_STEP], modulation), "amplitude", "second", "dashed"),
                Line(every.times, 2 * every.channel_values()[:, k], f"a frame at every {FINE_STEP} samples", "muted"),
                Points(frames.times, 2 * frames.channel_values()[:, k], "the frames", "first"),
            ],
        ),
    )
    return Scene(axes, _caption(frame_length, frame_step, modulation, frames.n_frames, frames.settings.n_bins))


def envelope(times: Values, modulation: float) -> Values:
    """Return the amplitude of the tone."""
    swing: Values = 0.55 + 0.45 * np.cos(2 * np.pi * modulation * times)
    return swing


def signal(modulation: float) -> Values:
    """Return the tone."""
    n_samples = round(SECONDS * RATE)
    return envelope(np.arange(n_samples) / RATE, modulation) * sine(CARRIER, n_samples, RATE)


def hear(*, modulation: float, **_others: object) -> AudioClip:
    """Return the tone, four times."""
    return AudioClip(normalised(np.tile(signal(modulation), 4)), RATE)


def _caption(frame_length: int, frame_step: int, modulation: float, n_frames: int, n_bins: int) -> str:
    """Return overlap, values and what the frames follow."""
    per_swing = RATE / modulation / frame_step
    follows = "too few to follow it" if per_swing < 2 else "enough to follow it"
    return (
        f"Frames overlap by {1 - frame_step / frame_length:.0%}; there are {per_swing:.3g} of them in a swing of "
        f"{1000 / modulation:.0f} ms, {follows}. A frame is {1000 * frame_length / RATE:g} ms long, and smooths what "
        f"is shorter. {n_frames} frames of {n_bins} bins are {n_frames * n_bins / (SECONDS * RATE):.3g} values "
        f"for each sample."
    )


PLAN = FigureSpec(
    "hop_and_overlap",
    "Step and overlap",
    draw,
    (
        length("frame_step", 128, "Too large a step misses what the frame would see.", span=(4, 1024)),
        length("frame_length", 256, "A longer frame smooths; no step brings that back.", span=(32, 1024)),
        slider("modulation", 20.0, "How fast the amplitude swings.", span=(2, 100), step=1, unit="Hz", label="Swings"),
    ),
    {"Hear the tone": hear},
)
