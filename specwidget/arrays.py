"""Array libraries and devices; the only module that imports CuPy.

The transform is written against the Python array API standard: the array that comes in decides where is computed.
This module holds what the standard lacks: strided views, real FFTs of float32, moving to the host, and the choice
of a device for NumPy input.
"""

from __future__ import annotations

import importlib
import logging
import math
import os
import sys
import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import array_api_compat
import numpy as np

logger = logging.getLogger(__name__)

INSTALL_CUPY = "Install it for a CUDA 12 device with: pip install cupy-cuda12x."

_LIBRARIES = {
    "numpy": "NumPy",
    "cupy": "CuPy",
    "torch": "PyTorch",
    "jax": "JAX",
    "array_api_strict": "array-api-strict",
}


class DeviceError(RuntimeError):
    """Raised when `backend="cupy"` is asked for and no CUDA device can be used."""


class DeviceFull(Exception):
    """Raised where something does not fit into the memory of a CUDA device."""


@dataclass(frozen=True)
class GPU:
    """Whether a CUDA device answers, and where it does not, why: a sentence."""

    usable: bool
    reason: str = ""


def namespace(array: Any) -> Any:
    """Return the array API namespace of an array; NumPy's own for a NumPy array."""
    return np if isinstance(array, np.ndarray) else array_api_compat.array_namespace(array)


def device_of(array: Any) -> Any:
    """Return the device that an array is on."""
    return array_api_compat.device(array)


def is_array(value: object) -> bool:
    """Return whether `value` is an array of a library that follows the array API standard."""
    return isinstance(value, np.ndarray) or array_api_compat.is_array_api_obj(value)


def library_of(array: Any) -> str:
    """Return the name of an array's library, as people write it."""
    module = type(array).__module__.partition(".")[0]
    return _LIBRARIES.get("jax" if module == "jaxlib" else module, module)


def writes_in_place(array: Any) -> bool:
    """Return whether the array's library computes block by block into a preallocated result: NumPy and CuPy."""
    return library_of(array) in ("NumPy", "CuPy")


def to_numpy(array: Any) -> np.ndarray:
    """Return an array on the host: the one place where anything crosses from device to host.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    ndarray
        The array itself where it is NumPy's.
    """
    if isinstance(array, np.ndarray):
        return array
    if library_of(array) == "CuPy":
        return array.get()  # type: ignore[no-any-return]
    if library_of(array) == "PyTorch":
        return array.detach().cpu().numpy()  # type: ignore[no-any-return]
    return np.asarray(array)


def to_device_of(array: np.ndarray, like: Any) -> Any:
    """Return a NumPy array in the library and on the device of another array."""
    if isinstance(like, np.ndarray):
        return array
    # A copy, as a library may share the memory, and ours is read-only.
    return namespace(like).asarray(array.copy(), device=device_of(like))


def to_keep_beside(array: np.ndarray, like: Any) -> Any:
    """Return a NumPy array in the library and on the device of another array, fit to be kept for later calls.

    What is made while JAX traces a function must not outlive it, and what is made in PyTorch's inference mode is of no
    use to its automatic differentiation: neither holds here.
    """
    made_in: Any = nullcontext()
    if library_of(like) == "JAX":
        made_in = importlib.import_module("jax").ensure_compile_time_eval()
    elif library_of(like) == "PyTorch" and importlib.import_module("torch").is_inference_mode_enabled():
        made_in = importlib.import_module("torch").inference_mode(False)
    with made_in:
        return to_device_of(array, like)


def without_gradient(array: Any) -> Any:
    """Return an array as a constant, for the library's automatic differentiation."""
    if library_of(array) == "PyTorch":
        return array.detach()
    if library_of(array) == "JAX":
        return importlib.import_module("jax").lax.stop_gradient(array)
    return array


def knows_float64(array: Any) -> bool:
    """Return whether the array's library computes in float64; JAX does only where x64 is enabled."""
    return library_of(array) != "JAX" or bool(importlib.import_module("jax").config.jax_enable_x64)


def scalar_like(value: float, like: Any) -> Any:
    """Return a number as an array of no axes, of the type and on the device of another array."""
    return namespace(like).asarray(value, dtype=like.dtype, device=device_of(like))


def frames_view(signal: Any, frame_length: int, step: int) -> Any:
    """Return overlapping frames of the last axis: a view where the library has strided views, else a copy.

    Parameters
    ----------
    signal : array (..., L)
        At least `frame_length` samples.
    frame_length, step : int
        Samples in a frame, and from one frame to the next.

    Returns
    -------
    array (..., T, frame_length)
        Frame `t` covers samples `t step` to `t step + frame_length - 1`. Not to be written to.
    """
    xp = namespace(signal)
    n_frames = (signal.shape[-1] - frame_length) // step + 1
    if writes_in_place(signal):
        stride = signal.strides[-1]
        return xp.lib.stride_tricks.as_strided(
            signal,
            shape=(*signal.shape[:-1], n_frames, frame_length),
            strides=(*signal.strides[:-1], step * stride, stride),
        )
    device = device_of(signal)
    starts = xp.arange(n_frames, device=device) * step
    samples = starts[:, None] + xp.arange(frame_length, device=device)[None, :]
    taken = xp.take(signal, xp.reshape(samples, (-1,)), axis=-1)
    return xp.reshape(taken, (*signal.shape[:-1], n_frames, frame_length))


def rfft(frames: Any, n_fft: int) -> Any:
    """Return the real FFT of the last axis, in the precision of its input.

    For NumPy it is SciPy's, or that of the backend which was given to `scipy.fft.set_global_backend`.
    """
    if isinstance(frames, np.ndarray):
        import scipy.fft

        return scipy.fft.rfft(frames, n=n_fft, axis=-1)
    if 0 in frames.shape:
        nothing = _empty_product(frames, n_fft // 2 + 1)
        return nothing + 1j * nothing
    return namespace(frames).fft.rfft(frames, n=n_fft, axis=-1)


def irfft(spectrum: Any, n_fft: int) -> Any:
    """Return the inverse real FFT of the last axis, in the precision of its input."""
    if isinstance(spectrum, np.ndarray):
        import scipy.fft

        return scipy.fft.irfft(spectrum, n=n_fft, axis=-1)
    if 0 in spectrum.shape:
        return _empty_product(namespace(spectrum).real(spectrum), n_fft)
    return namespace(spectrum).fft.irfft(spectrum, n=n_fft, axis=-1)


def _empty_product(rows: Any, n_columns: int) -> Any:
    """Return the product of no rows with a matrix: PyTorch's FFT refuses a batch of 0, its derivatives go through."""
    xp = namespace(rows)
    return xp.matmul(rows, xp.zeros((rows.shape[-1], n_columns), dtype=rows.dtype, device=device_of(rows)))


class _Kept(threading.local):
    """Memory that each thread keeps from call to call, by purpose."""

    def __init__(self) -> None:
        self.rooms: dict[str, np.ndarray] = {}


_kept = _Kept()

MOST_KEPT = 2**23
"""Bytes of one purpose beyond which memory is not kept."""


def scratch(purpose: str, shape: tuple[int, ...], dtype: str, like: Any) -> Any:
    """Return an array for what is passing, its values unset, in the library of another array.

    Parameters
    ----------
    purpose : str
        What it is for. The next call with the same purpose may return the same memory.
    shape : tuple of int
        Shape.
    dtype : str
        Type.
    like : array
        An array of NumPy or CuPy.

    Returns
    -------
    array
        On the host a thread's own memory, used again: memory that is new to a process costs a page fault for every
        4 KiB, which is as much as the transform itself. CuPy has a pool that does the same.
    """
    xp = namespace(like)
    if xp is not np:
        return xp.empty(shape, dtype=dtype)
    n_bytes = math.prod(shape) * np.dtype(dtype).itemsize
    room = _kept.rooms.get(purpose)
    if room is None or room.nbytes < n_bytes:
        room = np.empty(n_bytes, np.uint8)
        if n_bytes <= MOST_KEPT:
            _kept.rooms[purpose] = room
    return room[:n_bytes].view(dtype).reshape(shape)


def into(out: Any | None) -> dict[str, Any]:
    """Return the keyword that makes a function write into `out`, which not every library knows."""
    return {} if out is None else {"out": out}


def count_cpus() -> int:
    """Return the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=1)
def find_gpu() -> GPU:
    """Return whether CuPy can be used: it imports, a device answers, and a small transform and product work.

    Returns
    -------
    GPU
        With the reason where not: no CuPy, no driver, no device, or a CUDA library that is missing.
    """
    try:
        cupy: Any = importlib.import_module("cupy")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        why = f"CuPy is not installed. {INSTALL_CUPY}" if missing else f"CuPy does not import: {_first_line(error)}."
        return GPU(False, why)
    try:
        n_devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # noqa: BLE001 - CuPy's own error types can't be named before it imports
        if "NoDevice" in str(error):
            return GPU(False, "CuPy found no CUDA device.")
        return GPU(False, f"the CUDA driver does not answer: {_first_line(error)}.")
    if n_devices == 0:
        return GPU(False, "CuPy found no CUDA device.")
    try:
        # Some CUDA libraries are loaded at first use only, and fail there.
        probe = cupy.fft.rfft(cupy.ones((2, 8), dtype=cupy.float32))
        float(cupy.matmul(probe.real, probe.real.T)[0, 0])
    except Exception as error:  # noqa: BLE001 - the loader, the compiler and CUDA each raise their own
        if _is_out_of_memory(error):
            return GPU(False, "the CUDA device has no free memory.")
        return GPU(False, f"a CUDA library is missing or does not work: {_first_line(error)}.")
    return GPU(True)


def compute_on(
    backend: str, inputs: Any, compute: Callable[[Any], Any], divide: Callable[[], Any] | None = None
) -> tuple[Any, str, str]:
    """Compute where `backend` says, and return the result in the library of the input.

    Parameters
    ----------
    backend : {"auto", "numpy", "cupy"}
        Where NumPy input is computed; arrays of other libraries stay where they are.
    inputs : array
        What goes in.
    compute : callable
        Takes the array, on the device that was chosen.
    divide : callable, optional
        Computes the same on the device in portions, by `compute_there`; asked where the whole does not fit.

    Returns
    -------
    result : array
        In the library of `inputs`.
    library : str
        Name of the library that computed.
    note : str
        Why "auto" did not compute on a CUDA device; empty where it did, or was not asked to.

    Raises
    ------
    DeviceError
        If `backend` is "cupy" and no device can be used, or its memory does not suffice.
    """
    library, note = choose_library(backend, inputs)
    if library != "CuPy" or not isinstance(inputs, np.ndarray):
        return compute(inputs), library, note
    try:
        return _there_or_divided(inputs, compute, divide), library, note
    except DeviceFull:
        note = _fall_back(backend, "the CUDA device ran out of memory.")
    return compute(inputs), "NumPy", note


def choose_library(backend: str, inputs: Any) -> tuple[str, str]:
    """Return the library that computes where `backend` says, and why it is not CuPy where that was to be tried.

    Parameters
    ----------
    backend : {"auto", "numpy", "cupy"}
        Where NumPy input is computed; arrays of other libraries stay where they are.
    inputs : array
        What goes in.

    Returns
    -------
    library, note : str
        As for `compute_on`.

    Raises
    ------
    DeviceError
        If `backend` is "cupy" and no device can be used.
    """
    if not isinstance(inputs, np.ndarray) or backend == "numpy":
        return library_of(inputs), ""
    gpu = find_gpu()
    return ("CuPy", "") if gpu.usable else ("NumPy", _fall_back(backend, gpu.reason))


def _fall_back(backend: str, reason: str) -> str:
    """Return the note of a fallback to NumPy, logged once; refuse it where CuPy was asked for."""
    if backend == "cupy":
        raise DeviceError(f"`backend` must be 'auto' or 'numpy' without a CUDA device; got 'cupy', but {reason}")
    note = f"Computed with NumPy: {reason}"
    _log_once(note)
    return note


def _there_or_divided(
    inputs: np.ndarray, compute: Callable[[Any], Any], divide: Callable[[], Any] | None
) -> np.ndarray:
    """Return what is computed on the CUDA device as a whole, or else in portions."""
    try:
        return compute_there(inputs, compute)
    except DeviceFull:
        if divide is None:
            raise
    # Outside of the handler, whose traceback would hold on to what filled the device.
    return divide()  # type: ignore[no-any-return]


def compute_there(inputs: np.ndarray, compute: Callable[[Any], Any]) -> np.ndarray:
    """Compute NumPy input on the CUDA device, and return the result on the host.

    Parameters
    ----------
    inputs : ndarray
        What goes in.
    compute : callable
        Takes the array on the device.

    Returns
    -------
    ndarray
        The result.

    Raises
    ------
    DeviceFull
        If it does not fit into the device's memory.
    """
    try:
        return to_numpy(compute(_to_cupy(inputs)))
    except Exception as error:
        if not _is_out_of_memory(error):
            raise
    # CuPy keeps memory that is free in pieces of the wrong size.
    pool = getattr(sys.modules.get("cupy"), "get_default_memory_pool", None)
    if pool is not None:
        pool().free_all_blocks()
    raise DeviceFull


def _to_cupy(array: np.ndarray) -> Any:
    """Return a NumPy array on the CUDA device, in native byte order."""
    return importlib.import_module("cupy").asarray(array.astype(array.dtype.newbyteorder("="), copy=False))


def _is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of CuPy's says that the device's memory does not suffice."""
    return type(error).__name__ == "OutOfMemoryError" or "cudaErrorMemoryAllocation" in str(error)


def _first_line(error: BaseException) -> str:
    """Return the first line of an error's text, without its full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


@lru_cache(maxsize=64)
def _log_once(sentence: str) -> None:
    """Log a sentence the first time that it is said."""
    logger.info(sentence)
