"""Conversion of the arguments of `explore` to a `Sound`."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from specwidget.sounds.audio_files import read_sound
from specwidget.sounds.recordings import DEFAULT_RECORDING, load_recording
from specwidget.sounds.sound import Sound
from specwidget.spectrogram import check_sample_rate

FLOAT_DTYPES = ("float16", "float32", "float64")
PCM_FULL_SCALE = {"int16": 2**15, "int32": 2**31}


def as_sound(signal: Any = None, sample_rate: float | None = None) -> Sound:
    """Convert a path, an array or None to a sound.

    Parameters
    ----------
    signal : None, path, Sound, or array of shape (L,), (L, C) or (B, L, C), optional
        None is the default recording; a path is read as an audio file. Arrays of NumPy or CuPy stay in their library.
        Floats keep their dtype and values, and a (B, L, C) array of floats is not copied. int16 and int32 are PCM and
        become float32 in [-1, 1), as soundfile converts them.
    sample_rate : float, optional
        Sample rate of an array, Hz. For a signal with its own sample rate it must be equal to that.

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
        If `signal` has another type or dtype, or `sample_rate` is not a number.
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
        return _with_rate(replace(signal, samples=_as_batch(signal.samples)), rate)
    samples = _as_batch(signal)
    return Sound(samples, rate, "array", description=f"{signal.dtype} array of shape {tuple(signal.shape)}")


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


def _as_batch(signal: Any) -> Any:
    """Validate an array and convert it to axes (batch, time, channels) and a float dtype."""
    if not all(hasattr(signal, attribute) for attribute in ("shape", "ndim", "dtype", "astype")):
        raise TypeError(
            f"`signal` must be None, a path, a Sound, or an array of NumPy or CuPy; got {type(signal).__name__}. "
            "Convert it with numpy.asarray(signal)."
        )
    dtype = signal.dtype.name
    if dtype not in FLOAT_DTYPES and dtype not in PCM_FULL_SCALE:
        raise TypeError(
            f"`signal` must have one of the dtypes {', '.join((*FLOAT_DTYPES, *PCM_FULL_SCALE))}; got {dtype}. "
            "Convert it to float with full scale 1."
        )
    _check_shape(tuple(signal.shape))
    if dtype in PCM_FULL_SCALE:
        # A power of two, so the division is exact.
        signal = signal.astype("float32") / PCM_FULL_SCALE[dtype]
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
