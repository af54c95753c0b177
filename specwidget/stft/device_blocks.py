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
    blocks = _Blocks(to_rows(inputs, settings), from_output(output, settings), settings, kernels)
    limit_plan_cache()
    first = 0
    while first < blocks.total:
        n_rows = _rows_of_block(blocks.total - first, n_block)
        if _fits(blocks, first, n_rows):
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


def _fits(blocks: _Blocks, first: int, n_rows: int) -> bool:
    """Compute a block; return False if it does not fit into the device's memory, unless it is a single frame."""
    try:
        blocks.compute(first, n_rows)
    except Exception as error:
        if n_rows == 1 or not is_out_of_memory(error):
            raise
        return False
    return True


class _Blocks:
    """What the blocks of a call have in common.

    Parameters
    ----------
    rows : array (batch, channels, time)
        The samples.
    values : array (batch, channels, frames, n_outputs)
        The result, which is written.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels on the device; None means Fourier kernels.
    """

    def __init__(self, rows: Any, values: Any, settings: STFTSettings, kernels: Kernels | None) -> None:
        self.rows, self.values, self.settings, self.kernels = rows, values, settings, kernels
        n_batch, n_channels, n_frames, _ = values.shape
        self.total = n_batch * n_channels * n_frames
        self.window = NO_ARRAY if kernels is not None else scaled_window(settings, like=rows)
        self.width = settings.n_fft if kernels is None else settings.frame_length
        options = kernel_options(str(rows.dtype), settings)
        self.read = compile_kernel(SOURCE, "read_frames", options)
        self.write = compile_kernel(SOURCE, "write_values", options)

    def compute(self, first: int, n_rows: int) -> None:
        """Compute `n_rows` frames from `first` on, counted over batch, channels and frames; some may be too many."""
        xp = namespace(self.rows)
        frames = xp.empty((n_rows, self.width), dtype=self.settings.compute_dtype)
        self._read_frames(frames, first)
        if self.kernels is None:
            spectrum = rfft(frames, self.settings.n_fft)
            parts = RealImag(spectrum.real, spectrum.imag, spectrum)
        else:
            both = (self.kernels.real, self.kernels.imag)
            parts = RealImag(*(None if kernel is None else xp.matmul(frames, kernel[:, 0, :]) for kernel in both))
        self._write_values(parts, first, n_rows)

    def _read_frames(self, frames: Any, first: int) -> None:
        """Write windowed frames from `first` on into `frames` (n_rows, width)."""
        settings, (_, n_channels, n_samples) = self.settings, self.rows.shape
        left, _ = padding_amounts(n_samples, settings)
        counts = (*frames.shape, first, self.total, n_channels, self.values.shape[2])
        lengths = (n_samples, settings.frame_length, settings.step, left)
        integers = map(np.int64, (*counts, *lengths, *_strides(self.rows)))
        _launch(self.read, frames.shape, (frames, self.rows, self.window, *integers))

    def _write_values(self, parts: RealImag, first: int, n_rows: int) -> None:
        """Write the values of `n_rows` frames from `first` on."""
        settings, (_, n_channels, n_frames, _) = self.settings, self.values.shape
        present = (NO_ARRAY if part is None else part for part in parts[:2])
        # The parts of a complex array take turns in memory.
        sizes = (1 if parts.complex is None else 2, settings.n_bins, settings.n_fft)
        floor = np.dtype(settings.compute_dtype).type(math.sqrt(settings.epsilon))
        counts = map(np.int64, (first, self.total, n_channels, n_frames, *_strides(self.values)))
        arguments = (self.values, *present, *map(np.int64, sizes), floor, *counts)
        _launch(self.write, (n_rows, settings.n_bins), arguments)


def _strides(array: Any) -> tuple[int, ...]:
    """Return the strides of an array in elements."""
    return tuple(stride // array.dtype.itemsize for stride in array.strides)


def _launch(kernel: Any, shape: tuple[int, int], arguments: tuple[Any, ...]) -> None:
    """Launch a kernel on a grid that covers (rows, columns), the columns along x."""
    n_rows, n_columns = shape
    across = min(THREADS, max(32, 1 << (n_columns - 1).bit_length()))
    down = THREADS // across
    kernel((-(-n_rows // down),), (across, down), arguments)
