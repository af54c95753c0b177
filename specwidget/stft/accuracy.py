"""Bounds on the rounding error of the transform and of each mode.

This is the only module that states a tolerance; the cross-check uses it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings

ROUNDINGS = 8.0
"""Roundings of a product and its addition, with a margin for the order in which a library sums."""


def part_bound(frame_norms: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Compute a bound on the rounding error of a real or imaginary part by FFT.

    Parameters
    ----------
    frame_norms : ndarray
        Euclidean norm of each windowed and scaled frame.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray
        `8 eps sqrt(frame_length)` times the norm, with the eps of the compute dtype.

    Notes
    -----
    A part is a sum of `frame_length` products, each with a relative rounding error of at most eps / 2. By the
    Cauchy-Schwarz inequality the sum of their absolute values is at most `sqrt(frame_length)` times the norm. An FFT
    adds in a tree of depth `log2(n_fft)`, so that errors do not accumulate. A product with kernels may add one product
    after the other: see `sum_bound`.
    """
    limits = np.finfo(settings.compute_dtype)
    return ROUNDINGS * float(limits.eps) * math.sqrt(settings.frame_length) * frame_norms + float(limits.tiny)


def sum_bound(frame_sums: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Compute a worst-case bound on the rounding error of a real or imaginary part, for any order of summation.

    Parameters
    ----------
    frame_sums : ndarray
        Sum of the absolute samples of each windowed and scaled frame; for any kernels, sum of the absolute products of
        the frame with each kernel.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray
        `(frame_length + 4) eps / 2` times the sum, with the eps of the compute dtype.

    Notes
    -----
    The error of a sum of `frame_length` products never exceeds this, whatever the samples [1]_; the other 4 roundings
    are those of cosine, window, kernel and product. A sum of samples of one sign comes near it, whereas `part_bound`
    assumes errors of both signs: in float32 the matrix product of a constant of 0.1 with rectangular kernels of 4096
    samples has an error of 15 eps of its frame's norm times the root of `frame_length`, where `part_bound` is 8. So
    this is the bound of every sum by kernels: of other libraries that use them, and of the layer's matrix product.

    References
    ----------
    .. [1] N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, section 3.1.
    """
    limits = np.finfo(settings.compute_dtype)
    return (settings.frame_length + 4) / 2 * float(limits.eps) * frame_sums + float(limits.tiny)


def value_bound(spectrum: NDArray[Any], parts: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Propagate the bound on the real and imaginary parts through the mode.

    Parameters
    ----------
    spectrum : ndarray of complex (..., n_bins)
        The exact transform, or one of much higher precision.
    parts : ndarray (..., 1) or (..., n_bins)
        Bound on the error of a real or imaginary part.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray (..., n_outputs)
        Bound on the absolute error of each value, in the unit of the mode. For an angle it is pi, no restriction, where
        the magnitude is below its error.
    """
    size, radius = np.abs(spectrum), math.sqrt(2.0) * parts  # radius: error of the complex value
    limits = np.finfo(settings.compute_dtype)
    floored = np.maximum(size, math.sqrt(settings.epsilon))
    with np.errstate(divide="ignore", invalid="ignore"):
        # `bound` is the propagated error. The roundings of the mode itself are relative to `value`.
        if settings.mode in ("real", "imag", "stft"):
            bound, value = parts + 0 * size, size
        elif settings.mode == "psd":
            # | |X + r|^2 - |X|^2 | <= 2 |X| r + r^2, doubled by the one-sided spectrum.
            bound, value = 2 * (2 * size * radius + radius**2), 2 * size**2
        elif settings.mode == "magnitude":
            # The magnitude changes by at most r, and the maximum with the floor does not increase that.
            bound, value = radius + 0 * size, floored
        elif settings.mode == "log":
            # The worst case is a magnitude that decreases: log m - log(m - r). The limit 0.9999 avoids log 0.
            bound, value = -np.log1p(-np.minimum(radius / floored, 0.9999)), 1 + np.abs(np.log(floored))
        else:
            # A disk of radius r about X is seen from the origin under the half-angle arcsin(r / |X|).
            bound = np.where(radius < size, np.arcsin(np.minimum(radius / size, 1.0)), np.pi)
            value = np.full(size.shape, np.pi)
    # The few roundings of the mode itself, and the last one to the dtype of the result. The absolute terms are for
    # values so small that the relative error is no longer eps.
    result = np.finfo(settings.result_dtype)
    own = 4 * (float(limits.eps) * value + float(limits.smallest_subnormal))
    total = bound + own + float(result.eps) * value + float(result.smallest_subnormal)
    return np.concatenate((total, total), axis=-1) if settings.mode == "stft" else total


def describe_sum_bound(settings: STFTSettings) -> str:
    """Describe the tolerance between two sums by the same kernels, and its derivation, in one sentence."""
    eps = float(np.finfo(settings.compute_dtype).eps)
    share = (settings.frame_length + 4) * eps
    propagated = "" if settings.mode in ("real", "imag", "stft") else f", propagated through mode {settings.mode!r}"
    return (
        f"Rounding in {settings.compute_dtype} (eps {eps:.1e}) may change a real or imaginary part of both by "
        f"(frame_length + 4) eps / 2, together {share:.1e} of the sum of the absolute products with its "
        f"kernel{propagated}."
    )


def describe_bound(settings: STFTSettings) -> str:
    """Describe the tolerance and its derivation in one sentence."""
    eps = float(np.finfo(settings.compute_dtype).eps)
    share = ROUNDINGS * eps * math.sqrt(settings.frame_length)
    propagated = "" if settings.mode in ("real", "imag", "stft") else f", propagated through mode {settings.mode!r}"
    return (
        f"Rounding in {settings.compute_dtype} (eps {eps:.1e}) may change a real or imaginary part by "
        f"8 eps √frame_length = {share:.1e} of its frame's norm{propagated}."
    )
