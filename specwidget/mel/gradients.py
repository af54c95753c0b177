"""Vector-Jacobian product of the mel spectrogram with respect to its input, in closed form.

Names with `d_` are gradients of the caller's scalar, as in `specwidget.stft.gradients`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from specwidget.arrays import device_of, namespace, on_device_of, supports_out, to_device_of
from specwidget.mel.bands import (
    apply_bank,
    bank_weights,
    compress,
    compute_power,
    vjp_compress,
    vjp_power,
)
from specwidget.mel.framing import (
    edge_lengths,
    mean_of_row,
    read_frames,
    vjp_process_frames,
    vjp_process_signal,
    vjp_process_signal_in_place,
)
from specwidget.mel.normalization import collect_gradient_sums, collect_statistics, vjp_apply_statistics
from specwidget.mel.pipeline import (
    as_batch,
    check_inputs,
    chunk_ranges,
    cut_frames,
    items_together,
    iter_values,
    transform_frames,
    with_block,
)
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import output_shape, window_start
from specwidget.stft.extension import fold, fold_edge
from specwidget.stft.frames import overlap_add
from specwidget.stft.gradients import check_cotangent, transposed_rfft
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.pipeline import iter_blocks
from specwidget.stft.transform import RealImag, scaled_window, set_nan


def compute_mel_vjp(inputs: Any, cotangent: Any, settings: MelSettings) -> Any:
    """Compute the vector-Jacobian product with respect to the input.

    Parameters
    ----------
    inputs : array (time,), (batch, time) or (batch, time, channels)
        Input of `compute_mel`.
    cotangent : array
        Gradient of a scalar with respect to the result, in the shape of the result; of NumPy, or in the library of
        `inputs`.
    settings : MelSettings
        Settings of the mel spectrogram.

    Returns
    -------
    array
        Gradient of the scalar, in the shape and dtype of the input.

    Raises
    ------
    ValueError
        If a shape does not fit.
    TypeError
        If `inputs` or `cotangent` is not an array of a float type.

    Notes
    -----
    The gradient is 0 at the floor `min_power`. A value that `top_db` limits depends on the largest value of its
    recording only. A frame with a NaN or infinite sample makes the gradient NaN at its samples.
    """
    check_inputs(inputs, settings)
    batch, layout = as_batch(inputs, settings)
    n_axes = len(inputs.shape)
    check_cotangent(cotangent, output_shape(inputs.shape, settings))
    # Values that are not finite are documented results, and NumPy would warn about each.
    with on_device_of(inputs), np.errstate(all="ignore"):
        # Losses are often computed with NumPy, whatever the library of the inputs.
        if isinstance(cotangent, np.ndarray):
            cotangent = to_device_of(cotangent, inputs)
        if n_axes == 1:
            cotangent = cotangent[None, ...]
        rows = to_rows(batch, layout)
        if supports_out(inputs):
            contiguous = namespace(inputs).ascontiguousarray(cotangent)
            d_result = from_output(contiguous, layout, settings.n_bands)
            d_rows = with_block(lambda n_block: _vjp_blocked(rows, d_result, settings, n_block), inputs, settings)
            dtype = inputs.dtype.newbyteorder("=")
        else:
            d_rows = _vjp_unblocked(rows, from_output(cotangent, layout, settings.n_bands), settings)
            dtype = inputs.dtype
        xp = namespace(d_rows)
        return xp.reshape(xp.astype(to_rows(d_rows, layout), dtype, copy=False), tuple(inputs.shape))


def _vjp_unblocked(rows: Any, d_result: Any, settings: MelSettings) -> Any:
    """Compute the gradient with respect to rows (batch, channels, time) at once."""
    xp = namespace(rows)
    frames = cut_frames(rows, settings)
    parts = transform_frames(frames, settings)
    weights = bank_weights(settings, frames)
    bands = apply_bank(compute_power(parts, settings), weights, settings)
    d_values = xp.astype(d_result, getattr(xp, settings.compute_dtype))
    if settings.has_statistics:
        # CuPy overwrites what it compresses, and the bands are needed below.
        values = compress(xp.asarray(bands, copy=True), settings)
        d_values = vjp_finish(values, d_values, settings)
    d_frames = _vjp_frames(parts, bands, d_values, weights, settings)
    n_samples = rows.shape[-1]
    skipped, left, right = edge_lengths(n_samples, settings)
    total = overlap_add(d_frames, settings.step)
    zeros = [
        xp.zeros((*total.shape[:-1], n), dtype=total.dtype, device=device_of(total)) for n in (skipped, max(-right, 0))
    ]
    extended = xp.concat([zeros[0], total, zeros[1]], axis=-1)
    ends: Any = settings.conventions.ends or "zeros"
    return vjp_process_signal(fold(extended, left, max(right, 0), ends), settings)


def _vjp_blocked(rows: Any, d_result: Any, settings: MelSettings, n_block: int) -> Any:
    """Compute the gradient with respect to rows block by block, in one thread."""
    d_rows = namespace(rows).zeros(rows.shape, dtype=settings.compute_dtype)
    together = items_together(rows, settings, n_block)
    if together is not None:
        for items in together:
            d_rows[items] = _vjp_unblocked(rows[items], d_result[items], settings)
        return d_rows
    for place in np.ndindex(rows.shape[:2]):
        _write_d_row(d_rows[place], rows[place], d_result[place], settings, n_block)
    return d_rows


def _write_d_row(d_row: Any, row: Any, d_result: Any, settings: MelSettings, n_block: int) -> None:
    """Write the gradient with respect to a row (time,) of zeros, from that of its result (T, n_bands)."""
    xp, dtype = namespace(row), settings.compute_dtype
    mean, weights = mean_of_row(row, settings), bank_weights(settings, row)
    _, n_left, n_right = edge_lengths(row.shape[0], settings)
    left, right = xp.zeros(n_left, dtype=dtype), xp.zeros(max(n_right, 0), dtype=dtype)
    for begin, d_values in _iter_d_values(row, d_result, settings, n_block):
        for _, _, first, last in iter_blocks((1, 1, d_values.shape[0], 0), 0, d_values.shape[0], n_block):
            frames = read_frames(row, begin + first, begin + last, settings, mean)
            real, imag, _ = transform_frames(frames, settings)
            parts = RealImag(real, imag)
            bands = apply_bank(compute_power(parts, settings), weights, settings)
            d_frames = _vjp_frames(parts, bands, d_values[first:last], weights, settings)
            start = window_start(begin + first, settings)
            _add_extended(d_row, left, right, overlap_add(d_frames, settings.step), start)
    if settings.conventions.ends == "reflect":
        _fold_edges(d_row, left, right)
    vjp_process_signal_in_place(d_row, settings)


def _iter_d_values(row: Any, d_result: Any, settings: MelSettings, n_block: int) -> Iterator[tuple[int, Any]]:
    """Yield the first frame of each chunk, and the gradient with respect to its logarithms (t, n_bands)."""
    ranges = chunk_ranges(d_result.shape[0], settings)

    def d_chunks() -> Iterator[Any]:
        return (d_result[first:last].astype(settings.compute_dtype, copy=False) for first, last in ranges)

    if not settings.has_statistics:
        yield from zip((first for first, _ in ranges), d_chunks(), strict=True)
        return
    _, chunks = iter_values(row, settings, n_block)
    statistics = collect_statistics(chunks, settings)
    sums = collect_gradient_sums(chunks, d_chunks, statistics, settings)
    # The values of the same chunks, as the largest is known by its bits.
    for (first, _), values, d_values in zip(ranges, chunks(), d_chunks(), strict=True):
        found = vjp_apply_statistics(values, d_values, statistics, sums, settings)
        yield first, found.astype(settings.compute_dtype, copy=False)


def vjp_finish(values: Any, d_result: Any, settings: MelSettings) -> Any:
    """Vector-Jacobian product of `finish`, from the values (..., T, n_bands) that it was given."""
    statistics = collect_statistics(lambda: [values], settings)
    sums = collect_gradient_sums(lambda: [values], lambda: [d_result], statistics, settings)
    return vjp_apply_statistics(values, d_result, statistics, sums, settings)


def _vjp_frames(parts: RealImag, bands: Any, d_values: Any, weights: Any, settings: MelSettings) -> Any:
    """Return the gradient with respect to frames (..., frame_length) from that with respect to the logarithms."""
    xp = namespace(bands)
    d_power = xp.matmul(vjp_compress(bands, d_values, settings), weights.T)
    d_parts = vjp_power(parts, d_power, settings)
    # As in the forward transform: bin 0 decides whether a frame has a NaN or infinite sample.
    nonfinite = ~xp.isfinite(parts.real[..., 0])
    d_real, d_imag = set_nan(d_parts.real, nonfinite), set_nan(d_parts.imag, nonfinite)
    d_windowed = transposed_rfft(d_real, d_imag, settings.transform)
    return vjp_process_frames(d_windowed * scaled_window(settings.transform, like=d_windowed), settings)


def _add_extended(d_row: Any, left: Any, right: Any, d_samples: Any, start: int) -> None:
    """Add the gradient of samples from `start` on to those of the row and of its edges before and after it."""
    n_samples, stop = d_row.shape[0], start + d_samples.shape[0]
    for target, origin in ((left, -left.shape[0]), (d_row, 0), (right, n_samples)):
        begin, end = max(start, origin), min(stop, origin + target.shape[0])
        if begin < end:
            target[begin - origin : end - origin] += d_samples[begin - start : end - start]


def _fold_edges(d_row: Any, left: Any, right: Any) -> None:
    """Add the gradients of reflected edges to the samples that they repeat."""
    for row, edge in ((d_row, left[::-1]), (d_row[::-1], right)):
        if edge.shape[0]:
            near = fold_edge(edge, row.shape[0])
            row[: near.shape[0]] += near
