"""Pictures of a computation: first as exact as the time for an update allows, then exact, from cached columns.

A picture is made of columns, which are reduced along time while they are computed. Where all frames can be computed
within the time of an update, they are; else the first picture is a preview from some of the frames, and the rest
becomes a job, which may run in a thread of its own and be cancelled.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from specwidget.explorer.state.computation import Computation
from specwidget.raster.columns import Channel, compute_columns, count_floor, preview_columns
from specwidget.raster.picture import REDUCTIONS, Columns, Picture, colour_map_kind, panel_titles, picture_from_columns
from specwidget.raster.region import Grid, group_rows, make_grid, merge_groups
from specwidget.summary.display import ChannelIndex, PictureOptions

AT_ONCE = 2**24
"""Most samples of FFTs that are computed before a picture is published."""

ALWAYS_AT_ONCE = 2**20
"""Samples of FFTs that are computed before a picture is published, however slow the machine is at the moment."""

UPDATE_S = 0.06
"""Seconds that larger work may take, judged by the speed of the last: half of the time from slider to screen."""

PREVIEW = 2**22
"""Most samples of FFTs in a preview."""

PREVIEW_S = 0.03
"""Seconds that a preview may take, judged in the same way, unless it has fewer samples than `ALWAYS_AT_ONCE`."""

OVERVIEW_SIZE = (1200, 96)
"""Most columns and rows of the picture of the whole sound that is displayed beside a part of it."""

Extent = Literal["whole", "part"]
"""Which frames and bins: all, or the visible part with its margin."""

Stop = Callable[[], bool]
Job = Callable[[Stop], Callable[[], None]]
"""Deferred work. It is told when to stop, and returns the function that stores its result, to be called under a lock.
"""


@dataclass(frozen=True, eq=False)
class _CachedColumns:
    """Columns, and what they were computed from."""

    computation: Computation
    channel_index: ChannelIndex
    grid: Grid
    columns: Columns

    def serves(self, computation: Computation, channel_index: ChannelIndex, grid: Grid) -> bool:
        """Whether these columns can be drawn on a grid: of the same frames, and neither much finer nor coarser."""
        wanted = (computation, channel_index, grid.frames)
        if (self.computation, self.channel_index, self.grid.frames) != wanted:
            return False
        rows, finest = self.columns.rows, grid.column_size / 2
        has_rows = rows is None or np.array_equal(rows, grid.row_starts)
        return has_rows and finest <= self.grid.column_size <= grid.column_size * 4 / 3


class PictureCache:
    """Makes pictures of computations, and caches the columns that they are made of.

    It holds the columns of the whole and of the visible part, as of the last picture: a change of colours, quantity or
    frequency axis computes no transform.
    """

    def __init__(self) -> None:
        self._cached: dict[Extent, _CachedColumns] = {}
        self._range: tuple[Any, tuple[float, float]] = None, (0.0, 1.0)
        # Seconds for a sample of an FFT, measured at the last large job; 0 before the first.
        self._pace = 0.0

    def draw(self, computation: Computation, options: PictureOptions) -> Picture:
        """Return the picture of the visible part, as exact as the time for an update allows."""
        if options.visible is None:
            return self._draw("whole", computation, options)
        return self._draw("part", computation, options, automatic=self.whole_range(computation, options))

    def overview(self, computation: Computation, options: PictureOptions) -> Picture:
        """Return the small picture of the whole."""
        grid = _grid("whole", computation, options)
        columns, small = shrink(self._columns("whole", computation, options), grid, computation, options)
        return _picture(columns, small, computation, options)

    def next_job(self, computation: Computation, options: PictureOptions) -> Job | None:
        """Return the next job towards exact results: what is drawn, then the floor counts of the other channels."""
        job = self.next_columns(computation, options)
        if job is None:
            for index in computation.uncounted():
                return partial(_count, computation, index)
        return job

    def next_columns(self, computation: Computation, options: PictureOptions) -> Job | None:
        """Return the job for the next columns that are not exact: first of the visible part, then of the whole."""
        index = options.channel_index
        extents: tuple[Extent, ...] = ("whole",) if options.visible is None else ("part", "whole")
        for extent in extents:
            grid = _grid(extent, computation, options)
            columns = self._find(extent, computation, index, grid)
            if columns is None or not columns.is_exact:
                return partial(self._read, extent, computation, index, grid)
        return None

    def whole_range(self, computation: Computation, options: PictureOptions) -> tuple[float, float]:
        """Return the automatic colour range of the whole, which its parts use, too."""
        key = (self._columns("whole", computation, options), options.decibels, options.unit)
        if self._range[0] != key:
            self._range = key, self._draw("whole", computation, options).automatic
        return self._range[1]

    def retain(self, computation: Computation) -> None:
        """Drop what is cached of other computations, and so their sounds."""
        self._cached = {extent: cached for extent, cached in self._cached.items() if cached.computation is computation}

    def _draw(self, extent: Extent, computation: Computation, options: PictureOptions, **kwargs: Any) -> Picture:
        columns = self._columns(extent, computation, options)
        return _picture(columns, _grid(extent, computation, options), computation, options, **kwargs)

    def _columns(self, extent: Extent, computation: Computation, options: PictureOptions) -> Columns:
        """Return columns: cached ones, or exact ones if that is fast enough, or a preview."""
        index, grid = options.channel_index, _grid(extent, computation, options)
        columns = self._find(extent, computation, index, grid)
        if columns is not None:
            return columns
        channel = computation.channel(index)
        if self._is_fast(cost_of(channel, grid)):
            self._read(extent, computation, index, grid)()
        else:
            most = min(PREVIEW, max(ALWAYS_AT_ONCE, PREVIEW_S / self._pace if self._pace else PREVIEW))
            preview = preview_columns(channel, grid, int(most / channel.cost_per_frame))
            self._cached[extent] = _CachedColumns(computation, index, grid, preview)
        return self._cached[extent].columns

    def _is_fast(self, cost: float) -> bool:
        """Whether work of this cost may be done before the picture is published."""
        return cost <= AT_ONCE and (cost <= ALWAYS_AT_ONCE or cost * self._pace <= UPDATE_S)

    def _read(
        self,
        extent: Extent,
        computation: Computation,
        index: ChannelIndex,
        grid: Grid,
        stop: Stop = lambda: False,
    ) -> Callable[[], None]:
        """Compute exact columns, and return the function that stores them."""
        started = time.perf_counter()
        channel = computation.channel(index)
        columns, n_on_floor = compute_columns(channel, grid, stop)
        seconds, cost = time.perf_counter() - started, cost_of(channel, grid)

        def store() -> None:
            self._cached[extent] = _CachedColumns(computation, index, grid, columns)
            if cost > ALWAYS_AT_ONCE:
                self._pace = seconds / cost
            if extent == "whole":
                computation.n_on_floor[index] = n_on_floor
                computation.seconds = computation.seconds or seconds

        return store

    def _find(self, extent: Extent, computation: Computation, index: ChannelIndex, grid: Grid) -> Columns | None:
        """Return cached columns that serve a grid: its own, or a slice of the whole if that has each frame and bin."""
        whole = self._cached.get("whole")
        is_slice = extent == "part" and grid.column_size == 1
        if is_slice and whole is not None and _has_every_frame(whole, computation, index):
            first, last = grid.frames
            return Columns(whole.columns.values[first:last], grid.column_starts)
        cached = self._cached.get(extent)
        return cached.columns if cached is not None and cached.serves(computation, index, grid) else None


def exact_picture(
    computation: Computation, options: PictureOptions, automatic: tuple[float, float] | None = None
) -> Picture:
    """Compute a picture from every frame, however long that takes, and cache nothing.

    Parameters
    ----------
    computation : Computation
        Settings and sound.
    options : PictureOptions
        Channel, quantity, axis, visible part and size.
    automatic : tuple of float, optional
        The automatic colour range of the whole, where a part is visible.

    Returns
    -------
    Picture
    """
    grid = _grid("part", computation, options)
    columns, _ = compute_columns(computation.channel(options.channel_index), grid)
    return _picture(columns, grid, computation, options, automatic=automatic if options.visible else None)


def cost_of(channel: Channel, grid: Grid) -> float:
    """Return the cost of the columns of a grid, in samples of FFTs."""
    first, last = grid.frames
    # Of an angle only the frame in the middle of each column is computed.
    n_frames = len(grid.column_starts) - 1 if colour_map_kind(channel.settings) == "cyclic" else last - first
    return n_frames * channel.cost_per_frame


def shrink(columns: Columns, grid: Grid, computation: Computation, options: PictureOptions) -> tuple[Columns, Grid]:
    """Join the columns of the whole to those of an overview; return them with their grid.

    A maximum of maxima is the maximum of all. The middle of middles is near the middle.
    """
    settings, (n_columns, n_rows) = computation.settings, OVERVIEW_SIZE
    reduce, n_rows = REDUCTIONS[colour_map_kind(settings)], n_rows // len(panel_titles(settings))
    numbers = merge_groups(np.arange(len(columns.starts), dtype=np.int32), n_columns)
    values, starts = reduce(columns.values, numbers), columns.starts[numbers]
    if columns.rows is None:
        rows = group_rows(settings, computation.sample_rate, options.frequency_axis, n_rows)
        joined = Columns(values, starts, None, columns.is_exact, columns.lowest)
    else:
        rows_per_panel = len(columns.rows) - 1
        numbers = merge_groups(np.arange(len(columns.rows), dtype=np.int32), n_rows)
        panels = [
            reduce(values.T[at : at + rows_per_panel], numbers) for at in range(0, values.shape[1], rows_per_panel)
        ]
        rows = columns.rows[numbers]
        joined = Columns(np.concatenate(panels).T, starts, rows, columns.is_exact, columns.lowest)
    return joined, Grid(starts, rows, grid.n_frames, grid.n_bins)


def _has_every_frame(cached: _CachedColumns, computation: Computation, index: ChannelIndex) -> bool:
    """Whether cached columns are the frames themselves, each with every bin."""
    is_same = cached.computation is computation and cached.channel_index == index
    return is_same and cached.grid.column_size == 1 and cached.columns.is_exact and cached.columns.rows is None


def _count(computation: Computation, index: ChannelIndex, stop: Stop) -> Callable[[], None]:
    """Count the values of a channel at the floor, and return the function that stores the count."""
    n_on_floor = count_floor(computation.channel(index), stop)
    return lambda: computation.n_on_floor.update({index: n_on_floor})


def _picture(columns: Columns, grid: Grid, computation: Computation, options: PictureOptions, **kwargs: Any) -> Picture:
    kwargs = {"decibels": options.decibels, "unit": options.unit, "name": computation.sound.name, **kwargs}
    return picture_from_columns(
        columns, grid, computation.settings, computation.n_samples, computation.sample_rate, **kwargs
    )


def _grid(extent: Extent, computation: Computation, options: PictureOptions) -> Grid:
    settings = computation.settings
    return make_grid(
        settings,
        computation.n_samples,
        computation.sample_rate,
        axis=options.frequency_axis,
        n_columns=options.n_columns,
        n_rows=max(1, options.n_rows // len(panel_titles(settings))),
        visible=None if extent == "whole" else options.visible,
    )
