"""From the transform to the bands of single frames: power of bins, sums of bins, logarithm.

NumPy and CuPy overwrite what they are given; other libraries make new arrays, so that automatic differentiation can
follow. What depends on all frames of a recording is in `normalization`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import namespace, out_kwarg, scalar_like, supports_out, to_device_of
from specwidget.devices import held_on_device
from specwidget.mel.settings import MelSettings
from specwidget.stft.modes import squared_magnitude
from specwidget.stft.transform import RealImag


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
    return held_on_device(
        ("bank", settings), like, lambda: to_device_of(settings.bank.weights.astype(settings.compute_dtype), like)
    )


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
