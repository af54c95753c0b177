"""Frames of a signal: padded with zeros where the padding says so, and cut without a copy."""

from __future__ import annotations

from typing import Any

from specwidget.arrays import device_of, frames_view, namespace, scratch, writes_in_place
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start, frames_extent, padding_amounts


def pad(signal: Any, settings: STFTSettings) -> Any:
    """Put the zeros of the padding round a signal.

    Parameters
    ----------
    signal : array (batch, channels, L)
        The signal.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (batch, channels, left + L + right)
        The signal itself where nothing is padded.
    """
    left, right = padding_amounts(signal.shape[-1], settings)
    if left == right == 0:
        return signal
    xp = namespace(signal)
    zeros = [
        xp.zeros((*signal.shape[:-1], n), dtype=signal.dtype, device=device_of(signal)) if n else None
        for n in (left, right)
    ]
    return xp.concat([part for part in (zeros[0], signal, zeros[1]) if part is not None], axis=-1)


def cut(padded: Any, settings: STFTSettings) -> Any:
    """Cut a padded signal into frames.

    Parameters
    ----------
    padded : array (..., L)
        At least a frame's samples.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    array (..., T, frame_length)
        Frame `t` covers samples `t step` to `t step + frame_length - 1` of the padded signal. Not to be written to.
    """
    return frames_view(padded, settings.frame_length, settings.step)


def overlap_add(frames: Any, step: int) -> Any:
    """Add up frames where they overlap: the transpose of `cut`.

    Parameters
    ----------
    frames : array (..., T, frame_length)
        Frames; frame `t` begins at sample `t step`.
    step : int
        Samples from one frame to the next, at most `frame_length`.

    Returns
    -------
    array (..., (T - 1) step + frame_length)
        Sample `n` is the sum of `frames[..., t, n - t step]`, in the order of `t` from the last. To be looked at and
        forgotten: of NumPy in memory that the next call in this thread takes.
    """
    n_frames, frame_length = frames.shape[-2:]
    extent = (n_frames - 1) * step + frame_length
    # All frames' samples from j to j + step lie side by side, so a frame's overlaps are a few shifted rows.
    add_up = _overlap_in_place if writes_in_place(frames) else _overlap_by_rows
    return add_up(frames, step, extent)


def _overlap_in_place(frames: Any, step: int, extent: int) -> Any:
    """Add up frames, each shifted row in its place."""
    *outer, n_frames, frame_length = frames.shape
    n_rows = -(-frame_length // step)
    total = scratch("overlapped", (*outer, n_frames - 1 + n_rows, step), str(frames.dtype), frames)
    total[...] = 0
    for row in range(n_rows):
        pieces = frames[..., row * step : (row + 1) * step]
        total[..., row : row + n_frames, : pieces.shape[-1]] += pieces
    return total.reshape(*outer, -1)[..., :extent]


def _overlap_by_rows(frames: Any, step: int, extent: int) -> Any:
    """Add up frames by functions that make new arrays."""
    xp = namespace(frames)
    *outer, n_frames, frame_length = frames.shape
    total = None
    for begin in range(0, frame_length, step):
        pieces = frames[..., begin : min(begin + step, frame_length)]
        rest = xp.zeros((*outer, n_frames, step - pieces.shape[-1]), dtype=frames.dtype, device=device_of(frames))
        whole = pieces if rest.shape[-1] == 0 else xp.concat([pieces, rest], axis=-1)
        row = xp.reshape(whole, (*outer, n_frames * step))[..., : min(extent - begin, n_frames * step)]
        zeros = [xp.zeros((*outer, n), dtype=frames.dtype, device=device_of(frames)) for n in (begin, extent - begin)]
        placed = xp.concat([zeros[0], row, zeros[1][..., row.shape[-1] :]], axis=-1)
        total = placed if total is None else total + placed
    return total


def read_frames(row: Any, first: int, last: int, settings: STFTSettings) -> Any:
    """Read frames `first` to `last - 1` of one row, in the type that is computed in.

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
        A view of the samples that these frames cover: of the row's own where they can be used as they are, else of a
        copy, which the next call overwrites. Not to be written to.

    Notes
    -----
    Input is rounded to the type of the result first, so that float16 is float16 wherever it is computed.
    """
    extent = frames_extent(last - first, settings)
    start = frame_start(first, row.shape[0], settings)
    begin, end = max(start, 0), min(start + extent, row.shape[0])
    usable = row.flags.c_contiguous and row.dtype == settings.result_dtype == settings.compute_dtype
    if usable and end - begin == extent:
        return cut(row[begin:end], settings)
    samples = scratch("samples", (extent,), settings.compute_dtype, row)
    inside = slice(begin - start, max(end, begin) - start)
    samples[: inside.start] = 0
    samples[inside.stop :] = 0
    piece = row[begin : max(end, begin)]
    samples[inside] = piece if settings.result_dtype == settings.compute_dtype else piece.astype(settings.result_dtype)
    return cut(samples, settings)
