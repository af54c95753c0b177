"""Vector-Jacobian products of the transform: by the signal and by the kernels, in closed form, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from specwidget.arrays import device_of, into, irfft, library_of, namespace, scratch, to_device_of, writes_in_place
from specwidget.stft.frames import cut, overlap_add, pad, read_frames
from specwidget.stft.kernels import Kernels, kernel_names, kernel_shape
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.modes import PULLBACKS
from specwidget.stft.pipeline import PRODUCT_BLOCKS, blocks_of, check_inputs, frames_per_block
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start, frames_extent, output_shape, padding_amounts
from specwidget.stft.transform import Parts, by_conv, by_fft, empty_windowed, scaled_window, spoil

PULL_BYTES = {"NumPy": 2**16, "CuPy": 2**28}
"""Bytes of a part's cotangents that are made at once, by library: a dozen such arrays stay in a core's cache."""


@dataclass(frozen=True, eq=False)
class Gradients:
    """What a cotangent of the result means for what went in.

    Parameters
    ----------
    inputs : array or None
        Cotangent of the input, in its shape and type; None where it was not asked for.
    real_kernel, imag_kernel : array (frame_length, 1, n_bins) or None
        Cotangents of the kernels, in the type that is computed in; None where the mode has no such kernel.
    """

    inputs: Any | None
    real_kernel: Any | None
    imag_kernel: Any | None


def compute_vjp(
    inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None = None, *, by_inputs: bool = True
) -> Gradients:
    """Pull a cotangent of the result back to the signal and the kernels.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        What went into `compute_spectrogram`.
    cotangent : array
        Derivative of some number by the result, in the result's shape; of the library of `inputs`, or of NumPy.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels of the transform; None are Fourier's.
    by_inputs : bool, default True
        Whether the signal's gradient is wanted, which takes a third of the time.

    Returns
    -------
    Gradients
        Derivatives of that number by the signal and by each kernel.

    Raises
    ------
    ValueError
        If a shape does not fit.
    TypeError
        If `inputs` or `cotangent` is no array of a float type.

    Notes
    -----
    With the frames as rows of `X`, and `D` the cotangent pulled back through the mode, a kernel's is ``X.T @ D`` and
    that of the frames ``D @ K.T``, overlap-added. While the kernels are Fourier's, the latter is an inverse FFT.

    It is 0 on the floor of "log" and "magnitude", and for "angle" where the power underflows to 0. Frames that hold a
    sample that is NaN or infinite make it NaN: at their samples, and in the kernels.
    """
    check_inputs(inputs, settings)
    _check_cotangent(cotangent, inputs, settings)
    if isinstance(cotangent, np.ndarray):
        cotangent = to_device_of(cotangent, inputs)
    compute = _by_blocks if writes_in_place(inputs) else _whole
    return compute(inputs, cotangent, settings, kernels, by_inputs)


def _check_cotangent(cotangent: Any, inputs: Any, settings: STFTSettings) -> None:
    """Raise unless the cotangent is an array of a float type with the result's shape."""
    expected = output_shape(tuple(inputs.shape), settings)
    if not hasattr(cotangent, "dtype") or not hasattr(cotangent, "shape"):
        raise TypeError(f"`cotangent` must be an array; got {type(cotangent).__name__}.")
    if tuple(cotangent.shape) != expected:
        raise ValueError(f"`cotangent` must have the result's shape {expected}; got {tuple(cotangent.shape)}.")
    if not namespace(cotangent).isdtype(cotangent.dtype, "real floating"):
        raise TypeError(f"`cotangent` must have a float dtype; got {cotangent.dtype}.")


def _whole(inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None, by_inputs: bool) -> Gradients:
    """Pull back all frames at once, by functions that make new arrays."""
    xp = namespace(inputs)
    dtype = getattr(xp, settings.compute_dtype)
    rows = to_rows(inputs, settings)
    rounded = xp.astype(xp.astype(rows, getattr(xp, settings.result_dtype)), dtype)
    frames = cut(pad(rounded, settings), settings)
    pulled = xp.astype(from_output(cotangent, settings), dtype)
    parts = _pull_to_parts(_transform(frames, settings, kernels), pulled, settings)
    by_kernels = _pull_to_kernels(frames, parts, settings)
    if not by_inputs:
        return _as_gradients(None, by_kernels, settings)
    by_frames = _pull_to_frames(parts, settings, kernels)
    left, _ = padding_amounts(rows.shape[-1], settings)
    total = overlap_add(by_frames, settings.step)
    added = total[..., left : min(left + rows.shape[-1], total.shape[-1])]
    tail = xp.zeros((*rows.shape[:2], rows.shape[-1] - added.shape[-1]), dtype=dtype, device=device_of(added))
    by_rows = xp.astype(xp.concat([added, tail], axis=-1), inputs.dtype)
    return _as_gradients(to_rows(by_rows, settings), by_kernels, settings)


def _by_blocks(
    inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None, by_inputs: bool
) -> Gradients:
    """Pull back block by block."""
    xp = namespace(inputs)
    rows, pulled = to_rows(inputs, settings), from_output(xp.ascontiguousarray(cotangent), settings)
    by_rows = xp.zeros(rows.shape if by_inputs else (0, 0, 0), dtype=settings.compute_dtype)
    n_batch, n_channels, n_frames, _ = pulled.shape
    shape = (settings.frame_length, settings.n_bins)
    sums = {name: xp.zeros(shape, dtype=settings.compute_dtype) for name in kernel_names(settings)}
    with np.errstate(all="ignore"):
        total, block = n_batch * n_channels * n_frames, PRODUCT_BLOCKS * frames_per_block(inputs, settings)
        for batch, channel, first, last in blocks_of(pulled.shape, 0, total, block):
            frames = _room("frames", (last - first, settings.frame_length), settings, inputs)
            frames[...] = read_frames(rows[batch, channel], first, last, settings)
            parts = _pull_block(frames, pulled[batch, channel, first:last], settings, kernels)
            by_kernels = _pull_to_kernels(frames, parts, settings, _room("kernels", (2, *shape), settings, inputs))
            for name, summed in sums.items():
                summed += getattr(by_kernels, name)
            if by_inputs:
                room = _room("pulled frames", (2, *frames.shape), settings, inputs)
                _add_frames(by_rows[batch, channel], _pull_to_frames(parts, settings, kernels, room), first, settings)
    by_kernels = Parts(sums.get("real"), sums.get("imag"))
    if not by_inputs:
        return _as_gradients(None, by_kernels, settings)
    with np.errstate(all="ignore"):
        by_signal = to_rows(by_rows, settings).astype(inputs.dtype.newbyteorder("="))
    return _as_gradients(by_signal, by_kernels, settings)


def _add_frames(row: Any, frames: Any, first: int, settings: STFTSettings) -> None:
    """Add frames, of which the first has the number `first`, to a row of samples, in place."""
    n_samples = row.shape[0]
    start = frame_start(first, n_samples, settings)
    begin, end = max(start, 0), min(start + frames_extent(frames.shape[0], settings), n_samples)
    row[begin:end] += overlap_add(frames, settings.step)[begin - start : end - start]


def _room(purpose: str, shape: tuple[int, ...], settings: STFTSettings, like: Any) -> Any:
    """Return memory for what is passing, in the type that is computed in."""
    return scratch(purpose, shape, settings.compute_dtype, like)


def _pull_block(frames: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None) -> Parts:
    """Return the cotangents of the real and imaginary parts of a block, made a few frames at a time."""
    n_frames = frames.shape[0]
    made = _transform(frames, settings, kernels, _room("products", (2, n_frames, settings.n_bins), settings, frames))
    places = _room("pulled", (2, n_frames, settings.n_bins), settings, frames)
    at_once = max(1, PULL_BYTES[library_of(frames)] // (settings.n_bins * places.itemsize))
    for first in range(0, n_frames, at_once):
        some = slice(first, first + at_once)
        parts = Parts(*(None if part is None else part[some] for part in made[:2]))
        pulled = _pull_to_parts(parts, cotangent[some].astype(settings.compute_dtype), settings)
        for place, part in zip(places, pulled[:2], strict=True):
            if part is not None:
                place[some] = part
    return Parts(*(None if part is None else place for place, part in zip(places, pulled[:2], strict=True)))


def _transform(frames: Any, settings: STFTSettings, kernels: Kernels | None, room: Any | None = None) -> Parts:
    """Return the parts of frames (..., T, frame_length) that the mode needs."""
    if kernels is None:
        windowed = None if room is None else empty_windowed(frames.shape[0], settings, like=frames)
        real, imag, _ = by_fft(frames, scaled_window(settings, like=frames), settings.n_fft, windowed)
    else:
        real, imag, _ = by_conv(frames, kernels, room)
    wanted = kernel_names(settings)
    return Parts(real if "real" in wanted else None, imag if "imag" in wanted else None)


def _pull_to_parts(parts: Parts, cotangent: Any, settings: STFTSettings) -> Parts:
    """Return the cotangents of the real and imaginary parts."""
    judged: Any = parts.imag if parts.real is None else parts.real
    bad = ~namespace(judged).isfinite(judged[..., 0])
    pulled = PULLBACKS[settings.mode](parts, cotangent, settings)
    return Parts(spoil(pulled.real, bad), spoil(pulled.imag, bad))


def _pull_to_kernels(frames: Any, parts: Parts, settings: STFTSettings, room: Any | None = None) -> Parts:
    """Return the cotangents of both kernels, (frame_length, n_bins), summed over all frames."""
    xp = namespace(frames)
    columns = xp.reshape(frames, (-1, settings.frame_length)).T
    real, imag = (
        None if part is None else xp.matmul(columns, xp.reshape(part, (-1, settings.n_bins)), **into(place))
        for part, place in zip(parts[:2], (None, None) if room is None else room, strict=True)
    )
    return Parts(real, imag)


def _pull_to_frames(parts: Parts, settings: STFTSettings, kernels: Kernels | None, room: Any | None = None) -> Any:
    """Return the cotangents of frames, (..., T, frame_length)."""
    if kernels is None:
        by_windowed = _frames_by_fft(parts.real, parts.imag, settings)
        return by_windowed * scaled_window(settings, like=by_windowed)
    by_frames: Any = None
    places = (None, None) if room is None else room
    for part, kernel, place in zip(parts[:2], (kernels.real, kernels.imag), places, strict=True):
        if part is not None:
            xp = namespace(part)
            product = xp.matmul(part, xp.asarray(kernel)[:, 0, :].T, **into(place))
            by_frames = product if by_frames is None else xp.add(by_frames, product, **into(place))
    return by_frames


def _frames_by_fft(d_real: Any | None, d_imag: Any | None, settings: STFTSettings) -> Any:
    """Return the cotangent of windowed frames under Fourier's kernels: the transposed real FFT.

    Sample `n` is the sum over bins of `d_real cos(2 pi n k / N) - d_imag sin(2 pi n k / N)`, which an inverse real
    FFT computes once the bins that stand for two are halved.
    """
    given: Any = d_imag if d_real is None else d_real
    xp = namespace(given)
    halves = np.full(settings.n_bins, settings.n_fft / 2, dtype=settings.compute_dtype)
    halves[0] = settings.n_fft
    if settings.n_fft % 2 == 0:
        halves[-1] = settings.n_fft
    weights = to_device_of(halves, given)
    zeros = xp.zeros_like(given)
    spectrum = (zeros if d_real is None else d_real) + 1j * (zeros if d_imag is None else d_imag)
    return irfft(spectrum * weights, settings.n_fft)[..., : settings.frame_length]


def _as_gradients(by_inputs: Any, parts: Parts, settings: STFTSettings) -> Gradients:
    """Return gradients with kernels of three axes."""
    shape = kernel_shape(settings)
    kernels = [None if part is None else namespace(part).reshape(part, shape) for part in (parts.real, parts.imag)]
    return Gradients(by_inputs, kernels[0], kernels[1])
