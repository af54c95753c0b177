"""Tails: from powers to values, fitted in closed form."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.recipe import TINY

Floats = NDArray[np.float64]

LN10 = math.log(10.0)

SLOPES = tuple(
    base * factor for base in (1.0, 1 / LN10, 10 / LN10, 1 / math.log(2.0)) for factor in (1.0, 0.5, 2.0, 0.25)
)
"""Slopes over ln P of usual logarithms of powers, magnitudes and their squares, and a quarter of them."""

EXPONENTS = (1.0, 0.5, 2.0, 0.25)
"""Exponents of the power in arrays without a logarithm."""

FLOORS = (
    *(10.0**-exponent for exponent in range(3, 17)),
    *(2.0**-24, float(np.finfo("float32").eps), 0.01, 1.0, 1e-3, 1e-20),
)
"""Usual floors and offsets of a power."""

SNAP = 3e-4
"""Largest relative distance from a usual value that is taken for it."""


@dataclass(frozen=True)
class Tail:
    """What follows the powers P of bins or bands.

    Parameters
    ----------
    kind : {"log", "linear", "log1p"}
        ``slope ln(P) + offset``; ``scale P^slope + offset``; or ``ln(1 + scale P^slope)``.
    slope, offset, scale : float
        Constants of these.
    floor : {"maximum", "add", None}
        Whether P is at least `floor_power`, or that is added to it.
    floor_power : float
        The floor.
    top : float or None
        Largest distance of a value from the largest, in the unit of the values.
    reference : {"max", "peak", "all", "minmax", "band", None}
        What is taken from the recording: logarithms whose largest is 0, powers whose largest is 1, mean 0 and
        deviation 1 over all values or each band, values from 0 to 1.
    ddof : int
        Of the deviation.
    """

    kind: str
    slope: float
    offset: float = 0.0
    scale: float = 1.0
    floor: str | None = None
    floor_power: float = 0.0
    top: float | None = None
    reference: str | None = None
    ddof: int = 0

    def apply(self, power: Floats) -> Floats:
        """Compute values (T, K) of powers."""
        if self.floor == "maximum":
            power = np.maximum(power, self.floor_power)
        elif self.floor == "add":
            power = power + self.floor_power
        with np.errstate(all="ignore"):
            if self.kind == "log":
                values = self.slope * np.log(np.maximum(power, TINY)) + self.offset
            elif self.kind == "log1p":
                values = np.log1p(self.scale * power**self.slope)
            else:
                values = self.scale * power**self.slope + self.offset
        if self.top is not None:
            values = np.maximum(values, values.max() - self.top)
        return self._refer(values)

    def _refer(self, values: Floats) -> Floats:
        """Subtract and divide by what is taken from the recording."""
        if self.reference == "max":
            return np.asarray(values - values.max())
        if self.reference == "peak":
            return np.asarray(values / values.max())
        if self.reference == "minmax":
            return np.asarray((values - values.min()) / np.ptp(values))
        if self.reference == "all":
            return np.asarray((values - values.mean()) / values.std(ddof=self.ddof))
        if self.reference == "band":
            return normalize_bands(values, self.ddof)
        return values


def normalize_bands(values: Floats, ddof: int) -> Floats:
    """Give each band mean 0 and deviation 1 over the frames; a constant band becomes 0."""
    deviation = values.std(axis=0, ddof=ddof if len(values) > 1 else 0, keepdims=True)
    centred = values - values.mean(axis=0, keepdims=True)
    return np.where(deviation > 1e-12, centred / np.maximum(deviation, 1e-300), 0.0)


def is_band_normalized(values: Floats) -> bool:
    """Check whether most bands have mean 0 and deviation 1."""
    if len(values) < 4:
        return False
    mean, deviation = values.mean(axis=0), values.std(axis=0, ddof=1)
    is_unit = (np.abs(mean) < 1e-2) & (np.abs(deviation - 1) < 0.5 / len(values) + 1e-2)
    return bool(is_unit.mean() > 0.8)


def snap(value: float, usual: tuple[float, ...], tolerance: float = SNAP) -> float:
    """Return the usual value that is next to a value, or the value itself."""
    return next((each for each in usual if abs(value - each) <= tolerance * each), value)


def fit_tail(values: Floats, power: Floats, kind: str, dtype: Any = None) -> Tail:
    """Fit a tail of a kind to values (T, K), which were rounded to `dtype` if that is given, and powers."""
    fits = {"log": _fit_log, "linear": _fit_linear, "log1p": _fit_log1p}
    return fits[kind](values, power, dtype)


def half_spacing(values: Any, dtype: Any) -> Any:
    """Return how far values rounded to a type may lie from what they were; 0 where none is given."""
    return 0.0 if dtype is None else np.spacing(np.abs(values).astype(dtype)).astype(np.float64) / 2


def fit_line(x: Floats, y: Floats) -> tuple[float, float]:
    """Fit a line, twice: the second time without the tenth of the points that are farthest from it."""
    every = max(1, len(x) // 4096)
    x, y = x[::every], y[::every]
    for _ in range(2):
        mean_x, mean_y = x.mean(), y.mean()
        centred = x - mean_x
        size = float((centred**2).sum())
        slope = float((centred * (y - mean_y)).sum()) / size if size > 0 else 1.0
        offset = float(mean_y - slope * mean_x)
        distance = np.abs(y - slope * x - offset)
        kept = distance <= np.quantile(distance, 0.9)
        if not kept.any():
            # Powers beyond the largest number.
            break
        x, y = x[kept], y[kept]
    return slope, offset


def _loud(values: Floats, power: Floats, share: float = 0.5) -> NDArray[np.bool_]:
    """Mark the loud values, above a floor and with a power."""
    return np.asarray((values >= np.quantile(values, 1 - share)) & (values > values.min()) & (power > 1e-200))


def beyond_rounding(found: Floats, values: Floats, dtype: Any) -> Floats:
    """Return how much farther values lie from those that were rounded to a type than rounding takes them."""
    return np.asarray(np.maximum(np.abs(found - values) - half_spacing(values, dtype), 0.0))


def _at_least(values: Floats, dtype: Any) -> float | None:
    """Return the least value if many have it, as below a floor or clamp; else None."""
    least = float(values.min())
    near = int(np.count_nonzero(values <= least + 1e-6 * np.ptp(values)))
    if dtype is not None:
        # Rounding alone gives values that are equal, but as many that are next to them.
        next_to = int(np.count_nonzero(values <= least + 3 * half_spacing(least, dtype))) - near
        return least if near >= max(4, 2e-4 * values.size) and near > 4 * next_to else None
    exact = int(np.count_nonzero(values == least))
    return least if exact >= 3 or near >= max(4, 2e-4 * values.size) else None


def _fit_log(values: Floats, power: Floats, dtype: Any) -> Tail:
    loud = _loud(values, power)
    if np.count_nonzero(loud) < 4:
        return Tail("log", 1.0)
    logs = np.log(power[loud])
    slope, offset = fit_line(logs, values[loud])
    if not slope > 0:
        return Tail("log", 1.0)
    snapped = snap(slope, SLOPES)
    if snapped != slope:
        slope, offset = snapped, float(np.median(values[loud] - snapped * logs))
    tails = [_with_least(Tail("log", slope, offset), values, power, dtype)]
    # An added floor bends even loud values, so that the slope is a usual one above that of the line.
    for steeper in dict.fromkeys((slope, *(each for each in SLOPES if 0.95 * slope < each < 1.6 * slope))):
        added = _fit_added(values, power, steeper)
        if added is not None:
            tails.append(_with_least(added, values, power, dtype))
    distances = [_distance(tail.apply(power), values) for tail in tails]
    # Nothing is added unless that is clearly better.
    return tails[0] if distances[0] <= 4 * min(distances) else tails[int(np.argmin(distances))]


def _fit_added(values: Floats, power: Floats, slope: float) -> Tail | None:
    """Fit ``slope ln(P + e) + offset``: linear in P after the exponential, weighted by relative errors."""
    top = values.max()
    levels = np.exp(np.clip((values - top) / slope, -700, 0))
    weight = 1 / levels
    a11, a12, a22 = ((power * weight) ** 2).sum(), (power * weight**2).sum(), (weight**2).sum()
    b1, b2 = (power * weight).sum(), weight.sum()
    determinant = a11 * a22 - a12**2
    if not determinant > 0:
        return None
    gain, constant = (a22 * b1 - a12 * b2) / determinant, (a11 * b2 - a12 * b1) / determinant
    if not (gain > 0 and constant > 0):
        return None
    floor = snap(float(constant / gain), FLOORS, 1e-2)
    offset = float(np.median(values - slope * np.log(power + floor)))
    return Tail("log", slope, offset, floor="add", floor_power=floor)


def _with_least(tail: Tail, values: Floats, power: Floats, dtype: Any) -> Tail:
    """Add a floor or a limit below the top, where many values are least."""
    least = _at_least(values, dtype)
    if tail.kind == "log":
        # Of a round number of decibels even one value is no chance, but for what rounding makes round.
        rounding = half_spacing(values.min(), dtype) + half_spacing(values.max(), dtype)
        span, width = np.ptp(values) / tail.slope * 10 / LN10, rounding / tail.slope * 10 / LN10 + 2e-4
        if span > 1 and abs(span - 5 * round(span / 5)) < width and (dtype is None or least is not None):
            top = np.ptp(values) if dtype is None else 5 * round(span / 5) * tail.slope * LN10 / 10
            return replace(tail, top=float(top))
    if tail.kind == "log" and tail.floor is None and dtype is None:
        # Nor is even one value at a usual floor, where the power is below it.
        level = float(np.exp((values.min() - tail.offset) / tail.slope))
        if snap(level, FLOORS, 1e-5) != level and level > 1.001 * power.min():
            return replace(tail, floor="maximum", floor_power=snap(level, FLOORS, 1e-5))
    if least is None:
        return tail
    if tail.kind == "log":
        if tail.floor == "add":
            return tail
        level = float(np.exp((least - tail.offset) / tail.slope))
    else:
        # In NumPy, which has infinity for numbers beyond the largest.
        level = float(np.power(np.divide(max(least - tail.offset, 0.0), tail.scale), 1 / tail.slope))
    if level <= power.min():
        return tail
    # Half a last digit of a logarithm in float16 is a hundredth of the floor.
    return replace(tail, floor="maximum", floor_power=snap(level, FLOORS, 1e-3 if dtype is None else 2e-2))


def _fit_linear(values: Floats, power: Floats, dtype: Any) -> Tail:
    least = values.min()
    shifted = values - least if least < 0 else values
    loud = _loud(shifted, power, 0.2) & (shifted > 0)
    if np.count_nonzero(loud) < 4:
        return Tail("linear", 1.0)
    slope, _ = fit_line(np.log(power[loud]), np.log(shifted[loud]))
    if not slope > 0:
        return Tail("linear", 1.0)
    slope = snap(slope, EXPONENTS, 3e-2)
    raised = power**slope
    if least < 0:
        scale, offset = fit_line(raised.ravel(), values.ravel())
        return Tail("linear", slope, offset, scale)
    scale = float(np.median(values[loud] / raised[loud]))
    return _with_least(Tail("linear", slope, 0.0, scale), values, power, dtype)


def _fit_log1p(values: Floats, power: Floats, dtype: Any) -> Tail:
    loud = _loud(values, power) & (values > 0)
    if np.count_nonzero(loud) < 4:
        return Tail("log1p", 1.0)
    grown = np.expm1(values[loud])
    slope, _ = fit_line(np.log(power[loud]), np.log(grown))
    if not slope > 0:
        return Tail("log1p", 1.0)
    slope = snap(slope, EXPONENTS, 3e-2)
    scale = float(np.median(grown / power[loud] ** slope))
    return Tail("log1p", slope, scale=snap(scale, (1.0, 10.0, 100.0, 1000.0, 1e4)))


def fit_normalized(values: Floats, power: Floats, tails: Iterable[Tail] | None = None) -> list[Tail]:
    """Return tails of what was normalized band by band, of these or all, the best first: only a floor can be seen."""
    tails = list(tails or _normalized_tails(power))
    distances = [_distance(tail.apply(power), values) for tail in tails]
    return [tails[index] for index in np.argsort(distances)]


def _normalized_tails(power: Floats) -> list[Tail]:
    tails = [Tail("log", 1.0, reference="band")]
    tails += [
        Tail("log", 1.0, floor=kind, floor_power=floor, reference="band")
        for kind in ("add", "maximum")
        for floor in sorted(set(FLOORS))
        if floor > power.min() * (1e-6 if kind == "add" else 1)
    ]
    tails += [replace(tails[0], kind="linear", slope=slope) for slope in (1.0, 0.5)]
    # 80 decibels below the top of powers and of magnitudes, in natural logarithms.
    tails += [replace(tails[0], top=top) for top in (8.0 * LN10, 4.0 * LN10)]
    return [*tails, *(replace(tail, ddof=1) for tail in tails)]


def name_reference(tail: Tail, values: Floats, dtype: Any = None) -> Tail:
    """Name what the tail takes from the recording, where the values show it."""
    if tail.reference is not None:
        return tail
    low, high, mean, deviation = values.min(), values.max(), values.mean(), values.std()
    tolerance, width = (1e-5 * deviation, 2e-6) if dtype is None else (1e-4 * deviation, 1e-4)
    if tail.kind == "linear" and low >= 0 and abs(high - 1) < 1e-6:
        return replace(tail, reference="minmax" if low == 0 else "peak")
    if tail.kind == "log" and abs(low) < 1e-9 and abs(high - 1) < 1e-6:
        return replace(tail, reference="minmax")
    for ddof in (0, 1):
        if abs(mean) < tolerance and abs(values.std(ddof=ddof) - 1) < width:
            return replace(tail, reference="all", ddof=ddof)
    if tail.kind == "log" and abs(high) < tolerance:
        return replace(tail, reference="max")
    return tail


def _distance(found: Floats, values: Floats) -> Any:
    return float(np.mean(np.abs(found - values) ** 2))


def tail_error(tail: Tail, values: Floats, power: Floats, dtype: Any = None) -> float:
    """Return the root of the mean squared error, relative to the standard deviation of the values.

    The error of values that were rounded to `dtype` is that beyond half the distance of its numbers.
    """
    found = tail.apply(power)
    spread = float(values.std())
    error = math.sqrt(float(np.mean(beyond_rounding(found, values, dtype) ** 2)))
    return error / spread if spread > 0 and math.isfinite(error) else math.inf
