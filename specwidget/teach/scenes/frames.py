"""How a signal becomes frames."""

from __future__ import annotations

import numpy as np

from specwidget.charts.scene import Axes, Band, Item, Line, Points, Scene, Values
from specwidget.stft.settings import PADDINGS, Padding, STFTSettings
from specwidget.stft.shapes import count_frames, dropped_tail, frame_centre, frame_start, padding_amounts
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length, normalised

MOST_ROWS = 24
"""Most frames that have a row of their own; more of them begin again at the top."""

SLOWED_RATE = 100.0
"""Samples in a second of the signal when it is heard, drawn out to the rate of the sound."""

SOUND_RATE = 8000.0


def draw(*, n_samples: int, frame_length: int, frame_step: int, padding: Padding) -> Scene:
    """Draw a signal, its padding, and a bar for every frame."""
    settings = STFTSettings(frame_length=frame_length, frame_step=frame_step, padding=padding)
    left, right = padding_amounts(n_samples, settings)
    n_frames, tail = count_frames(n_samples, settings), dropped_tail(n_samples, settings)
    ends = (-left - 1.5, n_samples + right + 0.5)
    places = np.arange(n_samples)
    surroundings: list[Item] = []
    if left + right:
        surroundings.append(
            Band(x=(n_samples - 0.5, n_samples + right - 0.5), colour="muted", label="zeros of the padding")
        )
        surroundings.append(Band(x=(-left - 0.5, -0.5), colour="muted"))
    if tail:
        dropped = (n_samples - tail - 0.5, n_samples - 0.5)
        surroundings.append(Band(x=dropped, colour="bad", label=f"dropped tail: {tail} samples"))
    samples = waveform(places / 40.0)
    signal = Axes(
        "The signal",
        "sample n",
        "amplitude",
        ends,
        (-1.15, 1.15),
        [*surroundings, Line(places, samples, colour="muted"), Points(places, samples, "samples")],
        height=0.8,
    )
    n_rows = max(1, min(n_frames, MOST_ROWS))
    bars = [item for t in range(n_frames) for item in _bar(t, n_rows, n_samples, settings)]
    rows = tuple((t + 0.5, str(t)) for t in range(0, n_rows, max(1, n_rows // 8)))
    title = f"Its {n_frames} frames" if n_frames <= MOST_ROWS else f"Its {n_frames} frames, {MOST_ROWS} to a column"
    frames = Axes(
        title, "sample n", "frame t", ends, (0, n_rows), [*surroundings, *bars], y_ticks=_upwards(rows, n_rows)
    )
    return Scene((signal, frames), _caption(n_samples, n_frames, tail, (left, right), settings))


def waveform(place: Values) -> Values:
    """Return a tone that rises and swells: a shape in which a sample's place can be recognised."""
    values: Values = np.sin(2 * np.pi * (1.2 * place + 0.12 * place**2)) * (
        0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * place)
    )
    return values


def hear(*, n_samples: int, **_others: object) -> AudioClip:
    """Return the signal, slowed down: each of its samples would last a hundredth of a second."""
    n_heard = round(n_samples / SLOWED_RATE * SOUND_RATE)
    # Many samples would be a click at the rate of a sound, so the same curve is run through slowly, higher up.
    place = np.linspace(0, n_samples / 40.0, n_heard)
    tone = np.sin(2 * np.pi * 120 * (1.2 * place + 0.12 * place**2))
    return AudioClip(normalised(tone * (0.55 + 0.35 * np.cos(2 * np.pi * 0.31 * place))), SOUND_RATE)


def _bar(t: int, n_rows: int, n_samples: int, settings: STFTSettings) -> list[Item]:
    """Return the bar of frame `t` with its centre."""
    start, row = frame_start(t, n_samples, settings), n_rows - t % n_rows
    # A sample is one wide and stands for the places half a sample to both sides.
    span = (start - 0.5, start + settings.frame_length - 0.5)
    centre = frame_centre(t, n_samples, settings) - 0.5
    names = ("frames", "centres") if t == 0 else ("", "")
    return [
        Band(x=span, y=(row - 0.85, row - 0.15), label=names[0], colour="first"),
        Points([centre], [row - 0.5], names[1], "second", "cross"),
    ]


def _upwards(ticks: tuple[tuple[float, str], ...], n_rows: int) -> tuple[tuple[float, str], ...]:
    """Return ticks of rows that count from the top."""
    return tuple((n_rows - place, text) for place, text in ticks)


def _caption(n_samples: int, n_frames: int, tail: int, padding: tuple[int, int], settings: STFTSettings) -> str:
    """Return the numbers of frames, tail and padding, with the formula they follow from."""
    length, step = settings.frame_length, settings.step
    if settings.padding == "same":
        count = f"T = ceil({n_samples} / {step}) = {n_frames} frames"
        rest = f"{padding[0]} zeros before the signal and {padding[1]} after it"
    elif n_frames == 0:
        return f"No frame fits: {n_samples} samples are fewer than frame_length = {length}."
    else:
        count = f"T = ({n_samples} - {length}) // {step} + 1 = {n_frames} frames"
        rest = f"the tail of ({n_samples} - {length}) % {step} = {tail} samples is dropped"
    start = frame_start(0, n_samples, settings)
    return f"{count}; {rest}. Frame 0 starts at sample {start}; {_place(frame_centre(0, n_samples, settings))}."


def _place(centre: float) -> str:
    """Return where a centre lies: sample `n` begins at `n` and ends at `n + 1`."""
    if centre == int(centre):
        return f"its centre, {centre:g}, lies between samples {centre - 1:g} and {centre:g}"
    return f"its centre, {centre:g}, is the middle of sample {centre - 0.5:g}"


PLAN = FigureSpec(
    "frames",
    "Frames and padding",
    draw,
    (
        length(
            "n_samples",
            43,
            "With 'valid' the tail changes; with 'same' frame 0 moves.",
            span=(1, 160),
            label="Samples",
            unit="",
        ),
        length("frame_length", 16, "Longer frames are fewer, and overlap more.", span=(1, 64)),
        length("frame_step", 8, "From the start of a frame to the start of the next.", span=(1, 64)),
        choice("padding", "valid", "Whole frames only, or a frame for every step.", choices=PADDINGS),
    ),
    {"Hear the signal": hear},
)
