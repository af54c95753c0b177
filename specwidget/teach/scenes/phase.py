"""The angle of a sine's bin from frame to frame, and the frequency that it tells."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, Points, ReferenceLine, Scene, Values
from specwidget.teach.analysis import sine, transform
from specwidget.teach.figure_spec import AudioClip, FigureSpec, length, normalised, slider

RATE = 8000.0
FRAME_LENGTH = 256
BIN = 32
"""The bin that is looked at: 1000 Hz."""

N_FRAMES = 16
QUARTERS = tuple((part * np.pi, text) for part, text in ((-1, "−π"), (-0.5, "−π/2"), (0, "0"), (0.5, "π/2"), (1, "π")))


def draw(*, offset: float, frame_step: int) -> Scene:
    """Draw the angle of each frame, and the frequency that follows from every two of them."""
    frequency = (BIN + offset) * RATE / FRAME_LENGTH
    samples = sine(frequency, FRAME_LENGTH + (N_FRAMES - 1) * frame_step, RATE)
    angles = transform(samples, RATE, mode="angle", frame_length=FRAME_LENGTH, frame_step=frame_step).panel()[:, BIN]
    places = np.arange(N_FRAMES)
    dense = np.linspace(0, N_FRAMES - 1, 60 * N_FRAMES)
    # Whole turns in a step leave no trace in the frames.
    seen = _wrapped(np.array(2 * np.pi * frequency * frame_step / RATE))
    turning = angles[0] + seen * dense
    found = estimates(angles, frame_step)
    spacing = RATE / FRAME_LENGTH
    axes = (
        Axes(
            f"Angle of bin {BIN}",
            "frame t",
            "angle (rad)",
            (-0.5, N_FRAMES - 0.5),
            (-3.5, 3.5),
            [
                Line(dense, _broken(turning), "the turn that is seen", "muted"),
                Points(places, angles, "frames", "first"),
            ],
            y_ticks=QUARTERS,
        ),
        Axes(
            "Frequency from the change of angle",
            "frame t",
            "frequency (Hz)",
            (-0.5, N_FRAMES - 0.5),
            ((BIN - 1.5) * spacing, (BIN + 1.5) * spacing),
            [
                ReferenceLine(y=frequency, label="the sine", colour="second"),
                ReferenceLine(y=BIN * spacing, label="the bin's centre", style="dotted"),
                Points(places[1:] - 0.5, found, "from two frames", "first"),
            ],
            height=0.8,
        ),
    )
    return Scene(axes, _caption(frequency, frame_step, float(np.mean(found))))


def estimates(angles: Values, frame_step: int) -> Values:
    """Return the frequency, Hz, that every two frames tell: the bin's own, and what the angle changes beyond that."""
    own = 2 * np.pi * BIN * frame_step / FRAME_LENGTH
    beyond = _wrapped(np.diff(angles) - own)
    found: Values = (own + beyond) * RATE / (2 * np.pi * frame_step)
    return found


def hear(*, offset: float, **_others: object) -> AudioClip:
    """Return a second of the sine."""
    return AudioClip(normalised(sine((BIN + offset) * RATE / FRAME_LENGTH, int(RATE), RATE), 0.4), RATE)


def _wrapped(angle: Values) -> Values:
    """Return angles within half a turn of 0."""
    turned: Values = (angle + np.pi) % (2 * np.pi) - np.pi
    return turned


def _broken(angle: Values) -> Values:
    """Return wrapped angles with a gap where they jump."""
    wrapped = _wrapped(angle)
    wrapped[1:][np.abs(np.diff(wrapped)) > np.pi] = np.nan
    return wrapped


def _caption(frequency: float, frame_step: int, found: float) -> str:
    """Return what the angle does in a step, and the frequency that is found."""
    turns = frequency * frame_step / RATE
    beyond = (frequency - BIN * RATE / FRAME_LENGTH) * frame_step / RATE
    told = "the sine's" if abs(found - frequency) < 1 else "not the sine's: the step is too large to tell"
    return (
        f"In a step of {frame_step} samples the sine at {frequency:.1f} Hz turns by {turns:.3f} turns, of which the "
        f"angle shows the last part; {beyond:+.3f} of them are beyond bin {BIN}'s own. Two frames tell {found:.1f} Hz, "
        f"which is {told}."
    )


PLAN = FigureSpec(
    "phase",
    "Phase made visible",
    draw,
    (
        slider(
            "offset", 0.2, "How far the sine lies from the bin.", span=(-1.5, 1.5), step=0.05, unit="bins", label="Sine"
        ),
        length("frame_step", 64, "A large step lets the angle turn too far to be told.", span=(1, 256)),
    ),
    {"Hear the sine": hear},
)
