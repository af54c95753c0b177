"""Mel scales: HTK's, a logarithm of the frequency, and Slaney's, which is linear below 1 kHz."""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

MelScale = Literal["htk", "slaney"]

MEL_SCALES: tuple[MelScale, ...] = get_args(MelScale)

BREAK_FREQUENCY = 1000.0
"""Frequency from which Slaney's scale is logarithmic, Hz."""

HERTZ_PER_MEL = 200.0 / 3.0
"""Width of a mel below it in Slaney's scale, Hz."""

LOG_STEP = float(np.log(6.4) / 27.0)
"""Natural logarithm of the ratio of frequencies that are one mel apart above it."""


def hertz_to_mel(frequencies: ArrayLike, scale: MelScale) -> NDArray[np.float64]:
    """Convert frequencies from Hz to mel.

    Parameters
    ----------
    frequencies : array-like
        Frequencies, Hz.
    scale : {"htk", "slaney"}
        ``2595 log10(1 + f / 700)``, or Slaney's: ``3 f / 200`` up to 1 kHz, and from there a factor of 6.4 for every 27
        mel. Kaldi's scale is HTK's with a factor that cancels in a filter bank.

    Returns
    -------
    ndarray
        Frequencies, mel.

    References
    ----------
    .. [1] S. Young et al., The HTK Book, section 5.4.
    .. [2] M. Slaney, Auditory Toolbox, technical report 1998-010, Interval Research.

    Examples
    --------
    >>> hertz_to_mel([0, 1000, 6400], "slaney").round(9).tolist()
    [0.0, 15.0, 42.0]
    """
    f = np.asarray(frequencies, dtype=np.float64)
    if scale == "htk":
        return np.asarray(2595.0 * np.log10(1.0 + f / 700.0))
    above = np.log(np.maximum(f, BREAK_FREQUENCY) / BREAK_FREQUENCY) / LOG_STEP
    return np.asarray(np.minimum(f, BREAK_FREQUENCY) / HERTZ_PER_MEL + above)


def mel_to_hertz(mels: ArrayLike, scale: MelScale) -> NDArray[np.float64]:
    """Convert frequencies from mel to Hz: the inverse of `hertz_to_mel`.

    Examples
    --------
    >>> mel_to_hertz([0, 15, 42], "slaney").round(9).tolist()
    [0.0, 1000.0, 6400.0]
    """
    m = np.asarray(mels, dtype=np.float64)
    if scale == "htk":
        return np.asarray(700.0 * (10.0 ** (m / 2595.0) - 1.0))
    at_break: Any = BREAK_FREQUENCY / HERTZ_PER_MEL
    return np.asarray(HERTZ_PER_MEL * np.minimum(m, at_break) * np.exp(LOG_STEP * np.maximum(m - at_break, 0.0)))
