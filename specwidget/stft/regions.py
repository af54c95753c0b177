"""Some frames of a signal, from the samples that they cover alone.

The frames of a signal are the whole frames of its padded samples; so some of them are the whole frames of the samples
that they cover. Each is computed as in the whole: by the FFT to the same bits, by a matrix product within rounding,
which depends on how many rows it has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from specwidget.arrays import device_of, namespace
from specwidget.stft.kernels import Kernels
from specwidget.stft.layout import to_rows
from specwidget.stft.pipeline import check_inputs, compute_spectrogram
from specwidget.stft.settings import STFTSettings, check_integer
from specwidget.stft.shapes import count_frames, frame_start, frames_extent


def compute_frames(inputs: Any, first: int, last: int, settings: STFTSettings, kernels: Kernels | None = None) -> Any:
    """Compute frames `first` to `last - 1` of a batch.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        The whole signal, as for `compute_spectrogram`; only the samples that these frames cover are read.
    first, last : int
        Indices of frames, t; ``0 <= first < last <= n_frames``.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        As for `compute_spectrogram`.

    Returns
    -------
    array
        As `compute_spectrogram` returns it, with these frames alone.

    Raises
    ------
    ValueError
        If there are no such frames, or the shape of `inputs` is not one that the transform takes.
    TypeError
        If an index is no integer, or `inputs` no array of a float type.

    Examples
    --------
    >>> import numpy as np
    >>> signal = np.random.default_rng(0).standard_normal((1, 10_000, 1))
    >>> settings = STFTSettings(padding="same")
    >>> whole = compute_spectrogram(signal, settings)
    >>> np.array_equal(compute_frames(signal, 3, 20, settings), whole[:, 3:20])
    True
    """
    return compute_spectrogram(*take_frames(inputs, first, last, settings), kernels)


def compute_chosen(inputs: Any, frames: Sequence[int], settings: STFTSettings, kernels: Kernels | None = None) -> Any:
    """Compute any frames of a batch, in any order.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        The whole signal.
    frames : sequence of int
        Indices of frames, at least one.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        As for `compute_spectrogram`.

    Returns
    -------
    array
        As `compute_spectrogram` returns it, with these frames alone.

    Raises
    ------
    ValueError
        If there are no such frames.
    TypeError
        If an index is no integer.
    """
    return compute_spectrogram(*take_chosen(inputs, frames, settings), kernels)


def take_frames(inputs: Any, first: int, last: int, settings: STFTSettings) -> tuple[Any, STFTSettings]:
    """Return the signal and the settings whose whole transform is frames `first` to `last - 1`; checked."""
    check_inputs(inputs, settings)
    check_frames(first, last, _count(inputs, settings))
    return covered_samples(inputs, first, last, settings), unpadded(settings)


def take_chosen(inputs: Any, frames: Sequence[int], settings: STFTSettings) -> tuple[Any, STFTSettings]:
    """Return the signal and the settings whose whole transform is the given frames; checked."""
    check_inputs(inputs, settings)
    n_frames = _count(inputs, settings)
    if len(frames) == 0:
        raise ValueError("`frames` must name at least one frame; got none.")
    for frame in frames:
        check_frames(frame, frame + 1, n_frames)
    pieces = [covered_samples(inputs, frame, frame + 1, settings) for frame in frames]
    laid_out = namespace(inputs).concat(pieces, axis=_time_axis(settings))
    return laid_out, unpadded(settings, settings.frame_length)


def covered_samples(inputs: Any, first: int, last: int, settings: STFTSettings) -> Any:
    """Return the samples that frames `first` to `last - 1` cover, with the zeros of the padding.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        The whole signal.
    first, last : int
        Indices of frames, t.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array
        A view where no padding is among them.
    """
    axis = _time_axis(settings)
    n_samples = inputs.shape[axis]
    start = frame_start(first, n_samples, settings)
    stop = start + frames_extent(last - first, settings)
    begin, end = min(max(start, 0), n_samples), max(min(stop, n_samples), 0)
    end = max(begin, end)
    inside = inputs[:, begin:end, :] if settings.channels_last else inputs[:, :, begin:end]
    before, after = min(max(-start, 0), stop - start), max(stop - max(n_samples, start), 0)
    if before == after == 0:
        return inside
    xp = namespace(inputs)
    parts = [_zeros(before, inputs, axis), inside, _zeros(after, inputs, axis)]
    return xp.concat([part for part in parts if part.shape[axis]], axis=axis)


def check_frames(first: int, last: int, n_frames: int) -> None:
    """Raise unless there are frames `first` to `last - 1`."""
    begin, end = check_integer("first", first), check_integer("last", last)
    if not 0 <= begin < end <= n_frames:
        raise ValueError(
            f"`first` and `last` must name frames, 0 <= first < last <= n_frames={n_frames}; got {begin} and {end}."
        )


@lru_cache(maxsize=16)
def unpadded(settings: STFTSettings, step: int | None = None) -> STFTSettings:
    """Return settings for samples that are padded already, with another step if one is given."""
    return replace(settings, padding="valid", frame_step=settings.frame_step if step is None else step)


def _time_axis(settings: STFTSettings) -> int:
    """Return the axis of time of the input."""
    return 1 if settings.channels_last else 2


def _count(inputs: Any, settings: STFTSettings) -> int:
    """Count the frames of a signal."""
    return count_frames(to_rows(inputs, settings).shape[-1], settings)


def _zeros(n_samples: int, inputs: Any, axis: int) -> Any:
    """Return zeros to go beside a signal."""
    shape = [*inputs.shape]
    shape[axis] = n_samples
    return namespace(inputs).zeros(tuple(shape), dtype=inputs.dtype, device=device_of(inputs))
