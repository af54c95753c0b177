"""The transform as a function of PyTorch's automatic differentiation, with its gradient in closed form.

PyTorch would record a dozen steps and keep their arrays. As one step, which keeps its input alone, forward and backward
are computed block by block, as arrays of NumPy, or of CuPy, in the memory of the tensors. For whatever else is asked of
a gradient (its own gradient, many at once) the steps are recorded then.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from typing import Any

import numpy as np

from specwidget.arrays import (
    OWN_FFT,
    RealFFT,
    differentiated_device,
    library_of,
    on_device_of,
    tensor_of,
    unrecorded_device,
    workspace,
)
from specwidget.devices import find_gpu, retry_with_free_memory
from specwidget.fft_backend import find_fft_backend
from specwidget.stft.device_gradients import vjp_on_device
from specwidget.stft.frames import read_frames
from specwidget.stft.gradients import write_gradient_spectra
from specwidget.stft.kernels import Kernels
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.modes import LINEAR_MODES
from specwidget.stft.pipeline import (
    compute_spectrogram,
    compute_unblocked,
    frames_per_block,
    tensor_fft,
    view_tensor,
)
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import padding_amounts
from specwidget.stft.synthesis import SynthesisPlan, synthesize_blocked
from specwidget.stft.transform import TransformPath, scaled_window
from specwidget.torch_fft import has_torch_fft


def compute_differentiable(
    inputs: Any, settings: STFTSettings, kernels: Kernels | None = None, *, reuse_buffer: bool = False
) -> Any:
    """Compute as `compute_spectrogram`, as one step where PyTorch records a tensor for its gradient.

    Parameters
    ----------
    inputs, settings, kernels, reuse_buffer
        As for `compute_spectrogram`. Only with Fourier kernels, `kernels` of None, it is one step.

    Returns
    -------
    array
        As `compute_spectrogram`.

    Raises
    ------
    ValueError, TypeError
        As `compute_spectrogram`.
    """
    if kernels is None and _is_one_step(inputs):
        return _function().apply(inputs, settings)
    return compute_spectrogram(inputs, settings, kernels, reuse_buffer=reuse_buffer)


def _is_one_step(inputs: Any) -> bool:
    """Return whether PyTorch records a tensor for its gradient alone, in memory that NumPy or CuPy can share."""
    device = differentiated_device(inputs)
    return device == "cpu" or (device == "cuda" and find_gpu().available)


def computing_library(inputs: Any, path: TransformPath, library: str) -> str:
    """Return the name of the library that computes, with that of the FFT where it is another one's.

    Parameters
    ----------
    inputs : array
        As for `compute_differentiable`.
    path : {"fft", "matmul"}
        Algorithm of the transform.
    library : str
        Library that `choose_library` selects.

    Returns
    -------
    str
        For a NumPy array "NumPy" or "CuPy", or "pyfftw and NumPy" where pyfftw is the backend of `scipy.fft`. For a
        PyTorch tensor that is computed in its own memory "NumPy", "PyTorch and NumPy", or "CuPy". Else that of the
        array.
    """
    if isinstance(inputs, np.ndarray):
        backend = find_fft_backend() if (library, path) == ("NumPy", "fft") else ""
        return f"{backend} and NumPy" if backend else library
    device = unrecorded_device(inputs) or (differentiated_device(inputs) if path == "fft" else "")
    if device == "cpu":
        return "PyTorch and NumPy" if path == "fft" and has_torch_fft() else "NumPy"
    return "CuPy" if device == "cuda" and find_gpu().available else library_of(inputs)


def input_vjp_blocked(
    inputs: np.ndarray, cotangent: np.ndarray, settings: STFTSettings, fft: RealFFT = OWN_FFT
) -> np.ndarray:
    """Compute the gradient with respect to the inputs under Fourier kernels, block by block on one or more threads.

    Parameters
    ----------
    inputs : ndarray (batch, time, channels)
        Inputs of `compute_spectrogram`.
    cotangent : ndarray
        Gradient of a scalar with respect to the result, in its shape.
    settings : STFTSettings
        Settings of the transform.
    fft : RealFFT, optional
        What computes the FFT and its inverse; SciPy if not given.

    Returns
    -------
    ndarray (batch, time, channels)
        In the dtype of the inputs.

    Notes
    -----
    The transpose of the transform is an overlap-add of inverse FFTs, weighted by its own window instead of the dual.
    """
    rows, d_values = to_rows(inputs, settings), from_output(cotangent, settings)
    d_inputs = np.empty(inputs.shape, dtype=inputs.dtype.newbyteorder("="))
    n_samples, nothing = rows.shape[-1], np.empty(0, dtype=settings.compute_dtype)
    left, _ = padding_amounts(n_samples, settings)
    window = scaled_window(settings, like=inputs)
    is_independent = settings.mode in LINEAR_MODES and _has_finite_sums(inputs, settings)
    complex_dtype = np.result_type(settings.compute_dtype, np.complex64).name
    plan = SynthesisPlan(d_values.shape[2], n_samples, left, window, nothing, nothing, 0)

    def read(batch: int, channel: int, first: int, last: int) -> Any:
        frames = None if is_independent else read_frames(rows[batch, channel], first, last, settings)
        spectra = workspace("gradient spectra", (last - first, settings.n_bins), complex_dtype, inputs)
        write_gradient_spectra(frames, d_values[batch, channel, first:last], settings, fft, spectra)
        return spectra

    synthesize_blocked(read, to_rows(d_inputs, settings), plan, settings, fft)
    return d_inputs


def _input_vjp(inputs: Any, cotangent: Any, settings: STFTSettings) -> Any:
    """Compute the gradient with respect to the inputs for arrays of NumPy or CuPy that share the memory of tensors."""
    if isinstance(inputs, np.ndarray):
        with tensor_fft(inputs.shape, settings) as (fft, _):
            return input_vjp_blocked(inputs, cotangent, settings, fft)
    with on_device_of(inputs):
        n_block = frames_per_block(inputs, settings)
        found: Any = vjp_on_device(inputs, cotangent, settings, None, n_block, wrt_inputs=True, wrt_kernels=False)[0]
        return found.astype(inputs.dtype, copy=False)


def _has_finite_sums(inputs: np.ndarray, settings: STFTSettings) -> bool:
    """Return whether no windowed frame has a sum that is NaN or infinite."""
    peak = float(np.abs(inputs).max(initial=0))
    total = peak * float(np.abs(settings.scaled_window).sum())
    # False for NaN.
    return peak <= float(np.finfo(settings.result_dtype).max) and total < float(np.finfo(settings.compute_dtype).max)


@lru_cache(maxsize=1)
def _function() -> Any:
    """Return the function of PyTorch, which is not imported before it is needed."""
    torch: Any = sys.modules["torch"]

    class SpectrogramFunction(torch.autograd.Function):  # type: ignore[misc]
        """Computes a spectrogram from a tensor and settings."""

        @staticmethod
        def forward(ctx: Any, inputs: Any, settings: STFTSettings) -> Any:
            ctx.save_for_backward(inputs)
            ctx.settings = settings
            return compute_spectrogram(inputs.detach(), settings)

        @staticmethod
        def backward(ctx: Any, cotangent: Any) -> tuple[Any, None]:
            (inputs,) = ctx.saved_tensors
            if torch.is_grad_enabled() or (given := view_tensor(cotangent)) is None:
                with torch.enable_grad():
                    values = compute_unblocked(inputs, ctx.settings)
                gradients = torch.autograd.grad(values, inputs, cotangent, create_graph=torch.is_grad_enabled())
                return gradients[0], None
            samples = view_tensor(inputs.detach())
            return tensor_of(retry_with_free_memory(lambda: _input_vjp(samples, given, ctx.settings))), None

    return SpectrogramFunction
