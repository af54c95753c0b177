"""What is computed from the real and imaginary parts: one function per mode.

Each takes `real` and `imag` of shape (..., n_bins) and returns (..., n_outputs). With `out`, which NumPy and CuPy
know, the result goes there, and `real` and `imag` may be overwritten. Beside each stands its pullback, which takes
`real`, `imag` and a cotangent of the result, and returns those of `real` and `imag`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from specwidget.arrays import into, namespace, scalar_like, to_device_of, without_gradient
from specwidget.stft.settings import Mode, STFTSettings

Output = Callable[..., Any]
Pullback = Callable[..., "Parts"]
Parts = tuple[Any | None, Any | None]
"""Something for the real and something for the imaginary part; None where the mode does without."""


def take_real(real: Any, imag: None, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the real part, `re`."""
    return _keep(real, out)


def pull_real(real: Any, imag: None, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `take_real`."""
    return cotangent, None


def take_imag(real: None, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the imaginary part, `im`."""
    return _keep(imag, out)


def pull_imag(real: None, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `take_imag`."""
    return None, cotangent


def join_parts(real: Any, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return `[re, im]` along the bins, 2F values."""
    return namespace(real).concat((real, imag), axis=-1, **into(out))


def pull_joined(real: Any, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `join_parts`."""
    return cotangent[..., : settings.n_bins], cotangent[..., settings.n_bins :]


def angle(real: Any, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the phase `arctan2(im, re)` in radians, not unwrapped."""
    # Adding 0 turns -0.0 into 0.0, which is half a turn away where `re` is negative.
    real, imag, xp = real + 0.0, imag + 0.0, namespace(real)
    if out is not None:
        return xp.atan2(imag, real, out=out)
    # Automatic differentiation would divide by the power: where that is 0, the angle counts as a constant.
    lost = _power(real, imag, None) == 0
    held = without_gradient(xp.atan2(imag, real))
    moving = xp.atan2(xp.where(lost, scalar_like(0.0, imag), imag), xp.where(lost, scalar_like(1.0, real), real))
    return xp.where(lost, held, moving)


def pull_angle(real: Any, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `angle`: `(-im, re) / P`, and 0 where P underflows to 0."""
    rate = _divide(cotangent, _power(real, imag, None), floor=0.0)
    return -imag * rate, real * rate


def psd(real: Any, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the power, doubled in every bin that stands for two: all but the first, and the last of an even DFT."""
    values = _power(real, imag, out)
    return namespace(values).multiply(values, bin_sides(settings, like=values), **into(out))


def pull_psd(real: Any, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `psd`: `2 (re, im)`, doubled as the power is."""
    rate = cotangent * (2.0 * bin_sides(settings, like=cotangent))
    return real * rate, imag * rate


def magnitude(real: Any, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return `sqrt(max(P, epsilon))`."""
    values = _floored_power(real, imag, settings, out)
    return namespace(values).sqrt(values, **into(out))


def pull_magnitude(real: Any, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `magnitude`: `(re, im) / sqrt(P)`, and 0 on the floor."""
    power = _power(real, imag, None)
    xp = namespace(power)
    rate = _divide(cotangent * xp.sqrt(power), power, floor=settings.epsilon)
    return real * rate, imag * rate


def log(real: Any, imag: Any, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the natural logarithm of the magnitude, as half that of the floored power."""
    values = _floored_power(real, imag, settings, out)
    logarithm = namespace(values).log(values, **into(out))
    logarithm *= 0.5
    return logarithm


def pull_log(real: Any, imag: Any, cotangent: Any, settings: STFTSettings) -> Parts:
    """Pull a cotangent back through `log`: `(re, im) / P`, and 0 on the floor."""
    rate = _divide(cotangent, _power(real, imag, None), floor=settings.epsilon)
    return real * rate, imag * rate


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


def _power(real: Any, imag: Any, out: Any | None) -> Any:
    """Return `re^2 + im^2`."""
    if out is None:
        return real * real + imag * imag
    xp = namespace(real)
    squares = xp.multiply(real, real, out=real), xp.multiply(imag, imag, out=imag)
    return xp.add(*squares, out=out)


def _divide(numerator: Any, power: Any, floor: float) -> Any:
    """Return a quotient that is 0 where the power is at most `floor`, and NaN where it is NaN."""
    xp = namespace(power)
    on_floor = power <= floor
    return xp.where(on_floor, scalar_like(0.0, power), numerator / xp.where(on_floor, scalar_like(1.0, power), power))


def _floored_power(real: Any, imag: Any, settings: STFTSettings, out: Any | None) -> Any:
    """Return the power, at least `epsilon`; NaN stays NaN."""
    power = _power(real, imag, out)
    xp = namespace(power)
    floor = scalar_like(settings.epsilon, power)
    if out is None:
        return xp.where(power <= floor, floor, power)
    return xp.maximum(power, floor, out=out)


def bin_sides(settings: STFTSettings, like: Any) -> Any:
    """Return 1 for bins that stand for themselves and 2 for those that stand for two, shape (n_bins,)."""
    sides = np.full(settings.n_bins, 2, dtype=settings.compute_dtype)
    sides[0] = 1
    if settings.n_fft % 2 == 0:
        sides[-1] = 1
    return to_device_of(sides, like)
