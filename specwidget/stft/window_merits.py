"""Figures of merit of a window: main lobe, side lobes, noise bandwidth and scalloping loss.

Bins are those of a DFT as long as the window, ``sample_rate / frame_length`` apart, as in the tables of Harris and of
Heinzel. The bins of a longer DFT are closer together, which changes the scalloping loss only.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import rfft
from specwidget.stft.windows import check_window_values

OVERSAMPLING = 16
"""Grid points per bin on which lobes are located, before their positions are refined."""

CELL_POINTS = 128
"""Points between two grid points on which a minimum that the grid may have missed is searched."""

MAX_SAMPLES = 2**20
"""Longest window that is analysed, samples; its response temporarily takes about 0.3 GB."""


@dataclass(frozen=True)
class WindowMerits:
    """Figures of merit of a window.

    Widths are in bins of a DFT of the window's length. Values that do not exist are NaN: a single sample has no lobes,
    a narrow Gaussian has no null, and a window with sum 0 has only a coherent gain.

    Parameters
    ----------
    coherent_gain : float
        Gain for the amplitude of a sine on a bin, ``sum w / n``.
    noise_bandwidth : float
        Equivalent noise bandwidth, ``n sum w^2 / (sum w)^2``, bins: width of the rectangular filter with the same peak
        gain that passes the same power of white noise.
    null_width : float
        Width of the main lobe between its first nulls, bins: the nearest minima below -3 dB, however shallow, after
        which the response rises by more than the rounding of float64.
    width_3db, width_6db : float
        Width of the main lobe at 3 and 6 dB below its peak, bins.
    highest_side_lobe : float
        Level of the highest side lobe, dB relative to the peak; minus infinity if it is below the rounding of float64.
    scalloping_loss : float
        Attenuation of a sine halfway between two bins of the DFT, dB; negative for a gain.
    """

    coherent_gain: float
    noise_bandwidth: float
    null_width: float
    width_3db: float
    width_6db: float
    highest_side_lobe: float
    scalloping_loss: float


def window_response(values: NDArray[Any]) -> NDArray[np.float64]:
    """Compute the magnitude of a window's Fourier transform, from frequency 0 to half the sample rate.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, at most `MAX_SAMPLES`.

    Returns
    -------
    ndarray (frame_length * OVERSAMPLING // 2 + 1,)
        ``|sum w[n] exp(-2 pi i b n / frame_length)|`` at the bins ``b = j / OVERSAMPLING``.

    Raises
    ------
    ValueError
        If `values` is not a 1-D array of finite numbers, or too long.

    Examples
    --------
    >>> response = window_response(np.ones(8))
    >>> float(response[0]), round(float(response[OVERSAMPLING]), 12)
    (8.0, 0.0)
    """
    window = check_window_values(values)
    if window.size > MAX_SAMPLES:
        raise ValueError(f"`values` must have at most {MAX_SAMPLES} samples; got {window.size}.")
    response: NDArray[np.float64] = np.abs(rfft(window, OVERSAMPLING * window.size))
    return response


def window_merits(values: NDArray[Any], n_fft: int | None = None) -> WindowMerits:
    """Compute the figures of merit of a window.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, at most `MAX_SAMPLES`.
    n_fft : int, optional
        Length of the DFT for the scalloping loss, samples; None means the length of the window.

    Returns
    -------
    WindowMerits

    Raises
    ------
    ValueError
        If `values` is not a 1-D array of finite numbers, or too long.

    Notes
    -----
    Nulls and lobes are located on a grid of `OVERSAMPLING` points per bin and refined on the Fourier transform itself.
    A double zero, as that of a triangular window, may be split into two minima closer than the grid: where the slope of
    the response is nearest to 0, the transform is searched between grid points, as a Taylor polynomial.
    The published tables [1]_ [2]_ are for long periodic windows; a short or symmetric window differs in the last
    digits.

    References
    ----------
    .. [1] F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proceedings
       of the IEEE 66 (1), 1978, table 1.
    .. [2] G. Heinzel, A. Ruediger, R. Schilling, "Spectrum and spectral density estimation by the Discrete Fourier
       transform (DFT), including a comprehensive list of window functions and some new flat-top windows", Max Planck
       Institute for Gravitational Physics, 2002.

    Examples
    --------
    >>> from specwidget.stft.windows import make_window
    >>> merits = window_merits(make_window("hann", 256, True))
    >>> merits.coherent_gain, round(merits.noise_bandwidth, 6), round(merits.null_width, 6)
    (0.5, 1.5, 4.0)
    >>> round(merits.highest_side_lobe, 1), round(merits.scalloping_loss, 2)
    (-31.5, 1.42)
    """
    response = window_response(values)
    # Normalised to a largest value of 1, so that no square overflows; only the coherent gain depends on the scale.
    scale = float(np.abs(values).max()) or 1.0
    lobes = _Lobes(np.asarray(values, dtype=np.float64) / scale, response / scale)
    n_samples = lobes.window.size
    total = float(lobes.window.sum())
    if lobes.peak <= lobes.floor:
        return WindowMerits(total * scale / n_samples, *[math.nan] * 6)
    null = lobes.first_null()
    half_bin = 0.5 * n_samples / (n_fft or n_samples)
    return WindowMerits(
        coherent_gain=total * scale / n_samples,
        noise_bandwidth=n_samples * float(lobes.window @ lobes.window) / total**2,
        null_width=2 * null,
        width_3db=2 * lobes.crossing(-3.0),
        width_6db=2 * lobes.crossing(-6.0),
        highest_side_lobe=lobes.highest_side_lobe(null),
        scalloping_loss=-_decibels(lobes.amplitude(half_bin) / lobes.peak),
    )


class _Lobes:
    """The lobes of a window: its response on a grid, and exactly at any frequency. Frequencies are in bins."""

    def __init__(self, window: NDArray[np.float64], response: NDArray[np.float64]) -> None:
        self.window = window
        # The response of a real window is symmetric about half the sample rate. One more point from there lets the end
        # of the grid be searched for extrema like any other point.
        self.grid = np.append(response, response[-2])
        self.peak = float(response[0])
        # Bound on the rounding error of values and FFT: -289 dB relative to the peak of a nonnegative window.
        self.floor = 16 * float(np.finfo(np.float64).eps) * float(np.abs(window).sum())
        # Phases about the centre of the window, where a symmetric window has no imaginary part to cancel.
        self._phases = (2 * np.pi / window.size) * (np.arange(window.size) - (window.size - 1) / 2)

    def amplitude(self, frequency: float) -> float:
        """Return the response at a frequency."""
        angles = self._phases * frequency
        # Sums and not matrix products: BLAS may wait for its other threads on a busy machine.
        return float(np.hypot((np.cos(angles) * self.window).sum(), (np.sin(angles) * self.window).sum()))

    def crossing(self, level: float) -> float:
        """Return the lowest frequency at which the response falls below a level in dB; NaN if it never does."""
        from scipy.optimize import brentq

        limit = self.peak * 10 ** (level / 20)
        below = np.flatnonzero(self.grid[:-1] < limit)
        if below.size == 0:
            return math.nan
        ends = (below[0] - 1) / OVERSAMPLING, below[0] / OVERSAMPLING
        return float(brentq(lambda frequency: self.amplitude(frequency) - limit, *ends, xtol=1e-12))

    def first_null(self) -> float:
        """Return the frequency of the first null; NaN if there is none."""
        start = self.crossing(-3.0)
        if math.isnan(start):
            return math.nan
        first = math.ceil(start * OVERSAMPLING)
        before, here, after = self.grid[first - 1 : -2], self.grid[first:-1], self.grid[first + 1 :]
        # At half the sample rate only a zero is a null: a lobe may have a minimum there by symmetry.
        is_null = (here <= self.floor) | ((here < before) & (here <= after) & (np.arange(here.size) < here.size - 1))
        nulls = np.flatnonzero(is_null)
        last = first + int(nulls[0]) if nulls.size else self.grid.size - 2
        for cell in self._flat_cells(first - 1, last):
            minimum = self._first_minimum(cell)
            if start < minimum < (self.grid.size - 2) / OVERSAMPLING - 1e-6:
                return minimum
        if not nulls.size:
            return math.nan
        return last / OVERSAMPLING if self.grid[last] <= self.floor else self._refine(last, 1.0)

    def _flat_cells(self, first: int, last: int) -> list[int]:
        """Return the cells from grid point `first` to `last`, and one more, in which a minimum may be hidden.

        Cell `i` lies between grid points `i` and `i + 1`. These are the cells about each point at which the slope of
        the power is nearest to 0, and those before the grid's own minimum, which may be the second of two.
        """
        power = self.grid[max(first - 2, 0) : last + 3] ** 2
        descent = power[:-1] - power[1:]
        before, here, after = descent[:-2], descent[1:-1], descent[2:]
        noise = 2 * self.floor * np.sqrt(power[1:-2])
        flattest = np.flatnonzero((here <= before) & (here <= after) & (before + after - 2 * here > noise)) + 1
        found = {max(first - 2, 0) + int(point) + offset for point in flattest for offset in (-1, 0, 1)}
        found.update(range(last - 4, last + 1))
        return sorted(cell for cell in found if first <= cell <= min(last, self.grid.size - 3))

    def _taylor(self, cell: int) -> tuple[NDArray[np.float64], NDArray[np.complex128], NDArray[np.complex128]]:
        """Return points in a cell, in bins from 0, and the transform and its derivative there.

        The points begin a little before the cell and end after it, so that a minimum on a grid point is inside.
        """
        margin = 4
        steps = np.arange(-margin, CELL_POINTS + margin + 1) / CELL_POINTS - 0.5
        centre = (cell + 0.5) / OVERSAMPLING
        # Phases change by at most pi / 32 from the centre to the end of a cell: 12 terms are below the rounding.
        term = np.exp(-1j * centre * self._phases) * self.window
        terms = []
        for power in range(1, 14):
            terms.append(term.sum())
            term = term * self._phases * (-1j / (power * OVERSAMPLING))
        polynomial = np.polynomial.Polynomial(terms)
        values, derivative = (np.asarray(each(steps), dtype=np.complex128) for each in (polynomial, polynomial.deriv()))
        return centre + steps / OVERSAMPLING, values, derivative

    def _first_minimum(self, cell: int) -> float:
        """Return the first minimum in a cell, after which the response rises by more than rounding; NaN if none."""
        points, values, derivative = self._taylor(cell)
        sizes, slope = np.abs(values), np.real(np.conj(values) * derivative)
        for point in np.flatnonzero((slope[:-1] < 0) & (slope[1:] >= 0)):
            if sizes[point + 1 :].max() - min(sizes[point], sizes[point + 1]) > self.floor:
                share = slope[point] / (slope[point] - slope[point + 1])
                return float(points[point] + share * (points[point + 1] - points[point]))
        return math.nan

    def highest_side_lobe(self, null: float) -> float:
        """Return the level of the highest maximum above a frequency, dB; -inf if below rounding, NaN if none."""
        if math.isnan(null):
            return math.nan
        first = max(1, math.ceil(null * OVERSAMPLING))
        before, here, after = self.grid[first - 1 : -2], self.grid[first:-1], self.grid[first + 1 :]
        maxima = np.flatnonzero((here >= before) & (here >= after))
        hidden = self._maximum_near(null)
        if maxima.size == 0:
            return _decibels(hidden / self.peak) if hidden > self.floor else math.nan
        # Equiripple windows have many lobes of nearly the same height. The vertex of the parabola through three grid
        # points estimates each height well enough to select the one to refine.
        curvature = np.maximum(2 * here - before - after, np.finfo(np.float64).tiny)[maxima]
        heights = here[maxima] + (after - before)[maxima] ** 2 / (8 * curvature)
        highest = max(hidden, self.amplitude(self._refine(first + int(maxima[heights.argmax()]), -1.0)))
        return _decibels(highest / self.peak) if highest > self.floor else -math.inf

    def _maximum_near(self, null: float) -> float:
        """Return the highest maximum in the cell of a null and the next one; 0 if there is none."""
        cell = int(null * OVERSAMPLING)
        highest = 0.0
        for each in range(cell, min(cell + 2, self.grid.size - 2)):
            points, values, _ = self._taylor(each)
            sizes = np.abs(values[points >= null])
            is_maximum = (sizes[1:-1] >= sizes[:-2]) & (sizes[1:-1] >= sizes[2:])
            highest = max(highest, float(sizes[1:-1][is_maximum].max(initial=0.0)))
        return highest

    def _refine(self, point: int, sign: float) -> float:
        """Return the frequency of the minimum (`sign` 1) or maximum (`sign` -1) next to a grid point."""
        from scipy.optimize import minimize_scalar

        ends = (point - 1) / OVERSAMPLING, (point + 1) / OVERSAMPLING
        result = minimize_scalar(
            lambda frequency: sign * self.amplitude(frequency), bounds=ends, method="bounded", options={"xatol": 1e-9}
        )
        return float(result.x)


def _decibels(ratio: float) -> float:
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf
