"""Figure: `data_format`, `expand_dims`, and the order of channels and bins in the output and in memory."""

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
"""Number of values of the memory that are drawn and played."""

NOTE_SECONDS = 0.2
LOWEST_NOTE = 110.0
"""Frequency of bin 0 in channel 0, Hz; each channel is one octave higher than the one before."""

SEMITONES = (0, 2, 4, 7)
"""Interval from bin 0 to each bin, semitones."""


def draw(*, n_channels: int, n_frames: int, n_bins: int, mode: Mode, data_format: str, expand_dims: bool) -> Scene:
    """Draw the output as a table of cells labelled by frame, channel and bin, and the start of its memory."""
    settings = STFTSettings(mode=mode, data_format=data_format, expand_dims=expand_dims)
    numbers, output = make_indices(n_channels, n_frames, n_bins, settings)
    per_channel = numbers.shape[-1]
    rows = output.reshape(output.shape[0], -1)
    names = axis_names(settings)
    shape = (1, *output.shape)
    table = Axes(
        f"Output, {_shape_text(shape)}: {', '.join(names)}",
        "remaining axes, the last one varying fastest" if output.ndim > 2 else names[-1],
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
        "Order in memory",
        "index in memory",
        "",
        (0, len(flat)),
        (0, 1),
        [item for i, value in enumerate(flat) for item in _cell(i, 0, value, numbers.shape, n_bins, is_small=True)],
        x_ticks=tuple((i + 0.5, str(i)) for i in range(len(flat))),
        y_ticks=(),
        height=0.3,
    )
    return Scene((table, memory), _caption(settings, shape, names, (n_channels, n_frames, per_channel)))


def make_indices(n_channels: int, n_frames: int, n_bins: int, settings: STFTSettings) -> tuple[NDArray[Any], Any]:
    """Assign a number to each value of (batch, channels, frames, bins), and convert them to the output layout."""
    per_channel = 2 * n_bins if settings.mode == "stft" else n_bins
    numbers = np.arange(n_channels * n_frames * per_channel).reshape(1, n_channels, n_frames, per_channel)
    return numbers, to_output(numbers, settings)[0]


def render_audio(
    *, n_channels: int, n_frames: int, n_bins: int, mode: Mode, data_format: str, expand_dims: bool
) -> AudioClip:
    """Render the values in the order of memory, one note each.

    The bin sets the scale step and the channel the octave; every second frame is louder, as it is filled in the
    figure, and imaginary parts have an overtone.
    """
    settings = STFTSettings(mode=mode, data_format=data_format, expand_dims=expand_dims)
    numbers, output = make_indices(n_channels, n_frames, n_bins, settings)
    indices = zip(*np.unravel_index(output.reshape(-1)[:N_IN_MEMORY], numbers.shape), strict=True)
    notes = [_note(channel, frame, value % n_bins, value >= n_bins) for _, channel, frame, value in indices]
    return AudioClip(normalised(np.concatenate(notes)), RATE)


def _note(channel: int, frame: int, bin_number: int, is_imaginary: bool) -> Values:
    """Make the note of one value."""
    n_samples = round(NOTE_SECONDS * RATE)
    frequency = LOWEST_NOTE * 2 ** (channel + SEMITONES[bin_number] / 12)
    tone = sine(frequency, n_samples, RATE) + 0.5 * is_imaginary * sine(3 * frequency, n_samples, RATE)
    note: Values = (1.0 if frame % 2 else 0.4) * np.hanning(n_samples) * tone
    return note


def axis_names(settings: STFTSettings) -> tuple[str, ...]:
    """List the names of the axes of the output."""
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
    """Make the cell of one value, labelled with its indices and coloured by its channel."""
    _, channel, frame, value = np.unravel_index(number, shape)
    part = "" if shape[-1] == n_bins else ("re " if value < n_bins else "im ")
    # Narrow cells have room for the bin only; colour and fill show channel and frame.
    text = f"{part}k{value % n_bins}" if is_small else f"t{frame} c{channel} {part}k{value % n_bins}"
    # Filling every second frame shows the direction of the time axis.
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


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"shape ({', '.join(map(str, shape))})"


def _caption(
    settings: STFTSettings, shape: tuple[int, ...], names: tuple[str, ...], sizes: tuple[int, int, int]
) -> str:
    n_channels, _, per_channel = sizes
    axes = f"{_shape_text(shape).capitalize()} is ({', '.join(names)})"
    if settings.expand_dims:
        return f"{axes}. Every index has its own axis, and the index of {names[-1]} varies fastest in memory."
    count = "2 F" if settings.mode == "stft" else "F"
    return (
        f"{axes}. The combined axis of channels and bins has C {count} = {n_channels} × {per_channel} = "
        f"{n_channels * per_channel} values; the bin varies fastest, so value i belongs to channel "
        f"i // {per_channel}, bin i % {per_channel}"
        f"{' of its real and imaginary parts' if settings.mode == 'stft' else ''}."
    )


FIGURE = FigureSpec(
    "layout",
    "Layout of the output",
    draw,
    (
        slider(
            "n_channels",
            2,
            "Colour and octave show the channel.",
            span=(1, 4),
            label="Channels C",
        ),
        slider("n_frames", 3, "Every second frame is filled, and louder.", span=(1, 5), label="Frames T"),
        slider(
            "n_bins",
            3,
            "Number of bins (hundreds in practice); the scale step shows the bin.",
            span=(2, 4),
            label="Bins F",
        ),
        choice("mode", "magnitude", "'stft' has a real and an imaginary part per bin.", choices=("magnitude", "stft")),
        choice(
            "data_format",
            "channels_last",
            "Position of the channels: last or first axis after the batch.",
            choices=DATA_FORMATS,
        ),
        switch("expand_dims", False, "Separate axes for bins and channels, as 2-D convolutions need."),
    ),
    {"Play the values in memory order": render_audio},
)
