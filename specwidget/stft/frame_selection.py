"""The transform of selected frames, computed from the samples under them only.

The frames of a signal are those of its padded samples without padding; so any run of frames is the whole transform of
the samples that it covers. The FFT gives the same bits as in the transform of the whole signal. A matrix product gives
the same values within rounding, as BLAS sums in an order that depends on the number of rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from specwidget.arrays import device_of, namespace, on_device_of
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
        The result of `compute_spectrogram`, with these frames only.

    Raises
    ------
    ValueError
        If a frame does not exist, or the shape of `inputs` is invalid.
    TypeError
        If an index is not an integer, or `inputs` is not an array of a float type.

    Examples
    --------
    >>> import numpy as np
    >>> signal = np.random.default_rng(0).standard_normal((1, 10_000, 1))
    >>> settings = STFTSettings(padding="same")
    >>> whole = compute_spectrogram(signal, settings)
    >>> np.array_equal(compute_frames(signal, 3, 20, settings), whole[:, 3:20])
    True
    """
    return compute_spectrogram(*slice_for_frames(inputs, first, last, settings), kernels)


def compute_frames_at(
    inputs: Any, frames: Sequence[int], settings: STFTSettings, kernels: Kernels | None = None
) -> Any:
    """Compute the frames with the given indices, in any order.

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
        The result of `compute_spectrogram`, with these frames only.

    Raises
    ------
    ValueError
        If a frame does not exist.
    TypeError
        If an index is not an integer.
    """
    return compute_spectrogram(*gather_frames_at(inputs, frames, settings), kernels)


def slice_for_frames(inputs: Any, first: int, last: int, settings: STFTSettings) -> tuple[Any, STFTSettings]:
    """Return samples and settings whose whole transform is frames `first` to `last - 1`, after validation."""
    check_inputs(inputs, settings)
    check_frame_range(first, last, _n_frames(inputs, settings))
    return frame_support(inputs, first, last, settings), without_padding(settings)


def gather_frames_at(inputs: Any, frames: Sequence[int], settings: STFTSettings) -> tuple[Any, STFTSettings]:
    """Return samples and settings whose whole transform is the given frames, after validation."""
    check_inputs(inputs, settings)
    n_frames = _n_frames(inputs, settings)
    if len(frames) == 0:
        raise ValueError("`frames` must have at least 1 index; got none.")
    for frame in frames:
        check_frame_range(frame, frame + 1, n_frames)
    pieces = [frame_support(inputs, frame, frame + 1, settings) for frame in frames]
    # Frames side by side, with a step of a whole frame.
    with on_device_of(inputs):
        concatenated = namespace(inputs).concat(pieces, axis=_time_axis(settings))
    return concatenated, without_padding(settings, settings.frame_length)


def frame_support(inputs: Any, first: int, last: int, settings: STFTSettings) -> Any:
    """Return the samples under frames `first` to `last - 1`, including zeros where they reach into the padding.

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
        A view of `inputs` if no padding is included.
    """
    axis = _time_axis(settings)
    n_samples = inputs.shape[axis]
    start = frame_start(first, n_samples, settings)
    stop = start + frames_extent(last - first, settings)
    # With padding "same" a range of frames may lie completely in the zeros on either side.
    begin, end = min(max(start, 0), n_samples), max(min(stop, n_samples), 0)
    end = max(begin, end)
    inside = inputs[:, begin:end, :] if settings.channels_last else inputs[:, :, begin:end]
    before, after = min(max(-start, 0), stop - start), max(stop - max(n_samples, start), 0)
    if before == after == 0:
        return inside
    xp = namespace(inputs)
    with on_device_of(inputs):
        pieces = [_zeros(before, inputs, axis), inside, _zeros(after, inputs, axis)]
        return xp.concat([piece for piece in pieces if piece.shape[axis]], axis=axis)


def check_frame_range(first: int, last: int, n_frames: int) -> None:
    """Raise `ValueError` unless frames `first` to `last - 1` exist and are at least one."""
    begin, end = check_integer("first", first), check_integer("last", last)
    if not 0 <= begin < end <= n_frames:
        raise ValueError(
            f"`first` and `last` must satisfy 0 <= first < last <= n_frames={n_frames}; got {begin} and {end}."
        )


# Cached, as `replace` validates all settings again.
@lru_cache(maxsize=16)
def without_padding(settings: STFTSettings, step: int | None = None) -> STFTSettings:
    """Return the settings for samples that already include the padding, optionally with another step."""
    return replace(settings, padding="valid", frame_step=settings.frame_step if step is None else step)


def _time_axis(settings: STFTSettings) -> int:
    return 1 if settings.channels_last else 2


def _n_frames(inputs: Any, settings: STFTSettings) -> int:
    return count_frames(to_rows(inputs, settings).shape[-1], settings)


def _zeros(n_samples: int, inputs: Any, axis: int) -> Any:
    shape = [*inputs.shape]
    shape[axis] = n_samples
    return namespace(inputs).zeros(tuple(shape), dtype=inputs.dtype, device=device_of(inputs))
