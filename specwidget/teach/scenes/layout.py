"""Where each value goes: `data_format`, `expand_dims`, channels and bins, and their order in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import COLOUR_CYCLE, Axes, Band, Fill, Item, Scene, Values
from specwidget.stft.layout import to_output
from specwidget.stft.settings import DATA_FORMATS, Mode, STFTSettings
from specwidget.teach.analysis import sine
from specwidget.teach.audio import RATE
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, normalised, slider, switch

N_IN_MEMORY = 18
"""Values of the memory that are shown, and heard."""

NOTE_SECONDS = 0.2
LOWEST_NOTE = 110.0
"""Frequency, Hz, of bin 0 in channel 0; each channel is an octave above the one before."""

STEPS = (0, 2, 4, 7)
"""Semitones from bin 0 to each bin."""


def draw(*, n_channels: int, n_frames: int, n_bins: int, mode: Mode, data_format: str, expand_dims: bool) -> Scene:
    """Draw the result as rows of cells, each named by its frame, channel and bin, and the beginning of its memory."""
    settings = STFTSettings(mode=mode, data_format=data_format, expand_dims=expand_dims)
    numbers, output = numbered(n_channels, n_frames, n_bins, settings)
    per_channel = numbers.shape[-1]
    rows = output.reshape(output.shape[0], -1)
    names = axis_names(settings)
    shape = (1, *output.shape)
    table = Axes(
        f"The result, {_spoken(shape)}: {', '.join(names)}",
        "the other axes, the last one the fastest" if output.ndim > 2 else names[-1],
        names[1],
        (0, rows.shape[1]),
        (0, rows.shape[0]),
        [
            item
            for row, column in np.ndindex(*rows.shape)
            for item in _cell(column, rows.shape[0] - 1 - row, rows[row, column], numbers.shape, n_bins)
        ],
        x_ticks=tuple((i + 0.5, str(i)) for i in range(rows.shape[1])),
        y_ticks=tuple((rows.shape[0] - 0.5 - i, str(i)) for i in range(rows.shape[0])),
        height=min(1.6, 0.25 + 0.15 * rows.shape[0]),
    )
    flat = rows.reshape(-1)[:N_IN_MEMORY]
    memory = Axes(
        "In memory, one value after the other",
        "place in memory",
        "",
        (0, len(flat)),
        (0, 1),
        [item for i, value in enumerate(flat) for item in _cell(i, 0, value, numbers.shape, n_bins, is_small=True)],
        x_ticks=tuple((i + 0.5, str(i)) for i in range(len(flat))),
        y_ticks=(),
        height=0.3,
    )
    return Scene((table, memory), _caption(settings, shape, names, (n_channels, n_frames, per_channel)))


def numbered(n_channels: int, n_frames: int, n_bins: int, settings: STFTSettings) -> tuple[NDArray[Any], Any]:
    """Return the place of each value in (batch, channels, frames, bins), and the same through the package's layout."""
    per_channel = 2 * n_bins if settings.mode == "stft" else n_bins
    numbers = np.arange(n_channels * n_frames * per_channel).reshape(1, n_channels, n_frames, per_channel)
    return numbers, to_output(numbers, settings)[0]


def hear(*, n_channels: int, n_frames: int, n_bins: int, mode: Mode, data_format: str, expand_dims: bool) -> AudioClip:
    """Return the values that are shown of the memory, as notes in their order.

    A bin is a step of the scale, a channel an octave; every second frame is louder, as it is filled, and imaginary
    parts have an overtone.
    """
    settings = STFTSettings(mode=mode, data_format=data_format, expand_dims=expand_dims)
    numbers, output = numbered(n_channels, n_frames, n_bins, settings)
    places = zip(*np.unravel_index(output.reshape(-1)[:N_IN_MEMORY], numbers.shape), strict=True)
    notes = [_note(channel, frame, value % n_bins, value >= n_bins) for _, channel, frame, value in places]
    return AudioClip(normalised(np.concatenate(notes)), RATE)


def _note(channel: int, frame: int, bin_number: int, is_imaginary: bool) -> Values:
    """Return the note of a value, which fades."""
    n_samples = round(NOTE_SECONDS * RATE)
    frequency = LOWEST_NOTE * 2 ** (channel + STEPS[bin_number] / 12)
    tone = sine(frequency, n_samples, RATE) + 0.5 * is_imaginary * sine(3 * frequency, n_samples, RATE)
    note: Values = (1.0 if frame % 2 else 0.4) * np.hanning(n_samples) * tone
    return note


def axis_names(settings: STFTSettings) -> tuple[str, ...]:
    """Return what each axis of the result counts."""
    if settings.expand_dims:
        return (
            ("batch", "frames", "bins", "channels")
            if settings.channels_last
            else ("batch", "channels", "frames", "bins")
        )
    flat = "channels and bins"
    return ("batch", "frames", flat) if settings.channels_last else ("batch", flat, "frames")


def _cell(
    column: int, row: int, number: int, shape: tuple[int, ...], n_bins: int, *, is_small: bool = False
) -> list[Item]:
    """Return a cell that names the value in it; colours tell the channels apart."""
    _, channel, frame, value = np.unravel_index(number, shape)
    part = "" if shape[-1] == n_bins else ("re " if value < n_bins else "im ")
    # In a narrow cell colour and filling tell channel and frame.
    text = f"{part}k{value % n_bins}" if is_small else f"t{frame} c{channel} {part}k{value % n_bins}"
    # Every second frame is filled, so that it is seen where time goes.
    fill: Fill = "soft" if frame % 2 else "none"
    return [
        Band(
            x=(column + 0.04, column + 0.96),
            y=(row + 0.05, row + 0.95),
            text=text,
            colour=COLOUR_CYCLE[channel],
            fill=fill,
        )
    ]


def _spoken(shape: tuple[int, ...]) -> str:
    """Return a shape as text."""
    return f"shape ({', '.join(map(str, shape))})"


def _caption(
    settings: STFTSettings, shape: tuple[int, ...], names: tuple[str, ...], sizes: tuple[int, int, int]
) -> str:
    """Return the shape, and which index is the slow one where two share an axis."""
    n_channels, _, per_channel = sizes
    axes = f"{_spoken(shape).capitalize()} counts {', '.join(names[:-1])}, {names[-1]}"
    if settings.expand_dims:
        return f"{axes}. Every index has an axis of its own, and {names[-1]} is the fastest in memory."
    count = "2 F" if settings.mode == "stft" else "F"
    return (
        f"{axes}. The axis of channels and bins holds C {count} = {n_channels} × {per_channel} = "
        f"{n_channels * per_channel} values, the channel slow and the bin fast: value i belongs to channel "
        f"i // {per_channel}, bin i % {per_channel}"
        f"{' of its real and imaginary parts' if settings.mode == 'stft' else ''}."
    )


PLAN = FigureSpec(
    "layout",
    "Where each value goes",
    draw,
    (
        slider(
            "n_channels",
            2,
            "Colours are channels; heard, each is an octave above the other.",
            span=(1, 4),
            label="Channels C",
        ),
        slider(
            "n_frames", 3, "Frames go along time; heard, every second one is louder.", span=(1, 5), label="Frames T"
        ),
        slider(
            "n_bins",
            3,
            "A real transform has thousands of these; heard, they are steps of a scale.",
            span=(2, 4),
            label="Bins F",
        ),
        choice(
            "mode", "magnitude", "'stft' has a real and an imaginary part for each bin.", choices=("magnitude", "stft")
        ),
        choice("data_format", "channels_last", "What the last axis is.", choices=DATA_FORMATS),
        switch("expand_dims", False, "Bins and channels on axes of their own, as a 2-D convolution wants them."),
    ),
    {"Hear the memory, value after value": hear},
)
