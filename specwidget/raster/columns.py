"""Compute values block by block and reduce them along time: memory is that of the result, and a few MiB.

A column shows the maximum or the value of largest magnitude of its frames, for which all of them are computed, or the
one in the centre, which is then the only one computed. Where that takes too long, a preview is computed from a few
evenly spaced frames of each column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.front_end import FrontEndLayer, count_frames, count_on_floor
from specwidget.mel.stages import FrontEndSettings, transform_of
from specwidget.raster.picture import REDUCTIONS, Columns, Values, colour_map_kind, lowest_finite, reduce_bins
from specwidget.raster.region import Grid, Starts, merge_groups
from specwidget.stft.layout import from_output
from specwidget.stft.pipeline import parallel_for

BLOCK_BYTES = {"NumPy": 2**21, "CuPy": 2**26}
"""Bytes of values in a block, by array library: few enough for the cache, or enough to keep a device busy."""

ONE_BLOCK = 2**23
"""Bytes of values that all threads compute at once, and one thread reduces."""

COLUMN_BYTES = 2**25
"""Most bytes of columns with every bin; larger ones are also reduced to the rows of the picture."""

MIN_PREVIEW_COLUMNS = 64
"""Fewest columns of a preview, unless the picture has fewer."""

PRODUCT_COST = 16
"""Multiplications of the matrix product that take about as long as one sample of an FFT."""


class Cancelled(Exception):
    """The computation was cancelled."""


@dataclass(frozen=True, eq=False)
class Channel:
    """One channel of a sound with the layer that transforms it; frames are computed on request.

    Parameters
    ----------
    layer : STFTSpectrogram or BandLayer
        The layer.
    samples : array (1, L, 1)
        The channel.
    computed_by : set of (str, str)
        Receives the library of each computation, and why backend "auto" did not use CuPy.
    """

    layer: FrontEndLayer
    samples: Any
    computed_by: set[tuple[str, str]] = field(default_factory=set)

    @property
    def settings(self) -> FrontEndSettings:
        """Settings of the front end."""
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
        """Cost of one frame, in samples of an FFT."""
        settings = self.settings
        if self.layer.path == "fft":
            return settings.n_fft
        return settings.frame_length * transform_of(settings).n_bins / PRODUCT_COST

    def frames(self, first: int, last: int, *, reuse_buffer: bool = False) -> Values:
        """Compute frames `first` to `last - 1`, shape (last - first, n_outputs).

        With `reuse_buffer` the next call in this thread may overwrite them.
        """
        values = self.layer.frames(self.inputs, first, last, reuse_buffer=reuse_buffer, computed_by=self.computed_by)
        return self._unpack(values)

    def frames_at(self, frames: NDArray[np.integer[Any]]) -> Values:
        """Compute the frames of some indices, shape (len(frames), n_outputs)."""
        pieces = [
            self._unpack(self.layer.frames_at(self.inputs, list(map(int, some)), computed_by=self.computed_by))
            for some in np.array_split(frames, -(-len(frames) // self.frames_per_block))
        ]
        return np.concatenate(pieces)

    def _unpack(self, values: Any) -> Values:
        """Return frames in the layout of the layer as (n, n_outputs)."""
        return to_numpy(from_output(values, transform_of(self.settings), self.settings.n_outputs)[0, 0])

    @property
    def is_on_device(self) -> bool:
        """Whether CuPy computes."""
        return self.layer.backend_for(self.samples)[0] == "CuPy"

    @property
    def frames_per_block(self) -> int:
        """Number of frames in a block."""
        return max(1, BLOCK_BYTES["CuPy" if self.is_on_device else "NumPy"] // frame_bytes(self.settings))


def frame_bytes(settings: FrontEndSettings) -> int:
    """Return the bytes of one frame's values, or of its windowed samples where these are more."""
    return max(settings.n_outputs, settings.n_fft) * np.dtype(settings.compute_dtype).itemsize


def compute_columns(
    channel: Channel,
    grid: Grid,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Columns, int]:
    """Compute the columns of a grid from all frames.

    Parameters
    ----------
    channel : Channel
        The channel.
    grid : Grid
        The cells.
    stop : callable
        Called between blocks; True cancels the computation.

    Returns
    -------
    columns : Columns
        The values: with every bin, or with the rows of the grid where that takes too much memory.
    n_on_floor : int
        Number of values at the floor of the mode; 0 where it has none.

    Raises
    ------
    Cancelled
        If `stop` returned True.
    """
    settings, starts = channel.settings, grid.column_starts
    rows = None if keeps_every_bin(grid, settings) else grid.row_starts
    if colour_map_kind(settings) == "cyclic":
        values = channel.frames_at((starts[:-1] + starts[1:] - 1) // 2)
        return Columns(_by_rows(values, rows, settings), starts, rows), 0
    first, last = grid.frames
    if (last - first) * frame_bytes(settings) <= ONE_BLOCK:
        values = channel.frames(first, last)
        reduced = _by_rows(REDUCTIONS[colour_map_kind(settings)](values, starts - first), rows, settings)
        return Columns(reduced, starts, rows, lowest=lowest_finite(values, settings)), count_on_floor(values, settings)
    return _compute_blocks(channel, starts, rows, stop)


def preview_columns(channel: Channel, grid: Grid, most_frames: int) -> Columns:
    """Compute the columns of a grid from some of their frames: a preview.

    Parameters
    ----------
    channel : Channel
        The channel.
    grid : Grid
        The cells.
    most_frames : int
        Most frames to compute. If that is less than one per column, columns are merged.

    Returns
    -------
    Columns
        Exact if all frames were computed.
    """
    settings = channel.settings
    starts = merge_groups(grid.column_starts, max(MIN_PREVIEW_COLUMNS, most_frames))
    sizes = np.diff(starts)
    counts = np.minimum(sizes, max(1, most_frames // len(sizes)))
    ends = np.append(0, np.cumsum(counts))
    # Evenly spaced within a column, and half a space from its ends.
    number = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
    offsets = (2 * number + 1) * np.repeat(sizes, counts) // (2 * np.repeat(counts, counts))
    values = channel.frames_at(np.repeat(starts[:-1], counts) + offsets)
    rows = None if keeps_every_bin(grid, settings) else grid.row_starts
    reduced = REDUCTIONS[colour_map_kind(settings)](values, ends)
    is_exact = bool(len(starts) == len(grid.column_starts) and (counts == sizes).all())
    return Columns(_by_rows(reduced, rows, settings), starts, rows, is_exact, lowest_finite(values, settings))


def count_floor(channel: Channel, stop: Callable[[], bool] = lambda: False) -> int:
    """Count the values of a channel at the floor of the mode.

    Parameters
    ----------
    channel : Channel
        The channel.
    stop : callable
        Called between blocks; True cancels the computation.

    Returns
    -------
    int

    Raises
    ------
    Cancelled
        If `stop` returned True.
    """
    settings, counts = channel.settings, [0]

    def count(first: int, last: int) -> None:
        for begin, end in _steps(first, last, channel.frames_per_block):
            _raise_if_cancelled(stop)
            counts.append(count_on_floor(channel.frames(begin, end, reuse_buffer=True), settings))

    _parallel_for(count, channel.n_frames, channel)
    return sum(counts)


def _raise_if_cancelled(stop: Callable[[], bool]) -> None:
    """Raise `Cancelled` if `stop` returns True: in any thread it cancels all."""
    if stop():
        raise Cancelled


def keeps_every_bin(grid: Grid, settings: FrontEndSettings) -> bool:
    """Tell whether the columns of a grid keep every bin, so that the rows of any axis follow from them."""
    n_values = (len(grid.column_starts) - 1) * settings.n_outputs
    return n_values * np.dtype(settings.result_dtype).itemsize <= COLUMN_BYTES


def _compute_blocks(
    channel: Channel, starts: Starts, rows: Starts | None, stop: Callable[[], bool]
) -> tuple[Columns, int]:
    """Compute columns block by block, in parallel."""
    settings, reduce = channel.settings, REDUCTIONS[colour_map_kind(channel.settings)]
    n_values = settings.n_outputs if rows is None else (len(rows) - 1) * (settings.n_outputs // settings.n_bins)
    values = np.empty((len(starts) - 1, n_values), settings.result_dtype)
    counts, lowest = [0], [np.inf]

    at_once = channel.frames_per_block
    n_columns = max(1, at_once // int(np.diff(starts).max()))

    def reduce_columns(first: int, last: int) -> None:
        for begin, end in _steps(first, last, n_columns):
            joined = [
                compute(frame, stop_frame, starts[begin : end + 1])
                for frame, stop_frame in _steps(int(starts[begin]), int(starts[end]), at_once)
            ]
            whole = joined[0] if len(joined) == 1 else reduce(np.concatenate(joined), np.array([0, len(joined)]))
            values[begin:end] = _by_rows(whole, rows, settings)

    def compute(first: int, last: int, groups: Starts) -> Values:
        """Reduce some frames to the columns of `groups`, or to a part of a long column."""
        _raise_if_cancelled(stop)
        block = channel.frames(first, last, reuse_buffer=True)
        counts.append(count_on_floor(block, settings))
        lowest.append(lowest_finite(block, settings))
        is_long = last - first < groups[-1] - groups[0]
        columns = reduce(block, np.array([0, last - first]) if is_long else groups - first)
        # The reduction of a single frame is the frame itself, in the buffer that the next call overwrites.
        return columns.copy() if is_long and np.may_share_memory(columns, block) else columns

    _parallel_for(
        reduce_columns, len(starts) - 1, channel, frames_each=max(1, int(starts[-1] - starts[0]) // (len(starts) - 1))
    )
    return Columns(values, starts, rows, lowest=min(lowest)), sum(counts)


def _parallel_for(work: Callable[[int, int], None], total: int, channel: Channel, *, frames_each: int = 1) -> None:
    """Call `work(first, last)` for parts of a range, on as many threads as pay off."""
    if channel.layer.path == "fft" and not channel.is_on_device:
        parallel_for(
            work, total, to_numpy(channel.samples[:, :0]), transform_of(channel.settings), frames_per_item=frames_each
        )
    else:
        # A matrix product has its own threads, and a device runs one call at a time.
        work(0, total)


def _steps(first: int, last: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield (begin, end) of steps of at most `size` from `first` to `last`."""
    for begin in range(first, last, size):
        yield begin, min(begin + size, last)


def _by_rows(values: Values, rows: Starts | None, settings: FrontEndSettings) -> Values:
    """Reduce columns (n, n_outputs) to rows, (n, panels * rows), if rows are given."""
    return values if rows is None else reduce_bins(values, rows, settings).T
