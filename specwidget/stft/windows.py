"""Windows: validation, values and scale."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.cosine_windows import COSINE_WINDOWS, make_cosine_window
from specwidget.stft.formatting import short_repr, truncate
from specwidget.stft.other_names import window_hint

Window: TypeAlias = "str | tuple[Any, ...] | None"
"""A validated window: a name, a (name, parameter...) tuple, a tuple of sample values, or None."""


@dataclass(frozen=True)
class WindowParameter:
    """One parameter of a window: SciPy's name, a default value, and a useful range."""

    name: str
    default: float
    low: float
    high: float
    description: str


NAMED_WINDOWS: tuple[str, ...] = (
    "barthann",
    "bartlett",
    "blackman",
    "blackmanharris",
    "bohman",
    "boxcar",
    "cosine",
    "exponential",
    "flattop",
    "hamming",
    "hann",
    "lanczos",
    "nuttall",
    "parzen",
    "taylor",
    "triang",
    "tukey",
)
"""Windows without required parameters, by SciPy's first name of each."""

MAX_NAMED_LENGTH = 2**22
"""Longest named window, samples (95 s at 44.1 kHz). The slowest take seconds at this length; much longer ones would
exhaust the memory."""

MAX_SIDE_LOBES = 500
"""Largest number of nearly constant-level side lobes of a Taylor window; 4 is common."""

MAX_COSINE_TERMS = 500
"""Largest number of terms of a general cosine window; up to 5 are common."""

PARAMETRIC_WINDOWS: dict[str, tuple[WindowParameter, ...]] = {
    "chebwin": (WindowParameter("at", 100.0, 45.0, 200.0, "side-lobe attenuation, dB"),),
    "dpss": (WindowParameter("NW", 2.5, 0.5, 8.0, "standardised half bandwidth"),),
    "gaussian": (WindowParameter("std", 40.0, 1.0, 1024.0, "standard deviation, samples"),),
    "general_gaussian": (
        WindowParameter("p", 1.5, 0.5, 8.0, "shape; 1 is the Gaussian"),
        WindowParameter("sig", 40.0, 1.0, 1024.0, "standard deviation, samples"),
    ),
    "general_hamming": (WindowParameter("alpha", 0.54, 0.5, 1.0, "weight of the constant; 0.5 is Hann"),),
    "kaiser": (WindowParameter("beta", 8.6, 0.0, 20.0, "shape; 0 is rectangular"),),
    "kaiser_bessel_derived": (WindowParameter("beta", 8.6, 0.0, 20.0, "shape; needs an even frame_length"),),
    "taylor": (
        WindowParameter("nbar", 4, 1, 20, "number of nearly constant-level side lobes"),
        WindowParameter("sll", 30.0, 10.0, 100.0, "side-lobe suppression, dB"),
    ),
    "tukey": (WindowParameter("alpha", 0.5, 0.0, 1.0, "tapered fraction; 0 is rectangular, 1 is Hann"),),
}
"""Windows with parameters, in SciPy's order."""


def check_window(window: object, frame_length: int, *, periodic: bool) -> Window:
    """Validate a window and return it in hashable form.

    Parameters
    ----------
    window : str, tuple, array-like (frame_length,) or None
        A SciPy window name, a (name, parameter...) tuple, the sample values themselves, or None for no window.
    frame_length : int
        Length of the window, samples.
    periodic : bool
        Whether a window given by name is periodic (for analysis) or symmetric (for filter design).

    Returns
    -------
    str, tuple or None
        Sample values become a tuple of floats, so later changes of the caller's array have no effect.

    Raises
    ------
    ValueError
        If SciPy does not know the window, or the values are not `frame_length` finite numbers.
    TypeError
        If `window` has another type.
    """
    if window is None or isinstance(window, str):
        checked: Window = window
    elif isinstance(window, tuple | list) and len(window) > 0 and isinstance(window[0], str):
        checked = (window[0], *(_check_parameter(value, window) for value in window[1:]))
    else:
        checked = _check_samples(window, frame_length)
    values = make_window(checked, frame_length, periodic)
    if values is not None and not np.isfinite(values).all():
        raise ValueError(
            f"`window` must have finite values; got {window_repr(window)}, with values that are NaN or infinite."
        )
    return checked


@lru_cache(maxsize=32)
def make_window(window: Window, frame_length: int, periodic: bool) -> NDArray[np.float64] | None:
    """Compute the values of a window.

    Parameters
    ----------
    window : str, tuple or None
        A window returned by `check_window`.
    frame_length : int
        Length of the window, samples.
    periodic : bool
        Whether a window given by name is periodic; has no effect on sample values.

    Returns
    -------
    ndarray (frame_length,) of float64, read-only, or None
        The values; None if there is no window.

    Raises
    ------
    ValueError
        If SciPy can't compute the window.

    Notes
    -----
    A window by name is `scipy.signal.get_window(window, frame_length, fftbins=periodic)`, as in Keras. General
    cosine windows are computed without SciPy, to the same bits.

    Examples
    --------
    >>> make_window("hann", 4, True).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if window is None:
        return None
    if isinstance(window, tuple) and not isinstance(window[0], str):
        values = np.array(window, dtype=np.float64)
    else:
        _check_cost(window, frame_length)
        values = _make_named(window, frame_length, periodic=periodic)
    # The cache returns the same array to every caller.
    values.flags.writeable = False
    return values


def _make_named(window: str | tuple[Any, ...], frame_length: int, *, periodic: bool) -> NDArray[np.float64]:
    # An invalid length goes to SciPy, which raises the error.
    if isinstance(window, str) and window in COSINE_WINDOWS and type(frame_length) is int and frame_length > 0:
        return make_cosine_window(COSINE_WINDOWS[window], frame_length, periodic=periodic)
    from scipy.signal import get_window

    try:
        # Extreme parameters may divide by 0 or overflow; `check_window` rejects values that are not finite.
        with np.errstate(all="ignore"):
            return np.asarray(get_window(window, frame_length, fftbins=periodic), dtype=np.float64)
    except (ValueError, TypeError, IndexError, ArithmeticError) as error:
        hint = window_hint(window, (*NAMED_WINDOWS, *PARAMETRIC_WINDOWS)) if isinstance(window, str) else ""
        raise ValueError(
            f"`window` must be a window that SciPy makes with frame_length={frame_length}; "
            f"got {window_repr(window)}. SciPy: {truncate(str(error)).rstrip('.!')}. {hint}".rstrip()
        ) from error


def window_scale(values: NDArray[np.float64] | None, scaling: str | None) -> float:
    """Compute the divisor `s` of the kernels.

    Parameters
    ----------
    values : ndarray (frame_length,) or None
        Window values.
    scaling : {"density", "spectrum", None}
        `sqrt(sum w^2)` for density, `sum |w|` for spectrum, 1 for None or without a window.

    Returns
    -------
    float
        The divisor; 0 if all squares of the window are 0, infinity if they overflow.

    Examples
    --------
    >>> window_scale(np.ones(4), "density"), window_scale(np.ones(4), "spectrum")
    (2.0, 4.0)
    """
    if values is None or scaling is None:
        return 1.0
    with np.errstate(over="ignore", under="ignore"):
        return float(np.linalg.norm(values, 2 if scaling == "density" else 1))


def is_rounding_error(window: Window, values: NDArray[np.float64]) -> bool:
    """Check whether the values of a named window are zeros but for rounding, as of the Blackman window of 2 samples.

    Parameters
    ----------
    window : str, tuple or None
        A window returned by `check_window`.
    values : ndarray (frame_length,)
        Its values.

    Returns
    -------
    bool
        Whether all are within 2 eps of the sum of the absolute terms that they are added from: 1 for a name without
        parameters, whose peak is 1. Sample values, and windows whose parameters may make them small, are as meant.

    Examples
    --------
    >>> is_rounding_error("blackman", make_window("blackman", 2, False))
    True
    """
    if isinstance(window, str) or (isinstance(window, tuple) and len(window) == 1 and isinstance(window[0], str)):
        size = 1.0
    elif isinstance(window, tuple) and window[0] in ("general_cosine", "general cosine") and len(window) == 2:
        size = float(np.abs(window[1]).sum())
    else:
        return False
    return bool(np.abs(values).max() <= 2 * float(np.finfo(np.float64).eps) * size)


def check_window_values(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return window values as float64, after checking that they are 1-D, finite and not empty."""
    window = np.asarray(values, dtype=np.float64)
    if window.ndim != 1 or window.size == 0:
        raise ValueError(f"`values` must be a 1-D array of finite numbers; got shape {window.shape}.")
    if not np.isfinite(window).all():
        raise ValueError(
            f"`values` must be a 1-D array of finite numbers; got {np.count_nonzero(~np.isfinite(window))} not finite."
        )
    return window


def _check_parameter(value: Any, window: object) -> Any:
    """Validate a window parameter: None, a bool, a finite number, or a sequence of these, which becomes a tuple."""
    if isinstance(value, tuple | list | np.ndarray):
        return tuple(_check_parameter(item, window) for item in value)
    if value is None or isinstance(value, bool | np.bool_):
        return value if value is None else bool(value)
    if not isinstance(value, numbers.Real) or not _is_finite(value):
        raise ValueError(f"`window` must have finite numbers as parameters; got {window_repr(window)}.")
    # Plain Python numbers, so that settings are hashable and JSON-serialisable.
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _check_cost(window: str | tuple[Any, ...], frame_length: int) -> None:
    """Raise `ValueError` for a window that would take minutes or exhaust the memory."""
    if frame_length > MAX_NAMED_LENGTH:
        raise ValueError(
            f"`frame_length` must be at most {MAX_NAMED_LENGTH} for a named window; got {short_repr(frame_length)}. "
            "Choose a shorter frame, or window=None."
        )
    terms = window[1] if isinstance(window, tuple) and len(window) > 1 and isinstance(window[1], tuple) else ()
    if len(terms) > MAX_COSINE_TERMS:
        raise ValueError(
            f"`window` must have at most {MAX_COSINE_TERMS} terms; got {short_repr(window[0])} with {len(terms)}."
        )
    # The time of a Taylor window grows with the square of its first parameter.
    is_taylor = isinstance(window, tuple) and window[0] in ("taylor", "taylorwin") and len(window) > 1
    if is_taylor and isinstance(window[1], int | float) and window[1] > MAX_SIDE_LOBES:
        raise ValueError(
            f"`window` must have at most {MAX_SIDE_LOBES} nearly constant-level side lobes, the first parameter of a "
            f"Taylor window; got {window_repr(window)}."
        )


def _is_finite(value: Any) -> bool:
    """Return whether a number is finite as a float; a large integer overflows."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _check_samples(window: object, frame_length: int) -> tuple[float, ...]:
    kinds = "a SciPy window name, a (name, parameter...) tuple, a sequence of numbers, or None"
    if not isinstance(window, Iterable) or isinstance(window, bytes | dict | set):
        raise TypeError(f"`window` must be {kinds}; got {window_repr(window)}.")
    try:
        values = np.asarray(window)
    except (ValueError, TypeError) as error:
        raise TypeError(f"`window` must be {kinds}; got {type(window).__name__}.") from error
    # Complex windows have no real kernels, and a bool array is more likely a mask.
    if values.dtype.kind not in "fiu":
        raise TypeError(f"`window` must be {kinds}; got values of type {values.dtype}.")
    if values.shape != (frame_length,):
        raise ValueError(
            f"`window` must be a 1-D array of frame_length={frame_length} values; got shape {values.shape}."
        )
    return tuple(float(value) for value in values)


def window_repr(window: object) -> str:
    """Return the `repr` of a window, shortened if it is long."""
    if isinstance(window, tuple) and len(window) > 8:
        return f"<{len(window)} values>"
    return short_repr(window)
