"""The whole way from signal to result, block by block.

NumPy and CuPy compute a block of frames at once, sized to the cache, from the samples to the place in the result:
memory is the result and a few MiB, for an hour as for a second. Other libraries, whose automatic differentiation
has to see every step, take the signal whole through the same functions.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any

import numpy as np

from specwidget.arrays import count_cpus, knows_float64, library_of, namespace, scratch, writes_in_place
from specwidget.stft.frames import cut, pad, read_frames
from specwidget.stft.kernels import Kernels
from specwidget.stft.layout import from_output, to_output, to_rows
from specwidget.stft.modes import OUTPUTS
from specwidget.stft.settings import DTYPES, STFTSettings
from specwidget.stft.shapes import check_input_shape, output_shape
from specwidget.stft.transform import by_conv, by_fft, empty_windowed, scaled_window

BLOCK_BYTES = {"NumPy": 2**20, "CuPy": 2**28}
"""Bytes of windowed frames in a block, by library: what a core's cache holds, and what keeps a device busy."""

PRODUCT_BLOCKS = 8
"""Blocks that a matrix product takes at once: it is fast with many rows, and in no need of the cache."""

THREAD_VALUES = 2**16
"""Samples of frames that are worth handing to a second thread, which costs some 50 microseconds."""

PART_VALUES = 2**19
"""Samples of frames in a part at least, about a millisecond's work, where a thread takes more than one part."""

PARTS_PER_THREAD = 8
"""Most parts for each thread: one that something else holds up leaves the rest of its share to the others."""


def compute_spectrogram(
    inputs: Any, settings: STFTSettings, kernels: Kernels | None = None, *, keep: bool = True
) -> Any:
    """Compute the short-time Fourier transform of a batch.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        Samples of type float16, float32 or float64; (batch, channels, time) for "channels_first".
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels to correlate with. None are the Fourier kernels, by the FFT, which gives the same numbers faster.
    keep : bool, default True
        False for a result that is looked at and forgotten: it may lie in memory that the next such result of the same
        thread takes. Memory that is new costs a page fault for every 4 KiB, as much as a short transform itself.

    Returns
    -------
    array
        In the library of `inputs` and the type of the settings, with the shape that `output_shape` tells.

    Raises
    ------
    ValueError
        If the shape of `inputs` is not one that the transform takes.
    TypeError
        If `inputs` is no array of one of these types.

    Examples
    --------
    >>> import numpy as np
    >>> compute_spectrogram(np.zeros((1, 1024, 1), "float32"), STFTSettings()).shape
    (1, 7, 129)
    """
    check_inputs(inputs, settings)
    if not writes_in_place(inputs):
        return _whole(inputs, settings, kernels)
    shape: Any = output_shape(inputs.shape, settings)
    if keep:
        output = namespace(inputs).empty(shape, dtype=settings.result_dtype)
    else:
        output = scratch("passing", shape, settings.result_dtype, inputs)
    _fill_by_blocks(output, inputs, settings, kernels)
    return output


def check_inputs(inputs: Any, settings: STFTSettings) -> None:
    """Raise the documented error unless the transform takes these inputs."""
    if not hasattr(inputs, "dtype") or not hasattr(inputs, "shape"):
        raise TypeError(f"`inputs` must be an array; got {type(inputs).__name__}. Make one with numpy.asarray.")
    name = _dtype_name(type(inputs.dtype).__module__, inputs.dtype)
    if name not in DTYPES:
        advice = "Use the real part." if "complex" in name else "Convert it with inputs.astype('float32')."
        raise TypeError(f"`inputs` must have dtype {', '.join(DTYPES[:-1])} or {DTYPES[-1]}; got {name}. {advice}")
    check_precision(inputs, settings)
    check_input_shape(tuple(inputs.shape), settings)


@lru_cache(maxsize=64)
def _dtype_name(library: str, dtype: Any) -> str:
    """Return the name of a type; NumPy makes it anew each time, which takes microseconds. Libraries are kept apart."""
    return str(getattr(dtype, "name", dtype)).rpartition(".")[2]


def check_precision(array: Any, settings: STFTSettings) -> None:
    """Raise where the array's library would compute in float32 although float64 is asked for."""
    if settings.result_dtype == "float64" and not knows_float64(array):
        raise TypeError(
            "`dtype` must be 'float16' or 'float32' for JAX arrays while x64 is not enabled; got 'float64'. "
            "Enable it with jax.config.update('jax_enable_x64', True)."
        )


def _whole(inputs: Any, settings: STFTSettings, kernels: Kernels | None) -> Any:
    """Compute all frames at once, by functions that make new arrays."""
    xp = namespace(inputs)
    rounded = xp.astype(to_rows(inputs, settings), getattr(xp, settings.result_dtype))
    rows = xp.astype(rounded, getattr(xp, settings.compute_dtype))
    frames = cut(pad(rows, settings), settings)
    if kernels is None:
        parts = by_fft(frames, scaled_window(settings, like=frames), settings.n_fft)
    else:
        parts = by_conv(frames, kernels)
    values = OUTPUTS[settings.mode](parts, settings)
    return to_output(xp.astype(values, getattr(xp, settings.result_dtype)), settings)


def _fill_by_blocks(output: Any, inputs: Any, settings: STFTSettings, kernels: Kernels | None) -> None:
    """Compute block by block into the result."""
    rows, values = to_rows(inputs, settings), from_output(output, settings)
    n_batch, n_channels, n_frames, _ = values.shape
    total = n_batch * n_channels * n_frames
    compute = partial(_compute_range, rows, values, settings=settings, kernels=kernels)
    share_out(compute, total, inputs, settings, kernels)


def share_out(
    compute: Callable[[int, int], None],
    total: int,
    like: Any,
    settings: STFTSettings,
    kernels: Kernels | None = None,
    *,
    frames_each: int = 1,
) -> None:
    """Call `compute(first, last)` for contiguous parts of a total, on as many threads as are worth it.

    Parameters
    ----------
    compute : callable
        Does `first` to `last - 1`, without a word to the other parts. Where one part fails, none is begun any more,
        and what it raises is raised here, once no thread is at work.
    total : int
        Number of frames, or of groups of frames.
    like : array
        An array of the library that computes.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels, where these compute.
    frames_each : int, default 1
        Frames in a group.
    """
    n_frames = total * frames_each
    n_threads = 1 if _inside.is_part else _count_threads(n_frames, like, settings, kernels)
    if n_threads == 1:
        return compute(0, total)
    n_parts = max(n_threads, min(PARTS_PER_THREAD * n_threads, n_frames * settings.n_fft // PART_VALUES))
    parts = deque(pairwise(total * part // n_parts for part in range(n_parts + 1)))
    jobs = [_threads().submit(_compute_parts, compute, parts) for _ in range(n_threads - 1)]
    try:
        _compute_parts(compute, parts)
    finally:
        parts.clear()
        # One that no thread has begun, as all are busy with something else, has nothing left to do.
        begun = [job for job in jobs if not job.cancel()]
        # All of them first: none may still write when this returns.
        wait(begun)
        for job in begun:
            job.result()
    return None


class _Inside(threading.local):
    """Whether a thread computes a part that was shared out already."""

    is_part = False


_inside = _Inside()


def _compute_parts(compute: Callable[[int, int], None], parts: deque[tuple[int, int]]) -> None:
    """Compute parts while there are any, by this thread alone: what it shared out again would go to and fro."""
    _inside.is_part = True
    try:
        while True:
            try:
                part = parts.popleft()
            except IndexError:
                return
            compute(*part)
    except BaseException:
        parts.clear()
        raise
    finally:
        _inside.is_part = False


def _compute_range(
    rows: Any, values: Any, first: int, last: int, settings: STFTSettings, kernels: Kernels | None
) -> None:
    """Compute frames `first` to `last - 1`, counted over batch, channels and frames, into `values`."""
    block = min(last - first, frames_per_block(values, settings) * (1 if kernels is None else PRODUCT_BLOCKS))
    if kernels is None:
        window = scaled_window(settings, like=values)
        windowed = empty_windowed(block, settings, like=values)
    else:
        copied = scratch("frames", (block, settings.frame_length), settings.compute_dtype, values)
        products = scratch("products", (2, block, settings.n_bins), settings.compute_dtype, values)
    output = OUTPUTS[settings.mode]
    with np.errstate(all="ignore"):
        for batch, channel, begin, end in blocks_of(values.shape, first, last, block):
            frames = read_frames(rows[batch, channel], begin, end, settings)
            if kernels is None:
                parts = by_fft(frames, window, settings.n_fft, windowed[: end - begin])
            else:
                copied[: end - begin] = frames
                parts = by_conv(copied[: end - begin], kernels, products[:, : end - begin])
            place = values[batch, channel, begin:end]
            if place.dtype == settings.compute_dtype and place.flags.c_contiguous:
                output(parts, settings, out=place)
            else:
                room = scratch("values", place.shape, settings.compute_dtype, values)
                place[...] = output(parts, settings, out=room)


def blocks_of(shape: tuple[int, ...], first: int, last: int, block: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield (batch, channel, begin, end) of blocks that cover frames `first` to `last - 1` of all rows."""
    _, n_channels, n_frames, _ = shape
    while first < last:
        row, begin = divmod(first, n_frames)
        end = min(begin + block, n_frames, begin + last - first)
        yield *divmod(row, n_channels), begin, end
        first += end - begin


def _count_threads(total: int, inputs: Any, settings: STFTSettings, kernels: Kernels | None) -> int:
    """Return how many threads share the work; a matrix product brings its own."""
    if total == 0 or kernels is not None or not isinstance(inputs, np.ndarray):
        return 1
    return max(1, min(count_cpus(), total * settings.n_fft // THREAD_VALUES))


def frames_per_block(array: Any, settings: STFTSettings) -> int:
    """Return how many frames a block holds, on the device of an array."""
    item_size = np.dtype(settings.compute_dtype).itemsize
    return max(1, BLOCK_BYTES[library_of(array)] // (settings.n_fft * item_size))


@lru_cache(maxsize=1)
def _threads() -> ThreadPoolExecutor:
    """Return the threads that help, started at first use."""
    return ThreadPoolExecutor(max_workers=max(1, count_cpus() - 1), thread_name_prefix="specwidget")


if hasattr(os, "register_at_fork"):
    # A forked child inherits the pool but not its threads, and would wait for them for ever.
    os.register_at_fork(after_in_child=_threads.cache_clear)
