"""Figure: the sum of overlapping windows, and the NOLA and COLA conditions."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Line, ReferenceLine, Scene, Values
from specwidget.stft.overlap import check_cola, check_nola
from specwidget.stft.windows import make_window
from specwidget.teach.audio import am_tone
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, switch
from specwidget.teach.scenes.leakage import WINDOWS

N_FRAMES = 9
"""Minimum number of frames drawn; the middle one overlaps neighbours on both sides."""

AUDIO_SECONDS = 2.0


def draw(*, window: str, periodic: bool, frame_length: int, frame_step: int, squared: bool) -> Scene:
    """Draw the windows of successive frames, their sum, and its minimum away from the ends."""
    if frame_step > frame_length:
        raise ValueError(f"`frame_step` must be between 1 and frame_length={frame_length}; got {frame_step}.")
    values = make_window(window, frame_length, periodic)
    assert values is not None
    shape = values**2 if squared else values
    n_before = -(-frame_length // frame_step)
    total = sum_windows(shape, frame_step)
    n_frames = 1 + (len(total) - frame_length) // frame_step
    first, last = (n_before - 1) * frame_step, len(total) - (n_before - 1) * frame_step
    singles = [
        Line(np.arange(frame_length) + t * frame_step, shape, "windows" if t == 0 else "", "muted")
        for t in range(n_frames)
    ]
    inside = total[first:last]
    name = "w²" if squared else "w"
    axes = Axes(
        f"{name} of {n_frames} frames, and their sum",
        "sample n",
        name,
        (0, len(total) - 1),
        (min(0.0, 1.1 * float(total.min())), 1.12 * float(max(total.max(), 1e-9))),
        [
            *singles,
            Line(np.arange(len(total)), total, "sum", "first"),
            ReferenceLine(y=float(inside.min()), label="minimum away from the ends", colour="second"),
        ],
        height=1.2,
    )
    nola, cola = check_nola(values, frame_step), check_cola(values, frame_step)
    caption = (
        f"NOLA {_verdict(nola.holds)}: the minimum of the sum of w² is {nola.margin:.3g} of its maximum, so the "
        f"inverse {_inverse_text(nola.margin, nola.holds)}. COLA {_verdict(cola.holds)}: the sum of w deviates from "
        f"its median by {1 - cola.margin:.2g} of the median."
    )
    return Scene((axes,), caption)


def sum_windows(shape: Values, frame_step: int) -> Values:
    """Sum shifted copies of a window or of its square, over enough frames for the sum to be complete in the middle."""
    frame_length = len(shape)
    n_frames = max(N_FRAMES, 2 * -(-frame_length // frame_step) + 1)
    total = np.zeros((n_frames - 1) * frame_step + frame_length)
    for t in range(n_frames):
        total[t * frame_step : t * frame_step + frame_length] += shape
    return total


def render_audio(*, window: str, periodic: bool, frame_length: int, frame_step: int, squared: bool) -> AudioClip:
    """Render a tone with the sum as its envelope: the result of overlap-add without normalisation, slowed down."""
    values = make_window(window, frame_length, periodic)
    assert values is not None
    return am_tone(sum_windows(values**2 if squared else values, frame_step), AUDIO_SECONDS)


def _verdict(holds: bool) -> str:
    return "holds" if holds else "does not hold"


def _inverse_text(margin: float, holds: bool) -> str:
    if not holds:
        return "loses samples"
    return "divides by values near 0" if margin < 0.01 else "is exact up to rounding"


FIGURE = FigureSpec(
    "overlap_add",
    "Overlap-add",
    draw,
    (
        choice("window", "hann", "Some windows satisfy COLA at a step of 1/2 or 1/4 of the frame.", choices=WINDOWS),
        length("frame_length", 64, "Only its ratio to the step matters.", span=(4, 256)),
        length("frame_step", 32, "At a step of one frame length most windows violate NOLA.", span=(1, 256)),
        switch("squared", True, "Sum w² (the divisor of the inverse) instead of w.", label="Squared"),
        switch("periodic", True, "Off: a symmetric window, whose sum is not quite constant.", label="Periodic"),
    ),
    {"Play a tone with this envelope": render_audio},
)
