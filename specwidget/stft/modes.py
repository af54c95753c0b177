"""What is computed from the real and imaginary parts: one function per mode.

Each takes parts of shape (..., n_bins) and returns (..., n_outputs). With `out`, which NumPy and CuPy know, the
result goes there, and the parts may be overwritten. Beside each stands its pullback, which takes the parts and a
cotangent of the result, and returns those of the parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from specwidget.arrays import into, namespace, scalar_like, to_device_of, without_gradient
from specwidget.stft.settings import Mode, STFTSettings
from specwidget.stft.transform import Parts

Output = Callable[..., Any]
Pullback = Callable[..., Parts]


def take_real(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the real part, `re`."""
    return _keep(parts.real, out)


def pull_real(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `take_real`."""
    return Parts(cotangent, None)


def take_imag(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the imaginary part, `im`."""
    return _keep(parts.imag, out)


def pull_imag(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `take_imag`."""
    return Parts(None, cotangent)


def join_parts(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return `[re, im]` along the bins, 2F values."""
    return namespace(parts.real).concat((parts.real, parts.imag), axis=-1, **into(out))


def pull_joined(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `join_parts`."""
    return Parts(cotangent[..., : settings.n_bins], cotangent[..., settings.n_bins :])


def angle(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the phase `arctan2(im, re)` in radians, not unwrapped."""
    # Adding 0 turns -0.0 into 0.0, which is half a turn away where `re` is negative.
    real, imag, xp = parts.real + 0.0, parts.imag + 0.0, namespace(parts.real)
    if out is not None:
        return xp.atan2(imag, real, out=out)
    # Automatic differentiation would divide by the power: where that is 0, the angle counts as a constant.
    shares, _, lost = _shares(Parts(real, imag))
    held = without_gradient(xp.atan2(imag, real))
    return xp.where(lost, held, xp.atan2(shares.imag, shares.real))


def pull_angle(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `angle`: `(-im, re) / P`, and 0 where P underflows to 0."""
    shares, size, lost = _shares(parts)
    xp = namespace(size)
    rate = xp.where(lost, scalar_like(0.0, size), cotangent / (size * _power(shares)))
    return Parts(-shares.imag * rate, shares.real * rate)


def psd(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the power, doubled in every bin that stands for two: all but the first, and the last of an even DFT."""
    values = _power(parts, out)
    return namespace(values).multiply(values, bin_sides(settings, like=values), **into(out))


def pull_psd(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `psd`: `2 (re, im)`, doubled as the power is."""
    rate = cotangent * (2.0 * bin_sides(settings, like=cotangent))
    return Parts(parts.real * rate, parts.imag * rate)


def magnitude(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return `sqrt(max(P, epsilon))`."""
    if out is None:
        return namespace(parts.real).sqrt(_floored_power(parts, settings))
    xp = namespace(out)
    if parts.joint is None:
        xp.sqrt(_power(parts, out), out=out)
    else:
        # One pass, and half the time of the root of the power.
        xp.abs(parts.joint, out=out)
    # NumPy takes the larger of two arrays four times as fast as that of an array and a number.
    floor = xp.full(settings.n_bins, math.sqrt(settings.epsilon), dtype=out.dtype)
    return xp.maximum(out, floor, out=out)


def pull_magnitude(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `magnitude`: `(re, im) / sqrt(P)`, and 0 on the floor."""
    power, moving = _off_floor(parts, cotangent, settings)
    rate = moving / namespace(power).sqrt(power)
    return Parts(parts.real * rate, parts.imag * rate)


def log(parts: Parts, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the natural logarithm of the magnitude."""
    if out is None:
        # Half that of the power, whose derivative needs no root.
        return namespace(parts.real).log(_floored_power(parts, settings)) * 0.5
    return namespace(out).log(magnitude(parts, settings, out), out=out)


def pull_log(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `log`: `(re, im) / P`, and 0 on the floor."""
    power, moving = _off_floor(parts, cotangent, settings)
    return Parts(parts.real / power * moving, parts.imag / power * moving)


OUTPUTS: dict[Mode, Output] = {
    "log": log,
    "magnitude": magnitude,
    "psd": psd,
    "real": take_real,
    "imag": take_imag,
    "angle": angle,
    "stft": join_parts,
}
"""What each mode computes."""

PULLBACKS: dict[Mode, Pullback] = {
    "log": pull_log,
    "magnitude": pull_magnitude,
    "psd": pull_psd,
    "real": pull_real,
    "imag": pull_imag,
    "angle": pull_angle,
    "stft": pull_joined,
}
"""What a change of each mode's values means for `re` and `im`: its transposed derivative, times a cotangent."""


def floor_value(settings: STFTSettings) -> float | None:
    """Return the lowest value that the mode can have, None where it has no floor."""
    lowest = {"magnitude": math.sqrt(settings.epsilon), "log": 0.5 * math.log(settings.epsilon)}
    return lowest.get(settings.mode)


def _keep(part: Any, out: Any | None) -> Any:
    """Return `part`, in `out` if given."""
    if out is None:
        return part
    out[...] = part
    return out


def _power(parts: Parts, out: Any | None = None) -> Any:
    """Return `re^2 + im^2`; with `out`, the parts are squared in place."""
    real, imag, joint = parts
    if out is None:
        return real * real + imag * imag
    xp = namespace(out)
    for part in (real, imag) if joint is None else (joint.view(out.dtype),):
        xp.multiply(part, part, out=part)
    return xp.add(real, imag, out=out)


def _off_floor(parts: Parts, cotangent: Any, settings: STFTSettings) -> tuple[Any, Any]:
    """Return the power, 1 where it is on the floor, and the cotangent, 0 there."""
    power = _power(parts)
    xp = namespace(power)
    on_floor = power <= settings.epsilon
    zero, one = scalar_like(0.0, power), scalar_like(1.0, power)
    return xp.where(on_floor, one, power), xp.where(on_floor, zero, cotangent)


def _shares(parts: Parts) -> tuple[Parts, Any, Any]:
    """Return the parts as shares of the larger one, that one, a constant, and where the power underflows to 0.

    Shares have the same angle, and squares that neither overflow nor underflow: where the power is subnormal, its
    reciprocal is infinite already. Where it is 0, they are those of the angle 0.
    """
    real, imag, _ = parts
    xp = namespace(real)
    lost = _power(parts) == 0
    zero, one = scalar_like(0.0, real), scalar_like(1.0, real)
    size = xp.where(lost, one, without_gradient(xp.maximum(xp.abs(real), xp.abs(imag))))
    return Parts(xp.where(lost, one, real / size), xp.where(lost, zero, imag / size)), size, lost


def _floored_power(parts: Parts, settings: STFTSettings) -> Any:
    """Return the power, at least `epsilon`; NaN stays NaN."""
    power = _power(parts)
    floor = scalar_like(settings.epsilon, power)
    return namespace(power).where(power <= floor, floor, power)


def bin_sides(settings: STFTSettings, like: Any) -> Any:
    """Return 1 for bins that stand for themselves and 2 for those that stand for two, shape (n_bins,)."""
    sides = np.full(settings.n_bins, 2, dtype=settings.compute_dtype)
    sides[0] = 1
    if settings.n_fft % 2 == 0:
        sides[-1] = 1
    return to_device_of(sides, like)
