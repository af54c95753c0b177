"""The arguments of `identify` and `front_end_difference`: what is an array of features, a signal, a time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.array_types import check_array_type, float_conversion
from specwidget.arrays import is_array, to_numpy
from specwidget.stft.settings import check_number


def check_signal(name: str, signal: Any) -> NDArray[Any]:
    """Return the samples (time,) of a signal.

    Raises
    ------
    ValueError
        If it does not have one axis, no sample, or one that is not finite.
    TypeError
        If it is not an array of a float type.
    """
    check_array_type(name, signal)
    samples = to_numpy(signal)
    if samples.dtype.kind != "f":
        dtype = f"{samples.dtype}"
        raise TypeError(f"`{name}` must have a float dtype; got {dtype}. {float_conversion(name, dtype)}")
    if samples.ndim != 1:
        raise ValueError(f"`{name}` must have 1 axis (time,); got shape {samples.shape}.")
    if not samples.size:
        raise ValueError(f"`{name}` must have at least 1 sample; got none.")
    count = np.count_nonzero(~np.isfinite(samples))
    if count:
        raise ValueError(f"`{name}` must have finite samples; got {count} that are not.")
    return samples


def as_numbers(values: Any) -> NDArray[Any] | str:
    """Return values as an array of numbers, or what they are instead."""
    if values is None:
        return "None"
    try:
        array = to_numpy(values) if is_array(values) else np.asarray(values)
    except ValueError:
        return "rows of different lengths"
    return array if array.dtype.kind in "fciu" else f"dtype {array.dtype}"


def check_features(name: str, features: Any) -> NDArray[Any]:
    """Return an array of features.

    Raises
    ------
    ValueError
        If it has no frames and bins, or a value that is not finite.
    TypeError
        If it is not an array of numbers.
    """
    array = as_numbers(features)
    if isinstance(array, str):
        raise TypeError(f"`{name}` must be an array of numbers; got {array}.")
    if sum(length > 1 for length in array.shape) < 2:
        raise ValueError(f"`{name}` must have at least 2 frames and 2 bins or bands; got shape {array.shape}.")
    count = np.count_nonzero(~np.isfinite(array))
    if count:
        raise ValueError(f"`{name}` must have finite values; got {count} that are not.")
    return array


def check_time_limit(seconds: Any) -> float:
    """Return a limit of time as a float, after checking that it is a finite number above 0."""
    limit = check_number("time_limit", seconds)
    if not (math.isfinite(limit) and limit > 0):
        raise ValueError(f"`time_limit` must be finite and above 0; got {limit:g}.")
    return limit
