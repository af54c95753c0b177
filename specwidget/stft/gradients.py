"""Vector-Jacobian products of the transform: by the signal and by the kernels, in closed form, block by block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from specwidget.arrays import irfft, namespace, to_device_of, writes_in_place
from specwidget.stft.frames import cut, overlap_add, pad, read_frames
from specwidget.stft.kernels import Kernels, kernel_names, kernel_shape
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.modes import PULLBACKS, Parts
from specwidget.stft.pipeline import PRODUCT_BLOCKS, blocks_of, check_inputs, frames_per_block
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start, frames_extent, output_shape, padding_amounts
from specwidget.stft.transform import by_conv, by_fft, scaled_window, spoil


@dataclass(frozen=True, eq=False)
class Gradients:
    """What a cotangent of the result means for what went in.

    Parameters
    ----------
    inputs : array
        Cotangent of the input, in its shape and type.
    real_kernel, imag_kernel : array (frame_length, 1, n_bins) or None
        Cotangents of the kernels, in the type that is computed in; None where the mode has no such kernel.
    """

    inputs: Any
    real_kernel: Any | None
    imag_kernel: Any | None


def compute_vjp(inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None = None) -> Gradients:
    """Pull a cotangent of the result back to the signal and the kernels.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        What went into `compute_spectrogram`.
    cotangent : array
        Derivative of some number by the result, in the result's shape.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels of the transform; None are Fourier's.

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
    compute = _by_blocks if writes_in_place(inputs) else _whole
    return compute(inputs, cotangent, settings, kernels)


def _check_cotangent(cotangent: Any, inputs: Any, settings: STFTSettings) -> None:
    """Raise unless the cotangent is an array of a float type with the result's shape."""
    expected = output_shape(tuple(inputs.shape), settings)
    if not hasattr(cotangent, "dtype") or not hasattr(cotangent, "shape"):
        raise TypeError(f"`cotangent` must be an array; got {type(cotangent).__name__}.")
    if tuple(cotangent.shape) != expected:
        raise ValueError(f"`cotangent` must have the result's shape {expected}; got {tuple(cotangent.shape)}.")
    if not namespace(cotangent).isdtype(cotangent.dtype, "real floating"):
        raise TypeError(f"`cotangent` must have a float dtype; got {cotangent.dtype}.")


def _whole(inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None) -> Gradients:
    """Pull back all frames at once, by functions that make new arrays."""
    xp = namespace(inputs)
    dtype = getattr(xp, settings.compute_dtype)
    rows = to_rows(inputs, settings)
    frames = cut(pad(xp.astype(rows, dtype), settings), settings)
    pulled = xp.astype(from_output(cotangent, settings), dtype)
    by_frames, parts = _pull_back(frames, pulled, settings, kernels, scaled_window(settings, like=frames))
    left, _ = padding_amounts(rows.shape[-1], settings)
    total = overlap_add(by_frames, settings.step)
    added = total[..., left : min(left + rows.shape[-1], total.shape[-1])]
    tail = xp.zeros((*rows.shape[:2], rows.shape[-1] - added.shape[-1]), dtype=dtype, device=added.device)
    by_rows = xp.astype(xp.concat([added, tail], axis=-1), inputs.dtype)
    return _as_gradients(to_rows(by_rows, settings), parts, settings)


def _by_blocks(inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None) -> Gradients:
    """Pull back block by block."""
    xp = namespace(inputs)
    rows, pulled = to_rows(inputs, settings), from_output(xp.ascontiguousarray(cotangent), settings)
    by_rows = xp.zeros(rows.shape, dtype=settings.compute_dtype)
    window = scaled_window(settings, like=inputs)
    n_batch, n_channels, n_frames, _ = pulled.shape
    n_bins = settings.n_bins
    sums = {name: xp.zeros((settings.frame_length, n_bins), settings.compute_dtype) for name in kernel_names(settings)}
    n_samples = rows.shape[-1]
    with np.errstate(all="ignore"):
        total, block = n_batch * n_channels * n_frames, PRODUCT_BLOCKS * frames_per_block(inputs, settings)
        for batch, channel, first, last in blocks_of(pulled.shape, 0, total, block):
            frames = xp.ascontiguousarray(read_frames(rows[batch, channel], first, last, settings))
            piece = xp.ascontiguousarray(pulled[batch, channel, first:last].astype(settings.compute_dtype))
            by_frames, parts = _pull_back(frames, piece, settings, kernels, window)
            for name, part in zip(("real", "imag"), parts, strict=True):
                if part is not None:
                    sums[name] += part
            start = frame_start(first, n_samples, settings)
            begin, end = max(start, 0), min(start + frames_extent(last - first, settings), n_samples)
            by_rows[batch, channel, begin:end] += overlap_add(by_frames, settings.step)[begin - start : end - start]
        by_inputs = to_rows(by_rows, settings).astype(inputs.dtype.newbyteorder("="))
    return _as_gradients(by_inputs, (sums.get("real"), sums.get("imag")), settings)


def _pull_back(
    frames: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None, window: Any
) -> tuple[Any, Parts]:
    """Return the cotangents of frames (..., T, frame_length) and of both kernels, summed over all frames."""
    xp = namespace(frames)
    real, imag = by_fft(frames, window, settings.n_fft) if kernels is None else by_conv(frames, kernels)
    wanted = kernel_names(settings)
    real, imag = real if "real" in wanted else None, imag if "imag" in wanted else None
    judged: Any = imag if real is None else real
    bad = ~xp.isfinite(judged[..., 0])
    d_real, d_imag = (spoil(part, bad) for part in PULLBACKS[settings.mode](real, imag, cotangent, settings))
    columns = xp.reshape(frames, (-1, settings.frame_length)).T
    by_kernels = [
        None if part is None else xp.matmul(columns, xp.reshape(part, (-1, settings.n_bins)))
        for part in (d_real, d_imag)
    ]
    if kernels is None:
        return _frames_by_fft(d_real, d_imag, settings) * window, (by_kernels[0], by_kernels[1])
    by_frames = None
    for part, kernel in ((d_real, kernels.real), (d_imag, kernels.imag)):
        if part is not None:
            product = xp.matmul(part, xp.asarray(kernel)[:, 0, :].T)
            by_frames = product if by_frames is None else by_frames + product
    return by_frames, (by_kernels[0], by_kernels[1])


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
    kernels = [None if part is None else namespace(part).reshape(part, shape) for part in parts]
    return Gradients(by_inputs, kernels[0], kernels[1])
