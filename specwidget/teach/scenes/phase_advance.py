"""Figure: the phase advance of a bin from frame to frame, and the frequency derived from it."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised, slider

RATE = 8000.0
FRAME_LENGTH = 256
BIN = 32
"""The bin at 1000 Hz."""

N_FRAMES = 16
PHASE_TICKS = tuple(
    (part * np.pi, text) for part, text in ((-1, "−π"), (-0.5, "−π/2"), (0, "0"), (0.5, "π/2"), (1, "π"))
)


def draw(*, offset: float, frame_step: int) -> Scene:
    """Draw the angle of each frame, and the frequency estimated from successive frames."""
    frequency = (BIN + offset) * RATE / FRAME_LENGTH
    samples = sine(frequency, FRAME_LENGTH + (N_FRAMES - 1) * frame_step, RATE)
    angles = transform(samples, RATE, mode="angle", frame_length=FRAME_LENGTH, frame_step=frame_step).channel_values()[
        :, BIN
    ]
    positions = np.arange(N_FRAMES)
    dense = np.linspace(0, N_FRAMES - 1, 60 * N_FRAMES)
    # The angles show the phase advance per step only modulo 2 pi.
    advance = _wrap(np.array(2 * np.pi * frequency * frame_step / RATE))
    phases = angles[0] + advance * dense
    estimates = estimate_frequencies(angles, frame_step)
    spacing = RATE / FRAME_LENGTH
    axes = (
        Axes(
            f"Angle of bin {BIN}",
            "frame t",
            "angle (rad)",
            (-0.5, N_FRAMES - 0.5),
            (-3.5, 3.5),
            [
                Line(dense, _wrap_with_gaps(phases), "wrapped phase", "muted"),
                Points(positions, angles, "frames", "first"),
            ],
            y_ticks=PHASE_TICKS,
        ),
        Axes(
            "Frequency from the phase advance",
            "frame t",
            "frequency (Hz)",
            (-0.5, N_FRAMES - 0.5),
            ((BIN - 1.5) * spacing, (BIN + 1.5) * spacing),
            [
                ReferenceLine(y=frequency, label="frequency of the sine", colour="second"),
                ReferenceLine(y=BIN * spacing, label="centre of the bin", style="dotted"),
                Points(positions[1:] - 0.5, estimates, "estimate", "first"),
            ],
            height=0.8,
        ),
    )
    return Scene(axes, _caption(frequency, frame_step, float(np.mean(estimates))))


def estimate_frequencies(angles: Values, frame_step: int) -> Values:
    """Estimate the frequency, Hz, from successive frames, as a phase vocoder does."""
    expected = 2 * np.pi * BIN * frame_step / FRAME_LENGTH
    deviation = _wrap(np.diff(angles) - expected)
    frequencies: Values = (expected + deviation) * RATE / (2 * np.pi * frame_step)
    return frequencies


def render_audio(*, offset: float, **_others: object) -> AudioClip:
    """Render 1 s of the sine."""
    return AudioClip(normalised(sine((BIN + offset) * RATE / FRAME_LENGTH, int(RATE), RATE), 0.4), RATE)


def _wrap(angle: Values) -> Values:
    """Wrap angles to the interval from -pi to pi."""
    wrapped: Values = (angle + np.pi) % (2 * np.pi) - np.pi
    return wrapped


def _wrap_with_gaps(angle: Values) -> Values:
    """Wrap angles, with NaN at the jumps so that the line breaks there."""
    wrapped = _wrap(angle)
    wrapped[1:][np.abs(np.diff(wrapped)) > np.pi] = np.nan
    return wrapped


def _caption(frequency: float, frame_step: int, estimate: float) -> str:
    cycles = frequency * frame_step / RATE
    deviation = (frequency - BIN * RATE / FRAME_LENGTH) * frame_step / RATE
    verdict = "correct" if abs(estimate - frequency) < 1 else "wrong: the step is too large for an unambiguous phase"
    return (
        f"In a step of {frame_step} samples the phase of the sine at {frequency:.1f} Hz advances by {cycles:.3f} "
        f"cycles, {deviation:+.3f} cycles relative to the centre of bin {BIN}; the angle shows it modulo 1 cycle. The "
        f"estimate is {estimate:.1f} Hz, which is {verdict}."
    )


FIGURE = FigureSpec(
    "phase_advance",
    "Phase advance and frequency",
    draw,
    (
        slider(
            "offset",
            0.2,
            "Frequency offset from the bin.",
            span=(-1.5, 1.5),
            step=0.05,
            unit="bins",
            label="Sine offset",
        ),
        length("frame_step", 64, "With a large step the phase advance is ambiguous.", span=(1, 256)),
    ),
    {"Play the sine": render_audio},
)
