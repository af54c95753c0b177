"""Pictures of spectrograms for the page: the quantity, its reduction to the screen, 16-bit codes.

Values are sent as codes and not as colours, so that the browser can change colours, range and axis by itself. Values
finer than the screen are reduced first: by maximum, so that a click of one frame stays visible; signed values by
largest magnitude; angles, for which neither is defined, by the value in the centre.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.front_end import frame_centre, has_decibels
from specwidget.mel.scales import hertz_to_mel
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.raster.quantity import (
    BAND_KINDS,
    KINDS,
    Kind,
    Quantity,
    get_quantity,
    to_displayed,
    value_unit,
)
from specwidget.raster.region import Grid, Starts, Visible, make_grid
from specwidget.raster.scales import FrequencyAxis
from specwidget.spectrogram import DECIBELS_PER_NEPER, LEVEL_MODES, Spectrogram, per_hertz_decibels
from specwidget.stft.formatting import ShortRepr
from specwidget.stft.settings import STFTSettings

Values = NDArray[Any]

N_CODES = 65_535
"""Codes 1 to this one span (low, high); code 0 stands for values that are not finite."""

N_PERCENTILE_CELLS = 2**15
"""Cells from which the percentile of the magnitudes is estimated."""

DYNAMIC_RANGE = 80.0
"""Range, dB, of the automatic colour range below the highest value."""

LEAST_RANGE = 1.0
"""Range, dB or nepers, below which levels count as the same, as in silence."""

PREVIEW_NOTE = "Preview, computed from some of the frames; refining…"
"""Note on a picture that was computed from some of the frames."""


@dataclass(frozen=True, eq=False, repr=False)
class Picture(ShortRepr):
    """Codes of the values of one channel, with their axes and metadata.

    Parameters
    ----------
    codes : ndarray (panels * rows, columns) of uint16
        Code of each cell. Row 0 has the lowest frequencies; in mode "stft" the rows of the real part come first.
    grid : Grid
        The bins of each row and the frames of each column.
    low, high : float
        Values of code 1 and code `N_CODES`.
    automatic : tuple of float
        Lowest and highest value of the automatic colour range.
    panels : tuple of str
        Titles of the panels from top to bottom, each with a frequency axis of its own; "" for a single one.
    quantity : Quantity
        Quantity of the values.
    settings : STFTSettings or BandSettings
        Settings of the front end.
    n_samples : int
        Length of the signal.
    sample_rate : float or None
        Samples per second.
    name : str
        Name of the sound.
    unit : str
        Unit of the signal; empty if it is not known.
    is_exact : bool
        Whether all frames were computed; False for a preview.
    has_zeros : bool
        Whether code 1 stands for minus infinity, the decibels of zero.
    """

    codes: NDArray[np.uint16]
    grid: Grid
    low: float
    high: float
    automatic: tuple[float, float]
    panels: tuple[str, ...]
    quantity: Quantity
    settings: FrontEndSettings
    n_samples: int
    sample_rate: float | None
    name: str = ""
    unit: str = ""
    is_exact: bool = True
    has_zeros: bool = False

    @property
    def row_starts(self) -> Starts:
        """First bin of each row, and the end."""
        return self.grid.row_starts

    @property
    def column_starts(self) -> Starts:
        """First frame of each column, and the end."""
        return self.grid.column_starts

    def blank_spans(self) -> list[tuple[int, int]]:
        """Return the first frame and the end of each run of columns without any finite value."""
        is_blank = ~self.codes.any(axis=0)
        edges = np.flatnonzero(np.diff(is_blank, prepend=False, append=False)).reshape(-1, 2)
        return [(int(self.column_starts[first]), int(self.column_starts[last])) for first, last in edges]

    def header(self) -> dict[str, Any]:
        """Return the metadata for the page as JSON values; times in seconds, or in samples without a sample rate."""
        rate = self.sample_rate or 1.0
        settings, grid, quantity = self.settings, self.grid, self.quantity
        # The values of the layer beside their decibels, or the decibels beside the values.
        other = get_quantity(settings, decibels=quantity.unit != "dB", unit=self.unit)
        centre = frame_centre(0, self.n_samples, settings)
        return {
            "rows": len(self.row_starts) - 1,
            "columns": len(self.column_starts) - 1,
            "n_frames": grid.n_frames,
            "n_bins": grid.n_bins,
            "n_samples": self.n_samples,
            "visible": None if grid.visible is None else list(grid.visible),
            "is_whole": bool(grid.is_whole),
            "is_exact": self.is_exact,
            "sentence": "" if self.is_exact else PREVIEW_NOTE,
            "low": self.low,
            "high": self.high,
            "has_zeros": self.has_zeros,
            "automatic": list(self.automatic),
            "panels": list(self.panels),
            "label": quantity.label,
            "unit": quantity.unit,
            "full_unit": quantity.full_unit,
            "offset": quantity.offset,
            "other_unit": other.full_unit,
            "kind": quantity.kind,
            "has_rate": self.sample_rate is not None,
            "first_centre": centre / rate,
            "step": settings.step / rate,
            "duration": self.n_samples / rate,
            "n_fft": settings.n_fft,
            "name": self.name,
            **geometry_header(settings, self.n_samples, self.sample_rate),
            **(_band_header(settings) if isinstance(settings, BandSettings) else self._bin_header(settings)),
        }

    def _bin_header(self, settings: STFTSettings) -> dict[str, Any]:
        """Return the metadata of a mode."""
        return {
            "mode": settings.mode,
            "has_decibels": settings.mode in LEVEL_MODES,
            "per_hertz": None if self.quantity.offset else per_hertz_decibels(settings, self.sample_rate),
            "per_hertz_unit": value_unit(settings, self.unit, per_hertz=True) if self.unit else "Per Hz",
        }

    def buffers(self) -> list[memoryview]:
        """Return codes, row starts and column starts as raw memory."""
        arrays: tuple[NDArray[Any], ...] = (self.codes, self.row_starts, self.column_starts)
        return [np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays]


def geometry_header(settings: FrontEndSettings, n_samples: int, sample_rate: float | None) -> dict[str, Any]:
    """Return where frames and rows lie, for the page: rows are bins, or bands or coefficients that are 1 high each."""
    rate, is_banded = sample_rate or 1.0, isinstance(settings, BandSettings)
    return {
        "window_length": settings.frame_length,
        "step_samples": settings.step,
        "left": settings.frame_length / 2 - frame_centre(0, n_samples, settings),
        "spacing": 1.0 if is_banded else rate / settings.n_fft,
        "top": float(settings.n_bins) if is_banded else rate / 2,
        "bands": _band_axis(settings) if isinstance(settings, BandSettings) else None,
    }


def _band_header(settings: BandSettings) -> dict[str, Any]:
    """Return the metadata of a stage: as which mode its values become decibels, if they do."""
    is_convertible = has_decibels(settings) and not settings.mel.power_to_db
    mode = {1.0: "magnitude", 2.0: "psd"}.get(settings.mel.mag_exp)
    return {
        "mode": mode if is_convertible else settings.mode,
        "has_decibels": is_convertible,
        "per_hertz": None,
        "per_hertz_unit": "",
    }


def _band_axis(settings: BandSettings) -> dict[str, Any]:
    """Return the axis of bands or coefficients."""
    mel = settings.mel
    ends = hertz_to_mel([mel.min_freq, mel.highest_frequency], mel.conventions.mel_scale)
    return {
        "name": "band" if settings.cepstrum is None else "coefficient",
        "scale": mel.conventions.mel_scale,
        "low": float(ends[0]),
        "step": float(ends[1] - ends[0]) / (mel.n_bands + 1),
        "numbers": None if settings.cepstrum is None else settings.coefficient_numbers.tolist(),
        "empty": [] if settings.cepstrum is not None else list(mel.bank.empty_bands),
    }


def make_picture(
    spectrogram: Spectrogram,
    *,
    batch_item: int = 0,
    channel: int = 0,
    decibels: bool = True,
    axis: FrequencyAxis = "linear",
    n_columns: int = 1800,
    n_rows: int = 800,
    visible: Visible | None = None,
    name: str = "",
    unit: str = "",
) -> Picture:
    """Make the picture of one channel.

    Parameters
    ----------
    spectrogram : Spectrogram
        The layer's output.
    batch_item, channel : int
        Signal to show.
    decibels : bool
        Whether to show decibels, where the mode has them, or the values of the output.
    axis : {"linear", "log", "mel"}
        Frequency axis on which rows have equal height: on a logarithmic one, several high bins share a row.
    n_columns, n_rows : int
        Most columns and rows, about twice the pixels of the screen.
    visible : tuple of float, optional
        First and last sample, lowest and highest frequency as fractions of half the sample rate; None is the whole.
    name : str
        Name of the sound.
    unit : str
        Unit of the signal, such as "V"; empty if it is not known.

    Returns
    -------
    Picture
    """
    settings, n_samples, rate = spectrogram.settings, spectrogram.n_samples, spectrogram.sample_rate
    rows = n_rows // len(panel_titles(settings))
    grid = make_grid(settings, n_samples, rate, axis=axis, n_columns=n_columns, n_rows=max(1, rows), visible=visible)
    first, last = grid.frames
    values = spectrogram.channel_values(batch_item, channel)[first:last]
    reduced = REDUCTIONS[colour_map_kind(settings)](values, grid.column_starts - first)
    columns = Columns(reduced, grid.column_starts, lowest=lowest_finite(values, settings))
    return picture_from_columns(columns, grid, settings, n_samples, rate, decibels=decibels, name=name, unit=unit)


@dataclass(frozen=True, eq=False)
class Columns:
    """Values that are reduced along time, and usually not along frequency.

    Parameters
    ----------
    values : ndarray (columns, F), or (columns, 2F) in mode "stft"
        One value for each bin and group of frames; or for each row and group of frames.
    starts : ndarray (columns + 1,) of int32
        Column `c` covers frames ``starts[c]`` to ``starts[c + 1] - 1``.
    rows : ndarray (rows + 1,) of int32 or None
        The rows, where the values are also reduced along frequency.
    is_exact : bool
        Whether all frames were computed.
    lowest : float
        Lowest finite value of the computed frames, which the maxima do not contain.
    """

    values: Values
    starts: Starts
    rows: Starts | None = None
    is_exact: bool = True
    lowest: float = np.inf

    def cells(self, rows: Starts, settings: FrontEndSettings) -> Values:
        """Return the values of the cells of a picture, (panels * rows, columns)."""
        return reduce_bins(self.values, rows, settings) if self.rows is None else self.values.T


def picture_from_columns(
    columns: Columns,
    grid: Grid,
    settings: FrontEndSettings,
    n_samples: int,
    sample_rate: float | None,
    *,
    decibels: bool = True,
    automatic: tuple[float, float] | None = None,
    name: str = "",
    unit: str = "",
) -> Picture:
    """Make a picture from values that are reduced along time.

    Parameters
    ----------
    columns : Columns
        The values.
    grid : Grid
        The cells; its columns are replaced by those of the values, of which a preview may have fewer.
    settings : STFTSettings or BandSettings
        Settings of the front end.
    n_samples : int
        Length of the signal, L.
    sample_rate : float or None
        Samples per second.
    decibels : bool
        Whether to show decibels, where the mode has them.
    automatic : tuple of float, optional
        The automatic colour range; None is that of this picture.
    name : str
        Name of the sound.
    unit : str
        Unit of the signal, such as "V"; empty if it is not known.

    Returns
    -------
    Picture
    """
    quantity = get_quantity(settings, decibels=decibels, unit=unit, sample_rate=sample_rate)
    cells = columns.cells(grid.row_starts, settings)
    if cells.dtype == np.float16:
        cells = cells.astype(np.float32)
    displayed = to_displayed(cells, settings, quantity)
    codes, low, high = encode(displayed)
    percentile = percentile_abs(cells) if quantity.kind == "diverging" else 0.0
    lowest = to_displayed(np.asarray(columns.lowest), settings, quantity)
    return Picture(
        codes=codes,
        grid=replace(grid, column_starts=columns.starts),
        low=low,
        high=high,
        automatic=automatic or automatic_range(min(low, float(lowest)), high, quantity, percentile),
        panels=panel_titles(settings),
        quantity=quantity,
        settings=settings,
        n_samples=n_samples,
        sample_rate=sample_rate,
        name=name,
        unit=unit,
        is_exact=columns.is_exact,
        # Only the decibels of a power have no floor.
        has_zeros=settings.mode == "psd" and bool(np.isneginf(displayed).any()),
    )


def lowest_finite(values: Values, settings: FrontEndSettings) -> float:
    """Return the lowest finite value of levels, whose colours begin there; infinity where there is none."""
    if colour_map_kind(settings) != "sequential" or not values.size:
        return np.inf
    lowest = float(values.min())
    return lowest if np.isfinite(lowest) else float(values.min(where=np.isfinite(values), initial=np.inf))


def reduce_bins(values: Values, rows: Starts, settings: FrontEndSettings) -> Values:
    """Reduce columns (n, F) or (n, 2F) to the rows of each panel, (panels * rows, n)."""
    reduce, first, last = REDUCTIONS[colour_map_kind(settings)], int(rows[0]), int(rows[-1])
    panels = range(0, values.shape[1], settings.n_bins)
    parts = [reduce(np.ascontiguousarray(values[:, at + first : at + last].T), rows - first) for at in panels]
    return np.concatenate(parts) if len(parts) > 1 else parts[0]


def panel_titles(settings: FrontEndSettings) -> tuple[str, ...]:
    """Return the titles of the panels of a mode; "" for a single one."""
    return ("real part", "imaginary part") if settings.mode == "stft" else ("",)


def colour_map_kind(settings: FrontEndSettings) -> Kind:
    """Return the kind of colour map of a mode, by which its values are reduced."""
    return BAND_KINDS[settings.stage] if isinstance(settings, BandSettings) else KINDS[settings.mode]


def _max(values: Values, starts: Starts) -> Values:
    """Return the maximum of each group along the first axis; NaN where the group contains NaN."""
    return _reduce_groups(np.maximum, values, starts)


def _max_abs(values: Values, starts: Starts) -> Values:
    """Return the value of largest magnitude in each group, with its sign."""
    if len(starts) - 1 == len(values):
        return values
    highest, lowest = _reduce_groups(np.maximum, values, starts), _reduce_groups(np.minimum, values, starts)
    return np.where(highest >= -lowest, highest, lowest)


def _center(values: Values, starts: Starts) -> Values:
    """Return the value in the centre of each group."""
    return np.take(values, (starts[:-1] + starts[1:] - 1) // 2, axis=0)


def _reduce_groups(ufunc: np.ufunc, values: Values, starts: Starts) -> Values:
    """Reduce the rows of each group with a ufunc.

    Its own `reduceat` iterates over the short axis, and takes up to 40 times as long.
    """
    sizes = np.diff(starts)
    if len(sizes) == len(values):
        return values
    if (sizes[:-1] == sizes[0]).all():
        return _reduce_even_groups(ufunc, values[starts[0] : starts[-1]], sizes)
    if len(sizes) < sizes.max():
        return np.stack([ufunc.reduce(values[first:last], axis=0) for first, last in pairwise(starts)])
    firsts = starts[:-1]
    joined: Values = values[firsts]
    for offset in range(1, int(sizes.max())):
        longer = np.flatnonzero(sizes > offset)
        joined[longer] = ufunc(joined[longer], values[firsts[longer] + offset])
    return joined


def _reduce_even_groups(ufunc: np.ufunc, values: Values, sizes: Starts) -> Values:
    """Reduce the rows of groups of one size, of which the last may be smaller."""
    size, n_even = int(sizes[0]), len(sizes) - int(sizes[-1] != sizes[0])
    joined = np.empty((len(sizes), *values.shape[1:]), values.dtype)
    ufunc.reduce(values[: n_even * size].reshape(n_even, size, *values.shape[1:]), axis=1, out=joined[:n_even])
    if n_even < len(sizes):
        ufunc.reduce(values[n_even * size :], axis=0, out=joined[-1])
    return joined


REDUCTIONS: dict[Kind, Callable[[Values, Starts], Values]] = {
    "sequential": _max,
    "diverging": _max_abs,
    "cyclic": _center,
}


def encode(values: Values) -> tuple[NDArray[np.uint16], float, float]:
    """Return 16-bit codes of values, and the values of the lowest and highest code.

    Minus infinity, the decibels of zero, gets the lowest code, and the lowest finite value then the next one; NaN and
    plus infinity get code 0.
    """
    finite = np.isfinite(values)
    if finite.all():
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    else:
        low, high = (float(values[finite].min()), float(values[finite].max())) if finite.any() else (0.0, 1.0)
        if finite.any() and np.isneginf(values).any():
            low -= (high - low) / (N_CODES - 2) or 1.0
    # The widest and the narrowest ranges of a type overflow or underflow when subtracted or divided by.
    extreme = not 1e-30 < high - low < 1e30
    with np.errstate(all="ignore"):
        if extreme and high > low:
            scaled = ((values.astype(np.longdouble) - low) / (np.longdouble(high) - low)).astype(np.float64)
            scaled *= N_CODES - 1
        else:
            scaled = values - low
            scaled *= (N_CODES - 1) / (high - low) if high > low else 0.0
        scaled += 1.5
    if not finite.all():
        scaled[np.isneginf(values)] = 1
        scaled[np.isnan(values) | np.isposinf(values)] = 0
    return scaled.astype(np.uint16), low, high


def percentile_abs(cells: Values) -> float:
    """Return the 99th percentile of the magnitudes, estimated from evenly chosen cells."""
    chosen = np.abs(cells.ravel()[:: max(1, cells.size // N_PERCENTILE_CELLS)])
    chosen = chosen[np.isfinite(chosen)]
    return float(np.percentile(chosen, 99)) if chosen.size else 0.0


def automatic_range(low: float, high: float, quantity: Quantity, percentile: float) -> tuple[float, float]:
    """Return the automatic range of the colours.

    Few signed values are large, and they have no decibels: their colours span the 99th percentile of the magnitudes,
    but at least a tenth of the largest, so that rounding errors beside a pure tone stay dark. Levels that are all the
    same, as in silence, have the lowest colour.
    """
    if quantity.kind == "cyclic":
        return -np.pi, np.pi
    if quantity.kind == "diverging":
        reach = max(percentile, max(abs(low), abs(high)) / 10) or 1.0
        return -reach, reach
    if quantity.unit != "dB" and quantity.has_zero:
        return (0.0, high) if high > low else (low, low + 1.0)
    if high - low < LEAST_RANGE:
        return low, low + DYNAMIC_RANGE / (1 if quantity.unit == "dB" else DECIBELS_PER_NEPER)
    return (max(low, high - DYNAMIC_RANGE), high) if quantity.unit == "dB" else (low, high)
