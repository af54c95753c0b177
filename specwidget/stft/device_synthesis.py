"""Overlap-add on a CUDA device, in blocks of frames that cross channels and batch items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from specwidget.arrays import namespace
from specwidget.devices import compile_kernel
from specwidget.stft.device_blocks import NO_ARRAY, TYPE_NAMES, for_each_block, launch, strides
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import padding_amounts

if TYPE_CHECKING:
    from specwidget.stft.synthesis import SynthesisPlan

SOURCE = "device_synthesis.cu"
"""File with the CUDA code."""


def kernel_options(value: str, real: str) -> tuple[str, ...]:
    """Return the compiler options of `device_synthesis.cu`, for the dtypes of the spectra and the computation."""
    options = f"-DVALUE={TYPE_NAMES[value]}", f"-DREAL={TYPE_NAMES[real]}"
    return (*options, "-DHALF=1") if value == "float16" else options


def inverse_fft(spectra: Any, settings: STFTSettings) -> Any:
    """Return the inverse real FFT of the last axis, without the factor `1 / n_fft`, which would be another launch."""
    return namespace(spectra).fft.irfft(spectra, n=settings.n_fft, axis=-1, norm="forward")


def synthesize_on_device(spectra: Any, rows: Any, plan: SynthesisPlan, settings: STFTSettings, n_block: int) -> int:
    """Compute samples from spectra by overlap-add, block by block, for CuPy arrays on the current device.

    Parameters
    ----------
    spectra : array (batch, channels, T, n_bins) of complex, or (batch, channels, T, 2 n_bins)
        Spectra of frames, or their real parts followed by their imaginary parts, of any float type and stride. A NaN or
        infinite value makes the samples under its frame NaN.
    rows : array (batch, channels, n_samples)
        Output, in the compute dtype and of any stride.
    plan : SynthesisPlan
        Windows and factors.
    settings : STFTSettings
        Settings of the transform.
    n_block : int
        Number of frames in a block.

    Returns
    -------
    int
        Number of frames in a block that fits.
    """
    xp, dtype, n_bins = namespace(rows), np.dtype(settings.compute_dtype), settings.n_bins
    is_complex = spectra.dtype.kind == "c"
    complex_dtype = np.result_type(dtype, np.complex64)
    places = strides(spectra)
    # A complex number is two real ones.
    places = tuple(2 * place for place in places) if is_complex else places
    imag_offset = 1 if is_complex else n_bins * places[-1]
    n_batch, n_channels, n_frames, _ = spectra.shape
    overlap_add = OverlapAdd(rows, n_frames, settings, plan)
    read = compile_kernel(SOURCE, "read_spectra", kernel_options(np.finfo(spectra.dtype).dtype.name, dtype.name))
    scale = dtype.type(1 / settings.n_fft)
    rows[...] = 0

    def compute(first: int, n_rows: int) -> None:
        block, marks = xp.empty((n_rows, n_bins), dtype=complex_dtype), xp.zeros(n_rows, dtype=dtype)
        counts = (imag_offset, n_rows, n_bins, first, overlap_add.total, n_channels, n_frames, *places)
        launch(read, block.shape, (block, marks, spectra, scale, *map(np.int64, counts)))
        overlap_add.add(inverse_fft(block, settings), first, plan.dual, marks)

    return for_each_block(n_batch * n_channels * n_frames, n_block, compute)


class OverlapAdd:
    """Samples to which blocks of frames are added.

    Parameters
    ----------
    rows : array (batch, channels, n_samples)
        The samples, in the compute dtype and of any stride.
    n_frames : int
        Number of frames of a channel, T.
    settings : STFTSettings
        Settings of the transform.
    plan : SynthesisPlan, optional
        Factors of the first and last samples; None means 1.
    """

    def __init__(self, rows: Any, n_frames: int, settings: STFTSettings, plan: SynthesisPlan | None = None) -> None:
        self.rows, self.n_frames, self.settings, self.plan = rows, n_frames, settings, plan
        self.total = rows.shape[0] * rows.shape[1] * n_frames
        self._add = compile_kernel(SOURCE, "add_frames", kernel_options(*2 * (settings.compute_dtype,)))

    def add(self, frames: Any, first: int, window: Any = NO_ARRAY, marks: Any = NO_ARRAY) -> None:
        """Add frames (n_rows, width) from `first` on, which may be too many.

        `window` (frame_length,) multiplies each frame, `marks` (n_rows,) are added to all of its samples.
        """
        settings, plan, (_, n_channels, n_samples) = self.settings, self.plan, self.rows.shape
        last = min(first + frames.shape[0], self.total)
        n_carried = -(-settings.frame_length // settings.step) - 1
        # Segments are as many as frames, and `n_carried` more behind the last frame of each channel.
        begin, end = (index + index // self.n_frames * n_carried for index in (first, last - 1))
        n_segments = end + 1 + n_carried - begin
        left, _ = padding_amounts(n_samples, settings)
        factors = (NO_ARRAY, NO_ARRAY, 0, 0) if plan is None else (plan.head, plan.tail, plan.head.size, plan.tail.size)
        counts = (n_segments, frames.shape[1], begin, first, last, n_channels, self.n_frames)
        lengths = (n_samples, settings.frame_length, settings.step, left)
        integers = map(np.int64, (*factors[2:], *counts, *lengths, *strides(self.rows)))
        launch(self._add, (n_segments, settings.step), (self.rows, frames, window, marks, *factors[:2], *integers))
