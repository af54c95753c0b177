"""General cosine windows, such as Hann's, computed to the same bits as SciPy's.

Importing `scipy.signal` takes about a second, ten times as long as the rest of the layer. The most common windows are
sums of a few cosines, so they are computed here and SciPy is imported only for the others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COSINE_WINDOWS: dict[str, tuple[float, ...]] = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    # 1 - 0.54 differs from 0.46 in the last bit, and it is what SciPy computes.
    "hamming": (0.54, 1 - 0.54),
    "blackman": (0.42, 0.50, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
"""Coefficients of the cosines of 0, 1, 2, ... periods, by SciPy's name of the window."""


def make_cosine_window(coefficients: tuple[float, ...], length: int, *, periodic: bool) -> NDArray[np.float64]:
    """Compute a general cosine window, as `scipy.signal.windows.general_cosine` does.

    Parameters
    ----------
    coefficients : tuple of float
        Coefficient of the cosine with `k` periods, `k` from 0.
    length : int
        Length of the window, samples.
    periodic : bool
        If True, the period is `length` samples (for spectral analysis); if False, `length - 1` (symmetric, for filter
        design).

    Returns
    -------
    ndarray (length,) of float64

    Notes
    -----
    With `phase` from -pi to pi, the window is the sum of ``coefficients[k] * cos(k * phase)``.

    References
    ----------
    F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proceedings of the
    IEEE 66 (1978), equation 26, with the phase counted from the middle of the window.

    Examples
    --------
    >>> make_cosine_window((0.5, 0.5), 4, periodic=True).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if length == 1:
        return np.ones(1)
    # The order of these operations is SciPy's, which makes the bits equal.
    phase = np.linspace(-np.pi, np.pi, length + periodic)
    window = np.zeros(len(phase))
    for k, coefficient in enumerate(coefficients):
        window += coefficient * np.cos(k * phase)
    return window[:length]
