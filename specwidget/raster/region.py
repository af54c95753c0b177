"""Grids of pictures: the frames and bins that are visible, and their grouping into columns and rows.

The visible part is given in samples and in fractions of half the sample rate, so that it does not depend on the
settings. The grid has a margin of half its width on each side, and of half its height above and below, which is shown
at once when the visible part moves a little. Groups begin at multiples of their size, wherever the visible part begins:
after a move the columns are the same, and a column of a part is a column of the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specwidget.front_end import count_frames, frame_centre
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.raster.scales import FrequencyAxis, axis_positions

Starts = NDArray[np.int32]

Visible = tuple[float, float, float, float]
"""First and last sample, lowest and highest frequency as fractions of half the sample rate."""

MARGIN = 0.5
"""Margin on each side, relative to the width of the visible part."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of a picture.

    Parameters
    ----------
    column_starts, row_starts : ndarray (columns + 1,), (rows + 1,) of int32
        Column `c` covers frames ``column_starts[c]`` to ``column_starts[c + 1] - 1``; rows cover bins in the same way.
    n_frames, n_bins : int
        Numbers of frames and bins of the whole output.
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
        """First frame and end."""
        return int(self.column_starts[0]), int(self.column_starts[-1])

    @property
    def is_whole(self) -> bool:
        """Whether the cells cover all frames and bins."""
        return self.frames == (0, self.n_frames) and (self.row_starts[0], self.row_starts[-1]) == (0, self.n_bins)

    @property
    def column_size(self) -> int:
        """Frames per column; the last one may have fewer."""
        return int(self.column_starts[1] - self.column_starts[0])


def make_grid(
    settings: FrontEndSettings,
    n_samples: int,
    sample_rate: float | None = None,
    *,
    axis: FrequencyAxis = "linear",
    n_columns: int = 1800,
    n_rows: int = 800,
    visible: Visible | None = None,
) -> Grid:
    """Group the frames and bins of the visible part and its margin.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    n_samples : int
        Length of the signal, L.
    sample_rate : float or None
        Samples per second; the mel axis needs it.
    axis : {"linear", "log", "mel"}
        Frequency axis on which rows have equal height.
    n_columns, n_rows : int
        Most columns and rows of the visible part.
    visible : tuple of float, optional
        The visible part; None is the whole.

    Returns
    -------
    Grid

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> grid = make_grid(STFTSettings(), 16_000, visible=(4000, 6000, 0, 1))
    >>> grid.frames, grid.n_frames
    ((22, 55), 124)
    """
    n_frames, n_bins = count_frames(n_samples, settings), settings.n_bins
    if visible is None:
        columns = group_evenly(n_frames, n_columns)
        return Grid(columns, group_rows(settings, sample_rate, axis, n_rows), n_frames, n_bins)
    visible_frames = frames_between(visible[0], visible[1], n_samples, settings)
    margin = MARGIN * (visible[1] - visible[0])
    with_margin = frames_between(max(visible[0] - margin, 0), min(visible[1] + margin, n_samples), n_samples, settings)
    size = max(1, -(-(visible_frames[1] - visible_frames[0]) // max(1, n_columns)))
    columns = _group(min(with_margin[0], visible_frames[0]), max(with_margin[1], visible_frames[1]), n_frames, size)
    rows = group_rows(settings, sample_rate, axis, n_rows, (visible[2], visible[3]))
    return Grid(columns, rows, n_frames, n_bins, visible)


def frames_between(first: float, last: float, n_samples: int, settings: FrontEndSettings) -> tuple[int, int]:
    """Return the first frame that is visible between two samples, and the end.

    A frame is drawn from half a step before to half a step after its centre.
    """
    n_frames, centre = count_frames(n_samples, settings), frame_centre(0, n_samples, settings)
    begin = math.floor((first - centre) / settings.step + 0.5)
    end = math.ceil((last - centre) / settings.step + 0.5)
    begin = min(max(begin, 0), n_frames - 1)
    return begin, min(max(end, begin + 1), n_frames)


def group_evenly(n_frames: int, n_columns: int) -> Starts:
    """Return the starts of at most `n_columns` groups of equal size, and the end."""
    return _group(0, n_frames, n_frames, max(1, -(-n_frames // max(1, n_columns))))


def _group(first: int, last: int, n_frames: int, size: int) -> Starts:
    """Return the starts of groups of `size` that cover frames `first` to `last - 1`, and the end."""
    end = min(-(-last // size) * size, n_frames)
    return np.append(np.arange(first // size * size, end, size), end).astype(np.int32)


def merge_groups(starts: Starts, n_groups: int) -> Starts:
    """Merge neighbouring groups, so that at most `n_groups` are left.

    Examples
    --------
    >>> merge_groups(np.array([0, 2, 4, 6, 8, 9]), 2).tolist()
    [0, 6, 9]
    """
    every = -(-(len(starts) - 1) // max(1, n_groups))
    return starts if every <= 1 else np.append(starts[:-1:every], starts[-1])


def group_rows(
    settings: FrontEndSettings,
    sample_rate: float | None,
    axis: FrequencyAxis,
    n_rows: int,
    visible: tuple[float, float] = (0.0, 1.0),
) -> Starts:
    """Return the starts of rows, and the end: of bins on an axis of frequencies, of bands on an axis of bands."""
    if isinstance(settings, BandSettings):
        n_bands = settings.n_bins
        return _group_positions(np.arange(n_bands) / n_bands, visible, n_rows, *visible)
    return group_bins(settings.n_bins, settings.n_fft, sample_rate, axis, n_rows, visible)


def group_bins(
    n_bins: int,
    n_fft: int,
    sample_rate: float | None,
    axis: FrequencyAxis,
    n_rows: int,
    visible: tuple[float, float] = (0.0, 1.0),
) -> Starts:
    """Return the starts of rows, and the end: a row has the bins whose lower edges lie in one row of the screen."""
    if n_bins <= n_rows and axis == "linear" and visible == (0.0, 1.0):
        return np.arange(n_bins + 1, dtype=np.int32)
    rate = sample_rate or 1.0
    spacing, top = rate / n_fft, rate / 2
    edges = np.maximum(np.arange(n_bins) - 0.5, 0) * spacing
    positions = np.clip(axis_positions(edges, axis, top, spacing), 0, 1)
    low, high = np.clip(axis_positions(np.array(visible) * top, axis, top, spacing), 0, 1)
    return _group_positions(positions, visible, n_rows, low, high)


def _group_positions(
    positions: NDArray[np.float64], visible: tuple[float, float], n_rows: int, low: float, high: float
) -> Starts:
    """Group values by the positions, 0 to 1, of their lower edges on an axis that is visible from `low` to `high`."""
    n_bins = len(positions)
    # Rows are counted from the bottom of the whole axis, so that they do not depend on the visible part.
    per_axis = max(1, n_rows) / max(high - low, 1e-9)
    rows = np.minimum(np.floor(positions * per_axis), math.ceil(per_axis) - 1)
    starts = np.append(np.flatnonzero(np.diff(rows, prepend=-1)), n_bins)
    margin = MARGIN * (high - low) if visible != (0.0, 1.0) else 1.0
    begin, end = np.searchsorted(positions, [low - margin, high + margin], side="right")
    first = int(np.searchsorted(starts, max(begin - 1, 0), side="right")) - 1
    last = int(np.searchsorted(starts, max(end, begin + 1)))
    return starts[first : min(last, len(starts) - 1) + 1].astype(np.int32)
