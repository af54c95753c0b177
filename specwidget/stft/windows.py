"""Window values: by SciPy's name, by name and parameters, or as an array."""

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

Window: TypeAlias = "str | tuple[Any, ...] | None"
"""A checked window: a name, a (name, parameter...) tuple, a tuple of sample values, or None."""


@dataclass(frozen=True)
class WindowParameter:
    """One parameter of a window family: its SciPy name, a useful value, and the range worth exploring."""

    name: str
    default: float
    low: float
    high: float
    meaning: str


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
"""The windows that SciPy makes from the name alone, each under its first name."""

MAX_NAMED_LENGTH = 2**22
"""Longest frame that a window is made for by its name, 95 s at 44.1 kHz: the dearest takes seconds. Much longer ones
would take the memory of the machine, and with it the process."""

MAX_SIDE_LOBES = 500
"""Most nearly equal side lobes of a Taylor window; 4 is usual."""

MAX_COSINE_TERMS = 500
"""Most terms of a sum of cosines; 5 are usual."""

PARAMETRIC_WINDOWS: dict[str, tuple[WindowParameter, ...]] = {
    "chebwin": (WindowParameter("at", 100.0, 45.0, 200.0, "side-lobe attenuation, dB"),),
    "dpss": (WindowParameter("NW", 2.5, 0.5, 8.0, "standardised half bandwidth"),),
    "gaussian": (WindowParameter("std", 40.0, 1.0, 1024.0, "standard deviation, samples"),),
    "general_gaussian": (
        WindowParameter("p", 1.5, 0.5, 8.0, "shape; 1 is the Gaussian"),
        WindowParameter("sig", 40.0, 1.0, 1024.0, "standard deviation, samples"),
    ),
    "general_hamming": (WindowParameter("alpha", 0.54, 0.5, 1.0, "weight of the constant; 0.5 is Hann"),),
    "kaiser": (WindowParameter("beta", 8.6, 0.0, 20.0, "shape; 0 is the rectangle"),),
    "kaiser_bessel_derived": (WindowParameter("beta", 8.6, 0.0, 20.0, "shape; needs an even frame_length"),),
    "taylor": (
        WindowParameter("nbar", 4, 1, 20, "number of nearly equal side lobes"),
        WindowParameter("sll", 30.0, 10.0, 100.0, "side-lobe suppression, dB"),
    ),
    "tukey": (WindowParameter("alpha", 0.5, 0.0, 1.0, "share of the taper; 0 is the rectangle, 1 is Hann"),),
}
"""The window families with parameters, in SciPy's order of parameters."""


def check_window(window: object, frame_length: int, *, periodic: bool) -> Window:
    """Return `window` in its hashable form, once it is known to make finite values.

    Parameters
    ----------
    window : str, tuple, array-like (frame_length,) or None
        A SciPy window name, a (name, parameter...) tuple, the sample values themselves, or None for no window.
    frame_length : int
        Length of a frame, samples.
    periodic : bool
        Whether a window given by name is periodic (for analysis) or symmetric (for filter design).

    Returns
    -------
    str, tuple or None
        Sample values become a tuple of floats, so that later changes of the caller's array have no effect.

    Raises
    ------
    ValueError
        If SciPy does not know the window, or values are not finite or not `frame_length` many.
    TypeError
        If `window` is of another kind.
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
    """Make the values of a window.

    Parameters
    ----------
    window : str, tuple or None
        A window as `check_window` returns it.
    frame_length : int
        Length of a frame, samples.
    periodic : bool
        Whether a window given by name is periodic; without effect on sample values.

    Returns
    -------
    ndarray (frame_length,) of float64, read-only, or None
        The values; None where there is no window.

    Raises
    ------
    ValueError
        If SciPy can't make the window.

    Notes
    -----
    A window by name is `scipy.signal.get_window(window, frame_length, fftbins=periodic)`, as in Keras. The sums of
    cosines are made without SciPy, to the same bits.

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
    values.flags.writeable = False
    return values


def _make_named(window: str | tuple[Any, ...], frame_length: int, *, periodic: bool) -> NDArray[np.float64]:
    """Make the values of a window that has a name."""
    # What is no length, SciPy refuses.
    if isinstance(window, str) and window in COSINE_WINDOWS and type(frame_length) is int and frame_length > 0:
        return make_cosine_window(COSINE_WINDOWS[window], frame_length, periodic=periodic)
    from scipy.signal import get_window

    try:
        with np.errstate(all="ignore"):
            return np.asarray(get_window(window, frame_length, fftbins=periodic), dtype=np.float64)
    except (ValueError, TypeError, IndexError, ArithmeticError) as error:
        raise ValueError(
            f"`window` must be a window that SciPy makes with frame_length={frame_length}; "
            f"got {window_repr(window)}. SciPy says: {truncate(str(error)).rstrip('.!')}."
        ) from error


def window_scale(values: NDArray[np.float64] | None, scaling: str | None) -> float:
    """Return the divisor `s` of the kernels.

    Parameters
    ----------
    values : ndarray (frame_length,) or None
        Window values.
    scaling : {"density", "spectrum", None}
        `sqrt(sum w^2)` for density, `sum |w|` for spectrum, 1 for None and where there is no window.

    Returns
    -------
    float
        The divisor; 0 for a window whose squares are 0 everywhere, infinity where they overflow.

    Examples
    --------
    >>> window_scale(np.ones(4), "density"), window_scale(np.ones(4), "spectrum")
    (2.0, 4.0)
    """
    if values is None or scaling is None:
        return 1.0
    with np.errstate(over="ignore", under="ignore"):
        return float(np.linalg.norm(values, 2 if scaling == "density" else 1))


@dataclass(frozen=True)
class OverlapCheck:
    """Whether windows that follow each other by a step add up as is asked, and how clearly.

    Parameters
    ----------
    holds : bool
        The verdict.
    margin : float
        1 where the sum is the same at every sample. For `check_nola` the least sum as a share of the largest; for
        `check_cola` 1 less the largest departure from the median, as a share of it, which may be negative.
    """

    holds: bool
    margin: float


def overlap_sums(values: NDArray[Any], step: int) -> NDArray[np.float64]:
    """Add up a window with its own copies, shifted by multiples of a step.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values, or their squares.
    step : int
        Samples from one window to the next, 1 to `frame_length`.

    Returns
    -------
    ndarray (step,) of float64
        `sum over m of values[r + m step]` for `r` in 0..step-1: what sample `n` gets, `r = n mod step`, wherever
        windows follow each other on both sides.

    Raises
    ------
    ValueError
        If `values` is not finite numbers on one axis, or `step` is outside its bounds.

    Examples
    --------
    >>> overlap_sums(make_window("hann", 8, True), 4).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    window = check_window_values(values)
    if not 1 <= step <= window.size:
        raise ValueError(f"`step` must be between 1 and frame_length={window.size}; got {step}.")
    sums: NDArray[np.float64] = np.pad(window, (0, -window.size % step)).reshape(-1, step).sum(axis=0)
    return sums


def check_nola(values: NDArray[Any], step: int, threshold: float = 1e-10) -> OverlapCheck:
    """Judge whether overlapped squares of a window are nowhere zero (NOLA), so that a transform can be inverted.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values.
    step : int
        Samples from one window to the next, 1 to `frame_length`.
    threshold : float, default 1e-10
        Share of the largest sum that every sum must exceed.

    Returns
    -------
    OverlapCheck
        With ``S[r] = sum over m of values[r + m step]**2``, the margin is ``min(S) / max(S)``.

    Raises
    ------
    ValueError
        If `values` is not finite numbers on one axis, or `step` is outside its bounds.

    Notes
    -----
    `scipy.signal.check_NOLA` compares ``min(S)`` itself with its threshold, which is the same for windows whose sums
    are near 1; here the verdict does not depend on how the window is scaled.

    Examples
    --------
    >>> check_nola(make_window("hann", 8, True), 8)
    OverlapCheck(holds=False, margin=0.0)
    """
    window = check_window_values(values)
    largest = float(np.abs(window).max())
    # Squares of the share of the largest value neither overflow nor underflow where it would matter.
    sums = overlap_sums((window / (largest or 1.0)) ** 2, step)
    margin = float(sums.min() / (sums.max() or 1.0))
    return OverlapCheck(margin > threshold, margin)


def check_cola(values: NDArray[Any], step: int, tolerance: float = 1e-10) -> OverlapCheck:
    """Judge whether overlapped windows add up to a constant (COLA), so that frames need only be added up again.

    Parameters
    ----------
    values : array-like (frame_length,)
        Window values.
    step : int
        Samples from one window to the next, 1 to `frame_length`.
    tolerance : float, default 1e-10
        Share of the median that every sum must be nearer to it than.

    Returns
    -------
    OverlapCheck
        With ``S[r] = sum over m of values[r + m step]``, the margin is ``1 - max |S - median(S)| / |median(S)|``.

    Raises
    ------
    ValueError
        If `values` is not finite numbers on one axis, or `step` is outside its bounds.

    Notes
    -----
    `scipy.signal.check_COLA` compares the departure itself with its tolerance, not its share of the median. Sums that
    are all 0 are constant to it; here they don't hold.

    Examples
    --------
    >>> check_cola(make_window("hann", 8, True), 4).holds, check_cola(make_window("hann", 8, False), 4).holds
    (True, False)
    """
    sums = overlap_sums(values, step)
    median = abs(float(np.median(sums)))
    departure = float(np.abs(sums - np.median(sums)).max())
    share = departure / median if median > 0 else math.inf
    return OverlapCheck(share < tolerance, 1.0 - share)


def check_window_values(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the values of a window, which must be finite numbers on one axis, at least one."""
    window = np.asarray(values, dtype=np.float64)
    if window.ndim != 1 or window.size == 0:
        raise ValueError(f"`values` must be finite numbers on one axis; got shape {window.shape}.")
    if not np.isfinite(window).all():
        raise ValueError(
            f"`values` must be finite numbers on one axis; got {np.count_nonzero(~np.isfinite(window))} that are not."
        )
    return window


def _check_parameter(value: Any, window: object) -> Any:
    """Return a window parameter: None, a bool or a finite number as SciPy takes them, or a list of these as a tuple."""
    if isinstance(value, tuple | list | np.ndarray):
        return tuple(_check_parameter(item, window) for item in value)
    if value is None or isinstance(value, bool | np.bool_):
        return value if value is None else bool(value)
    if not isinstance(value, numbers.Real) or not _is_finite(value):
        raise ValueError(f"`window` must have finite numbers as parameters; got {window_repr(window)}.")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def _check_cost(window: str | tuple[Any, ...], frame_length: int) -> None:
    """Refuse a window whose making costs minutes, or all memory.

    A Taylor window's time grows with the square of its first parameter.
    """
    if frame_length > MAX_NAMED_LENGTH:
        raise ValueError(
            f"`frame_length` must be at most {MAX_NAMED_LENGTH} for a window by name; got {short_repr(frame_length)}. "
            "Choose a shorter frame, or window=None."
        )
    terms = window[1] if isinstance(window, tuple) and len(window) > 1 and isinstance(window[1], tuple) else ()
    if len(terms) > MAX_COSINE_TERMS:
        raise ValueError(
            f"`window` must have at most {MAX_COSINE_TERMS} terms; got {short_repr(window[0])} with {len(terms)}."
        )
    taylor = isinstance(window, tuple) and window[0] in ("taylor", "taylorwin") and len(window) > 1
    if taylor and isinstance(window[1], int | float) and window[1] > MAX_SIDE_LOBES:
        raise ValueError(
            f"`window` must have at most {MAX_SIDE_LOBES} nearly equal side lobes, the first parameter of a Taylor "
            f"window; got {window_repr(window)}."
        )


def _is_finite(value: Any) -> bool:
    """Return whether a number is finite as a float; an integer may be too large to be one."""
    try:
        return math.isfinite(value)
    except OverflowError:
        return False


def _check_samples(window: object, frame_length: int) -> tuple[float, ...]:
    """Return the sample values of a window as a tuple of floats."""
    kinds = "a SciPy window name, a (name, parameter...) tuple, a sequence of numbers, or None"
    if not isinstance(window, Iterable) or isinstance(window, bytes | dict | set):
        raise TypeError(f"`window` must be {kinds}; got {window_repr(window)}.")
    try:
        values = np.asarray(window)
    except (ValueError, TypeError) as error:
        raise TypeError(f"`window` must be {kinds}; got {type(window).__name__}.") from error
    if values.dtype.kind not in "fiu":
        raise TypeError(f"`window` must be {kinds}; got values of type {values.dtype}.")
    if values.shape != (frame_length,):
        raise ValueError(
            f"`window` must have frame_length={frame_length} values on one axis; got shape {values.shape}."
        )
    return tuple(float(value) for value in values)


def window_repr(window: object) -> str:
    """Return a window as a text that is short even where the window is long."""
    if isinstance(window, tuple) and len(window) > 8:
        return f"<{len(window)} values>"
    return short_repr(window)
