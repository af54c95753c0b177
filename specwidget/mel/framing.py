"""Samples before the transform: gain, mean and pre-emphasis, over the signal and over each frame.

Names with `d_` are gradients of the caller's scalar, as in `specwidget.stft.gradients`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from specwidget.arrays import frames_view, namespace, supports_out, workspace
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import count_frames, window_extent, window_start
from specwidget.stft.extension import extend, read_extended

CHUNK_SAMPLES = 2**18
"""Samples of a row that are processed at once where a temporary array is needed."""


def edge_lengths(n_samples: int, settings: MelSettings) -> tuple[int, int, int]:
    """Return the samples before the first window that are cut off, and those added before and after the signal.

    Parameters
    ----------
    n_samples : int
        Length of the signal, L, samples.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    skipped, left, right : int
        The windows cover ``L - skipped + left + right`` samples; a negative `right` is a tail that no window covers.
    """
    start = window_start(0, settings)
    stop = start + window_extent(count_frames(n_samples, settings), settings)
    return max(start, 0), max(-start, 0), stop - n_samples


def process_signal(rows: Any, settings: MelSettings) -> Any:
    """Apply gain, mean removal and pre-emphasis that concern the signal: rows (..., L) in the compute dtype."""
    conventions, xp = settings.conventions, namespace(rows)
    if conventions.gain != 1.0:
        rows = rows * conventions.gain
    if conventions.remove_mean == "signal":
        rows = rows - xp.mean(rows, axis=-1, keepdims=True)
    if conventions.preemphasis and conventions.preemphasis_over == "signal":
        rows = xp.concat([rows[..., :1], rows[..., 1:] - conventions.preemphasis * rows[..., :-1]], axis=-1)
    return rows


def vjp_process_signal(d_rows: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of `process_signal`."""
    conventions, xp = settings.conventions, namespace(d_rows)
    if conventions.preemphasis and conventions.preemphasis_over == "signal":
        d_rows = xp.concat([d_rows[..., :-1] - conventions.preemphasis * d_rows[..., 1:], d_rows[..., -1:]], axis=-1)
    if conventions.remove_mean == "signal":
        d_rows = d_rows - xp.mean(d_rows, axis=-1, keepdims=True)
    return d_rows * conventions.gain if conventions.gain != 1.0 else d_rows


def vjp_process_signal_in_place(d_row: Any, settings: MelSettings) -> None:
    """Do as `vjp_process_signal` to one row (time,) of NumPy or CuPy, without another row."""
    conventions = settings.conventions
    if conventions.preemphasis and conventions.preemphasis_over == "signal":
        # From the first sample on, as each needs the one after it unchanged.
        for begin in range(0, d_row.shape[0] - 1, CHUNK_SAMPLES):
            end = min(begin + CHUNK_SAMPLES, d_row.shape[0] - 1)
            d_row[begin:end] -= conventions.preemphasis * d_row[begin + 1 : end + 1]
    if conventions.remove_mean == "signal":
        d_row -= d_row.mean(dtype="float64").astype(d_row.dtype)
    if conventions.gain != 1.0:
        d_row *= conventions.gain


def process_frames(frames: Any, settings: MelSettings) -> Any:
    """Apply mean removal and pre-emphasis that concern frames (..., frame_length); a new array if there are any."""
    conventions, xp = settings.conventions, namespace(frames)
    if conventions.remove_mean == "frame":
        frames = frames - xp.mean(frames, axis=-1, keepdims=True)
    if conventions.preemphasis and conventions.preemphasis_over == "frame":
        a = conventions.preemphasis
        if supports_out(frames):
            emphasized = xp.empty(frames.shape, dtype=frames.dtype)
            xp.multiply(frames[..., :-1], -a, out=emphasized[..., 1:])
            emphasized[..., 1:] += frames[..., 1:]
            emphasized[..., 0] = frames[..., 0] * (1.0 - a)
            return emphasized
        frames = xp.concat([frames[..., :1] * (1.0 - a), frames[..., 1:] - a * frames[..., :-1]], axis=-1)
    return frames


def vjp_process_frames(d_frames: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of `process_frames`."""
    conventions, xp = settings.conventions, namespace(d_frames)
    if conventions.preemphasis and conventions.preemphasis_over == "frame":
        a, first = conventions.preemphasis, d_frames[..., :1] * (1.0 - conventions.preemphasis)
        if d_frames.shape[-1] > 1:
            first = first - a * d_frames[..., 1:2]
            inner = d_frames[..., 1:-1] - a * d_frames[..., 2:]
            d_frames = xp.concat([first, inner, d_frames[..., -1:]], axis=-1)
        else:
            d_frames = first
    if conventions.remove_mean == "frame":
        d_frames = d_frames - xp.mean(d_frames, axis=-1, keepdims=True)
    return d_frames


def frame_rows(rows: Any, settings: MelSettings) -> Any:
    """Slice processed rows (..., L) into frames (..., T, frame_length), extended at the ends."""
    n_samples = rows.shape[-1]
    skipped, left, right = edge_lengths(n_samples, settings)
    kept = rows[..., skipped : n_samples + min(right, 0)]
    # A reflection repeats samples of the whole signal, so it is extended before it is cut.
    if left or right > 0:
        ends: Any = settings.conventions.ends
        kept = extend(rows, left, max(right, 0), ends)[..., skipped : left + n_samples + right]
    return frames_view(kept, settings.frame_length, settings.step)


def read_frames(row: Any, first: int, last: int, settings: MelSettings, mean: Any = None) -> Any:
    """Read frames `first` to `last - 1` of one channel, processed, in the compute dtype.

    Parameters
    ----------
    row : array (L,)
        One channel of one batch item, of NumPy or CuPy; of any float type, byte order and stride.
    first, last : int
        Indices of frames, t.
    settings : MelSettings
        Settings of the mel spectrogram.
    mean : array, optional
        Mean of the row, if the settings remove it from the signal.

    Returns
    -------
    array (last - first, frame_length)
        A view of `row` or of a work buffer, which the next call in this thread overwrites. Do not write to it.

    Notes
    -----
    As in the transform, input is rounded to the dtype of the result first.
    """
    start, extent = window_start(first, settings), window_extent(last - first, settings)
    plain = row.dtype == settings.compute_dtype == settings.result_dtype and not _changes_signal(settings)
    if plain and row.flags.c_contiguous and start >= 0 and start + extent <= row.shape[0]:
        samples = row[start : start + extent]
    else:
        samples = workspace("samples", (extent,), settings.compute_dtype, row)
        ends: Any = settings.conventions.ends or "zeros"
        read = partial(_read_processed, row, settings=settings, mean=mean)
        read_extended(read, row.shape[0], start, start + extent, ends, samples)
    return process_frames(frames_view(samples, settings.frame_length, settings.step), settings)


def mean_of_row(row: Any, settings: MelSettings) -> Any:
    """Return the mean of a channel, if the settings remove it from the signal; else None."""
    if settings.conventions.remove_mean != "signal":
        return None
    # Summed in float64: NumPy and CuPy add without a copy of the row.
    mean = namespace(row).mean(row, dtype="float64") * settings.conventions.gain
    return mean.astype(settings.compute_dtype)


def _changes_signal(settings: MelSettings) -> bool:
    conventions = settings.conventions
    whole = conventions.preemphasis != 0 and conventions.preemphasis_over == "signal"
    return conventions.gain != 1.0 or conventions.remove_mean == "signal" or whole


def _read_processed(row: Any, begin: int, end: int, settings: MelSettings, mean: Any) -> Any:
    """Return samples `begin` to `end - 1` as `process_signal` gives them, without processing the others."""
    conventions = settings.conventions
    is_emphasized = conventions.preemphasis != 0 and conventions.preemphasis_over == "signal"
    first = max(begin - 1, 0) if is_emphasized else begin
    samples = row[first:end].astype(settings.result_dtype, copy=False).astype(settings.compute_dtype, copy=False)
    if conventions.gain != 1.0:
        samples = samples * conventions.gain
    if mean is not None:
        samples = samples - mean
    if not is_emphasized:
        return samples
    emphasized = samples[1:] - conventions.preemphasis * samples[:-1]
    # The first sample of the signal has none before it.
    return emphasized if begin > 0 else namespace(samples).concat([samples[:1], emphasized])
