"""Windows that overlap: what their sum must be for a signal to come back."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Values
from specwidget.stft.windows import check_cola, check_nola, make_window
from specwidget.teach.audio import tone_under
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, switch
from specwidget.teach.scenes.leakage import WINDOWS

N_FRAMES = 9
"""Frames that are drawn, at least; the middle one is surrounded on both sides."""

HEARD_SECONDS = 2.0


def draw(*, window: str, periodic: bool, frame_length: int, frame_step: int, squared: bool) -> Scene:
    """Draw the windows of some frames and their sum, between the places where it is complete."""
    if frame_step > frame_length:
        raise ValueError(f"`frame_step` must be between 1 and frame_length={frame_length}; got {frame_step}.")
    values = make_window(window, frame_length, periodic)
    assert values is not None
    shape = values**2 if squared else values
    n_before = -(-frame_length // frame_step)
    total = added(shape, frame_step)
    n_frames = 1 + (len(total) - frame_length) // frame_step
    first, last = (n_before - 1) * frame_step, len(total) - (n_before - 1) * frame_step
    singles = [
        Line(np.arange(frame_length) + t * frame_step, shape, "single windows" if t == 0 else "", "muted")
        for t in range(n_frames)
    ]
    inside = total[first:last]
    name = "w²" if squared else "w"
    axes = Axes(
        f"{name} of {n_frames} frames, and the sum",
        "sample n",
        name,
        (0, len(total) - 1),
        (min(0.0, 1.1 * float(total.min())), 1.12 * float(max(total.max(), 1e-9))),
        [
            *singles,
            Line(np.arange(len(total)), total, "the sum", "first"),
            ReferenceLine(y=float(inside.min()), label="its least value between the ends", colour="second"),
        ],
        height=1.2,
    )
    nola, cola = check_nola(values, frame_step), check_cola(values, frame_step)
    caption = (
        f"NOLA {_verdict(nola.holds)}: the least sum of w² is {nola.margin:.3g} of the largest, so the inverse "
        f"{_inverse(nola.margin, nola.holds)}. COLA {_verdict(cola.holds)}: the sum of w departs from its median by "
        f"{1 - cola.margin:.2g} of it."
    )
    return Scene((axes,), caption)


def added(shape: Values, frame_step: int) -> Values:
    """Return the sum of a window's values, or of their squares, over enough frames for the middle one to be full."""
    frame_length = len(shape)
    n_frames = max(N_FRAMES, 2 * -(-frame_length // frame_step) + 1)
    total = np.zeros((n_frames - 1) * frame_step + frame_length)
    for t in range(n_frames):
        total[t * frame_step : t * frame_step + frame_length] += shape
    return total


def hear(*, window: str, periodic: bool, frame_length: int, frame_step: int, squared: bool) -> AudioClip:
    """Return a tone under the sum, slowed down: what adding the frames makes of it where nothing divides by the sum."""
    values = make_window(window, frame_length, periodic)
    assert values is not None
    return tone_under(added(values**2 if squared else values, frame_step), HEARD_SECONDS)


def _verdict(holds: bool) -> str:
    """Return whether a condition holds."""
    return "holds" if holds else "does not hold"


def _inverse(margin: float, holds: bool) -> str:
    """Return what the inverse does."""
    if not holds:
        return "loses samples"
    return "divides by nearly nothing somewhere" if margin < 0.01 else "is exact up to rounding"


PLAN = FigureSpec(
    "overlap_add",
    "Overlap-add",
    draw,
    (
        choice("window", "hann", "Some add up to a constant at a half or a quarter of the frame.", choices=WINDOWS),
        length("frame_length", 64, "What matters is its ratio to the step.", span=(4, 256)),
        length("frame_step", 32, "At the frame's length, the ends of most windows are lost.", span=(1, 256)),
        switch("squared", True, "The inverse divides by the sum of w², not of w.", label="Squared"),
        switch("periodic", True, "A symmetric window just misses a constant sum.", label="Periodic"),
    ),
    {"Hear a tone under the sum": hear},
)
