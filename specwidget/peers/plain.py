"""The transform and its modes, written once more and plainly, to judge the layer and the peers by.

Nothing here is taken from the transform's own modules, window, scale, padding and layout among it, so that an error
there can't hide by being on both sides. Step and FFT length are taken from the settings; Keras has its own defaults.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float64]


def plain_window(settings: STFTSettings) -> Values:
    """Return the window's values (frame_length,), ones where there is none."""
    window = settings.window
    if window is None:
        return np.ones(settings.frame_length)
    if not isinstance(window, str) and not isinstance(window[0], str):
        return np.array(window, dtype=np.float64)
    return np.array(_named_window(window, settings.frame_length, settings.periodic))


@lru_cache(maxsize=8)
def _named_window(window: Any, frame_length: int, periodic: bool) -> Values:
    """Return SciPy's window, made once for all pieces."""
    from scipy.signal import get_window

    return np.asarray(get_window(window, frame_length, fftbins=periodic), dtype=np.float64)


def plain_scale(settings: STFTSettings) -> float:
    """Return what the transform is divided by: 1 where there is no window."""
    window = plain_window(settings)
    scales = {"density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window))}
    return 1.0 if settings.window is None or settings.scaling is None else float(scales[settings.scaling])


def plain_weights(settings: STFTSettings) -> Values:
    """Return the window divided by its scale, (frame_length,)."""
    return plain_window(settings) / plain_scale(settings)


def plain_framing(n_samples: int, settings: STFTSettings) -> tuple[int, int, int]:
    """Return the number of frames of a signal, and the zeros before and after it."""
    step, frame_length = settings.step, settings.frame_length
    if settings.padding == "valid":
        return 1 + (n_samples - frame_length) // step, 0, 0
    n_frames = (n_samples + step - 1) // step
    missing = max((n_frames - 1) * step + frame_length - n_samples, 0)
    return n_frames, missing // 2, missing - missing // 2


def plain_rows(inputs: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Return the input as (batch, channels, time)."""
    return inputs.transpose(0, 2, 1) if settings.channels_last else inputs


def plain_part(output: Any, batch: int, channel: int, first: int, last: int, settings: STFTSettings) -> Any:
    """Return frames `first` to `last - 1` of one channel of a result, (frames, n_outputs), in its library."""
    item, frames, n = output[batch], slice(first, last), settings.n_outputs
    if settings.expand_dims:
        return item[frames, :, channel] if settings.channels_last else item[channel, frames]
    values = slice(channel * n, (channel + 1) * n)
    return item[frames, values] if settings.channels_last else item[values, frames].T


def plain_frames(samples: Values, settings: STFTSettings) -> Values:
    """Return the frames of padded samples, (frames, frame_length), a view."""
    return np.lib.stride_tricks.sliding_window_view(samples, settings.frame_length)[:: settings.step]


def plain_spectrum(samples: Values, settings: STFTSettings) -> NDArray[np.complex128]:
    """Return the transform of padded samples, (frames, n_bins)."""
    return np.fft.rfft(plain_frames(samples, settings) * plain_weights(settings), n=settings.n_fft)


def frame_norms(samples: Values, settings: STFTSettings) -> Values:
    """Return the Euclidean norm of each windowed and scaled frame, (frames,)."""
    frames = plain_frames(samples, settings)
    return np.asarray(np.sqrt(np.einsum("tn,tn,n->t", frames, frames, plain_weights(settings) ** 2, optimize=False)))


def frame_sums(samples: Values, settings: STFTSettings) -> Values:
    """Return the sum of the sizes of each windowed and scaled frame's samples, (frames,)."""
    return np.asarray(np.abs(plain_frames(samples, settings)) @ np.abs(plain_weights(settings)))


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
