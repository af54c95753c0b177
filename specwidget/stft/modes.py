"""Output modes: functions of the real and imaginary parts, each with its vector-Jacobian product.

A mode's function takes parts of shape (..., n_bins) and returns (..., n_outputs). With `out`, a contiguous array of
NumPy, the result is written there and the parts may be overwritten. Its VJP takes the parts and the gradient with
respect to the output, and returns the gradients with respect to the parts. For CuPy, `device_transform.cu` has the same
functions and products.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from specwidget.arrays import namespace, out_kwarg, scalar_like, stop_gradient, to_device_of, workspace
from specwidget.devices import held_on_device
from specwidget.stft.settings import Mode, STFTSettings
from specwidget.stft.transform import RealImag


@dataclass(frozen=True)
class PowerScales:
    """Powers of two that keep the power of scaled parts far from overflow and underflow.

    Parts of which the larger is below `low` are multiplied by `up` before they are squared, those above `high` by
    `down`. In between, the power is exact to its rounding, and the factor is 1.
    """

    low: float
    up: float
    high: float
    down: float


POWER_SCALES = {
    "float32": PowerScales(2.0**-50, 2.0**98, 2.0**60, 2.0**-70),
    "float64": PowerScales(2.0**-480, 2.0**600, 2.0**500, 2.0**-540),
}
"""The scales, by compute dtype."""

LARGEST = {dtype: float(np.finfo(dtype).max) for dtype in POWER_SCALES}
"""Largest finite number, by compute dtype."""

ModeFunction = Callable[..., Any]
ModeVJP = Callable[..., RealImag]


def real_part(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the real part, `re`."""
    return _copy_to(parts.real, out)


def vjp_real(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `real_part`."""
    return RealImag(cotangent, None)


def imag_part(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the imaginary part, `im`."""
    return _copy_to(parts.imag, out)


def vjp_imag(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `imag_part`."""
    return RealImag(None, cotangent)


def concat_parts(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Concatenate `[re, im]` along the bins, 2F values."""
    return namespace(parts.real).concat((parts.real, parts.imag), axis=-1, **out_kwarg(out))


def vjp_concat(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `concat_parts`."""
    return RealImag(cotangent[..., : settings.n_bins], cotangent[..., settings.n_bins :])


def angle(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute the phase `arctan2(im, re)` in radians, not unwrapped."""
    # Adding 0 turns -0.0 into 0.0: with a negative `re`, arctan2 would give -pi for the one and pi for the other.
    real, imag, xp = parts.real + 0.0, parts.imag + 0.0, namespace(parts.real)
    if out is not None:
        return xp.atan2(imag, real, out=out)
    # Automatic differentiation of arctan2 divides by the power. Where that is 0, the angle counts as a constant.
    normalized, _, is_zero = _normalized_parts(RealImag(real, imag))
    constant = stop_gradient(xp.atan2(imag, real))
    return xp.where(is_zero, constant, xp.atan2(normalized.imag, normalized.real))


def vjp_angle(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `angle`: `(-im, re) / P`, and 0 where P underflows to 0."""
    normalized, largest, is_zero = _normalized_parts(parts)
    xp = namespace(largest)
    factor = xp.where(is_zero, scalar_like(0.0, largest), cotangent / (largest * squared_magnitude(normalized)))
    return RealImag(-normalized.imag * factor, normalized.real * factor)


def psd(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute the one-sided power: doubled in every bin but the first, and the last of an even DFT."""
    values = squared_magnitude(parts, out)
    return namespace(values).multiply(values, onesided_weights(settings, like=values), **out_kwarg(out))


def vjp_psd(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `psd`: `2 (re, im)`, with the one-sided weights of the power."""
    factor = cotangent * (2.0 * onesided_weights(settings, like=cotangent))
    return RealImag(parts.real * factor, parts.imag * factor)


def magnitude(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute `sqrt(max(P, epsilon))`, also where the power would overflow or underflow."""
    if out is None:
        scaled = _scale_parts(parts, settings)
        xp = namespace(scaled.power)
        floor = scalar_like(math.sqrt(settings.epsilon), scaled.power)
        return xp.where(scaled.on_floor, floor, xp.sqrt(scaled.power) / scaled.scale)
    xp = namespace(out)
    if parts.complex is None:
        _write_hypot(parts, settings, out)
    else:
        # One pass over the complex array takes half the time of power and root.
        xp.abs(parts.complex, out=out)
    # NumPy's maximum of two arrays is six times as fast as that of an array and a scalar, twice as fast as that of an
    # array and a row. It passes NaN on.
    flat = out.reshape(-1)
    xp.maximum(flat, _floor_values(settings, 1 << flat.size.bit_length())[: flat.size], out=flat)
    return out


@lru_cache(maxsize=4)
def _floor_values(settings: STFTSettings, size: int) -> Any:
    """Return an array (size,) of the floor of mode "magnitude", as large as a block."""
    return np.full(size, math.sqrt(settings.epsilon), dtype=settings.compute_dtype)


def vjp_magnitude(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `magnitude`: `(re, im) / sqrt(P)`, and 0 at the floor."""
    scaled, masked = _above_floor(parts, cotangent, settings)
    factor = masked / namespace(masked).sqrt(scaled.power)
    return RealImag(scaled.real * factor, scaled.imag * factor)


def log(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute the natural logarithm of the magnitude."""
    if out is None:
        # Half the logarithm of the power: its derivative has no root, which is infinite at 0.
        scaled = _scale_parts(parts, settings)
        xp = namespace(scaled.power)
        floor = scalar_like(0.5 * math.log(settings.epsilon), scaled.power)
        return xp.where(scaled.on_floor, floor, xp.log(scaled.power) * 0.5 - xp.log(scaled.scale))
    return namespace(out).log(magnitude(parts, settings, out), out=out)


def vjp_log(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `log`: `(re, im) / P`, and 0 at the floor."""
    scaled, masked = _above_floor(parts, cotangent, settings)
    # Divided before multiplied: the product of a part and a large gradient could overflow.
    real, imag = (part / scaled.power * masked * scaled.scale for part in (scaled.real, scaled.imag))
    return RealImag(real, imag)


OUTPUTS: dict[Mode, ModeFunction] = {
    "log": log,
    "magnitude": magnitude,
    "psd": psd,
    "real": real_part,
    "imag": imag_part,
    "angle": angle,
    "stft": concat_parts,
}
"""Function of the real and imaginary parts, by mode."""

VJPS: dict[Mode, ModeVJP] = {
    "log": vjp_log,
    "magnitude": vjp_magnitude,
    "psd": vjp_psd,
    "real": vjp_real,
    "imag": vjp_imag,
    "angle": vjp_angle,
    "stft": vjp_concat,
}
"""Vector-Jacobian product of each function in `OUTPUTS`, by mode."""


LINEAR_MODES: tuple[Mode, ...] = ("real", "imag", "stft")
"""Modes whose vector-Jacobian product does not depend on the parts."""


def floor_value(settings: STFTSettings) -> float | None:
    """Return the lowest value that the mode can have, or None if it has no floor."""
    lowest = {"magnitude": math.sqrt(settings.epsilon), "log": 0.5 * math.log(settings.epsilon)}
    return lowest.get(settings.mode)


def _copy_to(part: Any, out: Any | None) -> Any:
    if out is None:
        return part
    out[...] = part
    return out


def squared_magnitude(parts: RealImag, out: Any | None = None) -> Any:
    """Return `re^2 + im^2`. With `out`, the parts are squared in place."""
    real, imag, joint = parts
    if out is None:
        return real * real + imag * imag
    xp = namespace(out)
    # One pass over the complex array as pairs of real numbers is faster than two over its strided views.
    for part in (real, imag) if joint is None else (joint.view(out.dtype),):
        xp.multiply(part, part, out=part)
    return xp.add(real, imag, out=out)


class _ScaledParts(NamedTuple):
    """Parts times a power of two, their power, that factor, and where the unscaled power is at the floor.

    The power is 1 at the floor, so that no derivative is infinite there.
    """

    real: Any
    imag: Any
    power: Any
    scale: Any
    on_floor: Any


def _scale_parts(parts: RealImag, settings: STFTSettings) -> _ScaledParts:
    """Multiply the parts by a power of two, so that their power neither overflows nor underflows."""
    real, imag, _ = parts
    xp, scales = namespace(real), POWER_SCALES[settings.compute_dtype]
    up, down, one = (scalar_like(value, real) for value in (scales.up, scales.down, 1.0))
    if isinstance(real, np.ndarray) and real.size:
        power = real * real + imag * imag
        # Powers that are all in range need no scale, which spares most of the passes over the arrays.
        if power.min() >= 2 * scales.low**2 and power.max() <= scales.high**2:
            on_floor = power <= scalar_like(settings.epsilon, power)
            return _ScaledParts(real, imag, np.where(on_floor, one, power), one, on_floor)
    # A constant to automatic differentiation.
    larger = stop_gradient(xp.maximum(xp.abs(real), xp.abs(imag)))
    is_low, is_high = larger < scales.low, larger > scales.high
    scale = xp.where(is_low, up, xp.where(is_high, down, one))
    real, imag = real * scale, imag * scale
    power = real * real + imag * imag
    # Times the square of the scale, which is infinite or 0 where every or no power of that scale is at the floor.
    floors = [settings.epsilon * factor * factor for factor in (scales.up, scales.down, 1.0)]
    largest = LARGEST[settings.compute_dtype]
    low, high, middle = (scalar_like(floor if floor <= largest else math.inf, power) for floor in floors)
    on_floor = power <= xp.where(is_low, low, xp.where(is_high, high, middle))
    return _ScaledParts(real, imag, xp.where(on_floor, one, power), scale, on_floor)


def _above_floor(parts: RealImag, cotangent: Any, settings: STFTSettings) -> tuple[_ScaledParts, Any]:
    """Return the scaled parts, and the cotangent, 0 where the power is at the floor."""
    scaled = _scale_parts(parts, settings)
    return scaled, namespace(cotangent).where(scaled.on_floor, scalar_like(0.0, cotangent), cotangent)


def _write_hypot(parts: RealImag, settings: STFTSettings, out: Any) -> None:
    """Write the magnitude of parts that are no views of a complex array; the parts are kept."""
    # The root of the power takes a fifth of the time of `hypot`, which then computes where the power is out of range.
    squares = workspace("squares", out.shape, settings.compute_dtype, out)
    np.multiply(parts.real, parts.real, out=out)
    np.add(out, np.multiply(parts.imag, parts.imag, out=squares), out=out)
    least = POWER_SCALES[settings.compute_dtype].low ** 2
    is_inaccurate = None
    if settings.epsilon < least:
        is_inaccurate = ~((out >= least) & (out < np.inf))
    elif out.size and not out.max() < np.inf:
        is_inaccurate = ~(out < np.inf)
    np.sqrt(out, out=out)
    if is_inaccurate is not None:
        out[is_inaccurate] = np.hypot(parts.real[is_inaccurate], parts.imag[is_inaccurate])


def _normalized_parts(parts: RealImag) -> tuple[RealImag, Any, Any]:
    """Return the parts divided by the larger of both, that larger one as a constant, and where the power is 0.

    The quotients have the same angle and a power between 1 and 2. The power of the parts themselves may be subnormal,
    and its reciprocal infinite. Where the power is 0, the quotients are 1 and 0.
    """
    real, imag, _ = parts
    xp = namespace(real)
    is_zero = squared_magnitude(parts) == 0
    zero, one = scalar_like(0.0, real), scalar_like(1.0, real)
    largest = xp.where(is_zero, one, stop_gradient(xp.maximum(xp.abs(real), xp.abs(imag))))
    normalized = RealImag(xp.where(is_zero, one, real / largest), xp.where(is_zero, zero, imag / largest))
    return normalized, largest, is_zero


def onesided_weights(settings: STFTSettings, like: Any) -> Any:
    """Return the factors that make a power one-sided, shape (n_bins,): 1 for bin 0 and the Nyquist bin, else 2."""
    weights = np.full(settings.n_bins, 2, dtype=settings.compute_dtype)
    weights[0] = 1
    # The last bin of an odd DFT is not the Nyquist frequency.
    if settings.n_fft % 2 == 0:
        weights[-1] = 1
    key = "one-sided weights", settings.n_fft, settings.compute_dtype
    return held_on_device(key, like, lambda: to_device_of(weights, like))
