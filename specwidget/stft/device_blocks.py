"""The forward transform on a CUDA device, in blocks of frames that cross channels and batch items.

A block is three launches, or four with a matrix product: the kernels of `device_transform.cu` before and after the FFT.
Nothing is read back and nothing is sent after the first call of a setting, so the host never waits for the device.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from specwidget.arrays import namespace, rfft
from specwidget.devices import compile_kernel, is_out_of_memory, limit_plan_cache, release_memory
from specwidget.stft.kernels import Kernels
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import Mode, STFTSettings
from specwidget.stft.shapes import output_shape, padding_amounts
from specwidget.stft.transform import RealImag, scaled_window

SOURCE = "device_transform.cu"
"""File with the CUDA code."""

SMALL_BLOCK = 8
"""A last block of at most this fraction of a block is computed as one of that size, any other as a whole block. So two
FFT plans serve a setting, whatever the lengths of the signals; the frames that are too many are not written."""

NO_ARRAY = np.uintp(0)
"""The null pointer."""

THREADS = 256
"""Threads that are launched together."""

TYPE_NAMES = {"float16": "__half", "float32": "float", "float64": "double"}
"""Type in CUDA, by dtype."""

MODE_FUNCTIONS: dict[Mode, str] = {
    "log": "log_magnitude",
    "magnitude": "magnitude",
    "psd": "psd",
    "real": "real_part",
    "imag": "imag_part",
    "angle": "angle",
}
"""Function in `device_transform.cu`, by mode; "stft" has none, as it writes both parts."""


def compute_on_device(inputs: Any, settings: STFTSettings, kernels: Kernels | None, n_block: int) -> Any:
    """Compute the transform of CuPy arrays on the current device, block by block.

    Parameters
    ----------
    inputs : array (batch, time, channels)
        Samples, of any float type and stride; (batch, channels, time) for "channels_first".
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels on the device; None means Fourier kernels.
    n_block : int
        Number of frames in a block.

    Returns
    -------
    array
        The result of `compute_spectrogram`.

    Notes
    -----
    Where a block does not fit into the memory that is left, it is halved, down to one frame.
    """
    shape: Any = output_shape(inputs.shape, settings)
    output = namespace(inputs).empty(shape, dtype=settings.result_dtype)
    rows, values = to_rows(inputs, settings), from_output(output, settings)
    total = math.prod(values.shape[:3])
    limit_plan_cache()
    first = 0
    while first < total:
        n_rows = _rows_of_block(total - first, n_block)
        if _fits(rows, values, first, n_rows, settings, kernels):
            first += n_rows
        else:
            # Outside the handler of the error, whose traceback kept the arrays alive that filled the device.
            release_memory()
            n_block = n_rows // 2
    return output


def kernel_options(sample: str, settings: STFTSettings) -> tuple[str, ...]:
    """Return the compiler options of `device_transform.cu`, for samples of a dtype."""
    types = {"SAMPLE": sample, "RESULT": settings.result_dtype, "REAL": settings.compute_dtype}
    defined = {name: TYPE_NAMES[dtype] for name, dtype in types.items()}
    if "float16" in types.values():
        defined["HALF"] = "1"
    defined |= {"BOTH_PARTS": "1"} if settings.mode == "stft" else {"MODE": MODE_FUNCTIONS[settings.mode]}
    return tuple(f"-D{name}={value}" for name, value in defined.items())


def _rows_of_block(remaining: int, n_block: int) -> int:
    """Return the number of rows in the next block, which may be more than the remaining frames."""
    n_small = -(-n_block // SMALL_BLOCK)
    return n_small if remaining <= n_small else n_block


def _fits(rows: Any, values: Any, first: int, n_rows: int, settings: STFTSettings, kernels: Kernels | None) -> bool:
    """Compute a block; return False if it does not fit into the device's memory, unless it is a single frame."""
    try:
        _compute_block(rows, values, first, n_rows, settings, kernels)
    except Exception as error:
        if n_rows == 1 or not is_out_of_memory(error):
            raise
        return False
    return True


def _compute_block(
    rows: Any, values: Any, first: int, n_rows: int, settings: STFTSettings, kernels: Kernels | None
) -> None:
    xp, options = namespace(rows), kernel_options(str(rows.dtype), settings)
    width = settings.n_fft if kernels is None else settings.frame_length
    frames = xp.empty((n_rows, width), dtype=settings.compute_dtype)
    window = scaled_window(settings, like=frames) if kernels is None else NO_ARRAY
    _read_frames(compile_kernel(SOURCE, "read_frames", options), frames, rows, window, first, values.shape, settings)
    if kernels is None:
        spectrum = rfft(frames, settings.n_fft)
        parts = RealImag(spectrum.real, spectrum.imag, spectrum)
    else:
        both = (kernels.real, kernels.imag)
        parts = RealImag(*(None if kernel is None else xp.matmul(frames, kernel[:, 0, :]) for kernel in both))
    _write_values(compile_kernel(SOURCE, "write_values", options), values, parts, first, n_rows, settings)


def _read_frames(
    kernel: Any, frames: Any, rows: Any, window: Any, first: int, shape: tuple[int, ...], settings: STFTSettings
) -> None:
    """Write the frames from `first` on, counted over batch, channels and frames, into `frames` (n_rows, width)."""
    n_batch, n_channels, n_frames, _ = shape
    n_rows, width = frames.shape
    left, _ = padding_amounts(rows.shape[2], settings)
    _launch(
        kernel,
        frames.shape,
        (
            frames,
            rows,
            window,
            *map(np.int64, (n_rows, width, first, n_batch * n_channels * n_frames, n_channels, n_frames)),
            *map(np.int64, (rows.shape[2], settings.frame_length, settings.step, left)),
            *_strides(rows),
        ),
    )


def _write_values(kernel: Any, values: Any, parts: RealImag, first: int, n_rows: int, settings: STFTSettings) -> None:
    """Write the values of a mode of `n_rows` frames from `first` on into values (batch, channels, frames, bins)."""
    n_batch, n_channels, n_frames, _ = values.shape
    floor = math.sqrt(settings.epsilon)
    _launch(
        kernel,
        (n_rows, settings.n_bins),
        (
            values,
            *(NO_ARRAY if part is None else part for part in parts[:2]),
            # The parts of a complex array take turns in memory.
            np.int64(1 if parts.complex is None else 2),
            *map(np.int64, (settings.n_bins, settings.n_fft)),
            np.dtype(settings.compute_dtype).type(floor),
            *map(np.int64, (first, n_batch * n_channels * n_frames, n_channels, n_frames)),
            *_strides(values),
        ),
    )


def _strides(array: Any) -> tuple[np.int64, ...]:
    """Return the strides of an array in elements."""
    return tuple(np.int64(stride // array.dtype.itemsize) for stride in array.strides)


def _launch(kernel: Any, shape: tuple[int, int], arguments: tuple[Any, ...]) -> None:
    """Launch a kernel on a grid that covers (rows, columns), the columns along x."""
    n_rows, n_columns = shape
    across = min(THREADS, max(32, 1 << (n_columns - 1).bit_length()))
    down = THREADS // across
    kernel((-(-n_rows // down),), (across, down), arguments)
