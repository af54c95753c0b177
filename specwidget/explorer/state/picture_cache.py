"""The pictures of what is shown: at once as well as there is time for, then exactly.

A picture is made of columns, which are reduced along time while they are computed. Where every frame is soon looked
at, it is; else the first picture is a sketch from some of them, and what is missing becomes a job, which may run in a
thread of its own and be abandoned.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from specwidget.explorer.state.computation import Computation
from specwidget.raster.columns import Channel, compute_columns, count_floor, preview_columns
from specwidget.raster.picture import REDUCTIONS, Columns, Picture, colour_map_kind, panel_titles, picture_from_columns
from specwidget.raster.region import Grid, group_bins, make_grid, merge_groups

AT_ONCE = 2**24
"""Most samples of FFTs that are computed before a picture is shown."""

SURELY_AT_ONCE = 2**20
"""Samples of FFTs that are computed before a picture is shown, however slow the machine is at the moment."""

SECONDS = 0.06
"""Seconds that the others may take, by how long the last ones took: half of what a slider may take to the screen."""

SKETCH = 2**22
"""Most samples of FFTs that make a sketch."""

SKETCH_SECONDS = 0.03
"""Seconds that a sketch may take, by the same measure, unless it would be of fewer samples than are surely computed."""

OVERVIEW_SIZE = (1200, 96)
"""Most columns and rows of the picture of the whole sound that stands beside a part of it."""

Display = dict[str, Any]
Place = tuple[int, int]
"""A batch item and a channel."""

Stop = Callable[[], bool]
Job = Callable[[Stop], Callable[[], None]]
"""Work that is put off: it is told when to stop, and returns what keeps its outcome, to be called under a lock."""


@dataclass(frozen=True, eq=False)
class _Kept:
    """Columns, and what they are of."""

    shown: Computation
    place: Place
    grid: Grid
    columns: Columns

    def serve(self, shown: Computation, place: Place, grid: Grid) -> bool:
        """Tell whether these are columns for a grid: of the same frames, and neither much finer nor coarser."""
        if (self.shown, self.place, self.grid.frames) != (shown, place, grid.frames):
            return False
        rows, finest = self.columns.rows, grid.column_size / 2
        has_rows = rows is None or np.array_equal(rows, grid.row_starts)
        return has_rows and finest <= self.grid.column_size <= grid.column_size * 4 / 3


class Pictures:
    """Makes the pictures of what is shown, and keeps the columns that they are made of.

    Kept are the columns of the whole and those of the visible part, as of the last picture: a change of colours,
    quantity or frequency axis computes nothing.
    """

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._range: tuple[Any, tuple[float, float]] = None, (0.0, 1.0)
        self._pace = 0.0

    def draw(self, shown: Computation, display: Display) -> Picture:
        """Return the picture of the visible part, as well as there is time for."""
        if display["visible"] is None:
            return self._draw("whole", shown, display)
        return self._draw("part", shown, display, automatic=self.whole_range(shown, display))

    def overview(self, shown: Computation, display: Display) -> Picture:
        """Return the picture of the whole, small."""
        grid = _grid("whole", shown, display)
        columns, small = shrink(self._columns("whole", shown, display), grid, shown, display)
        return _picture(columns, small, shown, display)

    def next_job(self, shown: Computation, display: Display) -> Job | None:
        """Return what is still to be computed exactly: what is drawn, then what other channels have on the floor."""
        job = self.next_columns(shown, display)
        if job is None:
            for other in shown.uncounted():
                return partial(_count, shown, other)
        return job

    def next_columns(self, shown: Computation, display: Display) -> Job | None:
        """Return which columns are still to be computed exactly: the visible part's first, then those of the whole."""
        place = _place(display)
        for name in ("whole",) if display["visible"] is None else ("part", "whole"):
            grid = _grid(name, shown, display)
            found = self._find(name, shown, place, grid)
            if found is None or not found.is_exact:
                return partial(self._read, name, shown, place, grid)
        return None

    def _draw(self, name: str, shown: Computation, display: Display, **how: Any) -> Picture:
        """Return the picture of the whole or of a part."""
        return _picture(self._columns(name, shown, display), _grid(name, shown, display), shown, display, **how)

    def _columns(self, name: str, shown: Computation, display: Display) -> Columns:
        """Return columns: those that are kept, or exact ones if they are soon computed, or a sketch."""
        place, grid = _place(display), _grid(name, shown, display)
        found = self._find(name, shown, place, grid)
        if found is not None:
            return found
        channel = shown.channel(*place)
        if self._is_soon_done(cost_of(channel, grid)):
            self._read(name, shown, place, grid)()
        else:
            most = min(SKETCH, max(SURELY_AT_ONCE, SKETCH_SECONDS / self._pace if self._pace else SKETCH))
            sketch = preview_columns(channel, grid, int(most / channel.cost_per_frame))
            self._kept[name] = _Kept(shown, place, grid, sketch)
        return self._kept[name].columns

    def _is_soon_done(self, cost: float) -> bool:
        """Tell whether columns of a cost may be computed before the picture is shown."""
        return cost <= AT_ONCE and (cost <= SURELY_AT_ONCE or cost * self._pace <= SECONDS)

    def _read(
        self, name: str, shown: Computation, place: Place, grid: Grid, stop: Stop = lambda: False
    ) -> Callable[[], None]:
        """Compute columns exactly, and return what keeps them."""
        started = time.perf_counter()
        channel = shown.channel(*place)
        columns, n_on_floor = compute_columns(channel, grid, stop)
        seconds, cost = time.perf_counter() - started, cost_of(channel, grid)

        def keep() -> None:
            """Keep the columns, and what all frames have told."""
            self._kept[name] = _Kept(shown, place, grid, columns)
            if cost > SURELY_AT_ONCE:
                self._pace = seconds / cost
            if name == "whole":
                shown.on_floor[place] = n_on_floor
                shown.seconds = shown.seconds or seconds

        return keep

    def _find(self, name: str, shown: Computation, place: Place, grid: Grid) -> Columns | None:
        """Return columns that are kept and serve for a grid: its own, or those of the whole where it has each frame."""
        whole = self._kept.get("whole")
        if name == "part" and whole is not None and _holds_frames(whole, shown, place) and grid.column_size == 1:
            first, last = grid.frames
            return Columns(whole.columns.values[first:last], grid.column_starts)
        kept = self._kept.get(name)
        return kept.columns if kept is not None and kept.serve(shown, place, grid) else None

    def whole_range(self, shown: Computation, display: Display) -> tuple[float, float]:
        """Return the automatic colour range of the whole, in which its parts are shown, too."""
        columns = self._columns("whole", shown, display)
        if self._range[0] != (columns, display["decibels"]):
            self._range = (columns, display["decibels"]), self._draw("whole", shown, display).automatic
        return self._range[1]

    def forget_others(self, shown: Computation) -> None:
        """Forget what was shown before, and the sound with it."""
        self._kept = {name: kept for name, kept in self._kept.items() if kept.shown is shown}


def exact_picture(shown: Computation, display: Display, automatic: tuple[float, float] | None = None) -> Picture:
    """Compute a picture in which every frame is looked at, however long that takes; nothing of it is kept.

    Parameters
    ----------
    shown : Shown
        Settings and sound.
    display : dict
        The display choices, as `check_display` returns them.
    automatic : tuple of float, optional
        The automatic colour range, where a part is visible: that of the whole.

    Returns
    -------
    Picture
    """
    name = "whole" if display["visible"] is None else "part"
    grid = _grid(name, shown, display)
    columns, _ = compute_columns(shown.channel(*_place(display)), grid)
    return _picture(columns, grid, shown, display, automatic=None if name == "whole" else automatic)


def cost_of(channel: Channel, grid: Grid) -> float:
    """Return what the columns of a grid cost, as samples of FFTs; of angles only the middle ones are computed."""
    first, last = grid.frames
    n_frames = len(grid.column_starts) - 1 if colour_map_kind(channel.settings) == "cyclic" else last - first
    return n_frames * channel.cost_per_frame


def shrink(columns: Columns, grid: Grid, shown: Computation, display: Display) -> tuple[Columns, Grid]:
    """Return the columns of an overview, and its grid: those of the whole, joined.

    The largest of the largest is the largest. The middle of the middles is near the middle.
    """
    settings, (n_columns, n_rows) = shown.settings, OVERVIEW_SIZE
    reduce, n_rows = REDUCTIONS[colour_map_kind(settings)], n_rows // len(panel_titles(settings))
    numbers = merge_groups(np.arange(len(columns.starts), dtype=np.int32), n_columns)
    values, starts = reduce(columns.values, numbers), columns.starts[numbers]
    if columns.rows is None:
        rows = group_bins(settings.n_bins, settings.n_fft, shown.sample_rate, display["axis"], n_rows)
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


def _holds_frames(kept: _Kept, shown: Computation, place: Place) -> bool:
    """Tell whether columns of the whole are its frames, each by itself with every bin."""
    is_same = kept.shown is shown and kept.place == place
    return is_same and kept.grid.column_size == 1 and kept.columns.is_exact and kept.columns.rows is None


def _count(shown: Computation, place: Place, stop: Stop) -> Callable[[], None]:
    """Count the values of a channel on the floor, and return what remembers it."""
    n_on_floor = count_floor(shown.channel(*place), stop)
    return lambda: shown.on_floor.update({place: n_on_floor})


def _picture(columns: Columns, grid: Grid, shown: Computation, display: Display, **how: Any) -> Picture:
    """Return the picture of columns."""
    how = {"decibels": display["decibels"], "name": shown.sound.name, **how}
    return picture_from_columns(columns, grid, shown.settings, shown.n_samples, shown.sample_rate, **how)


def _grid(name: str, shown: Computation, display: Display) -> Grid:
    """Return the cells of the whole, or of the visible part."""
    settings = shown.settings
    return make_grid(
        settings,
        shown.n_samples,
        shown.sample_rate,
        axis=display["axis"],
        n_columns=display["n_columns"],
        n_rows=max(1, display["n_rows"] // len(panel_titles(settings))),
        visible=None if name == "whole" else display["visible"],
    )


def _place(display: Display) -> Place:
    """Return the batch item and the channel that are shown."""
    return display["batch_item"], display["channel"]
