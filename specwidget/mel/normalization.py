"""What depends on all frames of a recording: the limit `top_db` below its largest value, and the normalization.

Recordings may come in chunks of frames: first the statistics are collected, then the values are limited and normalized.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial, reduce
from typing import Any

import numpy as np

from specwidget.arrays import namespace, scalar_like, supports_out
from specwidget.mel.settings import MelSettings

ROUNDING = 8.0
"""A band varies if its deviation exceeds this many roundings of its mean."""


@dataclass(frozen=True)
class RowStatistics:
    """What a value of a recording depends on besides itself, for values (..., T, n_bands).

    Parameters
    ----------
    largest : array (..., 1, 1) or None
        Largest finite value; None if nothing is limited.
    count, mean, root : array (..., 1, n_bands) or None
        For the normalization "band": number of finite frames, mean and root of the variance of the limited values.
    """

    largest: Any = None
    count: Any = None
    mean: Any = None
    root: Any = None


@dataclass(frozen=True)
class GradientSums:
    """What the gradient of a value depends on besides that of its result; None where it does not.

    Parameters
    ----------
    slope, d_mean : array (..., 1, n_bands) or None
        For the normalization "band": factor of the centred values in their gradient, and mean of that gradient.
    d_largest : array (..., 1, 1) or None
        Gradient with respect to each of the largest values, by the values that are limited.
    """

    slope: Any = None
    d_mean: Any = None
    d_largest: Any = None


Chunks = Callable[[], Iterable[Any]]
"""Returns the values of recordings in chunks (..., t, n_bands) of frames, the same ones at each call."""


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
    return apply_statistics(values, collect_statistics(lambda: [values], settings), settings)


def collect_statistics(chunks: Chunks, settings: MelSettings) -> RowStatistics:
    """Collect the statistics of recordings, in up to three passes over their values."""
    statistics = RowStatistics()
    if settings.top is not None:
        statistics = RowStatistics(reduce(_maximum, map(_largest, chunks())))
    if settings.conventions.normalization != "band":
        return statistics
    limited = partial(_limit, statistics=statistics, settings=settings)
    sums = [(_count_finite(chunk), _sum_finite(limited(chunk))) for chunk in chunks()]
    count, total = (reduce(operator.add, each) for each in zip(*sums, strict=True))
    n_finite = namespace(count).maximum(count, scalar_like(1.0, count))
    mean = total / n_finite
    if not supports_out(mean):
        # The sum of many equal values in float32 is rounded as often; that of their differences from the mean is not.
        mean = mean + reduce(operator.add, (_sum_finite(limited(chunk) - mean) for chunk in chunks())) / n_finite
    squares = reduce(operator.add, (_sum_finite((limited(chunk) - mean) ** 2) for chunk in chunks()))
    return replace(statistics, count=count, mean=mean, root=_root(squares, count, mean, settings))


def apply_statistics(values: Any, statistics: RowStatistics, settings: MelSettings) -> Any:
    """Limit and normalize values by the statistics of their recordings."""
    limited = _limit(values, statistics, settings)
    if settings.conventions.normalization == "affine":
        return (limited - settings.conventions.mean) / settings.conventions.deviation
    if settings.conventions.normalization == "band":
        return (limited - statistics.mean) / _divisor(statistics.root, settings)
    return limited


def collect_gradient_sums(
    chunks: Chunks, d_chunks: Chunks, statistics: RowStatistics, settings: MelSettings
) -> GradientSums:
    """Collect what `vjp_apply_statistics` needs, from chunks of values and of gradients of their results."""
    sums = GradientSums()
    if settings.conventions.normalization == "band":
        divisor, root = _divisor(statistics.root, settings), statistics.root
        xp, one = namespace(root), scalar_like(1.0, root)
        pairs = zip(chunks(), d_chunks(), strict=True)
        products = (_sum_finite(d * (_limit(each, statistics, settings) - statistics.mean)) for each, d in pairs)
        d_divisor = -reduce(operator.add, products) / divisor**2
        # The root's square is the sum of squares divided by `count - ddof`.
        freedom = xp.maximum(statistics.count - settings.conventions.ddof, one)
        slope = xp.where(root == 0, scalar_like(0.0, root), d_divisor / (xp.where(root == 0, one, root) * freedom))
        sums = GradientSums(slope, 0.0)
        pairs = zip(chunks(), d_chunks(), strict=True)
        d_total = reduce(
            operator.add, (_sum_finite(_vjp_normalize(*pair, statistics, sums, settings)) for pair in pairs)
        )
        sums = GradientSums(slope, d_total / xp.maximum(statistics.count, one))
    if settings.top is None:
        return sums
    pairs = zip(chunks(), d_chunks(), strict=True)
    counted = [_sum_limited(*pair, statistics, sums, settings) for pair in pairs]
    d_limited, n_largest = (reduce(operator.add, each) for each in zip(*counted, strict=True))
    # Equal ones share the gradient, as in automatic differentiation; none is largest where all are NaN.
    shared = d_limited / namespace(n_largest).maximum(n_largest, scalar_like(1.0, n_largest))
    return replace(sums, d_largest=shared)


def vjp_apply_statistics(
    values: Any, d_result: Any, statistics: RowStatistics, sums: GradientSums, settings: MelSettings
) -> Any:
    """Vector-Jacobian product of `finish`, of which the statistics are a part."""
    d_limited = _vjp_normalize(values, d_result, statistics, sums, settings)
    if settings.top is None:
        return d_limited
    xp, zero = namespace(values), scalar_like(0.0, values)
    share = xp.where(values == statistics.largest, sums.d_largest, zero)
    # What is limited depends on the largest value only.
    return xp.where(values < statistics.largest - settings.top, zero, d_limited) + share


def _vjp_normalize(
    values: Any, d_result: Any, statistics: RowStatistics, sums: GradientSums, settings: MelSettings
) -> Any:
    """Return the gradient with respect to limited values."""
    if settings.conventions.normalization == "affine":
        return d_result / settings.conventions.deviation
    if settings.conventions.normalization == "band":
        centred = _limit(values, statistics, settings) - statistics.mean
        return d_result / _divisor(statistics.root, settings) + sums.slope * centred - sums.d_mean
    return d_result


def _sum_limited(
    values: Any, d_result: Any, statistics: RowStatistics, sums: GradientSums, settings: MelSettings
) -> tuple[Any, Any]:
    """Return the sum of the gradients of limited values, and the number of largest values, (..., 1, 1)."""
    xp, zero = namespace(values), scalar_like(0.0, values)
    d_limited = _vjp_normalize(values, d_result, statistics, sums, settings)
    is_limited = values < statistics.largest - settings.top
    is_largest = xp.astype(values == statistics.largest, values.dtype)
    both = xp.where(is_limited, d_limited, zero), is_largest
    d_sum, n_largest = (xp.sum(each, axis=(-2, -1), keepdims=True) for each in both)
    return d_sum, n_largest


def _largest(values: Any) -> Any:
    """Return the largest finite value of each recording, (..., 1, 1), for values (..., T, n_bands)."""
    xp = namespace(values)
    lowest = scalar_like(-float("inf"), values)
    return xp.max(xp.where(xp.isfinite(values), values, lowest), axis=(-2, -1), keepdims=True)


def _maximum(first: Any, second: Any) -> Any:
    return namespace(first).maximum(first, second)


def _limit(values: Any, statistics: RowStatistics, settings: MelSettings) -> Any:
    """Limit the distance of values from the largest of their recording."""
    if settings.top is None:
        return values
    return namespace(values).maximum(values, statistics.largest - settings.top)


def _count_finite(values: Any) -> Any:
    """Return the number of finite values over the frames, (..., 1, n_bands)."""
    xp = namespace(values)
    return xp.sum(xp.astype(xp.isfinite(values), values.dtype), axis=-2, keepdims=True)


def _sum_finite(values: Any) -> Any:
    """Return the sums of finite values over the frames, (..., 1, n_bands); NumPy and CuPy add in float64."""
    xp = namespace(values)
    dtype = {"dtype": xp.float64} if supports_out(values) else {}
    return xp.sum(xp.where(xp.isfinite(values), values, scalar_like(0.0, values)), axis=-2, keepdims=True, **dtype)


def _root(squares: Any, count: Any, mean: Any, settings: MelSettings) -> Any:
    """Return the root of each band's variance plus `variance_epsilon`; 0 for a band that varies by rounding only."""
    xp, conventions = namespace(squares), settings.conventions
    zero, one = scalar_like(0.0, squares), scalar_like(1.0, squares)
    # One frame has no variance, whatever `ddof`.
    variance = squares / xp.maximum(count - conventions.ddof, one) + conventions.variance_epsilon
    is_zero = variance <= (ROUNDING * float(np.finfo(settings.compute_dtype).eps) * mean) ** 2
    return xp.where(is_zero, zero, xp.sqrt(xp.where(is_zero, one, variance)))


def _divisor(root: Any, settings: MelSettings) -> Any:
    """Return the divisor of each band; infinite for one that does not vary, which becomes 0."""
    xp, infinite = namespace(root), scalar_like(float("inf"), root)
    return xp.where(root == 0, infinite, root + settings.conventions.deviation_epsilon)
