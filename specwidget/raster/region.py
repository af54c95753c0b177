"""Which frames and bins a picture shows, and how they are grouped into its columns and rows.

The visible part is told in samples and in fractions of half the sample rate, so that it stays where it is when the
settings change. A margin of half its width lies on each side, and half its height above and below, so that a small
move has something to show at once. Groups begin at multiples of their size, wherever the visible part begins: a move
shows the same columns at another place, and a column of a part is a column of the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specwidget.raster.scales import FrequencyAxis, axis_positions
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, frame_centre

Starts = NDArray[np.int32]

Visible = tuple[float, float, float, float]
"""First and last sample, then lowest and highest frequency as fractions of half the sample rate."""

MARGIN = 0.5
"""Widths of the visible part that lie beside it on each side."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a picture.

    Parameters
    ----------
    column_starts, row_starts : ndarray (columns + 1,), (rows + 1,) of int32
        Column `c` covers frames ``column_starts[c]`` to ``column_starts[c + 1] - 1``; so do rows with bins.
    n_frames, n_bins : int
        Frames and bins of the whole.
    visible : tuple of float or None
        The visible part; None is the whole.
    """

    column_starts: Starts
    row_starts: Starts
    n_frames: int
    n_bins: int
    visible: Visible | None = None

    @property
    def frames(self) -> tuple[int, int]:
        """First frame, and the one after the last."""
        return int(self.column_starts[0]), int(self.column_starts[-1])

    @property
    def is_whole(self) -> bool:
        """Whether every frame and bin is in one of the cells."""
        return self.frames == (0, self.n_frames) and (self.row_starts[0], self.row_starts[-1]) == (0, self.n_bins)

    @property
    def column_size(self) -> int:
        """Frames of a column, all but the last of which have the same number."""
        return int(self.column_starts[1] - self.column_starts[0])


def make_grid(
    settings: STFTSettings,
    n_samples: int,
    sample_rate: float | None = None,
    *,
    axis: FrequencyAxis = "linear",
    n_columns: int = 1800,
    n_rows: int = 800,
    visible: Visible | None = None,
) -> Grid:
    """Group the frames and bins of what is visible, and of the margin round it.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    n_samples : int
        Length of the signal, L.
    sample_rate : float or None
        Samples per second; the mel axis needs it.
    axis : {"linear", "log", "mel"}
        Frequency axis on which rows are spent.
    n_columns, n_rows : int
        Most columns and rows of the visible part.
    visible : tuple of float, optional
        The visible part; None is the whole.

    Returns
    -------
    Grid

    Examples
    --------
    >>> grid = make_grid(STFTSettings(), 16_000, visible=(4000, 6000, 0, 1))
    >>> grid.frames, grid.n_frames
    ((22, 55), 124)
    """
    n_frames, n_bins = count_frames(n_samples, settings), settings.n_bins
    if visible is None:
        columns = group_evenly(n_frames, n_columns)
        return Grid(columns, group_bins(n_bins, settings.n_fft, sample_rate, axis, n_rows), n_frames, n_bins)
    shown = frames_between(visible[0], visible[1], n_samples, settings)
    beside = MARGIN * (visible[1] - visible[0])
    kept = frames_between(max(visible[0] - beside, 0), min(visible[1] + beside, n_samples), n_samples, settings)
    size = max(1, -(-(shown[1] - shown[0]) // max(1, n_columns)))
    columns = _group(min(kept[0], shown[0]), max(kept[1], shown[1]), n_frames, size)
    rows = group_bins(n_bins, settings.n_fft, sample_rate, axis, n_rows, (visible[2], visible[3]))
    return Grid(columns, rows, n_frames, n_bins, visible)


def frames_between(first: float, last: float, n_samples: int, settings: STFTSettings) -> tuple[int, int]:
    """Return the first frame of which something is seen between two samples, and the one after the last.

    A frame is seen half a step before and behind its centre.
    """
    n_frames, centre = count_frames(n_samples, settings), frame_centre(0, n_samples, settings)
    begin = math.floor((first - centre) / settings.step + 0.5)
    end = math.ceil((last - centre) / settings.step + 0.5)
    begin = min(max(begin, 0), n_frames - 1)
    return begin, min(max(end, begin + 1), n_frames)


def group_evenly(n_frames: int, n_columns: int) -> Starts:
    """Return the first frame of each column, and the end: as many frames in each as the screen asks for."""
    return _group(0, n_frames, n_frames, max(1, -(-n_frames // max(1, n_columns))))


def _group(first: int, last: int, n_frames: int, size: int) -> Starts:
    """Return the starts of groups of `size` that cover frames `first` to `last - 1`, and the end."""
    end = min(-(-last // size) * size, n_frames)
    return np.append(np.arange(first // size * size, end, size), end).astype(np.int32)


def coarsen(starts: Starts, n_groups: int) -> Starts:
    """Return the starts of groups that are joined, as many as it takes to have no more than `n_groups`.

    Examples
    --------
    >>> coarsen(np.array([0, 2, 4, 6, 8, 9]), 2).tolist()
    [0, 6, 9]
    """
    every = -(-(len(starts) - 1) // max(1, n_groups))
    return starts if every <= 1 else np.append(starts[:-1:every], starts[-1])


def group_bins(
    n_bins: int,
    n_fft: int,
    sample_rate: float | None,
    axis: FrequencyAxis,
    n_rows: int,
    visible: tuple[float, float] = (0.0, 1.0),
) -> Starts:
    """Return the first bin of each row, and the end: the bins whose lower edges fall into one row of the screen."""
    if n_bins <= n_rows and axis == "linear" and visible == (0.0, 1.0):
        return np.arange(n_bins + 1, dtype=np.int32)
    rate = sample_rate or 1.0
    spacing, top = rate / n_fft, rate / 2
    edges = np.maximum(np.arange(n_bins) - 0.5, 0) * spacing
    places = np.clip(axis_positions(edges, axis, top, spacing), 0, 1)
    low, high = np.clip(axis_positions(np.array(visible) * top, axis, top, spacing), 0, 1)
    # Rows are counted from the bottom of the whole axis, so that they stay where they are when the visible part moves.
    per_axis = max(1, n_rows) / max(high - low, 1e-9)
    rows = np.minimum(np.floor(places * per_axis), math.ceil(per_axis) - 1)
    starts = np.append(np.flatnonzero(np.diff(rows, prepend=-1)), n_bins)
    beside = MARGIN * (high - low) if visible != (0.0, 1.0) else 1.0
    begin, end = np.searchsorted(places, [low - beside, high + beside], side="right")
    first = int(np.searchsorted(starts, max(begin - 1, 0), side="right")) - 1
    last = int(np.searchsorted(starts, max(end, begin + 1)))
    return starts[first : min(last, len(starts) - 1) + 1].astype(np.int32)
