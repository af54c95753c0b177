"""From bands back to magnitudes of bins, so that what a mel spectrogram or MFCC keeps of a sound can be heard.

A bank adds many bins to one band, so infinitely many magnitudes have the same bands. `magnitudes_from_powers` finds
non-negative ones with the least squared error, which begin smooth and stay so where nothing in the bands contradicts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings

N_ITERATIONS = 100
"""Multiplicative iterations: of a voice, nine of ten bands are then met within 0.01 %, whichever the front end."""

Values = NDArray[np.float64]


def powers_from_logarithms(values: NDArray[np.floating], settings: BandSettings) -> Values:
    """Undo the logarithm of bands before their normalization; MFCC keep only a smooth version of it.

    Parameters
    ----------
    values : ndarray (T, M)
        The values of `specwidget.mel.pipeline.compute_frames`.
    settings : BandSettings
        Settings of the mel spectrogram or MFCC.

    Returns
    -------
    ndarray (T, M)
        Powers of bands. A band at the floor has no power: what lay below is lost.

    Notes
    -----
    K coefficients are the first K of M values of an orthogonal transform, times a lifter. The others count as 0, so the
    logarithms that come back are those of the least norm that have these coefficients.
    """
    mel, logarithms = settings.mel, np.asarray(values, dtype=np.float64)
    if settings.cepstrum is not None:
        matrix = settings.layer.matrix
        logarithms = logarithms @ matrix @ np.linalg.pinv(matrix)
    if not mel.power_to_db:
        return np.maximum(logarithms, 0.0)
    powers = np.exp((logarithms + mel.log_offset) / mel.conventions.log_factor)
    if mel.conventions.floor == "add":
        return np.maximum(powers - mel.min_power, 0.0)
    return np.where(powers <= mel.min_power * (1.0 + FLOOR_ROUNDING), 0.0, powers)


FLOOR_ROUNDING = 1e-4
"""Distance from the floor, relative to it, that the logarithm in float32 may leave."""


def magnitudes_from_powers(powers: Values, settings: MelSettings, n_iter: int = N_ITERATIONS) -> Values:
    """Find non-negative magnitudes of bins that have given powers of bands.

    Parameters
    ----------
    powers : ndarray (T, M)
        Powers of bands.
    settings : MelSettings
        Settings of the mel spectrogram.
    n_iter : int
        Number of iterations.

    Returns
    -------
    ndarray (T, F)
        Magnitudes of the bins, without the gain and the pre-emphasis of the settings. Bins that no band holds are 0.

    Notes
    -----
    The squared error of the bands is reduced by multiplicative iterations [1]_, which keep every bin above 0 and never
    increase it. They begin with the bands spread over their bins, each in proportion to its weight.

    References
    ----------
    .. [1] D. D. Lee, H. S. Seung, *Algorithms for non-negative matrix factorization*, NIPS 13, 2001: for one given
       factor.

    Examples
    --------
    >>> settings = MelSettings(512, 160, 400, num_mel_bins=40)
    >>> flat = np.ones((1, 257)) @ settings.bank.weights
    >>> found = magnitudes_from_powers(flat, settings) ** 2 @ settings.bank.weights
    >>> bool(np.allclose(found, flat, rtol=0.02))
    True
    """
    weights = settings.bank.weights
    # All triangles as if of one area: else the errors of bands with small weights would count for nothing.
    areas = weights.sum(axis=0)
    scaled = np.divide(weights, areas, out=np.zeros_like(weights), where=areas > 0)
    bands = np.divide(powers, areas, out=np.zeros_like(powers), where=areas > 0)
    wanted = bands @ scaled.T
    shares = scaled.sum(axis=1)
    bins = np.divide(wanted, shares, out=np.zeros_like(wanted), where=shares > 0)
    for _ in range(n_iter):
        product = (bins @ scaled) @ scaled.T
        bins *= np.divide(wanted, product, out=np.zeros_like(wanted), where=product > TINY)
    magnitudes = np.maximum(bins, 0.0) ** (1.0 / settings.mag_exp)
    result: Values = magnitudes / (abs(settings.conventions.gain) * _emphasis(settings))
    return result


TINY = 1e-300
"""Least divisor of an iteration: below it bins are 0."""


def _emphasis(settings: MelSettings) -> Values:
    """Return the factor of each bin by pre-emphasis, ``|1 - a exp(-i w)|``, shape (F,)."""
    omega = 2.0 * np.pi * np.arange(settings.n_bins) / settings.n_fft
    factor = np.abs(1.0 - settings.conventions.preemphasis * np.exp(-1j * omega))
    return np.asarray(np.maximum(factor, LEAST_EMPHASIS))


LEAST_EMPHASIS = 1e-3
"""Least factor that is divided by: pre-emphasis of 1 removes an offset for good."""
