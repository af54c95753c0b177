"""Conversion of the arguments of `explore` to a `Sound`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from specwidget.array_types import FULL_SCALES, array_conversion, float_conversion
from specwidget.arrays import is_array, library_of, to_numpy
from specwidget.sounds.audio_files import read_sound
from specwidget.sounds.recordings import DEFAULT_RECORDING, load_recording
from specwidget.sounds.sound import Sound
from specwidget.stft.other_names import hinting
from specwidget.stft.settings import check_sample_rate

FLOAT_DTYPES = ("float16", "float32", "float64")


@hinting
def as_sound(signal: Any = None, sample_rate: float | None = None, *, copy: bool = False) -> Sound:
    """Convert a path, an array or None to a sound.

    Parameters
    ----------
    signal : None, path, Sound, array of shape (L,), (L, C) or (B, L, C), or pair of an array and its rate, optional
        None is the default recording; a path is read as an audio file. Arrays of NumPy or CuPy stay in their library;
        tensors of PyTorch, arrays of JAX, series and frames of pandas, and lists of numbers become NumPy's. Floats keep
        their dtype and values. int8, int16 and int32 are PCM with full scale at 2^7, 2^15 and 2^31, uint8 with zero at
        128; they become float32 in [-1, 1), as soundfile converts them. A pair is (samples, rate) as of librosa, or
        (rate, samples) as of SciPy.
    sample_rate : float, optional
        Sample rate of an array, Hz. For a signal with its own sample rate it must be equal to that.
    copy : bool, default False
        Whether the sound has its own samples. If not, those of floats are the caller's: what is changed in the array
        changes in the sound.

    Returns
    -------
    Sound
        Samples of shape (B, L, C).

    Raises
    ------
    ValueError
        If an array has another rank, an empty axis, or more channels than samples; or if `sample_rate` is not finite
        and positive, or differs from that of the signal.
    TypeError
        If `signal` has another type or dtype, such as a complex one or a masked array; the message has the line that
        converts it. If `sample_rate` is not a number.
    SoundError
        If a file can't be read.

    Examples
    --------
    >>> import numpy as np
    >>> as_sound(np.zeros(16000), 8000).samples.shape
    (1, 16000, 1)
    >>> as_sound(np.zeros((2, 16000)))
    Traceback (most recent call last):
        ...
    ValueError: `signal` must have at least as many samples as channels; got shape (2, 16000) for (time, channels). \
The axes look swapped: pass signal.swapaxes(-1, -2).
    """
    rate = check_sample_rate(sample_rate)
    if signal is None:
        return _with_rate(load_recording(DEFAULT_RECORDING), rate)
    if isinstance(signal, str | os.PathLike):
        return _with_rate(read_sound(signal), rate)
    if isinstance(signal, Sound):
        return _with_rate(replace(signal, samples=_as_batch(signal.samples, copy=copy)), rate)
    pair = _as_pair(signal)
    if pair is not None:
        return _with_rate(as_sound(pair[0], pair[1], copy=copy), rate)
    array = _as_array(signal)
    samples = _as_batch(array, copy=copy)
    return Sound(samples, rate, "array", description=f"{array.dtype} array of shape {tuple(array.shape)}")


def _as_pair(signal: Any) -> tuple[Any, Any] | None:
    """Return samples and rate of a pair in either order; None if it is none."""
    if not isinstance(signal, tuple | list) or len(signal) != 2:
        return None
    first, second = signal
    is_scalar = _rank(first) == 0, _rank(second) == 0
    if is_scalar == (False, True):
        return first, second
    return (second, first) if is_scalar == (True, False) else None


def _rank(value: Any) -> int:
    """Return the number of axes: 0 of a number, 1 of a list."""
    return len(value.shape) if hasattr(value, "shape") else int(isinstance(value, Sequence))


def _as_array(signal: Any) -> Any:
    """Convert tensors, series, frames and lists of numbers to an array."""
    if isinstance(signal, np.ma.MaskedArray) and not np.ma.is_masked(signal):
        return signal.data
    if isinstance(signal, list | tuple):
        return _from_list(signal)
    # Series and DataFrame: labels of rows and columns are not needed.
    if all(hasattr(type(signal), attribute) for attribute in ("to_numpy", "iloc")):
        return np.asarray(signal.to_numpy())
    if is_array(signal) and library_of(signal) in ("PyTorch", "JAX"):
        return _from_tensor(signal)
    conversion = array_conversion("signal", signal)
    if conversion is not None or not all(hasattr(signal, each) for each in ("shape", "ndim", "dtype", "astype")):
        raise TypeError(
            "`signal` must be None, a path, a Sound, an array, or a pair of an array and its sample rate; got "
            f"{type(signal).__name__}. {conversion or _advice(signal)}"
        )
    # A matrix and other subclasses have an arithmetic of their own.
    return np.asarray(signal) if isinstance(signal, np.ndarray) else signal


def _from_list(values: list[Any] | tuple[Any, ...]) -> Any:
    try:
        array = np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:
        raise TypeError(
            f"`signal` must have numbers, or as many in each row; got a {type(values).__name__} that has not. "
            "Convert it with numpy.asarray(signal)."
        ) from error
    # Integers in a list have no width, and so no full scale.
    if array.dtype.kind in "iu" and not any(hasattr(value, "dtype") for value in values):
        raise TypeError(
            "`signal` must be a list of floats with full scale 1; got integers. "
            "Divide them by their full scale: numpy.asarray(signal) / 32768 for samples of 16 bits."
        )
    return array


def _from_tensor(signal: Any) -> Any:
    # Checked before: NumPy lacks bfloat16, and the advice is in the words of the library.
    dtype = str(signal.dtype).rpartition(".")[2]
    if dtype not in FLOAT_DTYPES and dtype not in FULL_SCALES:
        raise TypeError(_dtype_message(dtype, library_of(signal)))
    return to_numpy(signal)


def _advice(signal: Any) -> str:
    files = getattr(signal, "files", None)
    if isinstance(signal, np.lib.npyio.NpzFile) and files:
        if {"values", "times", "frequencies"} <= set(files):
            return "These are the values of a spectrogram, which save_values wrote. Pass the sound that it was made of."
        return f"Pass one of its arrays, such as signal[{files[0]!r}]."
    return "Convert it with numpy.asarray(signal)."


def _dtype_message(dtype: str, library: str) -> str:
    return (
        f"`signal` must have one of the dtypes {', '.join((*FLOAT_DTYPES, *FULL_SCALES))}; got {dtype}. "
        f"{float_conversion('signal', dtype, library=library)}"
    )


def _with_rate(sound: Sound, rate: float | None) -> Sound:
    """Set the sample rate of a sound; raise `ValueError` if it has a different one."""
    if rate is None or rate == sound.sample_rate:
        return sound
    if sound.sample_rate is None:
        return replace(sound, sample_rate=rate)
    raise ValueError(
        f"`sample_rate` must be {sound.sample_rate:g}, the sample rate of {sound.name!r}; got {rate:g}. "
        "Omit it, or pass the samples as an array."
    )


def _as_batch(signal: Any, *, copy: bool) -> Any:
    """Validate an array and convert it to axes (batch, time, channels) and a float dtype."""
    dtype = signal.dtype.name
    if dtype not in FLOAT_DTYPES and dtype not in FULL_SCALES:
        raise TypeError(_dtype_message(dtype, "NumPy"))
    _check_shape(tuple(signal.shape))
    if dtype in FULL_SCALES:
        offset, scale = FULL_SCALES[dtype]
        signal = signal.astype("float32")
        # The scale is a power of two, so the division is exact.
        signal = (signal - offset if offset else signal) / scale
    elif copy:
        signal = signal.copy()
    if signal.ndim == 1:
        return signal[None, :, None]
    return signal[None] if signal.ndim == 2 else signal


def _check_shape(shape: tuple[int, ...]) -> None:
    if len(shape) not in (1, 2, 3):
        raise ValueError(f"`signal` must have shape (L,), (L, C) or (B, L, C); got shape {shape}.")
    if 0 in shape:
        raise ValueError(f"`signal` must hold at least 1 sample on every axis; got shape {shape}.")
    # Audio has far more samples than channels, and libraries differ in the order of these axes.
    if len(shape) > 1 and shape[-1] > shape[-2]:
        axes = "(time, channels)" if len(shape) == 2 else "(batch, time, channels)"
        raise ValueError(
            f"`signal` must have at least as many samples as channels; got shape {shape} for {axes}. "
            "The axes look swapped: pass signal.swapaxes(-1, -2)."
        )
