"""The windows that are sums of a few cosines, Hann's among them: made here, to SciPy's bits.

`scipy.signal` takes a second to load, ten times as long as the rest of the layer. Nobody shall wait for it who wants
one of the usual windows.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

COSINE_SUMS: dict[str, tuple[float, ...]] = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 1 - 0.54),
    "blackman": (0.42, 0.50, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
"""Weights of the cosines of 0, 1, 2, ... turns, by SciPy's name of the window."""


def make_cosine_sum(weights: tuple[float, ...], length: int, *, periodic: bool) -> NDArray[np.float64]:
    """Make a window that is a weighted sum of cosines.

    Parameters
    ----------
    weights : tuple of float
        Weight of the cosine of `k` turns, `k` from 0.
    length : int
        Length of the window, samples.
    periodic : bool
        Whether the turns end at the sample after the last (for analysis) or at the last (symmetric, for filters).

    Returns
    -------
    ndarray (length,) of float64

    Notes
    -----
    With `phase` from -pi to pi, the window is the sum of ``weights[k] * cos(k * phase)``.

    References
    ----------
    F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proceedings of the
    IEEE 66 (1978), equation 26, with the phase counted from the middle of the window.

    Examples
    --------
    >>> make_cosine_sum((0.5, 0.5), 4, periodic=True).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    if length == 1:
        return np.ones(1)
    phase = np.linspace(-np.pi, np.pi, length + periodic)
    window = np.zeros(len(phase))
    for turns, weight in enumerate(weights):
        window += weight * np.cos(turns * phase)
    return window[:length]
