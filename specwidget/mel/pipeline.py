"""The forward computation from signal to bands, block by block as in `specwidget.stft.pipeline`.

NumPy and CuPy compute a block of frames from the samples to the bands; memory is the result and a few MiB. Short
recordings of CuPy are computed together, as many as a block holds; where they do not fit the device, blocks are halved.
Other libraries compute all frames at once by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from specwidget.arrays import namespace, on_device_of, supports_out, workspace
from specwidget.mel.bands import apply_bank, bank_weights, compress, compute_power
from specwidget.mel.framing import frame_rows, mean_of_row, process_frames, process_signal, read_frames
from specwidget.mel.normalization import Chunks, apply_statistics, collect_statistics, finish
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import check_input_shape, count_frames, output_shape
from specwidget.stft.device_blocks import halve_until_it_fits
from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.pipeline import check_input_type, frames_per_block, iter_blocks, parallel_for
from specwidget.stft.settings import STFTSettings
from specwidget.stft.transform import RealImag, scaled_window, transform_rfft, windowed_workspace

CHUNK_VALUES = 2**18
"""Values of a recording that are processed at once where temporary arrays are needed."""

STORED_VALUES = 2**22
"""Most values of a recording that are stored beside a result that is computed from all of them."""


def compute_mel(inputs: Any, settings: MelSettings) -> Any:
    """Compute the mel spectrogram of a signal or a batch.

    Parameters
    ----------
    inputs : array (time,), (batch, time) or (batch, time, channels)
        Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    array
        In the library of `inputs`, with the dtype of the settings and the shape given by `output_shape`.

    Raises
    ------
    ValueError
        If the shape of `inputs` is invalid; see `check_input_shape`.
    TypeError
        If `inputs` is not an array of one of these types.

    Examples
    --------
    >>> compute_mel(np.zeros(16_000, "float32"), MelSettings()).shape
    (128, 32)
    """
    check_inputs(inputs, settings)
    batch, layout = as_batch(inputs, settings)
    if supports_out(inputs):
        result = with_block(lambda n_block: _compute_blocked(batch, settings, layout, n_block), inputs, settings)
    else:
        result = to_output(compute_rows(to_rows(batch, layout), settings), layout)
    return result[0, ...] if len(inputs.shape) == 1 else result


def check_inputs(inputs: Any, settings: MelSettings) -> None:
    """Raise `TypeError` or `ValueError` unless these inputs are accepted."""
    check_input_type(inputs, settings.transform)
    check_input_shape(tuple(inputs.shape), settings)


def as_batch(inputs: Any, settings: MelSettings) -> tuple[Any, STFTSettings]:
    """Return an input as an array of 3 axes, and the settings that have its layout.

    Without an axis of channels, bands come before frames: the layout "channels_first" with one channel.
    """
    if len(inputs.shape) == 3:
        return inputs, settings.transform
    return namespace(inputs).reshape(inputs, (-1, 1, inputs.shape[-1])), settings.without_channels


def with_block(compute: Callable[[int], Any], like: Any, settings: MelSettings) -> Any:
    """Return `compute(n_block)`, on the device of an array of NumPy or CuPy.

    Parameters
    ----------
    compute : callable
        Takes the number of frames in a block. On a device it is called again, with half of that, where its memory does
        not suffice.
    like : array
        An array of the library that computes.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    array
        What the last call returned.
    """
    n_block = frames_per_block(like, settings.transform)
    if isinstance(like, np.ndarray):
        return compute(n_block)
    with on_device_of(like):
        return halve_until_it_fits(compute, n_block)


def compute_rows(rows: Any, settings: MelSettings) -> Any:
    """Compute rows (batch, channels, time) at once, without writing to an array.

    Parameters
    ----------
    rows : array (batch, channels, time)
        Samples.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    array (batch, channels, T, n_bands)
        The result, in its dtype.
    """
    xp = namespace(rows)
    parts = transform_frames(cut_frames(rows, settings), settings)
    power = compute_power(parts, settings)
    values = compress(apply_bank(power, bank_weights(settings, power), settings), settings)
    return xp.astype(finish(values, settings), getattr(xp, settings.result_dtype))


def cut_frames(rows: Any, settings: MelSettings) -> Any:
    """Return the processed frames (batch, channels, T, frame_length) of rows, in the dtype of the computation."""
    xp = namespace(rows)
    # Rounded to the result's dtype first, so that a float16 layer sees float16 samples.
    rounded = xp.astype(xp.astype(rows, getattr(xp, settings.result_dtype)), getattr(xp, settings.compute_dtype))
    return process_frames(frame_rows(process_signal(rounded, settings), settings), settings)


def transform_frames(frames: Any, settings: MelSettings) -> RealImag:
    """Transform frames (..., frame_length) to real and imaginary parts (..., n_bins)."""
    return transform_rfft(frames, scaled_window(settings.transform, like=frames), settings.n_fft)


def _compute_blocked(batch: Any, settings: MelSettings, layout: STFTSettings, n_block: int) -> Any:
    rows, xp = to_rows(batch, layout), namespace(batch)
    shape: Any = output_shape(batch.shape, settings, layout)
    # Statistics of rounded values would round twice.
    output = xp.empty(shape, dtype=settings.compute_dtype if settings.has_statistics else settings.result_dtype)
    values = from_output(output, layout, settings.n_bands)
    together = items_together(rows, settings, n_block)
    if together is not None:
        with np.errstate(all="ignore"):
            for items in together:
                values[items] = compute_rows(rows[items], settings)
        return output.astype(settings.result_dtype, copy=False)
    write_bands(values, rows, settings, n_block)
    if settings.has_statistics:
        with np.errstate(all="ignore"):
            for place in np.ndindex(values.shape[:2]):
                _finish_in_place(values[place], settings)
    return output.astype(settings.result_dtype, copy=False)


def items_together(rows: Any, settings: MelSettings, n_block: int) -> list[slice] | None:
    """Return the batch items of rows (batch, channels, time) that CuPy computes together; None if one fills a block.

    The number of launches depends on that of the blocks, which would be one for each channel of each short recording.
    """
    if isinstance(rows, np.ndarray):
        return None
    n_batch, n_channels, n_samples = rows.shape
    n_items = n_block // (n_channels * count_frames(n_samples, settings))
    return [slice(first, first + n_items) for first in range(0, n_batch, n_items)] if n_items else None


def _finish_in_place(values: Any, settings: MelSettings) -> None:
    """Do as `finish` to one recording (T, n_bands), in chunks whose temporary arrays are small."""
    chunks = [values[first:last] for first, last in chunk_ranges(values.shape[0], settings)]
    statistics = collect_statistics(lambda: chunks, settings)
    for chunk in chunks:
        chunk[...] = apply_statistics(chunk, statistics, settings)


def compute_frames(row: Any, first: int, last: int, settings: MelSettings, mean: Any = None) -> Any:
    """Compute the logarithms of frames `first` to `last - 1` of a recording, before `finish`.

    Parameters
    ----------
    row : array (time,)
        One channel of one batch item, of NumPy or CuPy; only the samples that these frames cover are read.
    first, last : int
        Indices of frames, t; ``0 <= first < last <= n_frames``.
    settings : MelSettings
        Settings of the mel spectrogram.
    mean : array, optional
        The result of `mean_of_row`.

    Returns
    -------
    array (last - first, n_bands)
        The values, in the compute dtype.
    """
    shape = (1, 1, count_frames(row.shape[0], settings), settings.n_bands)
    write = partial(_compute_range, row[None, None], means=[[mean]], settings=settings, shape=shape, origin=first)

    def compute(n_block: int) -> Any:
        values = namespace(row).empty((1, 1, last - first, settings.n_bands), dtype=settings.compute_dtype)
        parallel_for(
            lambda begin, end: write(values, first + begin, first + end, n_block=n_block),
            last - first,
            row,
            settings.transform,
        )
        return values[0, 0]

    return with_block(compute, row, settings)


def chunk_ranges(n_frames: int, settings: MelSettings) -> list[tuple[int, int]]:
    """Return the first frame of each chunk of a recording, a multiple of a block, and the one after its last."""
    block = frames_per_block(np.empty(0), settings.transform)
    step = max(1, CHUNK_VALUES // settings.n_bands // block) * block
    return [(first, min(first + step, n_frames)) for first in range(0, n_frames, step)]


def iter_values(row: Any, settings: MelSettings, n_block: int) -> tuple[list[tuple[int, int]], Chunks]:
    """Return ranges of frames, and a function that yields the logarithms (t, n_bands) of each.

    Parameters
    ----------
    row : array (time,)
        One channel of one batch item, of NumPy or CuPy.
    settings : MelSettings
        Settings of the mel spectrogram.
    n_block : int
        Number of frames in a block.

    Returns
    -------
    ranges : list of (int, int)
        First frame of each chunk, and the one after its last.
    chunks : callable
        Yields the values before `finish`. They are stored if they are small, else computed at each call, in a buffer
        that the next chunk overwrites. Do not write to them.
    """
    n_frames = count_frames(row.shape[0], settings)
    ranges = chunk_ranges(n_frames, settings)
    shape = (1, 1, n_frames, settings.n_bands)
    n_stored = n_frames if n_frames * settings.n_bands <= STORED_VALUES else ranges[0][1]
    buffer = namespace(row).empty((1, 1, n_stored, settings.n_bands), dtype=settings.compute_dtype)
    means = _means(row[None, None], settings)
    compute = partial(_compute_range, row[None, None], buffer, means=means, settings=settings, n_block=n_block)
    if n_stored == n_frames:
        parallel_for(compute, n_frames, row, settings.transform)
        return ranges, lambda: (buffer[0, 0, first:last] for first, last in ranges)

    def compute_chunks() -> Iterator[Any]:
        for first, last in ranges:
            compute(first, last, shape=shape, origin=first)
            yield buffer[0, 0, : last - first]

    return ranges, compute_chunks


def write_bands(values: Any, rows: Any, settings: MelSettings, n_block: int) -> None:
    """Write the logarithms (batch, channels, T, n_bands) of rows (batch, channels, time) of NumPy or CuPy."""
    n_batch, n_channels, n_frames, _ = values.shape
    compute = partial(_compute_range, rows, values, means=_means(rows, settings), settings=settings, n_block=n_block)
    parallel_for(compute, n_batch * n_channels * n_frames, rows, settings.transform)


def _means(rows: Any, settings: MelSettings) -> Any:
    """Return the mean of each row (batch, channels), which blocks of it can't compute; None if it is not removed."""
    if settings.conventions.remove_mean != "signal":
        return None
    return [[mean_of_row(row, settings) for row in item] for item in rows]


def _compute_range(
    rows: Any,
    values: Any,
    first: int,
    last: int,
    *,
    means: Any,
    settings: MelSettings,
    n_block: int,
    shape: tuple[int, ...] | None = None,
    origin: int = 0,
) -> None:
    """Compute frames `first` to `last - 1`, counted over batch, channels and frames, into `values`.

    With `shape`, that of the whole result, `values` hold the frames from `origin` on.
    """
    transform = settings.transform
    split = _whole_blocks if shape is None else iter_blocks
    shape = values.shape if shape is None else shape
    block = min(shape[2], n_block)
    window, weights = scaled_window(transform, like=values), bank_weights(settings, values)
    windowed = windowed_workspace(block, transform, like=values)
    power = workspace("power", (block, settings.n_bins), settings.compute_dtype, values)
    bands = workspace("bands", (block, settings.n_bands), settings.compute_dtype, values)
    with np.errstate(all="ignore"):
        for batch, channel, begin, end in split(shape, first, last, block):
            n_frames, mean = end - begin, None if means is None else means[batch][channel]
            frames = read_frames(rows[batch, channel], begin, end, settings, mean)
            parts = transform_rfft(frames, window, settings.n_fft, windowed[:n_frames])
            compute_power(parts, settings, power[:n_frames])
            apply_bank(power[:n_frames], weights, settings, bands[:n_frames])
            values[batch, channel, begin - origin : end - origin] = compress(bands[:n_frames], settings)


def _whole_blocks(shape: tuple[int, ...], first: int, last: int, block: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (batch, channel, begin, end) of the blocks that begin in frames `first` to `last - 1` of all rows.

    The last bits of a product with the bank depend on the number of its rows. Blocks that begin at a multiple of their
    length in each row, whichever thread computes them, make them the same for any number of threads.
    """
    _, n_channels, n_frames, _ = shape
    for row in range(first // n_frames, -(-last // n_frames)):
        lowest, highest = max(first - row * n_frames, 0), min(last - row * n_frames, n_frames)
        for begin in range(-(-lowest // block) * block, highest, block):
            yield *divmod(row, n_channels), begin, min(begin + block, n_frames)
