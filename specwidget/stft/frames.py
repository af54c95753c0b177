"""Padding, framing and overlap-add."""

from __future__ import annotations

from functools import partial
from typing import Any

from specwidget.arrays import device_of, frames_view, namespace, supports_out, workspace
from specwidget.stft.extension import extend, read_extended
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start, frames_extent, padding_amounts


def pad(signal: Any, settings: STFTSettings) -> Any:
    """Pad a signal with the zeros that the setting `padding` requires.

    Parameters
    ----------
    signal : array (batch, channels, L)
        The signal.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, left + L + right)
        The signal itself if no padding is needed.
    """
    return extend(signal, *padding_amounts(signal.shape[-1], settings), "zeros")


def frame_signal(padded: Any, settings: STFTSettings) -> Any:
    """Slice a padded signal into overlapping frames.

    Parameters
    ----------
    padded : array (..., L)
        At least `frame_length` samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (..., T, frame_length)
        Frame `t` covers samples `t step` to `t step + frame_length - 1` of the padded signal. Do not write to it: the
        frames may share memory.
    """
    return frames_view(padded, settings.frame_length, settings.step)


def overlap_add(frames: Any, step: int) -> Any:
    """Overlap-add frames: the transpose of `frame_signal`.

    Parameters
    ----------
    frames : array (..., T, frame_length)
        Frames; frame `t` begins at sample `t step`.
    step : int
        Samples from one frame to the next, at most `frame_length`.

    Returns
    -------
    array (..., (T - 1) step + frame_length)
        Sample `n` is the sum of `frames[..., t, n - t step]`, added from the last `t` to the first. For NumPy it is a
        work buffer that the next call in this thread overwrites.
    """
    n_frames, frame_length = frames.shape[-2:]
    extent = (n_frames - 1) * step + frame_length
    # Loop over the ceil(frame_length / step) overlaps and not over the frames: samples j step to (j + 1) step of all
    # frames, put side by side, are one contiguous signal shifted by j step.
    add = _overlap_add_in_place if supports_out(frames) else _overlap_add_functional
    return add(frames, step, extent)


def _overlap_add_in_place(frames: Any, step: int, extent: int) -> Any:
    *outer, n_frames, frame_length = frames.shape
    n_overlaps = -(-frame_length // step)
    total = workspace("overlap-add", (*outer, n_frames - 1 + n_overlaps, step), str(frames.dtype), frames)
    total[...] = 0
    for overlap in range(n_overlaps):
        pieces = frames[..., overlap * step : (overlap + 1) * step]
        total[..., overlap : overlap + n_frames, : pieces.shape[-1]] += pieces
    return total.reshape(*outer, -1)[..., :extent]


def _overlap_add_functional(frames: Any, step: int, extent: int) -> Any:
    """Overlap-add without writing to an array, for libraries that differentiate or trace."""
    xp = namespace(frames)
    *outer, n_frames, frame_length = frames.shape
    total = None
    for begin in range(0, frame_length, step):
        pieces = frames[..., begin : min(begin + step, frame_length)]
        rest = xp.zeros((*outer, n_frames, step - pieces.shape[-1]), dtype=frames.dtype, device=device_of(frames))
        full = pieces if rest.shape[-1] == 0 else xp.concat([pieces, rest], axis=-1)
        contiguous = xp.reshape(full, (*outer, n_frames * step))[..., : min(extent - begin, n_frames * step)]
        zeros = [xp.zeros((*outer, n), dtype=frames.dtype, device=device_of(frames)) for n in (begin, extent - begin)]
        shifted = xp.concat([zeros[0], contiguous, zeros[1][..., contiguous.shape[-1] :]], axis=-1)
        total = shifted if total is None else total + shifted
    return total


def read_frames(row: Any, first: int, last: int, settings: STFTSettings) -> Any:
    """Read frames `first` to `last - 1` of one channel, zero-padded, in the compute dtype.

    Parameters
    ----------
    row : array (L,)
        One channel of one batch item; of any float type, byte order and stride.
    first, last : int
        Indices of frames, t.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (last - first, frame_length)
        A view of `row` if no padding, conversion or copy is needed; else a view of a work buffer, which the next call
        in this thread overwrites. Do not write to it.

    Notes
    -----
    Input is rounded to the dtype of the result first: float32 input to a float16 layer gives the same values on every
    library and device.
    """
    extent = frames_extent(last - first, settings)
    start = frame_start(first, row.shape[0], settings)
    begin, end = max(start, 0), min(start + extent, row.shape[0])
    needs_no_copy = row.flags.c_contiguous and row.dtype == settings.result_dtype == settings.compute_dtype
    if needs_no_copy and end - begin == extent:
        return frame_signal(row[begin:end], settings)
    samples = workspace("samples", (extent,), settings.compute_dtype, row)
    read = partial(_read_rounded, row, settings=settings)
    read_extended(read, row.shape[0], start, start + extent, "zeros", samples)
    return frame_signal(samples, settings)


def _read_rounded(row: Any, begin: int, end: int, settings: STFTSettings) -> Any:
    piece = row[begin:end]
    return piece if settings.result_dtype == settings.compute_dtype else piece.astype(settings.result_dtype)
