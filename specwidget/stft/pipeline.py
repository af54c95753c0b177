"""The forward transform from signal to result, block by block.

NumPy computes one block of frames at a time, from the samples to the output. Memory is the result and a few MiB for
each thread, however long the signal. CuPy does so with larger blocks, in `device_blocks`. PyTorch tensors share their
memory with one of both where nothing records what is computed. JAX compiles a loop over blocks, `jax_blocks`. Other
libraries, and PyTorch where its automatic differentiation has to record every step, compute all frames at once.
"""

from __future__ import annotations

import importlib
import math
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from specwidget.array_types import check_array_type, float_conversion
from specwidget.arrays import (
    OWN_FFT,
    RealFFT,
    count_cpus,
    library_of,
    namespace,
    on_device_of,
    supports_float64,
    supports_out,
    tensor_of,
    view_as_numpy,
    workspace,
)
from specwidget.devices import retry_with_free_memory, view_as_cupy
from specwidget.stft.device_blocks import compute_on_device
from specwidget.stft.frames import frame_signal, pad, read_frames
from specwidget.stft.jax_blocks import compute_by_blocks
from specwidget.stft.kernels import Kernels
from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.modes import OUTPUTS
from specwidget.stft.settings import DTYPES, STFTSettings
from specwidget.stft.shapes import check_input_shape, output_shape
from specwidget.stft.transform import scaled_window, transform_matmul, transform_rfft, windowed_workspace
from specwidget.torch_fft import torch_fft

BLOCK_BYTES = {"NumPy": 2**20, "CuPy": 2**26}
"""Size of the windowed frames of a block, bytes, by library: the cache of a CPU core; or so much that the launches of a
block take a small part of its time on a GPU. The last bits of mel bands depend on it: BLAS divides the product of a
larger block among its threads, and they on the number of its rows."""

FFT_BLOCKS = 2
"""Blocks that are transformed at once, where only an FFT and what follows each bin by itself are computed: threads wait
for each other between the operations, so that small blocks are slower. The bits do not depend on it."""

MATMUL_BLOCKS = 8
"""Blocks in one matrix product: BLAS is faster with many rows, and does its own cache blocking."""

MIN_THREAD_SAMPLES = 2**16
"""Least work for one more thread, samples of frames; starting a thread's share takes about 50 microseconds."""

MIN_TENSOR_SAMPLES = 2**20
"""Least work for a PyTorch tensor on our threads, samples of frames (about 1 ms). PyTorch's own start sooner, but do
not share what NumPy computes."""

MIN_CHUNK_SAMPLES = 2**19
"""Least work in a chunk, samples of frames (about 1 ms), where a thread takes more than one chunk."""

MAX_CHUNKS_PER_THREAD = 8
"""Most chunks for each thread. Small chunks balance the load: a delayed thread leaves them to the others."""


def compute_spectrogram(
    inputs: Any, settings: STFTSettings, kernels: Kernels | None = None, *, reuse_buffer: bool = False
) -> Any:
    """Compute the short-time Fourier transform of a batch.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels to correlate with. None means Fourier kernels, computed by the FFT: the same numbers, but faster.
    reuse_buffer : bool, default False
        If True, the result may be overwritten by the next call with `reuse_buffer=True` in the same thread. Newly
        allocated memory costs a page fault for every 4 KiB, which takes as long as a short transform itself.

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
    >>> import numpy as np
    >>> compute_spectrogram(np.zeros((1, 1024, 1), "float32"), STFTSettings()).shape
    (1, 7, 129)
    """
    check_inputs(inputs, settings)
    if isinstance(inputs, np.ndarray):
        return _compute_blocked(inputs, settings, kernels, OWN_FFT, reuse_buffer=reuse_buffer)
    if supports_out(inputs):
        with on_device_of(inputs):
            return compute_on_device(inputs, settings, kernels, frames_per_block(inputs, settings))
    shared = _share(inputs, kernels)
    if shared is None:
        compute = _compiled_by_jax() if library_of(inputs) == "JAX" else compute_unblocked
        return compute(inputs, settings, kernels)
    samples, kernels = shared
    if not isinstance(samples, np.ndarray):
        return tensor_of(retry_with_free_memory(lambda: compute_spectrogram(samples, settings, kernels)))
    with tensor_fft(samples.shape, settings) as (fft, block_bytes):
        return tensor_of(_compute_blocked(samples, settings, kernels, fft, block_bytes=block_bytes))


@contextmanager
def tensor_fft(shape: tuple[int, ...], settings: STFTSettings) -> Iterator[tuple[RealFFT, int | None]]:
    """Provide PyTorch's FFT for tensors of a shape, and the size of its blocks; None where it is the usual one.

    Where there is little to do, that is one block, on the threads of PyTorch; else blocks are computed on ours.
    """
    values: Any = output_shape(shape, settings)
    if math.prod(values) // settings.n_outputs * settings.n_fft < MIN_TENSOR_SAMPLES:
        with one_thread(), torch_fft(on_one_thread=False) as fft:
            yield fft, 2 * 4 * MIN_TENSOR_SAMPLES
    else:
        with torch_fft(on_one_thread=True) as fft:
            yield fft, None


def check_inputs(inputs: Any, settings: STFTSettings) -> None:
    """Raise `TypeError` or `ValueError` unless the transform accepts these inputs."""
    check_input_type(inputs, settings)
    check_input_shape(tuple(inputs.shape), settings)


def check_input_type(inputs: Any, settings: STFTSettings) -> None:
    """Raise `TypeError` unless the inputs are a float array whose library has the precision of the result."""
    check_array_type("inputs", inputs)
    name = _dtype_name(type(inputs.dtype).__module__, inputs.dtype)
    if name not in DTYPES:
        advice = float_conversion("inputs", name, library=library_of(inputs))
        raise TypeError(f"`inputs` must have dtype {', '.join(DTYPES[:-1])} or {DTYPES[-1]}; got {name}. {advice}")
    check_precision(inputs, settings)


@lru_cache(maxsize=64)
def _dtype_name(library: str, dtype: Any) -> str:
    # Cached, as NumPy builds the name at each access, which takes microseconds. `library` is part of the key: dtypes of
    # different libraries may be equal.
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def check_precision(array: Any, settings: STFTSettings) -> None:
    """Raise `TypeError` if the array's library would compute in float32 where the settings say float64."""
    if settings.result_dtype == "float64" and not supports_float64(array):
        raise TypeError(
            "`dtype` must be 'float16' or 'float32' for JAX arrays while x64 is not enabled; got 'float64'. "
            "Enable it with jax.config.update('jax_enable_x64', True)."
        )


TENSOR_VIEWS = view_as_numpy, view_as_cupy
"""Functions that return a PyTorch tensor as an array which shares its memory, or None."""


def view_tensor(tensor: Any) -> Any | None:
    """Return a PyTorch tensor as an array of NumPy or CuPy that shares its memory; None where it must not be shared."""
    return next((shared for view in TENSOR_VIEWS if (shared := view(tensor)) is not None), None)


def _share(inputs: Any, kernels: Kernels | None) -> tuple[Any, Kernels | None] | None:
    """Return PyTorch tensors as arrays of NumPy or CuPy, which are computed in blocks; None where they must not be."""
    for view in TENSOR_VIEWS:
        samples = view(inputs)
        if samples is None:
            continue
        if kernels is None:
            return samples, None
        both = (kernels.real, kernels.imag)
        views = [None if kernel is None else view(kernel) for kernel in both]
        is_shared = all((view is None) == (kernel is None) for view, kernel in zip(views, both, strict=True))
        return (samples, Kernels(*views)) if is_shared else None
    return None


def compute_unblocked(inputs: Any, settings: STFTSettings, kernels: Kernels | None = None) -> Any:
    """Compute as `compute_spectrogram`, all frames at once, without writing to an array."""
    return _compute_padded(_padded_rows(inputs, settings), kernels, settings)


def _padded_rows(inputs: Any, settings: STFTSettings) -> Any:
    """Return inputs as (batch, channels, L) in the compute dtype, padded, without writing to an array."""
    xp = namespace(inputs)
    # Rounded to the result's dtype first, so that a float16 layer sees float16 samples, as in `read_frames`.
    rounded = xp.astype(to_rows(inputs, settings), getattr(xp, settings.result_dtype))
    return pad(xp.astype(rounded, getattr(xp, settings.compute_dtype)), settings)


def _compute_padded(padded: Any, kernels: Kernels | None, settings: STFTSettings) -> Any:
    """Compute the result of rows that are padded already."""
    frames = frame_signal(padded, settings)
    if kernels is None:
        parts = transform_rfft(frames, scaled_window(settings, like=frames), settings.n_fft)
    else:
        parts = transform_matmul(frames, kernels)
    values = OUTPUTS[settings.mode](parts, settings)
    xp = namespace(values)
    return to_output(xp.astype(values, getattr(xp, settings.result_dtype)), settings)


@lru_cache(maxsize=1)
def _compiled_by_jax() -> Callable[..., Any]:
    """Return the transform of JAX arrays compiled, once for each shape and settings.

    Called one by one, its thirty operations would each write an array of the size of all frames.
    """
    jax: Any = importlib.import_module("jax")
    jax.tree_util.register_dataclass(Kernels, ["real", "imag"], [])

    def compute_spectrogram_of_jax(inputs: Any, settings: STFTSettings, kernels: Kernels | None) -> Any:
        padded = _padded_rows(inputs, settings)
        return compute_by_blocks(partial(_compute_padded, settings=settings), padded, kernels, settings)

    compiled: Callable[..., Any] = jax.jit(compute_spectrogram_of_jax, static_argnums=1)
    return compiled


def _compute_blocked(
    inputs: np.ndarray,
    settings: STFTSettings,
    kernels: Kernels | None,
    fft: RealFFT,
    *,
    block_bytes: int | None = None,
    reuse_buffer: bool = False,
) -> np.ndarray:
    """Compute a block of frames at a time, on one or more threads."""
    shape: Any = output_shape(inputs.shape, settings)
    output: np.ndarray
    if reuse_buffer:
        output = workspace("result", shape, settings.result_dtype, inputs)
    else:
        output = np.empty(shape, dtype=settings.result_dtype)
    rows, values = to_rows(inputs, settings), from_output(output, settings)
    n_batch, n_channels, n_frames, _ = values.shape
    total = n_batch * n_channels * n_frames
    n_blocks = MATMUL_BLOCKS if kernels is not None else 1 if block_bytes else FFT_BLOCKS
    n_block = n_blocks * frames_per_block(inputs, settings, block_bytes)
    compute = partial(_compute_range, rows, values, settings=settings, kernels=kernels, fft=fft, n_block=n_block)
    parallel_for(compute, total, inputs, settings, kernels)
    return output


def parallel_for(
    compute: Callable[[int, int], None],
    total: int,
    like: Any,
    settings: STFTSettings,
    kernels: Kernels | None = None,
    *,
    frames_per_item: int = 1,
) -> None:
    """Call `compute(first, last)` for contiguous ranges that cover `range(total)`, on one or more threads.

    Parameters
    ----------
    compute : callable
        Processes items `first` to `last - 1`, independently of the others. If one call raises, no further range is
        started, and the exception is raised here after all threads have stopped.
    total : int
        Number of items: frames, or groups of frames.
    like : array
        An array of the library that computes.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        The kernels, if the transform uses them.
    frames_per_item : int, default 1
        Frames in an item.
    """
    n_frames = total * frames_per_item
    # A nested call runs in its own thread: all others are busy with the chunks of the outer one.
    n_threads = 1 if _thread_state.in_worker else _count_threads(n_frames, like, settings, kernels)
    if n_threads == 1:
        return compute(0, total)
    # A multiple of the threads, so that all end at once.
    n_chunks = n_threads * max(
        1, min(MAX_CHUNKS_PER_THREAD, n_frames * settings.n_fft // (n_threads * MIN_CHUNK_SAMPLES))
    )
    chunks = deque(pairwise(total * chunk // n_chunks for chunk in range(n_chunks + 1)))
    jobs: list[Future[None]] = []
    # No thread starts at Python's exit, nor in a browser's Python; this one does all the work then.
    with suppress(RuntimeError):
        for _ in range(n_threads - 1):
            jobs.append(_thread_pool().submit(_run_chunks, compute, chunks))
    try:
        _run_chunks(compute, chunks)
    finally:
        chunks.clear()
        # A job that has not started, as all threads of the pool are busy, has nothing left to do.
        started = [job for job in jobs if not job.cancel()]
        # Wait for all before raising the first exception: no thread may still write when this returns.
        wait(started)
        for job in started:
            job.result()
    return None


class _ThreadState(threading.local):
    """Whether the current thread is running a chunk of `parallel_for`, or is to compute alone."""

    in_worker = False


_thread_state = _ThreadState()


def _run_chunks(compute: Callable[[int, int], None], chunks: deque[tuple[int, int]]) -> None:
    """Take chunks from the shared queue until it is empty."""
    _thread_state.in_worker = True
    try:
        while True:
            try:
                # A deque's popleft is atomic, so no lock is needed.
                chunk = chunks.popleft()
            except IndexError:
                return
            compute(*chunk)
    except BaseException:
        chunks.clear()
        raise
    finally:
        _thread_state.in_worker = False


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute in the calling thread alone, for whoever keeps every CPU busy with processes of his own."""
    before, _thread_state.in_worker = _thread_state.in_worker, True
    try:
        yield
    finally:
        _thread_state.in_worker = before


def _compute_range(
    rows: Any,
    values: Any,
    first: int,
    last: int,
    settings: STFTSettings,
    kernels: Kernels | None,
    fft: RealFFT,
    n_block: int,
) -> None:
    """Compute frames `first` to `last - 1`, counted over batch, channels and frames, into `values`."""
    block = min(last - first, n_block)
    if kernels is None:
        window = scaled_window(settings, like=values)
        windowed = windowed_workspace(block, settings, like=values)
    else:
        # BLAS needs contiguous rows, and the frames are an overlapping view.
        copied = workspace("frames", (block, settings.frame_length), settings.compute_dtype, values)
        products = workspace("products", (2, block, settings.n_bins), settings.compute_dtype, values)
    output = OUTPUTS[settings.mode]
    with np.errstate(all="ignore"):
        for batch, channel, begin, end in iter_blocks(values.shape, first, last, block):
            frames = read_frames(rows[batch, channel], begin, end, settings)
            if kernels is None:
                parts = transform_rfft(frames, window, settings.n_fft, windowed[: end - begin], fft)
            else:
                copied[: end - begin] = frames
                parts = transform_matmul(copied[: end - begin], kernels, products[:, : end - begin])
            target = values[batch, channel, begin:end]
            # Written directly where the layout allows it, which saves a copy of the block.
            if target.dtype == settings.compute_dtype and target.flags.c_contiguous:
                output(parts, settings, out=target)
            else:
                buffer = workspace("values", target.shape, settings.compute_dtype, values)
                target[...] = output(parts, settings, out=buffer)


def iter_blocks(shape: tuple[int, ...], first: int, last: int, block: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (batch, channel, begin, end) of blocks that cover frames `first` to `last - 1`, counted over all rows."""
    _, n_channels, n_frames, _ = shape
    while first < last:
        row, begin = divmod(first, n_frames)
        end = min(begin + block, n_frames, begin + last - first)
        yield *divmod(row, n_channels), begin, end
        first += end - begin


def _count_threads(total: int, inputs: Any, settings: STFTSettings, kernels: Kernels | None) -> int:
    # BLAS and CUDA have threads of their own.
    if total == 0 or kernels is not None or not isinstance(inputs, np.ndarray):
        return 1
    return max(1, min(count_cpus(), total * settings.n_fft // MIN_THREAD_SAMPLES))


def frames_per_block(array: Any, settings: STFTSettings, block_bytes: int | None = None) -> int:
    """Return the number of frames in a block of this size, or of that for the library of an array."""
    item_size = np.dtype(settings.compute_dtype).itemsize
    return max(1, (block_bytes or BLOCK_BYTES[library_of(array)]) // (settings.n_fft * item_size))


@lru_cache(maxsize=1)
def _thread_pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=max(1, count_cpus() - 1), thread_name_prefix="specwidget")


if hasattr(os, "register_at_fork"):
    # A forked child inherits the pool object but not its threads, and would wait for them forever.
    os.register_at_fork(after_in_child=_thread_pool.cache_clear)
