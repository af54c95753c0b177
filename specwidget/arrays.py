"""Array libraries: what the array API standard lacks.

The transform is written against the Python array API standard, so the library and device of the input determine where
the computation runs. This module holds what the standard lacks: strided views, real FFTs that keep float32, transfer to
the host, the device of an array as the current one, and reusable work buffers.
"""

from __future__ import annotations

import importlib
import math
import os
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Any, NamedTuple

import array_api_compat
import numpy as np

_LIBRARY_NAMES = {
    "numpy": "NumPy",
    "cupy": "CuPy",
    "torch": "PyTorch",
    "jax": "JAX",
    "array_api_strict": "array-api-strict",
}


def namespace(array: Any) -> Any:
    """Return the array API namespace of an array; `numpy` itself for a NumPy array."""
    return np if isinstance(array, np.ndarray) else array_api_compat.array_namespace(array)


def device_of(array: Any) -> Any:
    """Return the device of an array."""
    return array_api_compat.device(array)


_HOST: AbstractContextManager[Any] = nullcontext()


def on_device_of(array: Any) -> AbstractContextManager[Any]:
    """Return a context in which the device of a CuPy array is the current one; for other arrays it does nothing.

    CuPy creates arrays and starts computations on the current device of the thread, whatever the device of the
    arguments, and a new thread begins with device 0.
    """
    if isinstance(array, np.ndarray) or library_of(array) != "CuPy":
        return _HOST
    device: AbstractContextManager[Any] = array.device
    return device


def is_array(value: object) -> bool:
    """Return whether `value` is an array of a library that follows the array API standard."""
    return isinstance(value, np.ndarray) or array_api_compat.is_array_api_obj(value)


def library_of(array: Any) -> str:
    """Return the display name of an array's library, such as "NumPy" or "PyTorch"."""
    module = type(array).__module__.partition(".")[0]
    return _LIBRARY_NAMES.get("jax" if module == "jaxlib" else module, module)


def supports_out(array: Any) -> bool:
    """Return whether the array's library has `out=` and in-place assignment: NumPy and CuPy."""
    return library_of(array) in ("NumPy", "CuPy")


def to_numpy(array: Any) -> np.ndarray:
    """Copy an array to the host. All transfers from device to host in this package go through here.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    ndarray
        The array itself if it is a NumPy array.
    """
    if isinstance(array, np.ndarray):
        return array
    # CuPy arrays, and PyTorch tensors on a device or with a gradient, refuse numpy.asarray.
    if library_of(array) == "CuPy":
        return array.get()  # type: ignore[no-any-return]
    if library_of(array) == "PyTorch":
        return array.detach().cpu().numpy()  # type: ignore[no-any-return]
    return np.asarray(array)


def view_as_numpy(array: Any) -> np.ndarray | None:
    """Return a PyTorch tensor on the CPU as a NumPy array that shares its memory, unless something records it.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    ndarray or None
        None where `unrecorded_device` is not "cpu".
    """
    if unrecorded_device(array) != "cpu":
        return None
    view: np.ndarray = array.detach().numpy()
    return view


def tensor_of(array: Any) -> Any:
    """Return an array of NumPy or CuPy as a PyTorch tensor that shares its memory.

    PyTorch's stream waits for that of CuPy.
    """
    torch: Any = sys.modules["torch"]
    if isinstance(array, np.ndarray):
        return torch.from_numpy(array)
    # CuPy's stream is that of the current device.
    with on_device_of(array):
        return torch.from_dlpack(array)


def unrecorded_device(array: Any) -> str:
    """Return the type of the device of a PyTorch tensor, such as "cpu" or "cuda", unless something records it.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    str
        Empty for other libraries, and subclasses of tensors; for a tensor that takes part in automatic differentiation;
        and while PyTorch compiles, traces or transforms a function.
    """
    return "" if _is_differentiated(array) else _plain_device(array)


def differentiated_device(array: Any) -> str:
    """Return the type of the device of a PyTorch tensor that is recorded for its gradient, and for nothing else.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    str
        Empty for other tensors and libraries, as for `unrecorded_device`.
    """
    return _plain_device(array) if _is_differentiated(array) else ""


def _is_differentiated(array: Any) -> bool:
    return library_of(array) == "PyTorch" and bool(array.requires_grad and sys.modules["torch"].is_grad_enabled())


def _plain_device(array: Any) -> str:
    """Return the type of the device of a PyTorch tensor that nothing but automatic differentiation may record."""
    if library_of(array) != "PyTorch":
        return ""
    # The compiler takes this, but no import by name, and is asked for first, as it does not take what follows.
    torch: Any = sys.modules["torch"]
    if torch.compiler.is_compiling() or _is_recording(torch, array):
        return ""
    # A parameter is a tensor like any other.
    is_plain = type(array) in (torch.Tensor, torch.nn.Parameter) and array.layout is torch.strided
    return str(array.device.type) if is_plain and not array.is_neg() else ""


def _is_recording(torch: Any, array: Any) -> bool:
    """Return whether PyTorch records or changes the calls of its functions, or a tensor stands for many."""
    try:
        return bool(
            torch._C._functorch.is_legacy_batchedtensor(array)
            or torch.jit.is_tracing()
            or torch._C._len_torch_dispatch_stack()
            or torch._C._len_torch_function_stack()
            or torch._C._functorch.peek_interpreter_stack() is not None
            or torch.autograd.forward_ad._current_level >= 0
        )
    except AttributeError:
        # There are no public names for these; a version that has others is given what it can record.
        return True


def to_device_of(array: np.ndarray, like: Any) -> Any:
    """Convert a NumPy array to the library and device of another array."""
    if isinstance(like, np.ndarray):
        return array
    # A library may share the memory instead of copying it, and our windows and kernels are read-only.
    with on_device_of(like):
        return namespace(like).asarray(array.copy(), device=device_of(like))


def to_device_outside_trace(array: np.ndarray, like: Any) -> Any:
    """Convert a NumPy array to the library and device of another array, for use in later calls too.

    An array created while JAX traces a function must not be used outside that trace, and one created in PyTorch's
    inference mode can't take part in automatic differentiation. The result is created outside of both.
    """
    context: Any = nullcontext()
    if library_of(like) == "JAX":
        context = importlib.import_module("jax").ensure_compile_time_eval()
    elif library_of(like) == "PyTorch" and importlib.import_module("torch").is_inference_mode_enabled():
        context = importlib.import_module("torch").inference_mode(False)
    with context:
        return to_device_of(array, like)


def stop_gradient(array: Any) -> Any:
    """Detach an array from automatic differentiation, so that it counts as a constant."""
    if library_of(array) == "PyTorch":
        return array.detach()
    if library_of(array) == "JAX":
        return importlib.import_module("jax").lax.stop_gradient(array)
    return array


def supports_float64(array: Any) -> bool:
    """Return whether the array's library computes in float64; JAX does so only if x64 is enabled."""
    return library_of(array) != "JAX" or bool(importlib.import_module("jax").config.jax_enable_x64)


def scalar_like(value: float, like: Any) -> Any:
    """Return a number as a 0-dimensional array with the dtype and on the device of another array.

    For CuPy it is a NumPy scalar, an argument of the launch that uses it: an array would be a transfer.
    """
    if library_of(like) == "CuPy":
        return like.dtype.type(value)
    return namespace(like).asarray(value, dtype=like.dtype, device=device_of(like))


def frames_view(signal: Any, frame_length: int, step: int) -> Any:
    """Return overlapping frames of the last axis, as a view if the library has strided views, else as a copy.

    Parameters
    ----------
    signal : array (..., L)
        At least `frame_length` samples.
    frame_length, step : int
        Frame length and step between frames, samples.

    Returns
    -------
    array (..., T, frame_length)
        Frame `t` covers samples `t step` to `t step + frame_length - 1`. Do not write to it: the frames share memory.
    """
    xp = namespace(signal)
    # Samples after the last complete frame are not part of any frame.
    n_frames = (signal.shape[-1] - frame_length) // step + 1
    if supports_out(signal):
        stride = signal.strides[-1]
        return xp.lib.stride_tricks.as_strided(
            signal,
            shape=(*signal.shape[:-1], n_frames, frame_length),
            strides=(*signal.strides[:-1], step * stride, stride),
        )
    device = device_of(signal)
    starts = xp.arange(n_frames, device=device) * step
    if library_of(signal) == "JAX":
        jax = importlib.import_module("jax")
        # Whole frames are copied, and added by its derivative, in half of the time that single samples take.
        return jax.vmap(partial(jax.lax.dynamic_slice_in_dim, signal, slice_size=frame_length, axis=-1), out_axes=-2)(
            starts
        )
    samples = starts[:, None] + xp.arange(frame_length, device=device)[None, :]
    # The standard's `take` accepts only one axis of indices.
    gathered = xp.take(signal, xp.reshape(samples, (-1,)), axis=-1)
    return xp.reshape(gathered, (*signal.shape[:-1], n_frames, frame_length))


def rfft(frames: Any, n_fft: int) -> Any:
    """Compute the real FFT of the last axis in the precision of the input.

    NumPy arrays use `scipy.fft`, and so the backend set by `scipy.fft.set_global_backend`.
    """
    if isinstance(frames, np.ndarray):
        import scipy.fft

        return scipy.fft.rfft(frames, n=n_fft, axis=-1)
    if 0 in frames.shape:
        empty = _empty_product(frames, n_fft // 2 + 1)
        return empty + 1j * empty
    return namespace(frames).fft.rfft(frames, n=n_fft, axis=-1)


def irfft(spectrum: Any, n_fft: int) -> Any:
    """Compute the inverse real FFT of the last axis in the precision of the input."""
    if isinstance(spectrum, np.ndarray):
        import scipy.fft

        return scipy.fft.irfft(spectrum, n=n_fft, axis=-1)
    if 0 in spectrum.shape:
        return _empty_product(namespace(spectrum).real(spectrum), n_fft)
    return namespace(spectrum).fft.irfft(spectrum, n=n_fft, axis=-1)


class RealFFT(NamedTuple):
    """Functions that compute a real FFT and its inverse, as `rfft` and `irfft` do, and what comes before it.

    Parameters
    ----------
    multiply : callable
        Takes frames, a window and an array of NumPy or CuPy, in which it writes their product.
    rfft, irfft : callable
        Take an array and the length of the DFT.
    """

    multiply: Callable[[Any, Any, Any], None]
    rfft: Callable[[Any, int], Any]
    irfft: Callable[[Any, int], Any]


def _multiply(frames: Any, window: Any, out: Any) -> None:
    namespace(frames).multiply(frames, window, out=out)


OWN_FFT = RealFFT(_multiply, rfft, irfft)
"""The FFT of the library of an array; for NumPy arrays, SciPy's."""


def _empty_product(rows: Any, n_columns: int) -> Any:
    """Return an empty, differentiable result: PyTorch's FFT refuses a batch of 0, its matrix product does not."""
    xp = namespace(rows)
    return xp.matmul(rows, xp.zeros((rows.shape[-1], n_columns), dtype=rows.dtype, device=device_of(rows)))


class _Workspace(threading.local):
    """One work buffer for each thread and purpose, reused from call to call."""

    def __init__(self) -> None:
        self.buffers: dict[str, np.ndarray] = {}


_workspace = _Workspace()

MAX_BUFFER_BYTES = 2**23
"""Largest buffer that is retained between calls, bytes; larger ones are allocated for one use."""


def workspace(purpose: str, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
    """Return an uninitialised array for temporary values, in the library of another array.

    Parameters
    ----------
    purpose : str
        Name of the buffer. The next call with the same purpose in the same thread may return the same memory.
    shape : tuple of int
        Shape of the array.
    dtype : str
        Type of the array.
    like : array
        An array of NumPy or CuPy.

    Returns
    -------
    array
        For NumPy, a view of a buffer that the thread reuses. Memory that is new to a process costs a page fault for
        every 4 KiB, which takes as long as the transform itself. CuPy's memory pool already avoids that.
    """
    xp = namespace(like)
    if xp is not np:
        return xp.empty(shape, dtype=dtype)
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    buffer = _workspace.buffers.get(purpose)
    if buffer is None or buffer.nbytes < n_bytes:
        buffer = np.empty(n_bytes, np.uint8)
        if n_bytes <= MAX_BUFFER_BYTES:
            _workspace.buffers[purpose] = buffer
    return buffer[:n_bytes].view(dtype).reshape(shape)


def out_kwarg(out: Any | None) -> dict[str, Any]:
    """Return `{"out": out}`, or no keyword if `out` is None: not every library has `out`."""
    return {} if out is None else {"out": out}


def count_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    # Containers and batch systems restrict a process to some of the CPUs; not every platform reports that.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
