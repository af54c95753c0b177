"""Output modes: functions of the real and imaginary parts, each with its vector-Jacobian product.

A mode's function takes parts of shape (..., n_bins) and returns (..., n_outputs). With `out`, which NumPy and CuPy
support, the result is written there and the parts may be overwritten. Its VJP takes the parts and the gradient with
respect to the output, and returns the gradients with respect to the parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from specwidget.arrays import namespace, out_kwarg, scalar_like, stop_gradient, to_device_of
from specwidget.stft.settings import Mode, STFTSettings
from specwidget.stft.transform import RealImag

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
    factor = xp.where(is_zero, scalar_like(0.0, largest), cotangent / (largest * _power(normalized)))
    return RealImag(-normalized.imag * factor, normalized.real * factor)


def psd(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute the one-sided power: doubled in every bin but the first, and the last of an even DFT."""
    values = _power(parts, out)
    return namespace(values).multiply(values, onesided_weights(settings, like=values), **out_kwarg(out))


def vjp_psd(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `psd`: `2 (re, im)`, with the one-sided weights of the power."""
    factor = cotangent * (2.0 * onesided_weights(settings, like=cotangent))
    return RealImag(parts.real * factor, parts.imag * factor)


def magnitude(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute `sqrt(max(P, epsilon))`."""
    if out is None:
        return namespace(parts.real).sqrt(_floored_power(parts, settings))
    xp = namespace(out)
    if parts.complex is None:
        xp.sqrt(_power(parts, out), out=out)
    else:
        # One pass over the complex array takes half the time of power and root.
        xp.abs(parts.complex, out=out)
    # NumPy's maximum of two arrays is four times as fast as that of an array and a scalar. It passes NaN on.
    floor = xp.full(settings.n_bins, math.sqrt(settings.epsilon), dtype=out.dtype)
    return xp.maximum(out, floor, out=out)


def vjp_magnitude(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `magnitude`: `(re, im) / sqrt(P)`, and 0 at the floor."""
    power, masked = _above_floor(parts, cotangent, settings)
    factor = masked / namespace(power).sqrt(power)
    return RealImag(parts.real * factor, parts.imag * factor)


def log(parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Compute the natural logarithm of the magnitude."""
    if out is None:
        # Half the logarithm of the power: its derivative has no root, which is infinite at 0.
        return namespace(parts.real).log(_floored_power(parts, settings)) * 0.5
    return namespace(out).log(magnitude(parts, settings, out), out=out)


def vjp_log(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Vector-Jacobian product of `log`: `(re, im) / P`, and 0 at the floor."""
    power, masked = _above_floor(parts, cotangent, settings)
    # Divided before multiplied: the product of a part and a large gradient could overflow.
    return RealImag(parts.real / power * masked, parts.imag / power * masked)


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


def floor_value(settings: STFTSettings) -> float | None:
    """Return the lowest value that the mode can have, or None if it has no floor."""
    lowest = {"magnitude": math.sqrt(settings.epsilon), "log": 0.5 * math.log(settings.epsilon)}
    return lowest.get(settings.mode)


def _copy_to(part: Any, out: Any | None) -> Any:
    if out is None:
        return part
    out[...] = part
    return out


def _power(parts: RealImag, out: Any | None = None) -> Any:
    """Return `re^2 + im^2`. With `out`, the parts are squared in place."""
    real, imag, joint = parts
    if out is None:
        return real * real + imag * imag
    xp = namespace(out)
    # One pass over the complex array as pairs of real numbers is faster than two over its strided views.
    for part in (real, imag) if joint is None else (joint.view(out.dtype),):
        xp.multiply(part, part, out=part)
    return xp.add(real, imag, out=out)


def _above_floor(parts: RealImag, cotangent: Any, settings: STFTSettings) -> tuple[Any, Any]:
    """Return the power, 1 where it is at the floor, and the cotangent, 0 there."""
    power = _power(parts)
    xp = namespace(power)
    on_floor = power <= settings.epsilon
    zero, one = scalar_like(0.0, power), scalar_like(1.0, power)
    return xp.where(on_floor, one, power), xp.where(on_floor, zero, cotangent)


def _normalized_parts(parts: RealImag) -> tuple[RealImag, Any, Any]:
    """Return the parts divided by the larger of both, that larger one as a constant, and where the power is 0.

    The quotients have the same angle and a power between 1 and 2. The power of the parts themselves may be subnormal,
    and its reciprocal infinite. Where the power is 0, the quotients are 1 and 0.
    """
    real, imag, _ = parts
    xp = namespace(real)
    is_zero = _power(parts) == 0
    zero, one = scalar_like(0.0, real), scalar_like(1.0, real)
    largest = xp.where(is_zero, one, stop_gradient(xp.maximum(xp.abs(real), xp.abs(imag))))
    normalized = RealImag(xp.where(is_zero, one, real / largest), xp.where(is_zero, zero, imag / largest))
    return normalized, largest, is_zero


def _floored_power(parts: RealImag, settings: STFTSettings) -> Any:
    power = _power(parts)
    floor = scalar_like(settings.epsilon, power)
    # In this order NaN, which no comparison holds for, stays NaN.
    return namespace(power).where(power <= floor, floor, power)


def onesided_weights(settings: STFTSettings, like: Any) -> Any:
    """Return the factors that make a power one-sided, shape (n_bins,): 1 for bin 0 and the Nyquist bin, else 2."""
    weights = np.full(settings.n_bins, 2, dtype=settings.compute_dtype)
    weights[0] = 1
    # The last bin of an odd DFT is not the Nyquist frequency.
    if settings.n_fft % 2 == 0:
        weights[-1] = 1
    return to_device_of(weights, like)
