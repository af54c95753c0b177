"""Values reduced along time while they are computed, block by block: memory is what is kept, and a few MiB.

What a column shows of its frames, the maximum or the value farthest from zero, is found by looking at each of them;
the middle is one of them, and no other is computed. Where there is no time for that, a sketch looks at a few frames of
each column, evenly chosen, and says that it is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import REDUCTIONS, Columns, Values, kind_of, lowest_of, reduce_bins
from specwidget.raster.region import Grid, Starts, coarsen
from specwidget.spectrogram import count_on_floor
from specwidget.stft.layout import from_output
from specwidget.stft.pipeline import parallel_for
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames

BLOCK_BYTES = {"NumPy": 2**20, "CuPy": 2**26}
"""Bytes of values in a block, by the library that computes: what a core's cache holds, what keeps a device busy."""

ONE_BLOCK = 2**23
"""Bytes of values that are computed at once, by all threads, and reduced by one."""

COLUMN_BYTES = 2**25
"""Most bytes of columns that keep every bin; larger ones are reduced to the rows of the picture, too."""

LEAST_COLUMNS = 64
"""Columns that a sketch has, where there are so many."""

PRODUCT_COST = 16
"""Products of a sample with a kernel that take about as long as one sample of an FFT."""


class Cancelled(Exception):
    """Raised where values are no longer asked for."""


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel of a sound, and the layer that transforms it; frames are computed when they are asked for.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer.
    samples : array (1, L, 1)
        The channel.
    """

    layer: STFTSpectrogram
    samples: Any

    @property
    def settings(self) -> STFTSettings:
        """Settings of the transform."""
        return self.layer.settings

    @property
    def n_samples(self) -> int:
        """Length of the signal, L."""
        return int(self.samples.shape[1])

    @property
    def n_frames(self) -> int:
        """Number of frames, T."""
        return count_frames(self.n_samples, self.settings)

    @property
    def inputs(self) -> Any:
        """The channel in the order of axes that the layer takes."""
        return self.samples if self.settings.channels_last else self.samples.swapaxes(1, 2)

    @property
    def cost_per_frame(self) -> float:
        """What one frame costs, as samples of an FFT."""
        settings = self.settings
        if self.layer.path == "fft":
            return settings.n_fft
        return settings.frame_length * settings.n_bins / PRODUCT_COST

    def read(self, first: int, last: int, *, keep: bool = True) -> Values:
        """Compute frames `first` to `last - 1`, shape (last - first, n_outputs); to `keep`, or until the next ones."""
        values = self.layer.frames(self.inputs, first, last, reuse_buffer=not keep)
        return to_numpy(from_output(values, self.settings)[0, 0])

    def choose(self, frames: NDArray[np.integer[Any]]) -> Values:
        """Compute any frames, shape (len(frames), n_outputs)."""
        pieces = [
            self.layer.frames_at(self.inputs, [int(frame) for frame in some])
            for some in np.array_split(frames, -(-len(frames) // self.frames_per_block))
        ]
        return np.concatenate([to_numpy(from_output(piece, self.settings)[0, 0]) for piece in pieces])

    @property
    def library(self) -> str:
        """Library that computes, such as "NumPy"."""
        return self.layer.backend_for(self.samples)[0]

    @property
    def frames_per_block(self) -> int:
        """How many frames are computed at a time."""
        return max(1, BLOCK_BYTES[self.library] // frame_bytes(self.settings))


def frame_bytes(settings: STFTSettings) -> int:
    """Return the bytes of one frame's values, or of its windowed samples where these are more."""
    return max(settings.n_outputs, settings.n_fft) * np.dtype(settings.compute_dtype).itemsize


def read_columns(
    channel: Channel,
    grid: Grid,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Columns, int]:
    """Compute the columns of a grid, exactly.

    Parameters
    ----------
    channel : Channel
        What to compute.
    grid : Grid
        The cells.
    stop : callable
        Asked between blocks; work ends where it returns True, be it once.

    Returns
    -------
    columns : Columns
        The values: with every bin, or where that would be much, with the rows of the grid.
    n_on_floor : int
        How many values of the frames looked at lie on the floor of the mode, 0 where it has none. In mode "angle",
        where only the middle of each column is looked at, there is none.

    Raises
    ------
    Abandoned
        If `stop` returned True.
    """
    settings, starts = channel.settings, grid.column_starts
    rows = None if keeps_bins(grid, settings) else grid.row_starts
    if kind_of(settings) == "cyclic":
        values = channel.choose((starts[:-1] + starts[1:] - 1) // 2)
        return Columns(_by_rows(values, rows, settings), starts, rows), 0
    first, last = grid.frames
    if (last - first) * frame_bytes(settings) <= ONE_BLOCK:
        values = channel.read(first, last)
        reduced = _by_rows(REDUCTIONS[kind_of(settings)](values, starts - first), rows, settings)
        return Columns(reduced, starts, rows, lowest=lowest_of(values, settings)), count_on_floor(values, settings)
    return _read_by_blocks(channel, starts, rows, stop)


def sketch_columns(channel: Channel, grid: Grid, most_frames: int) -> Columns:
    """Compute the columns of a grid from some of their frames.

    Parameters
    ----------
    channel : Channel
        What to compute.
    grid : Grid
        The cells.
    most_frames : int
        How many frames to look at. Where that is less than one for each column, columns are joined.

    Returns
    -------
    Columns
        Exact where all frames were looked at.
    """
    settings = channel.settings
    starts = coarsen(grid.column_starts, max(LEAST_COLUMNS, most_frames))
    sizes = np.diff(starts)
    counts = np.minimum(sizes, max(1, most_frames // len(sizes)))
    ends = np.append(0, np.cumsum(counts))
    # The frames of a column stand apart evenly, and half as far from its ends.
    number = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
    offsets = (2 * number + 1) * np.repeat(sizes, counts) // (2 * np.repeat(counts, counts))
    values = channel.choose(np.repeat(starts[:-1], counts) + offsets)
    rows = None if keeps_bins(grid, settings) else grid.row_starts
    reduced = REDUCTIONS[kind_of(settings)](values, ends)
    is_exact = bool(len(starts) == len(grid.column_starts) and (counts == sizes).all())
    return Columns(_by_rows(reduced, rows, settings), starts, rows, is_exact, lowest_of(values, settings))


def count_floor(channel: Channel, stop: Callable[[], bool] = lambda: False) -> int:
    """Count the values of a channel that lie on the floor of the mode.

    Parameters
    ----------
    channel : Channel
        What to compute.
    stop : callable
        Asked between blocks.

    Returns
    -------
    int

    Raises
    ------
    Abandoned
        If `stop` returned True.
    """
    settings, counts = channel.settings, [0]

    def count(first: int, last: int) -> None:
        for begin, end in _steps(first, last, channel.frames_per_block):
            _go_on(stop)
            counts.append(count_on_floor(channel.read(begin, end, keep=False), settings))

    _share_out(count, channel.n_frames, channel)
    return sum(counts)


def _go_on(stop: Callable[[], bool]) -> None:
    """Raise where the work is to stop: said once, it is said for all threads, whatever `stop` says later."""
    if stop():
        raise Cancelled


def keeps_bins(grid: Grid, settings: STFTSettings) -> bool:
    """Tell whether columns of a grid keep every bin, from which the rows of any axis can be made."""
    n_values = (len(grid.column_starts) - 1) * settings.n_outputs
    return n_values * np.dtype(settings.result_dtype).itemsize <= COLUMN_BYTES


def _read_by_blocks(
    channel: Channel, starts: Starts, rows: Starts | None, stop: Callable[[], bool]
) -> tuple[Columns, int]:
    """Compute columns block by block, each thread its own part of them."""
    settings, reduce = channel.settings, REDUCTIONS[kind_of(channel.settings)]
    n_values = settings.n_outputs if rows is None else (len(rows) - 1) * (settings.n_outputs // settings.n_bins)
    values = np.empty((len(starts) - 1, n_values), settings.result_dtype)
    counts, lowest = [0], [np.inf]

    at_once = channel.frames_per_block
    n_columns = max(1, at_once // int(np.diff(starts).max()))

    def read(first: int, last: int) -> None:
        for begin, end in _steps(first, last, n_columns):
            joined = [
                look(frame, stop_frame, starts[begin : end + 1])
                for frame, stop_frame in _steps(int(starts[begin]), int(starts[end]), at_once)
            ]
            whole = joined[0] if len(joined) == 1 else reduce(np.concatenate(joined), np.array([0, len(joined)]))
            values[begin:end] = _by_rows(whole, rows, settings)

    def look(first: int, last: int, groups: Starts) -> Values:
        """Return some frames as columns: all of `groups`, or of a long one what of it is here."""
        _go_on(stop)
        block = channel.read(first, last, keep=False)
        counts.append(count_on_floor(block, settings))
        lowest.append(lowest_of(block, settings))
        is_long = last - first < groups[-1] - groups[0]
        columns = reduce(block, np.array([0, last - first]) if is_long else groups - first)
        # Of a single frame the reduction is the frame itself, which lies where the next ones will.
        return columns.copy() if is_long and np.may_share_memory(columns, block) else columns

    _share_out(read, len(starts) - 1, channel, frames_each=max(1, int(starts[-1] - starts[0]) // (len(starts) - 1)))
    return Columns(values, starts, rows, lowest=min(lowest)), sum(counts)


def _share_out(work: Callable[[int, int], None], total: int, channel: Channel, *, frames_each: int = 1) -> None:
    """Call `work(first, last)` for parts of a total, on as many threads as are worth it."""
    if channel.layer.path == "fft" and channel.library == "NumPy":
        parallel_for(work, total, to_numpy(channel.samples[:, :0]), channel.settings, frames_per_item=frames_each)
    else:
        # A matrix product brings its own threads, and a device does one thing at a time.
        work(0, total)


def _steps(first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of steps of at most `size` from `first` to `last`."""
    for begin in range(first, last, size):
        yield begin, min(begin + size, last)


def _by_rows(values: Values, rows: Starts | None, settings: STFTSettings) -> Values:
    """Reduce columns (n, n_outputs) to rows where there are some, (n, panels * rows)."""
    return values if rows is None else reduce_bins(values, rows, settings).T
