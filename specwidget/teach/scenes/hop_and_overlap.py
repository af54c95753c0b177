"""Figure: the frame step as a sampling interval in time."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, Scene, Values
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised, slider

RATE = 8000.0
SECONDS = 0.5
CARRIER = 1000.0
"""Carrier frequency of the amplitude-modulated tone, Hz."""

FINE_STEP = 8
"""Frame step, samples, that approximates a frame at every sample."""


def draw(*, frame_length: int, frame_step: int, modulation: float) -> Scene:
    """Draw an amplitude-modulated tone, and the magnitude of its bin with the given and with a fine frame step."""
    samples = signal(modulation)
    settings = {"mode": "magnitude", "frame_length": frame_length, "scaling": "spectrum", "padding": "same"}
    dense, frames = (transform(samples, RATE, frame_step=step, **settings) for step in (FINE_STEP, frame_step))
    k = round(CARRIER * dense.settings.n_fft / RATE)
    times = np.arange(len(samples)) / RATE
    axes = (
        Axes(
            "Amplitude-modulated tone",
            "time (s)",
            "amplitude",
            (0, SECONDS),
            (-1.1, 1.1),
            [Line(times, samples, colour="muted")],
            height=0.6,
        ),
        Axes(
            f"Bin {k}, {frames.n_frames} frames",
            "time (s)",
            "amplitude, 2 × magnitude",
            (0, SECONDS),
            (0, 1.15),
            [
                Line(
                    times[::FINE_STEP], envelope(times[::FINE_STEP], modulation), "true amplitude", "second", "dashed"
                ),
                Line(dense.times, 2 * dense.channel_values()[:, k], f"step of {FINE_STEP} samples", "muted"),
                Points(frames.times, 2 * frames.channel_values()[:, k], "frames", "first"),
            ],
        ),
    )
    return Scene(axes, _caption(frame_length, frame_step, modulation, frames.n_frames, frames.settings.n_bins))


def envelope(times: Values, modulation: float) -> Values:
    """Compute the amplitude of the tone."""
    amplitude: Values = 0.55 + 0.45 * np.cos(2 * np.pi * modulation * times)
    return amplitude


def signal(modulation: float) -> Values:
    """Make the amplitude-modulated tone."""
    n_samples = round(SECONDS * RATE)
    return envelope(np.arange(n_samples) / RATE, modulation) * sine(CARRIER, n_samples, RATE)


def render_audio(*, modulation: float, **_others: object) -> AudioClip:
    """Render the tone, played four times."""
    return AudioClip(normalised(np.tile(signal(modulation), 4)), RATE)


def _caption(frame_length: int, frame_step: int, modulation: float, n_frames: int, n_bins: int) -> str:
    per_period = RATE / modulation / frame_step
    verdict = "too few to follow it" if per_period < 2 else "enough to follow it"
    return (
        f"Frames overlap by {1 - frame_step / frame_length:.0%}; there are {per_period:.3g} of them per modulation "
        f"period of {1000 / modulation:.0f} ms, {verdict}. A frame of {1000 * frame_length / RATE:g} ms smooths "
        f"shorter changes. {n_frames} frames of {n_bins} bins are {n_frames * n_bins / (SECONDS * RATE):.3g} values "
        "per sample."
    )


FIGURE = FigureSpec(
    "hop_and_overlap",
    "Step and overlap",
    draw,
    (
        length("frame_step", 128, "Too large a step undersamples the amplitude.", span=(4, 1024)),
        length("frame_length", 256, "A longer frame smooths the amplitude, at any step.", span=(32, 1024)),
        slider(
            "modulation",
            20.0,
            "Frequency of the amplitude modulation.",
            span=(2, 100),
            step=1,
            unit="Hz",
            label="Modulation frequency",
        ),
    ),
    {"Play the tone": render_audio},
)
