"""Figures of merit of a window: its frequency response, and what that does to a sine and to noise.

A bin is here one of a DFT as long as the window, ``sample_rate / frame_length`` wide, as in the tables of Harris and of
Heinzel. A longer DFT has its own bins closer together; only the scalloping loss depends on it.
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
"""Points for each bin at which the response is looked at before a place is found exactly."""

MAX_SAMPLES = 2**20
"""Longest window that is judged: its response takes about 0.3 GB for the moment."""


@dataclass(frozen=True)
class WindowMerits:
    """What a window does to a sine and to noise.

    Widths are in bins of the window's own length. What a window does not have is NaN: a single sample has no lobes, a
    narrow Gaussian has no null, and a window that adds up to 0 has none of them.

    Parameters
    ----------
    coherent_gain : float
        What the amplitude of a sine on a bin is multiplied by, ``sum w / n``.
    noise_bandwidth : float
        Equivalent noise bandwidth, ``n sum w^2 / (sum w)^2``: width of the rectangular filter of the same gain that
        lets as much white noise pass.
    null_width : float
        Width of the main lobe between its first nulls: the nearest minima below -3 dB.
    width_3db, width_6db : float
        Width of the main lobe where it is 3 and 6 dB below the response at 0.
    highest_side_lobe : float
        Highest maximum beyond the first null, dB relative to the response at 0; minus infinity where it is lost in the
        rounding of float64.
    scalloping_loss : float
        Loss of a sine halfway between two bins of the DFT, dB; below 0 it is a gain.
    """

    coherent_gain: float
    noise_bandwidth: float
    null_width: float
    width_3db: float
    width_6db: float
    highest_side_lobe: float
    scalloping_loss: float


def window_response(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the size of a window's Fourier transform, from frequency 0 to half the sample rate.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, `MAX_SAMPLES` at most.

    Returns
    -------
    ndarray (frame_length * OVERSAMPLING // 2 + 1,)
        ``|sum w[n] exp(-2 pi i b n / frame_length)|`` at the bins ``b = j / OVERSAMPLING``.

    Raises
    ------
    ValueError
        If `values` is not finite numbers on one axis, or too long.

    Examples
    --------
    >>> response = window_response(np.ones(8))
    >>> float(response[0]), round(float(response[OVERSAMPLING]), 12)
    (8.0, 0.0)
    """
    window = check_window_values(values)
    if window.size > MAX_SAMPLES:
        raise ValueError(f"`values` must have at most {MAX_SAMPLES} samples to be judged; got {window.size}.")
    response: NDArray[np.float64] = np.abs(rfft(window, OVERSAMPLING * window.size))
    return response


def window_merits(values: NDArray[Any], n_fft: int | None = None) -> WindowMerits:
    """Judge a window.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, `MAX_SAMPLES` at most.
    n_fft : int, optional
        Length of the DFT, samples, on whose bins the scalloping loss depends; None is the window's own.

    Returns
    -------
    WindowMerits

    Raises
    ------
    ValueError
        If `values` is not finite numbers on one axis, or too long.

    Notes
    -----
    Places are found on a grid of `OVERSAMPLING` points for each bin, and then exactly, on the Fourier transform of the
    values themselves. The published tables [1]_ [2]_ are of periodic windows without end; a short or symmetric window
    differs in the last digits.

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
    # The largest value is 1, so that no square overflows or underflows; only the coherent gain depends on it.
    size = float(np.abs(values).max()) or 1.0
    lobes = _Lobes(np.asarray(values, dtype=np.float64) / size, response / size)
    n_samples = lobes.window.size
    total = float(lobes.window.sum())
    if lobes.peak <= lobes.floor:
        return WindowMerits(total * size / n_samples, *[math.nan] * 6)
    null = lobes.first_null()
    half_bin = 0.5 * n_samples / (n_fft or n_samples)
    return WindowMerits(
        coherent_gain=total * size / n_samples,
        noise_bandwidth=n_samples * float(lobes.window @ lobes.window) / total**2,
        null_width=2 * null,
        width_3db=2 * lobes.crossing(-3.0),
        width_6db=2 * lobes.crossing(-6.0),
        highest_side_lobe=lobes.highest_beyond(null),
        scalloping_loss=-_decibels(lobes.amplitude(half_bin) / lobes.peak),
    )


class _Lobes:
    """The lobes of a window: its response on a grid, and exactly at any place."""

    def __init__(self, window: NDArray[np.float64], response: NDArray[np.float64]) -> None:
        self.window = window
        # A real window's response is mirrored at half the sample rate: one point more makes its end like any other.
        self.grid = np.append(response, response[-2])
        self.peak = float(response[0])
        # The rounding of values and transform leaves this much where there is nothing: -289 dB below a positive window.
        self.floor = 16 * float(np.finfo(np.float64).eps) * float(np.abs(window).sum())
        self._turns = (2 * np.pi / window.size) * (np.arange(window.size) - (window.size - 1) / 2)

    def amplitude(self, place: float) -> float:
        """Return the response at a place, in bins."""
        angles = self._turns * place
        # Sums, not matrix products: those would wait for other threads of the linear algebra on a busy machine.
        return float(np.hypot((np.cos(angles) * self.window).sum(), (np.sin(angles) * self.window).sum()))

    def crossing(self, level: float) -> float:
        """Return the first place where the response falls below a level, dB; NaN where it never does."""
        from scipy.optimize import brentq

        limit = self.peak * 10 ** (level / 20)
        below = np.flatnonzero(self.grid[:-1] < limit)
        if below.size == 0:
            return math.nan
        ends = (below[0] - 1) / OVERSAMPLING, below[0] / OVERSAMPLING
        return float(brentq(lambda place: self.amplitude(place) - limit, *ends, xtol=1e-12))

    def first_null(self) -> float:
        """Return the nearest minimum of the response, in bins; NaN where there is none."""
        start = self.crossing(-3.0)
        if math.isnan(start):
            return math.nan
        first = math.ceil(start * OVERSAMPLING)
        before, here, after = self.grid[first - 1 : -2], self.grid[first:-1], self.grid[first + 1 :]
        # At the end of the axis only a true zero is a null: a lobe may just run out there.
        is_null = (here <= self.floor) | ((here < before) & (here <= after) & (np.arange(here.size) < here.size - 1))
        found = np.flatnonzero(is_null)
        return self._exact(first + int(found[0]), 1.0) if found.size else math.nan

    def highest_beyond(self, null: float) -> float:
        """Return the highest maximum beyond a place, dB; minus infinity for rounding, NaN where there is none."""
        if math.isnan(null):
            return math.nan
        first = max(1, math.ceil(null * OVERSAMPLING))
        before, here, after = self.grid[first - 1 : -2], self.grid[first:-1], self.grid[first + 1 :]
        tops = np.flatnonzero((here >= before) & (here >= after))
        if tops.size == 0:
            return math.nan
        # Lobes may be equally high, so the grid alone can't choose; a parabola through three points can.
        bend = np.maximum(2 * here - before - after, np.finfo(np.float64).tiny)[tops]
        heights = here[tops] + (after - before)[tops] ** 2 / (8 * bend)
        highest = self.amplitude(self._exact(first + int(tops[heights.argmax()]), -1.0))
        return _decibels(highest / self.peak) if highest > self.floor else -math.inf

    def _exact(self, point: int, sign: float) -> float:
        """Return the exact place of a minimum (`sign` 1) or maximum (-1) near a point of the grid."""
        from scipy.optimize import minimize_scalar

        ends = (point - 1) / OVERSAMPLING, (point + 1) / OVERSAMPLING
        found = minimize_scalar(
            lambda place: sign * self.amplitude(place), bounds=ends, method="bounded", options={"xatol": 1e-9}
        )
        return float(found.x)


def _decibels(ratio: float) -> float:
    """Return a ratio of amplitudes in dB."""
    return 20 * math.log10(ratio) if ratio > 0 else -math.inf
