"""The forward transform on a CUDA device, in blocks of frames that cross channels and batch items.

A block is three launches, or four with a matrix product: the kernels of `device_transform.cu` before and after the FFT.
Nothing is read back and nothing is sent after the first call of a setting, so the host never waits for the device.
Gradients (`device_gradients`) and overlap-add (`device_synthesis`) use the same blocks.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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

SIGNIFICANT_BITS = 3
"""The frames of a last block are computed as a number that has so many significant bits, at most a quarter more. So
four FFT plans serve all lengths up to twice the shortest; the frames that are too many are not written."""

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
    """
    shape: Any = output_shape(inputs.shape, settings)
    output = namespace(inputs).empty(shape, dtype=settings.result_dtype)
    values = from_output(output, settings)
    blocks = TransformBlocks(to_rows(inputs, settings), values.shape[2], settings, kernels)
    write = blocks.kernel("write_values")

    def compute(first: int, n_rows: int) -> None:
        parts = blocks.transform(first, n_rows)
        arguments = (values, np.int64(n_rows), *blocks.describe(parts), *blocks.place(first, values))
        launch(write, (n_rows, settings.n_bins), arguments)

    for_each_block(blocks.total, n_block, compute)
    return output


def for_each_block(total: int, n_block: int, compute: Callable[[int, int], None]) -> int:
    """Call `compute(first, n_rows)` for blocks of frames that cover `range(total)`.

    Parameters
    ----------
    total : int
        Number of frames, of all channels and batch items.
    n_block : int
        Number of frames in a block.
    compute : callable
        Computes `n_rows` frames from `first` on, some of which may be too many. It writes its results last, as it is
        called again with fewer frames where the memory that is left does not suffice, down to a single one.

    Returns
    -------
    int
        Number of frames in a block that fits.
    """
    limit_plan_cache()
    first = 0
    while first < total:
        n_rows = rows_of_block(total - first, n_block)
        if _fits(compute, first, n_rows):
            first += n_rows
        else:
            # Outside the handler of the error, whose traceback kept the arrays alive that filled the device.
            release_memory()
            n_block = n_rows // 2
    return n_block


def halve_until_it_fits(compute: Callable[[int], Any], n_block: int) -> Any:
    """Return `compute(n_block)`, begun again with half as many frames in a block where they do not fit the device.

    The error is raised where a block of a single frame does not fit.
    """
    limit_plan_cache()
    while True:
        try:
            return compute(n_block)
        except Exception as error:
            if n_block == 1 or not is_out_of_memory(error):
                raise
        # Outside the handler, as in `for_each_block`.
        release_memory()
        n_block //= 2


def rows_of_block(remaining: int, n_block: int) -> int:
    """Return the number of rows in the next block, which may be more than the remaining frames.

    Parameters
    ----------
    remaining : int
        Number of frames that are left, at least 1.
    n_block : int
        Number of frames in a block.

    Returns
    -------
    int
        At most `n_block`.

    Examples
    --------
    >>> [rows_of_block(remaining, 8192) for remaining in (5, 9, 1249, 5164, 10_000)]
    [5, 10, 1280, 6144, 8192]
    """
    step = 1 << max(0, remaining.bit_length() - SIGNIFICANT_BITS)
    return min(n_block, -(-remaining // step) * step)


def _fits(compute: Callable[[int, int], None], first: int, n_rows: int) -> bool:
    """Compute a block; return False if it does not fit into the device's memory, unless it is a single frame."""
    try:
        compute(first, n_rows)
    except Exception as error:
        if n_rows == 1 or not is_out_of_memory(error):
            raise
        return False
    return True


def kernel_options(sample: str, settings: STFTSettings) -> tuple[str, ...]:
    """Return the compiler options of `device_transform.cu`, for samples of a dtype."""
    types = {"SAMPLE": sample, "RESULT": settings.result_dtype, "REAL": settings.compute_dtype}
    defined = {name: TYPE_NAMES[dtype] for name, dtype in types.items()}
    if "float16" in types.values():
        defined["HALF"] = "1"
    defined |= {"BOTH_PARTS": "1"} if settings.mode == "stft" else {"MODE": MODE_FUNCTIONS[settings.mode]}
    return tuple(f"-D{name}={value}" for name, value in defined.items())


class TransformBlocks:
    """What the blocks of a call have in common, and the spectrum of each.

    Parameters
    ----------
    rows : array (batch, channels, time)
        The samples.
    n_frames : int
        Number of frames of a channel, T.
    settings : STFTSettings
        Settings of the transform.
    kernels : Kernels, optional
        Kernels on the device; None means Fourier kernels.
    """

    def __init__(self, rows: Any, n_frames: int, settings: STFTSettings, kernels: Kernels | None) -> None:
        self.rows, self.n_frames, self.settings, self.kernels = rows, n_frames, settings, kernels
        self.total = rows.shape[0] * rows.shape[1] * n_frames
        self.window = None if kernels is not None else scaled_window(settings, like=rows)
        self._read = self.kernel("read_frames")

    def kernel(self, name: str) -> Any:
        """Return a function of `device_transform.cu`."""
        return compile_kernel(SOURCE, name, kernel_options(str(self.rows.dtype), self.settings))

    def read_frames(self, first: int, n_rows: int, *, windowed: bool) -> Any:
        """Return frames from `first` on, (n_rows, frame_length); windowed, with zeros up to the length of the FFT."""
        settings, (_, n_channels, n_samples) = self.settings, self.rows.shape
        shape = n_rows, settings.n_fft if windowed else settings.frame_length
        frames = namespace(self.rows).empty(shape, dtype=settings.compute_dtype)
        left, _ = padding_amounts(n_samples, settings)
        counts = (*shape, first, self.total, n_channels, self.n_frames)
        lengths = (n_samples, settings.frame_length, settings.step, left)
        integers = map(np.int64, (*counts, *lengths, *strides(self.rows)))
        launch(self._read, shape, (frames, self.rows, self.window if windowed else NO_ARRAY, *integers))
        return frames

    def transform(self, first: int, n_rows: int, frames: Any | None = None) -> RealImag:
        """Return the parts of `n_rows` frames from `first` on; of given frames, if kernels are correlated with them."""
        if self.kernels is None:
            spectrum = rfft(self.read_frames(first, n_rows, windowed=True), self.settings.n_fft)
            return RealImag(spectrum.real, spectrum.imag, spectrum)
        read = self.read_frames(first, n_rows, windowed=False) if frames is None else frames
        both = (self.kernels.real, self.kernels.imag)
        return RealImag(*(None if kernel is None else namespace(read).matmul(read, kernel[:, 0, :]) for kernel in both))

    def describe(self, parts: RealImag) -> tuple[Any, ...]:
        """Return the arguments of a launch that say where the parts are, and how many bins there are."""
        present = (NO_ARRAY if part is None else part for part in parts[:2])
        # The parts of a complex array take turns in memory.
        sizes = (1 if parts.complex is None else 2, self.settings.n_bins, self.settings.n_fft)
        floor = np.dtype(self.settings.compute_dtype).type(math.sqrt(self.settings.epsilon))
        return (*present, *map(np.int64, sizes), floor)

    def place(self, first: int, values: Any) -> tuple[Any, ...]:
        """Return the arguments of a launch that say where frame `first` is in values (batch, channels, frames, ...)."""
        return tuple(map(np.int64, (first, self.total, values.shape[1], self.n_frames, *strides(values))))


def strides(array: Any) -> tuple[int, ...]:
    """Return the strides of an array in elements."""
    return tuple(stride // array.dtype.itemsize for stride in array.strides)


def launch(kernel: Any, shape: tuple[int, int], arguments: tuple[Any, ...]) -> None:
    """Launch a kernel on a grid that covers (rows, columns), the columns along x."""
    n_rows, n_columns = shape
    across = min(THREADS, max(32, 1 << (n_columns - 1).bit_length()))
    down = THREADS // across
    kernel((-(-n_rows // down),), (across, down), arguments)
