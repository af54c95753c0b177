"""Magnitudes of a spectrogram, to which the Griffin-Lim algorithm seeks a signal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from specwidget.arrays import namespace, scalar_like
from specwidget.stft.modes import floor_value, onesided_weights
from specwidget.stft.settings import Mode, STFTSettings

if TYPE_CHECKING:
    from specwidget.stft.synthesis import SynthesisPlan


def magnitude_from_magnitude(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Return magnitudes, with 0 for values at the floor."""
    return namespace(values).where(values <= floor, scalar_like(0.0, values), values)


def magnitude_from_log(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Compute magnitudes from their natural logarithms, with 0 for values at the floor."""
    xp = namespace(values)
    return xp.where(values <= floor, scalar_like(0.0, values), xp.exp(values))


def magnitude_from_psd(values: Any, settings: STFTSettings, floor: float) -> Any:
    """Compute magnitudes from one-sided powers, with 0 for values that are not positive."""
    xp = namespace(values)
    power = xp.where(values <= floor, scalar_like(0.0, values), values)
    return xp.sqrt(power / onesided_weights(settings, like=values))


TO_MAGNITUDE: dict[Mode, Callable[[Any, STFTSettings, float], Any]] = {
    "magnitude": magnitude_from_magnitude,
    "log": magnitude_from_log,
    "psd": magnitude_from_psd,
}
"""Conversion to magnitudes, by mode. "stft" has the phase already, and the other modes do not determine magnitudes."""


@dataclass(frozen=True, eq=False)
class Problem:
    """What the iterations of the Griffin-Lim algorithm are given.

    Parameters
    ----------
    values : array (batch, channels, T, n_bins)
        The spectrogram, of any float type and stride.
    floor : float
        Largest value that is read as magnitude 0.
    generator : numpy.random.Generator
        Generator of the initial phases, in its state before the first of them.
    origin : tuple of int
        Where the values are in a larger spectrogram whose phases are drawn: index of the first channel, counted over
        batch and channels; number of frames; index of the first frame.
    plan : SynthesisPlan
        Windows and factors of the overlap-add.
    settings : STFTSettings
        Settings of the transform.
    """

    values: Any
    floor: float
    generator: np.random.Generator
    origin: tuple[int, int, int]
    plan: SynthesisPlan
    settings: STFTSettings


def highest_floor(dtype: str, settings: STFTSettings) -> float:
    """Return the largest value of a spectrogram of some dtype that is read as magnitude 0."""
    floor = floor_value(settings)
    if floor is None:
        return 0.0
    # The floor was rounded to the dtype of the values, possibly by another library than ours.
    kinds = [np.finfo(settings.result_dtype), np.finfo(dtype)]
    eps = max(float(kind.eps) for kind in kinds)
    absolute = eps if settings.mode == "log" else max(float(kind.smallest_subnormal) for kind in kinds)
    return floor + 4 * eps * abs(floor) + absolute


def read_magnitudes(values: Any, floor: float, settings: STFTSettings) -> tuple[Any, Any]:
    """Return magnitudes in the compute dtype, 0 in frames that are not finite, and the mask of these frames."""
    xp = namespace(values)
    computed = xp.astype(values, getattr(xp, settings.compute_dtype))
    nonfinite = ~xp.all(xp.isfinite(computed), axis=-1)
    magnitudes = TO_MAGNITUDE[settings.mode](computed, settings, floor)
    return xp.where(nonfinite[..., None], scalar_like(0.0, magnitudes), magnitudes), nonfinite


def squared_errors(spectra: Any, magnitudes: Any) -> tuple[Any, Any]:
    """Return the sums of the squared magnitude errors and of the squared magnitudes, over finite values."""
    xp = namespace(magnitudes)
    differences = xp.abs(spectra) - magnitudes
    # Bin 0, the sum of the samples, is not finite where a sample is not; an FFT may leave other bins finite there.
    finite = xp.isfinite(differences) & xp.isfinite(spectra[..., :1])
    zero = scalar_like(0.0, magnitudes)
    return xp.sum(xp.where(finite, differences, zero) ** 2), xp.sum(xp.where(finite, magnitudes, zero) ** 2)


def spectral_convergence(error: Any, size: Any) -> Any:
    """Return the root of `error / size`; for silence, where `size` is 0, the root of the error."""
    xp = namespace(error)
    return xp.sqrt(xp.where(size > 0, error / xp.where(size > 0, size, scalar_like(1.0, size)), error))


def smallest_normal(like: Any) -> float:
    """Return the smallest normal number of an array's dtype: against a division by 0, it changes no magnitude."""
    return float(namespace(like).finfo(like.dtype).smallest_normal)
