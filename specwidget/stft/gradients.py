"""Vector-Jacobian products of the transform with respect to inputs and kernels, in closed form.

Names with `d_` are gradients of the caller's scalar: `d_frames` is its gradient with respect to the frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import (
    OWN_FFT,
    RealFFT,
    device_of,
    irfft,
    namespace,
    on_device_of,
    out_kwarg,
    supports_out,
    to_device_of,
    to_numpy,
    workspace,
)
from specwidget.devices import DeviceOutOfMemory, held_on_device
from specwidget.stft.batch_splitting import Part, for_each_part, is_large
from specwidget.stft.device_gradients import vjp_on_device
from specwidget.stft.formatting import ShortRepr
from specwidget.stft.frame_selection import frame_support, without_padding
from specwidget.stft.frames import frame_signal, overlap_add, pad, read_frames
from specwidget.stft.kernels import Kernels, kernel_names, kernel_shape
from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.modes import VJPS
from specwidget.stft.pipeline import MATMUL_BLOCKS, check_inputs, frames_per_block, iter_blocks
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import Shape, frame_start, frames_extent, output_shape, padding_amounts
from specwidget.stft.transform import (
    RealImag,
    scaled_window,
    set_nan,
    transform_matmul,
    transform_rfft,
    windowed_workspace,
)

VJP_BLOCK_BYTES = 2**20
"""Size of a real or imaginary part in one step of a mode's VJP, bytes: it has a dozen temporary arrays of this size. In
smaller steps the threads would wait for each other between the operations."""


@dataclass(frozen=True, eq=False, repr=False)
class Gradients(ShortRepr):
    """Gradients of a scalar, such as a loss, with respect to the inputs and the kernels.

    Parameters
    ----------
    inputs : array or None
        In the shape and dtype of the inputs; None if not requested.
    real_kernel, imag_kernel : array (frame_length, 1, n_bins) or None
        In the compute dtype; None if the mode has no such kernel.
    """

    inputs: Any | None
    real_kernel: Any | None
    imag_kernel: Any | None


def compute_vjp(
    inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None = None, *, wrt_inputs: bool = True
) -> Gradients:
    """Compute the vector-Jacobian product with respect to inputs and kernels.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        Inputs of `compute_spectrogram`.
    cotangent : array
        Gradient of a scalar with respect to the result, in the shape of the result; of NumPy, or in the library of
        `inputs`.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels of the transform; None means Fourier kernels.
    wrt_inputs : bool, default True
        Whether to compute the gradient with respect to the inputs, which takes a third of the time.

    Returns
    -------
    Gradients
        Gradients of the scalar with respect to the inputs and each kernel.

    Raises
    ------
    ValueError
        If a shape does not fit.
    TypeError
        If `inputs` or `cotangent` is not an array of a float type.

    Notes
    -----
    With the frames as rows of `X`, and `D` the gradient with respect to a real or imaginary part, the gradient of the
    kernel is ``X.T @ D`` and that of the frames is ``D @ K.T``, which overlap-add turns into that of the signal. For
    Fourier kernels the product with `K.T` is an inverse FFT.

    The gradient is 0 at the floor of "log" and "magnitude", and for "angle" where the power underflows to 0. A frame
    with a NaN or infinite sample makes the gradient NaN at its samples and in the kernels.
    """
    check_inputs(inputs, settings)
    check_cotangent(cotangent, output_shape(tuple(inputs.shape), settings))
    # Losses are often computed with NumPy, whatever the library of the inputs.
    if isinstance(cotangent, np.ndarray):
        cotangent = to_device_of(cotangent, inputs)
    if isinstance(inputs, np.ndarray):
        return _vjp_blocked(inputs, cotangent, settings, kernels, wrt_inputs)
    if not supports_out(inputs):
        return _vjp_unblocked(inputs, cotangent, settings, kernels, wrt_inputs)
    with on_device_of(inputs):
        n_block = frames_per_block(inputs, settings)
        d_inputs, d_kernels = vjp_on_device(inputs, cotangent, settings, kernels, n_block, wrt_inputs=wrt_inputs)
        return _as_gradients(
            d_inputs if d_inputs is None else d_inputs.astype(inputs.dtype, copy=False), d_kernels, settings
        )


def vjp_in_parts(
    inputs: NDArray[Any],
    cotangent: Any,
    settings: STFTSettings,
    compute: Callable[[NDArray[Any], NDArray[Any], STFTSettings], Gradients],
    *,
    wrt_inputs: bool = True,
) -> Gradients:
    """Compute the vector-Jacobian product of NumPy input on a device, in parts that fit.

    Parameters
    ----------
    inputs, cotangent, settings
        As for `compute_vjp`.
    compute : callable
        Takes the samples, the cotangent and the settings of a part, computes its gradients on the device and returns
        them on the host. Raises `DeviceOutOfMemory` if the part does not fit.
    wrt_inputs : bool, default True
        Whether `compute` returns the gradient with respect to the samples.

    Returns
    -------
    Gradients
        The sums over all parts, on the host.
    """
    check_inputs(inputs, settings)
    check_cotangent(cotangent, output_shape(inputs.shape, settings))
    given, whole = to_numpy(cotangent), Part.of(inputs, settings)
    if not is_large(whole, inputs, settings):
        with suppress(DeviceOutOfMemory):
            return compute(inputs, given, settings)
    d_values = from_output(np.ascontiguousarray(given), settings)
    d_rows = np.zeros(to_rows(inputs, settings).shape, dtype=settings.compute_dtype)
    sums = {name: np.zeros(kernel_shape(settings), dtype=settings.compute_dtype) for name in kernel_names(settings)}

    def compute_part(part: Part) -> None:
        begin, end, first, last = part
        samples = frame_support(inputs[begin:end], first, last, settings)
        some = to_output(d_values[begin:end, :, first:last], settings)
        gradients = compute(samples, some, without_padding(settings))
        for name, summed in sums.items():
            summed += getattr(gradients, f"{name}_kernel")
        if wrt_inputs:
            # Neighbouring parts share samples, and the first and last ones may reach into the padding.
            start = frame_start(first, d_rows.shape[-1], settings)
            low, high = max(start, 0), min(start + frames_extent(last - first, settings), d_rows.shape[-1])
            d_rows[begin:end, :, low:high] += to_rows(gradients.inputs, settings)[..., low - start : high - start]

    for_each_part(whole, lambda part: is_large(part, inputs, settings), compute_part)
    d_inputs = to_rows(d_rows, settings).astype(inputs.dtype.newbyteorder("=")) if wrt_inputs else None
    return Gradients(d_inputs, sums.get("real"), sums.get("imag"))


def check_cotangent(cotangent: Any, expected: Shape) -> None:
    """Raise `TypeError` or `ValueError` unless a cotangent is a float array with the shape of the result."""
    if not hasattr(cotangent, "dtype") or not hasattr(cotangent, "shape"):
        raise TypeError(f"`cotangent` must be an array; got {type(cotangent).__name__}.")
    if tuple(cotangent.shape) != expected:
        raise ValueError(f"`cotangent` must have the result's shape {expected}; got {tuple(cotangent.shape)}.")
    if not namespace(cotangent).isdtype(cotangent.dtype, "real floating"):
        raise TypeError(f"`cotangent` must have a float dtype; got {cotangent.dtype}.")


def _vjp_unblocked(
    inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None, wrt_inputs: bool
) -> Gradients:
    """Compute the gradients of all frames at once, without writing to an array."""
    xp = namespace(inputs)
    dtype = getattr(xp, settings.compute_dtype)
    rows = to_rows(inputs, settings)
    rounded = xp.astype(xp.astype(rows, getattr(xp, settings.result_dtype)), dtype)
    frames = frame_signal(pad(rounded, settings), settings)
    d_values = xp.astype(from_output(cotangent, settings), dtype)
    d_parts = _vjp_mode(_transform(frames, settings, kernels), d_values, settings)
    d_kernels = _vjp_kernels(frames, d_parts, settings)
    if not wrt_inputs:
        return _as_gradients(None, d_kernels, settings)
    d_frames = _vjp_frames(d_parts, settings, kernels)
    left, _ = padding_amounts(rows.shape[-1], settings)
    total = overlap_add(d_frames, settings.step)
    covered = total[..., left : min(left + rows.shape[-1], total.shape[-1])]
    # Samples after the last frame do not affect the result.
    tail = xp.zeros((*rows.shape[:2], rows.shape[-1] - covered.shape[-1]), dtype=dtype, device=device_of(covered))
    d_rows = xp.astype(xp.concat([covered, tail], axis=-1), inputs.dtype)
    return _as_gradients(to_rows(d_rows, settings), d_kernels, settings)


def _vjp_blocked(
    inputs: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None, wrt_inputs: bool
) -> Gradients:
    """Compute the gradients block by block, in one thread, for NumPy: kernels' gradients are sums over all frames."""
    rows, d_values = to_rows(inputs, settings), from_output(np.ascontiguousarray(cotangent), settings)
    d_rows = np.zeros(rows.shape if wrt_inputs else (0, 0, 0), dtype=settings.compute_dtype)
    n_batch, n_channels, n_frames, _ = d_values.shape
    shape = (settings.frame_length, settings.n_bins)
    sums = {name: np.zeros(shape, dtype=settings.compute_dtype) for name in kernel_names(settings)}
    # Values that are not finite are documented results, and NumPy would warn about each.
    with np.errstate(all="ignore"):
        total, block = n_batch * n_channels * n_frames, MATMUL_BLOCKS * frames_per_block(inputs, settings)
        for batch, channel, first, last in iter_blocks(d_values.shape, 0, total, block):
            # BLAS needs contiguous rows, and the frames are an overlapping view.
            frames = _buffer("frames", (last - first, settings.frame_length), settings, inputs)
            frames[...] = read_frames(rows[batch, channel], first, last, settings)
            d_parts = _vjp_block(frames, d_values[batch, channel, first:last], settings, kernels)
            d_kernels = _vjp_kernels(frames, d_parts, settings, _buffer("kernels", (2, *shape), settings, inputs))
            for name, summed in sums.items():
                summed += getattr(d_kernels, name)
            if wrt_inputs:
                out = _buffer("gradient frames", (2, *frames.shape), settings, inputs)
                _add_frames(d_rows[batch, channel], _vjp_frames(d_parts, settings, kernels, out), first, settings)
    d_kernels = RealImag(sums.get("real"), sums.get("imag"))
    if not wrt_inputs:
        return _as_gradients(None, d_kernels, settings)
    with np.errstate(all="ignore"):
        d_inputs = to_rows(d_rows, settings).astype(inputs.dtype.newbyteorder("="))
    return _as_gradients(d_inputs, d_kernels, settings)


def _add_frames(row: Any, frames: Any, first: int, settings: STFTSettings) -> None:
    """Overlap-add frames into a row of samples, in place; `first` is the index of the first frame."""
    n_samples = row.shape[0]
    start = frame_start(first, n_samples, settings)
    begin, end = max(start, 0), min(start + frames_extent(frames.shape[0], settings), n_samples)
    row[begin:end] += overlap_add(frames, settings.step)[begin - start : end - start]


def _buffer(purpose: str, shape: tuple[int, ...], settings: STFTSettings, like: Any) -> Any:
    return workspace(purpose, shape, settings.compute_dtype, like)


def _vjp_block(frames: Any, cotangent: Any, settings: STFTSettings, kernels: Kernels | None) -> RealImag:
    """Return the gradients with respect to the parts of a block, computed a few frames at a time."""
    n_frames = frames.shape[0]
    parts = _transform(frames, settings, kernels, _buffer("products", (2, n_frames, settings.n_bins), settings, frames))
    targets = _buffer("gradient parts", (2, n_frames, settings.n_bins), settings, frames)
    for some, d_parts in _vjp_in_steps(parts, cotangent, settings):
        for target, d_part in zip(targets, d_parts[:2], strict=True):
            if d_part is not None:
                target[some] = d_part
    return RealImag(*(None if d_part is None else target for target, d_part in zip(targets, d_parts[:2], strict=True)))


def write_gradient_spectra(frames: Any, cotangent: Any, settings: STFTSettings, fft: RealFFT, out: Any) -> None:
    """Write the spectra whose inverse FFT is the gradient with respect to windowed frames, under Fourier kernels.

    Parameters
    ----------
    frames : ndarray (T, frame_length) or None
        Frames of the signal; None for a linear mode of finite frames, whose gradient does not depend on them.
    cotangent : ndarray (T, n_outputs)
        Gradient of a scalar with respect to the result.
    settings : STFTSettings
        Settings of the transform.
    fft : RealFFT
        What computes the FFT.
    out : ndarray of complex (T, n_bins)
        The array to write to.
    """
    if frames is None:
        d_parts = VJPS[settings.mode](
            RealImag(None, None), cotangent.astype(settings.compute_dtype, copy=False), settings
        )
        _transposed_spectrum(d_parts, settings, out)
        return
    for some, d_parts in _vjp_in_steps(_transform(frames, settings, None, out, fft), cotangent, settings):
        _transposed_spectrum(d_parts, settings, out[some])


def _vjp_in_steps(parts: RealImag, cotangent: Any, settings: STFTSettings) -> Iterator[tuple[slice, RealImag]]:
    """Yield the gradients with respect to the parts of some frames, few enough to take little memory."""
    n_frames = cotangent.shape[0]
    n_at_once = max(1, VJP_BLOCK_BYTES // (settings.n_bins * np.dtype(settings.compute_dtype).itemsize))
    for first in range(0, n_frames, n_at_once):
        some = slice(first, first + n_at_once)
        some_parts = RealImag(*(None if part is None else part[some] for part in parts[:2]))
        yield some, _vjp_mode(some_parts, cotangent[some].astype(settings.compute_dtype), settings)


def _transform(
    frames: Any, settings: STFTSettings, kernels: Kernels | None, out: Any | None = None, fft: RealFFT = OWN_FFT
) -> RealImag:
    """Return the real and imaginary parts that the mode uses, of frames (..., T, frame_length)."""
    if kernels is None:
        windowed = None if out is None else windowed_workspace(frames.shape[0], settings, like=frames)
        real, imag, _ = transform_rfft(frames, scaled_window(settings, like=frames), settings.n_fft, windowed, fft)
    else:
        real, imag, _ = transform_matmul(frames, kernels, out)
    used = kernel_names(settings)
    return RealImag(real if "real" in used else None, imag if "imag" in used else None)


def _vjp_mode(parts: RealImag, cotangent: Any, settings: STFTSettings) -> RealImag:
    """Return the gradients with respect to the real and imaginary parts."""
    present: Any = parts.imag if parts.real is None else parts.real
    # As in the forward transform: bin 0 decides whether a frame has a NaN or infinite sample.
    nonfinite = ~namespace(present).isfinite(present[..., 0])
    d_parts = VJPS[settings.mode](parts, cotangent, settings)
    return RealImag(set_nan(d_parts.real, nonfinite), set_nan(d_parts.imag, nonfinite))


def _vjp_kernels(frames: Any, d_parts: RealImag, settings: STFTSettings, out: Any | None = None) -> RealImag:
    """Return the gradients with respect to both kernels, (frame_length, n_bins), summed over all frames."""
    xp = namespace(frames)
    # One product over all frames of all channels: kernels are shared, so their gradients are sums.
    columns = xp.reshape(frames, (-1, settings.frame_length)).T
    real, imag = (
        None if d_part is None else xp.matmul(columns, xp.reshape(d_part, (-1, settings.n_bins)), **out_kwarg(target))
        for d_part, target in zip(d_parts[:2], (None, None) if out is None else out, strict=True)
    )
    return RealImag(real, imag)


def _vjp_frames(d_parts: RealImag, settings: STFTSettings, kernels: Kernels | None, out: Any | None = None) -> Any:
    """Return the gradient with respect to the frames, (..., T, frame_length)."""
    if kernels is None:
        d_windowed = transposed_rfft(d_parts.real, d_parts.imag, settings)
        return d_windowed * scaled_window(settings, like=d_windowed)
    d_frames: Any = None
    targets = (None, None) if out is None else out
    for d_part, kernel, target in zip(d_parts[:2], (kernels.real, kernels.imag), targets, strict=True):
        if d_part is not None:
            xp = namespace(d_part)
            product = xp.matmul(d_part, xp.asarray(kernel)[:, 0, :].T, **out_kwarg(target))
            d_frames = product if d_frames is None else xp.add(d_frames, product, **out_kwarg(target))
    return d_frames


def transposed_rfft(d_real: Any | None, d_imag: Any | None, settings: STFTSettings) -> Any:
    """Return the gradient with respect to windowed frames under Fourier kernels: the transpose of the real FFT.

    Sample `n` is the sum over bins of `d_real cos(2 pi n k / N) - d_imag sin(2 pi n k / N)`. `irfft` computes that sum
    with weights 1 / N at bin 0 and the Nyquist bin and 2 / N elsewhere, which the factors below cancel.
    """
    spectrum = _transposed_spectrum(RealImag(d_real, d_imag), settings)
    return irfft(spectrum, settings.n_fft)[..., : settings.frame_length]


def _transposed_spectrum(d_parts: RealImag, settings: STFTSettings, out: Any | None = None) -> Any:
    """Return the gradients with respect to the parts as a spectrum, with the factors of `transposed_rfft`."""
    d_real, d_imag, _ = d_parts
    given: Any = d_imag if d_real is None else d_real
    xp = namespace(given)
    factors = np.full(settings.n_bins, settings.n_fft / 2, dtype=settings.compute_dtype)
    factors[0] = settings.n_fft
    if settings.n_fft % 2 == 0:
        factors[-1] = settings.n_fft
    key = "weights of the transposed FFT", settings.n_fft, settings.compute_dtype
    weights = held_on_device(key, given, lambda: to_device_of(factors, given))
    if out is not None:
        for d_part, target in ((d_real, out.real), (d_imag, out.imag)):
            # A part that is not used is 0, but NaN where the other one is, so that the whole frame becomes NaN.
            xp.multiply(*((given, 0.0) if d_part is None else (d_part, weights)), out=target)
        return out
    zeros = xp.zeros_like(given)
    return ((zeros if d_real is None else d_real) + 1j * (zeros if d_imag is None else d_imag)) * weights


def _as_gradients(d_inputs: Any, d_kernels: RealImag, settings: STFTSettings) -> Gradients:
    shape = kernel_shape(settings)
    real, imag = (None if part is None else namespace(part).reshape(part, shape) for part in d_kernels[:2])
    return Gradients(d_inputs, real, imag)
