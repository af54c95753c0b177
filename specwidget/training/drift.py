"""Drift of trained kernels: distance from the Fourier kernels, centre frequency and bandwidth of each bin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import irfft, namespace, rfft
from specwidget.layer import STFTSpectrogram
from specwidget.stft.formatting import ShortRepr
from specwidget.stft.kernels import kernel_names, make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.training.checks import check_positive

BLOCK_SIZE = 2**22
"""Size of one block of kernel spectra, values; it limits the memory."""


@dataclass(frozen=True, eq=False, repr=False)
class Drift(ShortRepr):
    """Distance from the Fourier kernels, centre frequency and bandwidth of each bin's kernels.

    Parameters
    ----------
    frequencies : ndarray (n_bins,)
        Nominal frequency of each bin, Hz; cycles per sample if there is no sample rate.
    distance : ndarray (n_bins,)
        Distance of the bin's kernels from the Fourier kernels, relative to the norm of these.
    centre : ndarray (n_bins,)
        Effective centre frequency, in the unit of `frequencies`; NaN if the kernels are 0.
    bandwidth : ndarray (n_bins,)
        Effective bandwidth: standard deviation about `centre`, in the unit of `frequencies`.
    sample_rate : float or None
        Sample rate, Hz.
    """

    frequencies: NDArray[np.float64]
    distance: NDArray[np.float64]
    centre: NDArray[np.float64]
    bandwidth: NDArray[np.float64]
    sample_rate: float | None = None


def measure_drift(layer: STFTSpectrogram, sample_rate: float | None = None) -> Drift:
    """Measure each bin's distance from the Fourier kernels, its centre frequency and its bandwidth.

    Parameters
    ----------
    layer : STFTSpectrogram
        A layer, trained or not.
    sample_rate : float, optional
        Sample rate, Hz; if None, frequencies are in cycles per sample.

    Returns
    -------
    Drift
        Distance, centre frequency and bandwidth of each bin.

    Raises
    ------
    ValueError
        If `sample_rate` is not finite and above 0.
    TypeError
        If `sample_rate` is not a number.

    Notes
    -----
    With the kernels `a[n]` and `b[n]` of a bin (those that the mode has), the Fourier kernels `a0` and `b0`, and the
    scaled window `w / s`, the distance is ``sqrt(sum (a - a0)^2 + sum (b - b0)^2) / sqrt(sum (w / s)^2)``. The divisor
    is the norm of both Fourier kernels together, the same for every bin; for a window of zeros it is 1.

    A sine of frequency `f`, averaged over its phase, gives the bin a power proportional to
    ``S(f) = |A(f)|^2 + |B(f)|^2``, with the Fourier transforms `A` and `B` of the kernels. Centre frequency and
    bandwidth are the mean and the standard deviation of `S`, Gabor's moments [1]_ [2]_, from 0 to half the sample
    rate::

        centre      = integral f S(f) df / integral S(f) df
        bandwidth^2 = integral (f - centre)^2 S(f) df / integral S(f) df

    The integrals have a closed form in the autocorrelation of the kernels. Fourier kernels of `N` samples with a
    periodic Hann window have a bandwidth near ``1 / (sqrt(3) N)`` away from both ends of the axis. At the ends half of
    the main lobe is outside of the axis, so the centre of bin 0 is above 0. The side lobes of discontinuous windows,
    such as the rectangular one, dominate their bandwidth.

    References
    ----------
    .. [1] D. Gabor, "Theory of communication", Journal of the IEE 93 (3), 1946.
    .. [2] L. Cohen, "Time-Frequency Analysis", Prentice Hall, 1995, sections 1.2 to 1.4.

    Examples
    --------
    >>> drift = measure_drift(STFTSpectrogram(frame_length=256), sample_rate=16_000)
    >>> [round(float(values[16]), 1) for values in (drift.distance, drift.frequencies, drift.centre, drift.bandwidth)]
    [0.0, 1000.0, 1000.0, 36.2]
    """
    rate = 1.0 if sample_rate is None else check_positive("sample_rate", sample_rate)
    settings = layer.settings
    weights = [kernel.astype(np.float64) for kernel in layer.weights]
    fourier = [kernel.astype(np.float64) for kernel in fourier_weights(settings)]
    centre, bandwidth = _moments([kernel[:, 0, :] for kernel in weights])
    return Drift(
        frequencies=np.arange(settings.n_bins, dtype=np.float64) * (rate / settings.n_fft),
        distance=bin_distances(weights, fourier, settings),
        centre=centre * rate,
        bandwidth=bandwidth * rate,
        sample_rate=sample_rate,
    )


def fourier_weights(settings: STFTSettings) -> tuple[NDArray[Any], ...]:
    """Compute the Fourier kernels of the mode as a layer's weights, real before imaginary."""
    kernels = make_kernels(settings)
    return tuple(getattr(kernels, name) for name in kernel_names(settings))


def bin_distances(weights: Sequence[Any], fourier: Sequence[Any], settings: STFTSettings) -> Any:
    """Compute the relative distance of each bin's kernels from the Fourier kernels, (n_bins,), on their device."""
    xp = namespace(weights[0])
    squares = [xp.sum((kernel - initial) ** 2, axis=(0, 1)) for kernel, initial in zip(weights, fourier, strict=True)]
    norm = np.sqrt(np.sum(settings.scaled_window**2)).item()
    return xp.sqrt(squares[0] if len(squares) == 1 else squares[0] + squares[1]) / (norm or 1.0)


def _moments(kernels: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return mean and standard deviation of the power over 0 to 1/2 cycles per sample, for kernels (n, n_bins).

    With the autocorrelation `r`, ``S(f) = r[0] + 2 sum r[l] cos(2 pi f l)``, and the integrals over 0 to 1/2 of 1, of
    `f` and of `f^2` times ``cos(2 pi f l)`` are 0, ``((-1)^l - 1) / (2 pi l)^2`` and ``(-1)^l / (2 pi l)^2``.
    """
    frame_length = kernels[0].shape[0]
    lags = np.arange(1, frame_length)
    signs = np.where(lags % 2 == 0, 1.0, -1.0)
    r = sum(_autocorrelations(kernel) for kernel in kernels)
    assert isinstance(r, np.ndarray)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = r[0] / 2
        mean = (r[0] / 8 + ((signs - 1) / (2 * (np.pi * lags) ** 2)) @ r[1:]) / total
        square = (r[0] / 24 + (signs / (2 * (np.pi * lags) ** 2)) @ r[1:]) / total
        # Rounding may make the difference of the moments slightly negative.
        return mean, np.sqrt(np.maximum(square - mean**2, 0.0))


def _autocorrelations(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the autocorrelation of each bin's kernel for lags from 0, (frame_length, n_bins)."""
    frame_length, n_bins = kernel.shape
    block = max(1, BLOCK_SIZE // (2 * frame_length))
    correlations = np.empty_like(kernel)
    for first in range(0, n_bins, block):
        # Zero-padded to twice the length: a linear, not a circular autocorrelation.
        spectra = rfft(np.ascontiguousarray(kernel[:, first : first + block].T), 2 * frame_length)
        correlations[:, first : first + block] = irfft(np.abs(spectra) ** 2, 2 * frame_length)[:, :frame_length].T
    return correlations
