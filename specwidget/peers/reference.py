"""A direct computation of the transform and its modes in float64, to judge the layer and the peers by.

It uses none of the modules of `specwidget.stft` that frame, window, scale, pad, transform or lay out, so that an error
in one of them can't be on both sides of a comparison. Step and FFT length are those of the settings; Keras's defaults
check them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.settings import STFTSettings

Values = NDArray[np.float64]


def window_values(settings: STFTSettings) -> Values:
    """Make the window (frame_length,); ones where there is none."""
    window = settings.window
    if window is None:
        return np.ones(settings.frame_length)
    if not isinstance(window, str) and not isinstance(window[0], str):
        return np.array(window, dtype=np.float64)
    return np.array(_named_window(window, settings.frame_length, settings.periodic))


@lru_cache(maxsize=8)
def _named_window(window: Any, frame_length: int, periodic: bool) -> Values:
    """Make SciPy's window, once for all blocks."""
    from scipy.signal import get_window

    return np.asarray(get_window(window, frame_length, fftbins=periodic), dtype=np.float64)


def window_scale(settings: STFTSettings) -> float:
    """Compute the divisor of the transform; 1 where there is no window or no scaling."""
    window = window_values(settings)
    scales = {"density": np.sqrt(np.sum(window**2)), "spectrum": np.sum(np.abs(window))}
    return 1.0 if settings.window is None or settings.scaling is None else float(scales[settings.scaling])


def scaled_window(settings: STFTSettings) -> Values:
    """Make the window divided by its scale, (frame_length,)."""
    return window_values(settings) / window_scale(settings)


def pad_to_fft(values: Values, settings: STFTSettings) -> Values:
    """Append `n_fft - frame_length` zeros: to a window, to make it as long as the FFT; to samples, for the last FFT."""
    return np.pad(values, (0, settings.n_fft - settings.frame_length))


def count_frames_and_zeros(n_samples: int, settings: STFTSettings) -> tuple[int, int, int]:
    """Count the frames of a signal, and the zeros of the padding before and after it."""
    step, frame_length = settings.step, settings.frame_length
    if settings.padding == "valid":
        return 1 + (n_samples - frame_length) // step, 0, 0
    n_frames = (n_samples + step - 1) // step
    missing = max((n_frames - 1) * step + frame_length - n_samples, 0)
    return n_frames, missing // 2, missing - missing // 2


def to_rows(inputs: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Transpose the input to (batch, channels, time)."""
    return inputs.transpose(0, 2, 1) if settings.channels_last else inputs


def read_frames(output: Any, batch: int, channel: int, first: int, last: int, settings: STFTSettings) -> Any:
    """Read frames `first` to `last - 1` of one channel of the layer's output, (frames, n_outputs)."""
    item, frames, n = output[batch], slice(first, last), settings.n_outputs
    if settings.expand_dims:
        return item[frames, :, channel] if settings.channels_last else item[channel, frames]
    values = slice(channel * n, (channel + 1) * n)
    return item[frames, values] if settings.channels_last else item[values, frames].T


def slice_frames(samples: Values, settings: STFTSettings) -> Values:
    """Slice padded samples into frames (frames, frame_length), a view."""
    return np.lib.stride_tricks.sliding_window_view(samples, settings.frame_length)[:: settings.step]


def compute_spectrum(samples: Values, settings: STFTSettings) -> NDArray[np.complex128]:
    """Compute the transform of padded samples, (frames, n_bins)."""
    return np.fft.rfft(slice_frames(samples, settings) * scaled_window(settings), n=settings.n_fft)


def compute_kernel_spectrum(
    samples: Values, settings: STFTSettings, kernels: list[NDArray[Any]]
) -> tuple[NDArray[np.complex128], Values]:
    """Compute products of padded samples with kernels, and the larger sum of absolute ones, each (frames, n_bins)."""
    frames = slice_frames(samples, settings)
    matrices = [np.asarray(kernel[:, 0, :], dtype=np.float64) for kernel in kernels]
    sums = np.asarray(np.max([np.abs(frames) @ np.abs(matrix) for matrix in matrices], axis=0))
    # Mode "imag" has the imaginary kernel only, mode "real" the real one.
    units = (1j,) if settings.mode == "imag" else (1, 1j)
    products = [unit * (frames @ matrix) for unit, matrix in zip(units, matrices, strict=False)]
    return np.asarray(sum(products), dtype=np.complex128), sums


def frame_norms(samples: Values, settings: STFTSettings) -> Values:
    """Compute the Euclidean norm of each windowed and scaled frame, (frames,)."""
    frames = slice_frames(samples, settings)
    return np.asarray(np.sqrt(np.einsum("tn,tn,n->t", frames, frames, scaled_window(settings) ** 2, optimize=False)))


def frame_sums(samples: Values, settings: STFTSettings) -> Values:
    """Compute the sum of absolute values of each windowed and scaled frame, (frames,)."""
    return np.asarray(np.abs(slice_frames(samples, settings)) @ np.abs(scaled_window(settings)))


def compute_values(spectrum: NDArray[np.complex128], settings: STFTSettings) -> Values:
    """Compute the values of the mode from a complex spectrum, in float64.

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
    undoubled = [0, settings.n_bins - 1] if settings.n_fft % 2 == 0 else [0]
    sides = np.where(np.isin(np.arange(settings.n_bins), undoubled), 1.0, 2.0)
    modes: dict[str, Callable[[], NDArray[Any]]] = {
        "real": lambda: spectrum.real,
        "imag": lambda: spectrum.imag,
        "stft": lambda: np.concatenate((spectrum.real, spectrum.imag), axis=-1),
        "angle": lambda: np.angle(spectrum),
        "psd": lambda: power * sides,
        "magnitude": lambda: apply_floor(np.abs(spectrum), settings),
        "log": lambda: np.log(apply_floor(np.abs(spectrum), settings)),
    }
    return modes[settings.mode]()


def apply_floor(magnitude: NDArray[Any], settings: STFTSettings) -> Values:
    """Raise magnitudes below the floor to it; NaN stays NaN."""
    floor = np.sqrt(settings.epsilon)
    return np.where(magnitude <= floor, floor, magnitude)
