"""Figure: how a signal is cut into frames, with padding "valid" or "same"."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Band, Item, Line, Points, Scene, Values
from specwidget.stft.settings import PADDINGS, Padding, STFTSettings
from specwidget.stft.shapes import count_frames, dropped_tail, frame_centre, frame_start, padding_amounts
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised

MAX_ROWS = 24
"""Number of rows; with more frames, row numbering restarts at the top."""

AUDIO_SPEED = 100.0
"""Samples of the drawn signal per second of audio."""

AUDIO_RATE = 8000.0


def draw(*, n_samples: int, frame_length: int, frame_step: int, padding: Padding) -> Scene:
    """Draw a signal, its padding, and one bar per frame."""
    settings = STFTSettings(frame_length=frame_length, frame_step=frame_step, padding=padding)
    left, right = padding_amounts(n_samples, settings)
    n_frames, tail = count_frames(n_samples, settings), dropped_tail(n_samples, settings)
    ends = (-left - 1.5, n_samples + right + 0.5)
    positions = np.arange(n_samples)
    background: list[Item] = []
    if left + right:
        background.append(Band(x=(n_samples - 0.5, n_samples + right - 0.5), colour="muted", label="zero padding"))
        background.append(Band(x=(-left - 0.5, -0.5), colour="muted"))
    if tail:
        dropped = (n_samples - tail - 0.5, n_samples - 0.5)
        background.append(Band(x=dropped, colour="bad", label=f"dropped tail: {tail} samples"))
    samples = waveform(positions / 40.0)
    signal = Axes(
        "The signal",
        "sample n",
        "amplitude",
        ends,
        (-1.15, 1.15),
        [*background, Line(positions, samples, colour="muted"), Points(positions, samples, "samples")],
        height=0.8,
    )
    n_rows = max(1, min(n_frames, MAX_ROWS))
    bars = [item for t in range(n_frames) for item in _bar(t, n_rows, n_samples, settings)]
    rows = tuple((t + 0.5, str(t)) for t in range(0, n_rows, max(1, n_rows // 8)))
    title = f"{n_frames} frames" if n_frames <= MAX_ROWS else f"{n_frames} frames, {MAX_ROWS} rows"
    frames = Axes(title, "sample n", "frame t", ends, (0, n_rows), [*background, *bars], y_ticks=_upwards(rows, n_rows))
    return Scene((signal, frames), _caption(n_samples, n_frames, tail, (left, right), settings))


def waveform(position: Values) -> Values:
    """Make a chirp with a slowly varying amplitude, a shape in which every part of the signal can be recognised."""
    values: Values = np.sin(2 * np.pi * (1.2 * position + 0.12 * position**2)) * (
        0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * position)
    )
    return values


def render_audio(*, n_samples: int, **_others: object) -> AudioClip:
    """Render an audible version of the signal, which lasts 10 ms per sample."""
    n_heard = round(n_samples / AUDIO_SPEED * AUDIO_RATE)
    # The few samples themselves would be a click, so the same chirp and envelope are evaluated at an audible pitch.
    position = np.linspace(0, n_samples / 40.0, n_heard)
    tone = np.sin(2 * np.pi * 120 * (1.2 * position + 0.12 * position**2))
    return AudioClip(normalised(tone * (0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * position))), AUDIO_RATE)


def _bar(t: int, n_rows: int, n_samples: int, settings: STFTSettings) -> list[Item]:
    """Make the bar of frame `t` and the mark at its centre."""
    start, row = frame_start(t, n_samples, settings), n_rows - t % n_rows
    # Sample n occupies the interval from n - 0.5 to n + 0.5 on the axis.
    span = (start - 0.5, start + settings.frame_length - 0.5)
    centre = frame_centre(t, n_samples, settings) - 0.5
    names = ("frames", "centres") if t == 0 else ("", "")
    return [
        Band(x=span, y=(row - 0.85, row - 0.15), label=names[0], colour="first"),
        Points([centre], [row - 0.5], names[1], "second", "cross"),
    ]


def _upwards(ticks: tuple[tuple[float, str], ...], n_rows: int) -> tuple[tuple[float, str], ...]:
    """Flip ticks so that rows are numbered from the top."""
    return tuple((n_rows - position, text) for position, text in ticks)


def _caption(n_samples: int, n_frames: int, tail: int, padding: tuple[int, int], settings: STFTSettings) -> str:
    length, step = settings.frame_length, settings.step
    if settings.padding == "same":
        count = f"T = ceil({n_samples} / {step}) = {n_frames} frames"
        rest = f"{padding[0]} zeros are padded before the signal and {padding[1]} after it"
    elif n_frames == 0:
        return f"No complete frame: the signal has {n_samples} samples, fewer than frame_length = {length}."
    else:
        count = f"T = ({n_samples} - {length}) // {step} + 1 = {n_frames} frames"
        rest = f"the tail of ({n_samples} - {length}) % {step} = {tail} samples is dropped"
    start = frame_start(0, n_samples, settings)
    return f"{count}; {rest}. Frame 0 starts at sample {start}; {_centre_text(frame_centre(0, n_samples, settings))}."


def _centre_text(centre: float) -> str:
    """Describe the position of a centre; sample `n` occupies the interval from `n` to `n + 1`."""
    if centre == int(centre):
        return f"its centre, {centre:g}, is between samples {centre - 1:g} and {centre:g}"
    return f"its centre, {centre:g}, is the middle of sample {centre - 0.5:g}"


FIGURE = FigureSpec(
    "frames",
    "Frames and padding",
    draw,
    (
        length(
            "n_samples",
            43,
            "Changes the dropped tail with 'valid' and the position of frame 0 with 'same'.",
            span=(1, 160),
            label="Samples",
            unit="",
        ),
        length("frame_length", 16, "Longer frames overlap more.", span=(1, 64)),
        length("frame_step", 8, "Distance between the starts of successive frames.", span=(1, 64)),
        choice(
            "padding",
            "valid",
            "'valid': complete frames only; 'same': one frame per step, with zero padding.",
            choices=PADDINGS,
        ),
    ),
    {"Play the signal": render_audio},
)
