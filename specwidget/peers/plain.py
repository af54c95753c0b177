"""The transform and its modes, written once more and plainly, to judge the layer and the peers by.

Nothing here is taken from the transform's own modules, so that an error there can't hide by being on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float64]


def plain_frames(samples: Values, settings: STFTSettings) -> Values:
    """Return the frames of padded samples, (frames, frame_length), a view."""
    return np.lib.stride_tricks.sliding_window_view(samples, settings.frame_length)[:: settings.step]


def plain_spectrum(samples: Values, settings: STFTSettings) -> NDArray[np.complex128]:
    """Return the transform of padded samples, (frames, n_bins)."""
    return np.fft.rfft(plain_frames(samples, settings) * settings.scaled_window, n=settings.n_fft)


def frame_norms(samples: Values, settings: STFTSettings) -> Values:
    """Return the Euclidean norm of each windowed and scaled frame, (frames,)."""
    frames = plain_frames(samples, settings)
    return np.asarray(np.sqrt(np.einsum("tn,tn,n->t", frames, frames, settings.scaled_window**2, optimize=False)))


def frame_sums(samples: Values, settings: STFTSettings) -> Values:
    """Return the sum of the sizes of each windowed and scaled frame's samples, (frames,)."""
    return np.asarray(np.abs(plain_frames(samples, settings)) @ np.abs(settings.scaled_window))


def plain_values(spectrum: NDArray[np.complex128], settings: STFTSettings) -> Values:
    """Return what the mode makes of complex values, in float64.

    Parameters
    ----------
    spectrum : ndarray of complex (..., n_bins)
        The transform.
    settings : STFTSettings
        Settings with the mode.

    Returns
    -------
    ndarray (..., n_outputs)
        Values in the unit of the mode.
    """
    power = np.abs(spectrum) ** 2
    ends = [0, settings.n_bins - 1] if settings.n_fft % 2 == 0 else [0]
    sides = np.where(np.isin(np.arange(settings.n_bins), ends), 1.0, 2.0)
    makers: dict[str, Callable[[], NDArray[Any]]] = {
        "real": lambda: spectrum.real,
        "imag": lambda: spectrum.imag,
        "stft": lambda: np.concatenate((spectrum.real, spectrum.imag), axis=-1),
        "angle": lambda: np.angle(spectrum),
        "psd": lambda: power * sides,
        "magnitude": lambda: floored(np.abs(spectrum), settings),
        "log": lambda: np.log(floored(np.abs(spectrum), settings)),
    }
    return makers[settings.mode]()


def floored(magnitude: NDArray[Any], settings: STFTSettings) -> Values:
    """Return magnitudes on or above the floor; NaN stays NaN."""
    floor = np.sqrt(settings.epsilon)
    return np.where(magnitude <= floor, floor, magnitude)
