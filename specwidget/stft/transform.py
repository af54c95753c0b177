"""Real and imaginary parts of frames, by two algorithms that give the same numbers.

`transform_matmul` multiplies frames by kernels: a strided correlation written as one matrix product, for any kernels.
`transform_rfft` computes the real FFT of windowed frames: many times faster for long frames, for Fourier kernels only.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np

from specwidget.arrays import (
    OWN_FFT,
    RealFFT,
    namespace,
    out_kwarg,
    scalar_like,
    supports_out,
    to_device_of,
    workspace,
)
from specwidget.devices import held_on_device
from specwidget.stft.kernels import Kernels
from specwidget.stft.settings import STFTSettings

TransformPath = Literal["fft", "matmul"]


class RealImag(NamedTuple):
    """A pair of arrays for the real and imaginary parts: the parts themselves, or their gradients.

    Parameters
    ----------
    real, imag : array (..., n_bins) or None
        None if the mode does not use that part.
    complex : array of complex (..., n_bins), optional
        The array of which `real` and `imag` are views, if there is one.
    """

    real: Any
    imag: Any
    complex: Any = None


def transform_rfft(
    frames: Any, window: Any, n_fft: int, windowed: Any | None = None, fft: RealFFT = OWN_FFT
) -> RealImag:
    """Transform frames by the real FFT.

    Parameters
    ----------
    frames : array (..., frame_length)
        Frames of the signal.
    window : array (frame_length,)
        Window divided by the scale of the kernels.
    n_fft : int
        Length of the DFT, samples. Frames start at sample 0 of it, and zeros follow.
    windowed : array (..., n_fft), optional
        Buffer for the windowed frames; zero from `frame_length` on.
    fft : RealFFT, optional
        What computes the FFT; that of the library of `frames` if not given.

    Returns
    -------
    RealImag
        Both parts; NaN in every bin of a frame with a NaN or infinite sample. NumPy and CuPy also set `complex`.
    """
    if windowed is None:
        spectrum = fft.rfft(frames * window, n_fft)
    else:
        fft.multiply(frames, window, windowed[..., : frames.shape[-1]])
        spectrum = fft.rfft(windowed, n_fft)
    xp = namespace(spectrum)
    # A real FFT leaves some bins finite in a frame with a NaN or infinite sample. Bin 0, the sum, is never finite then.
    nonfinite = ~xp.isfinite(xp.real(spectrum[..., 0]))
    if supports_out(spectrum):
        write_nan(spectrum, nonfinite)
        return RealImag(spectrum.real, spectrum.imag, spectrum)
    real, imag = xp.real(spectrum), xp.imag(spectrum)
    # NaN in those frames and 0 in all others. The product with bin 0 makes automatic differentiation give NaN for every
    # sample of the frame; a constant NaN would leave their gradients at 0.
    nan_mask = (real[..., 0] * xp.where(nonfinite, scalar_like(xp.nan, real), scalar_like(0.0, real)))[..., None]
    return RealImag(real + nan_mask, imag + nan_mask)


def transform_matmul(frames: Any, kernels: Kernels, out: Any | None = None) -> RealImag:
    """Transform frames by a matrix product with the kernels.

    Parameters
    ----------
    frames : array (..., frame_length)
        Frames of the signal.
    kernels : Kernels
        Kernels of shape (frame_length, 1, n_bins).
    out : array (2, ..., n_bins), optional
        Buffer for the products.

    Returns
    -------
    RealImag
        None for a missing kernel. Every bin is NaN in a frame with a NaN or infinite sample.

    Notes
    -----
    As in `transform_rfft`, a frame is set to NaN where bin 0 of its real part is not finite. In mode "imag" there is
    only the imaginary part, and its bin 0 decides. The two differ for finite samples whose sum overflows.
    """
    real, imag = (
        None if kernel is None else namespace(frames).matmul(frames, kernel[:, 0, :], **out_kwarg(target))
        for kernel, target in zip((kernels.real, kernels.imag), (None, None) if out is None else out, strict=True)
    )
    present: Any = imag if real is None else real
    first_bin = present[..., 0]
    nonfinite = ~namespace(first_bin).isfinite(first_bin)
    return RealImag(set_nan(real, nonfinite), set_nan(imag, nonfinite))


def set_nan(part: Any | None, mask: Any) -> Any | None:
    """Return a real or imaginary part, (..., n_bins), with NaN in all bins of the frames in `mask`, (...)."""
    if part is None:
        return None
    xp = namespace(part)
    if supports_out(part):
        return write_nan(part, mask)
    # A product and not `where`, whose gradient would be 0 in these frames under automatic differentiation.
    return part * xp.where(mask, scalar_like(xp.nan, part), scalar_like(1.0, part))[..., None]


def write_nan(values: Any, mask: Any) -> Any:
    """Set the rows (..., n) of an array of NumPy or CuPy to NaN, both parts of a complex one, where `mask` (...) is."""
    nan = complex(math.nan, math.nan) if values.dtype.kind == "c" else math.nan
    if isinstance(values, np.ndarray):
        values[mask] = nan
    else:
        # CuPy's assignment to a mask waits for the device to count its values.
        namespace(values).copyto(values, nan, where=mask[..., None])
    return values


def scaled_window(settings: STFTSettings, like: Any) -> Any:
    """Return the window divided by the scale of the kernels, in the compute dtype, on the device of `like`."""
    dtype = settings.compute_dtype
    if isinstance(like, np.ndarray):
        return settings.scaled_window.astype(dtype)
    key = ("scaled window", settings.window, settings.frame_length, settings.periodic, settings.scaling, dtype)
    return held_on_device(key, like, lambda: to_device_of(settings.scaled_window.astype(dtype), like))


def windowed_workspace(n_frames: int, settings: STFTSettings, like: Any) -> Any:
    """Return a work buffer for windowed frames, (n_frames, n_fft), with zeros from `frame_length` on."""
    windowed = workspace("windowed frames", (n_frames, settings.n_fft), settings.compute_dtype, like)
    windowed[:, settings.frame_length :] = 0
    return windowed
