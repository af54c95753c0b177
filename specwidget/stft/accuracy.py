"""How far rounding may move a value: a bound on the transform, carried through the mode.

This is the one place where the package states a tolerance; the cross-check judges by it.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings

ROUNDINGS = 8.0
"""Roundings of a product and its summand, with room for the way in which a library adds them up."""


def part_bound(frame_norms: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Return how far rounding may move a real or imaginary part.

    Parameters
    ----------
    frame_norms : ndarray
        Euclidean norm of each windowed and scaled frame.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray
        `8 eps sqrt(frame_length)` of the norm, with the eps of the type that is computed in.

    Notes
    -----
    A part is a sum of `frame_length` products, each rounded by at most eps / 2 of itself. By Cauchy and Schwarz the
    sum of their sizes is at most `sqrt(frame_length)` times the norm.
    """
    limits = np.finfo(settings.compute_dtype)
    return ROUNDINGS * float(limits.eps) * math.sqrt(settings.frame_length) * frame_norms + float(limits.tiny)


def sum_bound(frame_sums: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Return how far rounding may move a real or imaginary part that is summed product by product, in any order.

    Parameters
    ----------
    frame_sums : ndarray
        Sum of the sizes of each windowed and scaled frame's samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray
        `(frame_length + 4) eps / 2` of the sum, with the eps of the type that is computed in.

    Notes
    -----
    No sum of `frame_length` products is off by more than that, whatever the samples [1]_: 4 more roundings are those
    of cosine, window, kernel and product. A sum of samples of one sign comes near it, where `part_bound` counts on
    errors of both signs. It judges what a library made of its own kernels, and never the layer.

    References
    ----------
    .. [1] N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, section 3.1.
    """
    limits = np.finfo(settings.compute_dtype)
    return (settings.frame_length + 4) / 2 * float(limits.eps) * frame_sums + float(limits.tiny)


def value_bound(spectrum: NDArray[Any], parts: NDArray[np.float64], settings: STFTSettings) -> NDArray[np.float64]:
    """Carry the bound on the parts through the mode.

    Parameters
    ----------
    spectrum : ndarray of complex (..., n_bins)
        The exact transform, or a far more exact one.
    parts : ndarray (..., 1) or (..., n_bins)
        How far a real or imaginary part may be off.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    ndarray (..., n_outputs)
        How far a value may be off: absolute, in the unit of the mode. An angle may be anything, pi, where the
        magnitude is below its own error.
    """
    size, radius = np.abs(spectrum), math.sqrt(2.0) * parts
    limits = np.finfo(settings.compute_dtype)
    floored = np.maximum(size, math.sqrt(settings.epsilon))
    with np.errstate(divide="ignore", invalid="ignore"):
        if settings.mode in ("real", "imag", "stft"):
            bound, value = parts + 0 * size, size
        elif settings.mode == "psd":
            bound, value = 2 * (2 * size * radius + radius**2), 2 * size**2
        elif settings.mode == "magnitude":
            bound, value = radius + 0 * size, floored
        elif settings.mode == "log":
            bound, value = -np.log1p(-np.minimum(radius / floored, 0.9999)), 1 + np.abs(np.log(floored))
        else:
            bound = np.where(radius < size, np.arcsin(np.minimum(radius / size, 1.0)), np.pi)
            value = np.full(size.shape, np.pi)
    # The mode's own few roundings, and the last one, to the type of the result; none is finer than a subnormal number.
    result = np.finfo(settings.result_dtype)
    own = 4 * (float(limits.eps) * value + float(limits.smallest_subnormal))
    total = bound + own + float(result.eps) * value + float(result.smallest_subnormal)
    return np.concatenate((total, total), axis=-1) if settings.mode == "stft" else total


def describe_bound(settings: STFTSettings) -> str:
    """Return the tolerance and its origin as a sentence."""
    eps = float(np.finfo(settings.compute_dtype).eps)
    share = ROUNDINGS * eps * math.sqrt(settings.frame_length)
    carried = "" if settings.mode in ("real", "imag", "stft") else f", carried through mode {settings.mode!r}"
    return (
        f"Rounding in {settings.compute_dtype} (eps {eps:.1e}) may move a real or imaginary part by "
        f"8 eps √frame_length = {share:.1e} of its frame's norm{carried}."
    )
