"""Where NumPy input is computed: CuPy on a CUDA device or NumPy; the only module that imports CuPy.

Whatever keeps a device from being used has a reason in one sentence. With backend "auto" NumPy then computes.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import numpy as np

from specwidget.arrays import library_of, on_device_of, to_numpy, unrecorded_device

logger = logging.getLogger(__name__)

INSTALL_CUPY = (
    'Install it with: pip install "cupy-cuda13x[ctk]>=14", which needs an NVIDIA driver of version 580 or newer, or '
    '"cupy-cuda12x[ctk]>=14", 525 or newer. Beside PyTorch 2.13, which brings CUDA 13, it must be cupy-cuda13x.'
)
"""What to do without CuPy. The extra `ctk` brings the CUDA libraries, which a driver alone does not have."""

MIN_GPU_VALUES = 2**17
"""Fewest values of NumPy input that "auto" sends to a device: 8 s at 16 kHz. For fewer the launches and transfers,
about 0.2 ms, take longer than NumPy. Estimated from the launches and bytes of a transform, not measured."""

MAX_PLAN_BYTES = 2**28
"""Most bytes of work areas that cuFFT's plans hold in a thread, on each device."""

MAX_PAGE_LOCKED = 2**26
"""Most bytes that are sent by `cupy.asarray`, through page-locked memory of this size that CuPy retains; more are sent
by `set`, through a buffer of the driver."""

MAX_HELD = 64
"""Most arrays that `held_on_device` holds."""

OUT_OF_MEMORY = (
    "cudaErrorMemoryAllocation",
    "CUDA_ERROR_OUT_OF_MEMORY",
    "CUFFT_ALLOC_FAILED",
    "CUBLAS_STATUS_ALLOC_FAILED",
)
"""Names in the messages of CUDA's libraries that say that a device's memory is exhausted."""


class DeviceError(RuntimeError):
    """Raised if `backend="cupy"` is requested and no CUDA device can be used."""


class DeviceOutOfMemory(Exception):
    """Raised if an array does not fit into the memory of the CUDA device."""


@dataclass(frozen=True)
class GPUStatus:
    """Whether CuPy can compute on a CUDA device, and the reason if it can't."""

    available: bool
    reason: str = ""


def find_gpu() -> GPUStatus:
    """Check whether CuPy imports, finds a CUDA device, and can run a small FFT and a matrix product on it.

    Returns
    -------
    GPUStatus
        If not available, `reason` says which is missing: the driver, CuPy, a device, a CUDA library, or memory. It is
        found once for a process, but the lack of memory, which may pass, each time.
    """
    try:
        return _probe_gpu()
    except DeviceOutOfMemory:
        release_memory()
        return GPUStatus(False, "the CUDA device has no free memory.")


# An exception is not cached.
@lru_cache(maxsize=1)
def _probe_gpu() -> GPUStatus:
    # Without a driver, advice on CuPy is of no use, and its import takes half a second and 160 MB.
    if not _has_driver():
        return GPUStatus(False, "no CUDA driver is installed.")
    if not _is_installed("cupy"):
        return GPUStatus(False, f"CuPy is not installed. {INSTALL_CUPY}")
    try:
        cupy: Any = importlib.import_module("cupy")
    # CuPy creates folders and loads libraries when it is imported, so the error may be any.
    except Exception as error:  # noqa: BLE001
        return GPUStatus(False, f"CuPy does not import: {_describe(error)}.{_import_remedy(error)}")
    try:
        n_devices = cupy.cuda.runtime.getDeviceCount()
    except Exception as error:  # noqa: BLE001 - CuPy's error types can't be named before it is imported
        return GPUStatus(False, _driver_reason(error))
    if n_devices == 0:
        return GPUStatus(False, "CuPy found no CUDA device.")
    try:
        # CuPy loads cuFFT, cuBLAS and the compiler at their first use, so a missing one shows only here.
        probe = cupy.fft.rfft(cupy.ones((2, 8), dtype=cupy.float32))
        float(cupy.matmul(probe.real, probe.real.T)[0, 0])
    except Exception as error:  # noqa: BLE001 - loader, compiler and CUDA have error types of their own
        if is_out_of_memory(error):
            raise DeviceOutOfMemory from None
        return GPUStatus(False, _library_reason(error))
    return GPUStatus(True)


def _is_installed(module: str) -> bool:
    """Return whether a module can be imported, without importing it."""
    return sys.modules[module] is not None if module in sys.modules else find_spec(module) is not None


def _has_driver() -> bool:
    """Return whether the library of the CUDA driver loads."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _import_remedy(error: Exception) -> str:
    """Return what to do about an error of CuPy's import; empty if nothing is known."""
    if isinstance(error, OSError):
        return " Set the environment variable CUPY_CACHE_DIR to a folder that can be written to."
    return ""


def _driver_reason(error: Exception) -> str:
    if "NoDevice" in str(error):
        return "CuPy found no CUDA device."
    if "cudaErrorInitializationError" in str(error):
        return "a forked process can't use a CUDA device that its parent uses. Start processes by 'spawn'."
    return f"the CUDA driver does not respond: {_describe(error)}."


def _library_reason(error: Exception) -> str:
    # A library that is not found is an ImportError, or an error of the package that looks for NVIDIA's libraries.
    if isinstance(error, ImportError | OSError) or type(error).__name__ == "DynamicLibNotFoundError":
        return (
            f"CuPy's CUDA libraries are missing, or of another CUDA version than CuPy: {_describe(error)}. "
            f"{INSTALL_CUPY}"
        )
    return f"a CUDA library does not work: {_describe(error)}."


def _describe(error: BaseException) -> str:
    """Return the first line of an error's message that is not drawn, or of its cause's, where it has one."""
    if error.__cause__ is not None:
        return _describe(error.__cause__)
    lines = [line.strip() for line in str(error).splitlines() if line.strip(" =")]
    return (lines or [type(error).__name__])[0].rstrip(".")


def run_on_backend(
    backend: str, inputs: Any, compute: Callable[[Any], Any], compute_parts: Callable[[], Any] | None = None
) -> tuple[Any, str, str]:
    """Run a computation on the device that `backend` selects, and return its result in the library of the input.

    Parameters
    ----------
    backend : {"auto", "numpy", "cupy"}
        Where NumPy input is computed; arrays of other libraries stay where they are.
    inputs : array
        Input of the computation.
    compute : callable
        Takes the input on the selected device and returns the result there: an array, or a dataclass with arrays.
    compute_parts : callable, optional
        Takes nothing; computes the same result for NumPy input by `run_on_gpu`, in parts that fit the device.

    Returns
    -------
    result : array or dataclass
        In the library of `inputs`.
    library : str
        Name of the library that computed.
    note : str
        Why "auto" did not use the device; empty if it did.

    Raises
    ------
    DeviceError
        If `backend` is "cupy" and no device can be used, or its memory does not suffice.
    """
    library, note = choose_library(backend, inputs)
    if library == "NumPy":
        return compute(inputs), library, note
    if not isinstance(inputs, np.ndarray):
        with on_device_of(inputs):
            return compute(inputs), library, note
    try:
        return run_on_gpu(inputs, compute) if compute_parts is None else compute_parts(), library, note
    # Even the smallest part does not fit, or the computation can't be divided.
    except DeviceOutOfMemory:
        note = _fall_back(backend, "the CUDA device ran out of memory.")
    return compute(inputs), "NumPy", note


def choose_library(backend: str, inputs: Any) -> tuple[str, str]:
    """Select the library that computes an input, and give the reason if "auto" does not use a device.

    Parameters
    ----------
    backend : {"auto", "numpy", "cupy"}
        Where NumPy input is computed; arrays of other libraries stay where they are.
    inputs : array
        Input of the computation.

    Returns
    -------
    library, note : str
        As for `run_on_backend`.

    Raises
    ------
    DeviceError
        If `backend` is "cupy" and no device can be used.
    """
    if not isinstance(inputs, np.ndarray) or backend == "numpy":
        return library_of(inputs), ""
    gpu = find_gpu()
    if not gpu.available:
        return "NumPy", _fall_back(backend, gpu.reason)
    if backend == "auto" and inputs.size < MIN_GPU_VALUES:
        return "NumPy", f"Computed with NumPy: fewer than {MIN_GPU_VALUES} values take longer on a CUDA device."
    return "CuPy", ""


def _fall_back(backend: str, reason: str) -> str:
    """Log the fallback to NumPy and return it as a note; raise if `backend` is "cupy"."""
    if backend == "cupy":
        raise DeviceError(f"`backend` must be 'auto' or 'numpy' without a CUDA device; got 'cupy', but {reason}")
    note = f"Computed with NumPy: {reason}"
    _log_once(note)
    return note


def run_on_gpu(inputs: np.ndarray, compute: Callable[[Any], Any]) -> Any:
    """Run a computation on the CUDA device, with input and result on the host.

    Parameters
    ----------
    inputs : ndarray
        Input of the computation.
    compute : callable
        Takes the array on the device and returns the result there: an array, or a dataclass with arrays.

    Returns
    -------
    ndarray or dataclass
        The result, on the host.

    Raises
    ------
    DeviceOutOfMemory
        If the computation does not fit into the device's memory.
    """
    try:
        return _to_host(compute(_to_cupy(inputs)))
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # Outside the handler of the error, whose traceback keeps the arrays alive that filled the device.
    release_memory()
    raise DeviceOutOfMemory


def _to_cupy(array: np.ndarray) -> Any:
    cupy: Any = importlib.import_module("cupy")
    # CuPy has no big-endian types.
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    if native.nbytes <= MAX_PAGE_LOCKED:
        return cupy.asarray(native)
    placed = cupy.empty(native.shape, dtype=native.dtype)
    placed.set(native)
    return placed


def _to_host(result: Any) -> Any:
    """Return an array, or a dataclass with its arrays, on the host; a 0-dimensional array as a number."""
    if is_dataclass(result) and not isinstance(result, type):
        return replace(result, **{field.name: _to_host(getattr(result, field.name)) for field in fields(result)})
    if not hasattr(result, "shape"):
        return result
    values = to_numpy(result)
    return values if values.shape else values.item()


def view_as_cupy(array: Any) -> Any | None:
    """Return a PyTorch tensor on a CUDA device as a CuPy array that shares its memory, by DLPack.

    Parameters
    ----------
    array : array
        An array of any library.

    Returns
    -------
    cupy.ndarray or None
        None where `unrecorded_device` is not "cuda", or CuPy can't be used. The stream that is current for CuPy waits
        for that of PyTorch.
    """
    if unrecorded_device(array) != "cuda" or not find_gpu().available:
        return None
    return importlib.import_module("cupy").from_dlpack(array.detach())


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether an error of CuPy, or of an allocator that it was given, says that the memory is exhausted."""
    # CuPy's OutOfMemoryError is a MemoryError, and so are those of other allocators, such as RMM's.
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return any(name in str(error) for name in OUT_OF_MEMORY)


def release_memory() -> None:
    """Free what the current device holds: arrays between calls, FFT plans, blocks of CuPy's and PyTorch's pools."""
    _held.clear()
    cupy: Any = sys.modules.get("cupy")
    if cupy is not None:
        # The plans first: their work areas are blocks of the pool.
        cupy.fft.config.clear_plan_cache()
        cupy.get_default_memory_pool().free_all_blocks()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        # Its allocator holds what a training has freed.
        torch.cuda.empty_cache()


def retry_with_free_memory(compute: Callable[[], Any]) -> Any:
    """Return `compute()`, called again after `release_memory` where the device's memory is exhausted.

    Beside a training the pool of PyTorch holds most of it, of which CuPy's knows nothing.
    """
    try:
        return compute()
    except Exception as error:
        if not is_out_of_memory(error):
            raise
    # Outside the handler of the error, whose traceback keeps arrays alive.
    release_memory()
    return compute()


def limit_plan_cache() -> None:
    """Limit the memory that cuFFT's plans hold in this thread on the current device, unless it is limited already."""
    cache = importlib.import_module("cupy").fft.config.get_plan_cache()
    if cache.get_memsize() < 0:
        cache.set_memsize(MAX_PLAN_BYTES)


def synchronize(array: Any) -> None:
    """Wait until a CuPy array has been computed; other arrays are not waited for."""
    if library_of(array) == "CuPy":
        with on_device_of(array):
            importlib.import_module("cupy").cuda.get_current_stream().synchronize()


_held: dict[tuple[Any, ...], Any] = {}


def held_on_device(key: tuple[Any, ...], like: Any, make: Callable[[], Any]) -> Any:
    """Return a constant array on the device of another one, sent there by the first call only.

    Parameters
    ----------
    key : tuple
        What determines its values.
    like : array
        An array of any library. Only CuPy's are held; for others `make` is called each time.
    make : callable
        Returns the array in the library and on the device of `like`.

    Returns
    -------
    array
        Do not write to it.
    """
    if isinstance(like, np.ndarray) or library_of(like) != "CuPy":
        return make()
    placed = (*key, int(like.device.id))
    array = _held.get(placed)
    if array is None:
        array = make()
        # Another stream may be the next to read it.
        synchronize(array)
        if len(_held) >= MAX_HELD:
            _held.clear()
        _held[placed] = array
    return array


@lru_cache(maxsize=256)
def compile_kernel(file: str, name: str, options: tuple[str, ...]) -> Any:
    """Return a function of CUDA code, which CuPy compiles when it is first launched on a device.

    Parameters
    ----------
    file : str
        Name of the file in `specwidget/stft`.
    name : str
        Name of the function.
    options : tuple of str
        Options of the compiler NVRTC.

    Returns
    -------
    cupy.RawKernel
        Takes the grid, the block and the arguments, whose types are not checked: NumPy scalars of the right size.
    """
    source = files("specwidget.stft").joinpath(file).read_text(encoding="utf-8")
    return importlib.import_module("cupy").RawKernel(source, name, options=options)


@lru_cache(maxsize=64)
def _log_once(message: str) -> None:
    # The cache turns repeated calls with the same message into no-ops.
    logger.info(message)


def forget_devices() -> None:
    """Forget what was found, compiled and sent."""
    for cached in (_probe_gpu, compile_kernel, _log_once):
        cached.cache_clear()
    _held.clear()


if hasattr(os, "register_at_fork"):
    # CUDA can't be used in a forked child of a process that uses it, such as a worker of PyTorch's DataLoader.
    os.register_at_fork(after_in_child=forget_devices)
