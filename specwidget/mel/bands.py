"""From the transform to the result: power of bins, bands, logarithm, limit below the top, normalization.

`apply_bank` and `compress` concern single frames, `finish` concerns recordings. NumPy and CuPy overwrite what they are
given; other libraries make new arrays, so that automatic differentiation can follow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import namespace, out_kwarg, scalar_like, supports_out, to_device_of
from specwidget.mel.settings import MelSettings
from specwidget.stft.modes import squared_magnitude
from specwidget.stft.transform import RealImag

CHUNK_VALUES = 2**18
"""Values of a recording that are processed at once where temporary arrays are needed."""

ROUNDING = 8.0
"""A band varies if its deviation exceeds this many roundings of its mean."""


def compute_power(parts: RealImag, settings: MelSettings, out: Any | None = None) -> Any:
    """Compute ``(re^2 + im^2 + power_offset) ** (mag_exp / 2)``.

    Parameters
    ----------
    parts : RealImag
        Real and imaginary parts (..., n_bins); overwritten if `out` is given.
    settings : MelSettings
        Settings of the mel spectrogram.
    out : array (..., n_bins), optional
        Where to write, for NumPy and CuPy.

    Returns
    -------
    array (..., n_bins)
        The powers.
    """
    squared = squared_magnitude(parts, out)
    xp, exponent = namespace(squared), settings.mag_exp / 2.0
    if out is not None:
        if settings.conventions.power_offset:
            squared += settings.conventions.power_offset
        if exponent == 0.5:
            return xp.sqrt(squared, out=squared)
        return squared if exponent == 1.0 else xp.power(squared, exponent, out=squared)
    if settings.conventions.power_offset:
        squared = squared + settings.conventions.power_offset
    if exponent == 1.0:
        return squared
    # The derivative of a root is infinite at 0, where the power counts as a constant.
    is_zero = squared == 0
    positive = xp.where(is_zero, scalar_like(1.0, squared), squared)
    return xp.where(is_zero, scalar_like(0.0, squared), positive**exponent)


def vjp_power(parts: RealImag, d_power: Any, settings: MelSettings) -> RealImag:
    """Vector-Jacobian product of `compute_power`; 0 where the squared magnitude is 0."""
    exponent = settings.mag_exp / 2.0
    factor = 2.0 * exponent * d_power
    if exponent != 1.0:
        squared = squared_magnitude(parts) + settings.conventions.power_offset
        xp = namespace(squared)
        is_zero = squared == 0
        slope = xp.where(is_zero, scalar_like(1.0, squared), squared) ** (exponent - 1.0)
        factor = xp.where(is_zero, scalar_like(0.0, squared), factor * slope)
    return RealImag(parts.real * factor, parts.imag * factor)


def bank_weights(settings: MelSettings, like: Any) -> Any:
    """Return the bank's weights (n_bins, n_bands) in the compute dtype, on the device of `like`."""
    return to_device_of(settings.bank.weights.astype(settings.compute_dtype), like)


def apply_bank(power: Any, weights: Any, settings: MelSettings, out: Any | None = None) -> Any:
    """Multiply powers by the bank.

    Parameters
    ----------
    power : array (..., n_bins)
        Powers of bins.
    weights : array (n_bins, n_bands)
        The result of `bank_weights`.
    settings : MelSettings
        Settings of the mel spectrogram.
    out : array (n, n_bands), optional
        Where to write, for NumPy and CuPy.

    Returns
    -------
    array (..., n_bands)
        Powers of bands.
    """
    xp = namespace(power)
    # A GPU takes the whole matrix in less time than it takes to start several products.
    if out is None or xp is not np:
        return xp.matmul(power, weights, **out_kwarg(out))
    for bands, bins in settings.bank_groups:
        xp.matmul(power[:, bins], weights[bins, bands], out=out[:, bands])
    return out


def compress(bands: Any, settings: MelSettings) -> Any:
    """Compute the logarithm of bands (..., n_bands), at least that of the floor, less that of the reference."""
    if not settings.power_to_db:
        return bands
    conventions, xp, floor = settings.conventions, namespace(bands), scalar_like(settings.min_power, bands)
    if supports_out(bands):
        combine = xp.maximum if conventions.floor == "maximum" else xp.add
        combine(bands, floor, out=bands)
        xp.log(bands, out=bands)
        if conventions.log_factor != 1.0:
            bands *= conventions.log_factor
        if settings.log_offset:
            bands -= settings.log_offset
        return bands
    floored = xp.maximum(bands, floor) if conventions.floor == "maximum" else bands + floor
    return xp.log(floored) * conventions.log_factor - settings.log_offset


def vjp_compress(bands: Any, d_values: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of `compress`; 0 at the floor."""
    if not settings.power_to_db:
        return d_values
    xp, floor = namespace(bands), scalar_like(settings.min_power, bands)
    if settings.conventions.floor == "add":
        return d_values * settings.conventions.log_factor / (bands + floor)
    is_floor = bands <= floor
    slope = settings.conventions.log_factor / xp.where(is_floor, floor, bands)
    return xp.where(is_floor, scalar_like(0.0, bands), d_values * slope)


def finish(values: Any, settings: MelSettings) -> Any:
    """Apply the limit below the top and the normalization.

    Parameters
    ----------
    values : array (..., T, n_bands)
        Values of recordings, in the compute dtype.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    array (..., T, n_bands)
        The result. A frame that is not finite has no effect on the others.
    """
    values = _limit(values, settings)
    if settings.conventions.normalization == "affine":
        return (values - settings.conventions.mean) / settings.conventions.deviation
    if settings.conventions.normalization == "band":
        centred, _, root = _standardize(values, settings)
        return centred / _divisor(root, settings)
    return values


def finish_in_place(values: Any, settings: MelSettings) -> None:
    """Do as `finish` to one recording (T, n_bands) of NumPy or CuPy, in chunks that need little memory."""
    xp, conventions = namespace(values), settings.conventions
    n_frames = max(1, CHUNK_VALUES // values.shape[-1])
    chunks = [values[first : first + n_frames] for first in range(0, values.shape[0], n_frames)]
    if settings.top is not None:
        limit = xp.max(xp.stack([row_maximum(chunk)[0, 0] for chunk in chunks])) - settings.top
        for chunk in chunks:
            xp.maximum(chunk, limit, out=chunk)
    if conventions.normalization == "affine":
        for chunk in chunks:
            chunk -= conventions.mean
            chunk /= conventions.deviation
    elif conventions.normalization == "band":
        count = sum(xp.sum(xp.isfinite(chunk), axis=0) for chunk in chunks)
        mean = sum(_sum_finite(chunk) for chunk in chunks) / xp.maximum(count, 1)
        for chunk in chunks:
            chunk -= mean
        squares = sum(_sum_finite(chunk * chunk) for chunk in chunks)
        divisor = _divisor(_root(squares, count, mean, settings), settings)
        for chunk in chunks:
            chunk /= divisor


def _sum_finite(values: Any) -> Any:
    """Return the sums (n_bands,) of the finite values (T, n_bands), added in float64."""
    xp = namespace(values)
    return xp.sum(xp.where(xp.isfinite(values), values, 0), axis=0, dtype="float64")


def vjp_finish(values: Any, d_result: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of `finish`, from the values (..., T, n_bands) that it was given."""
    xp, conventions = namespace(values), settings.conventions
    if conventions.normalization == "affine":
        d_result = d_result / conventions.deviation
    elif conventions.normalization == "band":
        d_result = _vjp_standardize(_limit(values, settings), d_result, settings)
    if settings.top is None:
        return d_result
    # What is limited depends on the largest value only; equal ones share the gradient, as in automatic differentiation.
    zero, one, largest = scalar_like(0.0, values), scalar_like(1.0, values), row_maximum(values)
    is_limited, is_largest = values < largest - settings.top, values == largest
    d_largest = xp.sum(xp.where(is_limited, d_result, zero), axis=(-2, -1), keepdims=True)
    n_largest = xp.sum(xp.astype(is_largest, values.dtype), axis=(-2, -1), keepdims=True)
    share = xp.where(is_largest, d_largest / xp.maximum(n_largest, one), zero)
    return xp.where(is_limited, zero, d_result) + share


def row_maximum(values: Any) -> Any:
    """Return the largest finite value of each recording, (..., 1, 1), for values (..., T, n_bands)."""
    xp = namespace(values)
    lowest = scalar_like(-float("inf"), values)
    return xp.max(xp.where(xp.isfinite(values), values, lowest), axis=(-2, -1), keepdims=True)


def _limit(values: Any, settings: MelSettings) -> Any:
    """Limit the distance of values from the largest of their recording."""
    if settings.top is None:
        return values
    return namespace(values).maximum(values, row_maximum(values) - settings.top)


def _standardize(values: Any, settings: MelSettings) -> tuple[Any, Any, Any]:
    """Return values less their mean over the frames, the number of finite frames, and the root of the variance."""
    xp, zero, one = namespace(values), scalar_like(0.0, values), scalar_like(1.0, values)
    is_finite = xp.isfinite(values)
    count = xp.sum(xp.astype(is_finite, values.dtype), axis=-2, keepdims=True)
    mean = xp.sum(xp.where(is_finite, values, zero), axis=-2, keepdims=True) / xp.maximum(count, one)
    centred = values - mean
    squares = xp.sum(xp.where(is_finite, centred * centred, zero), axis=-2, keepdims=True)
    return centred, count, _root(squares, count, mean, settings)


def _root(squares: Any, count: Any, mean: Any, settings: MelSettings) -> Any:
    """Return the root of each band's variance plus `variance_epsilon`; 0 for a band that varies by rounding only."""
    xp, conventions = namespace(squares), settings.conventions
    zero, one = scalar_like(0.0, squares), scalar_like(1.0, squares)
    # One frame has no variance, whatever `ddof`.
    variance = squares / xp.maximum(count - conventions.ddof, one) + conventions.variance_epsilon
    is_zero = variance <= (ROUNDING * float(np.finfo(settings.compute_dtype).eps) * mean) ** 2
    return xp.where(is_zero, zero, xp.sqrt(xp.where(is_zero, one, variance)))


def _divisor(root: Any, settings: MelSettings) -> Any:
    """Return the divisor of each band; 1 where it would be 0."""
    xp, divisor = namespace(root), root + settings.conventions.deviation_epsilon
    return xp.where(divisor == 0, scalar_like(1.0, divisor), divisor)


def _vjp_standardize(values: Any, d_result: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of the normalization "band"."""
    xp, zero, one = namespace(values), scalar_like(0.0, values), scalar_like(1.0, values)
    centred, count, root = _standardize(values, settings)
    divisor, is_finite = _divisor(root, settings), xp.isfinite(values)
    d_divisor = -xp.sum(xp.where(is_finite, d_result * centred, zero), axis=-2, keepdims=True) / divisor**2
    # The root's square is the sum of squares divided by `count - ddof`; a band that does not vary is divided by 1.
    freedom = xp.maximum(count - settings.conventions.ddof, one)
    slope = xp.where(root == 0, zero, d_divisor / (xp.where(root == 0, one, root) * freedom))
    d_centred = d_result / divisor + slope * centred
    return d_centred - xp.sum(xp.where(is_finite, d_centred, zero), axis=-2, keepdims=True) / xp.maximum(count, one)
