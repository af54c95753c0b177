"""The Griffin-Lim algorithm on a CUDA device, in blocks of frames that cross channels and batch items.

Beside the spectrogram it needs the memory of a few signals and of a block. Nothing is read back, and nothing is sent
after the first call of a setting.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from specwidget.arrays import namespace
from specwidget.devices import compile_kernel
from specwidget.stft.device_blocks import NO_ARRAY, TYPE_NAMES, TransformBlocks, for_each_block, launch, strides
from specwidget.stft.device_synthesis import OverlapAdd, inverse_fft
from specwidget.stft.layout import to_rows
from specwidget.stft.magnitudes import Problem, smallest_normal, squared_errors
from specwidget.stft.settings import Mode, STFTSettings

SOURCE = "device_griffin_lim.cu"
"""File with the CUDA code."""

MAGNITUDE_FUNCTIONS: dict[Mode, str] = {"magnitude": "from_magnitude", "log": "from_log", "psd": "from_psd"}
"""Function in `device_griffin_lim.cu`, by mode."""

DRAWS_PER_THREAD = 8
"""Phases that a thread draws, RUN in `device_griffin_lim.cu`."""


def kernel_options(value: str, settings: STFTSettings) -> tuple[str, ...]:
    """Return the compiler options of `device_griffin_lim.cu`, for values of a dtype."""
    defined = {"VALUE": TYPE_NAMES[value], "REAL": TYPE_NAMES[settings.compute_dtype]}
    if value == "float16":
        defined["HALF"] = "1"
    defined["MAGNITUDE"] = MAGNITUDE_FUNCTIONS[settings.mode]
    return *(f"-D{name}={given}" for name, given in defined.items()), "--device-int128"


class DeviceEstimates:
    """The given magnitudes with estimated phases, on the current device; see `griffin_lim.Estimates`.

    Parameters
    ----------
    problem : Problem
        With values of CuPy.
    n_block : int
        Number of frames in a block.
    """

    def __init__(self, problem: Problem, n_block: int) -> None:
        self.problem, self.n_block = problem, n_block
        values, settings = problem.values, problem.settings
        n_batch, n_channels, self.n_frames, n_bins = values.shape
        self.total = n_batch * n_channels * self.n_frames
        # Samples are in the compute dtype, whatever the dtype of the result.
        self.precise = replace(settings, dtype=settings.compute_dtype)
        self.dtype = np.dtype(settings.compute_dtype)
        # NaN in frames with a value that is not finite.
        self.marks = namespace(values).zeros(self.total, dtype=self.dtype)
        self.counts = (n_channels, self.n_frames, *strides(values))
        # CUDA refuses an empty grid.
        if self.total:
            shape = self.total, n_bins
            launch(self._kernel("mark_frames"), shape, (self.marks, values, *map(np.int64, (*shape, *self.counts))))

    def synthesize(self, samples: Any | None, output: Any, *, with_nan: bool = False) -> None:
        """Write the signal of the magnitudes with the phases of the transform of `samples`; random ones for None."""
        plan, settings = self.problem.plan, self.problem.settings
        blocks = None if samples is None else self._blocks(samples)
        overlap_add = OverlapAdd(to_rows(output, settings), self.n_frames, settings, plan)
        output[...] = 0

        def compute(first: int, n_rows: int) -> None:
            magnitudes = self._read_magnitudes(first, n_rows)
            spectra = self._draw(first, magnitudes) if blocks is None else self._estimate(blocks, first, magnitudes)
            marks = self.marks[first:] if with_nan else NO_ARRAY
            overlap_add.add(inverse_fft(spectra, settings), first, plan.dual, marks)

        self.n_block = for_each_block(self.total, self.n_block, compute)

    def squared_errors(self, samples: Any) -> Any:
        """Return the sums of `magnitudes.squared_errors` for the transform of `samples`."""
        xp, blocks = namespace(samples), self._blocks(samples)
        sums = xp.zeros(2, dtype=self.dtype)

        def add_errors(first: int, n_rows: int) -> None:
            spectra = blocks.transform(first, n_rows).complex
            # Rows after the last frame are zeros in both.
            xp.add(sums, xp.stack(squared_errors(spectra, self._read_magnitudes(first, n_rows))), out=sums)

        self.n_block = for_each_block(self.total, self.n_block, add_errors)
        return sums

    def _kernel(self, name: str) -> Any:
        return compile_kernel(SOURCE, name, kernel_options(str(self.problem.values.dtype), self.problem.settings))

    def _blocks(self, samples: Any) -> TransformBlocks:
        return TransformBlocks(to_rows(samples, self.precise), self.n_frames, self.precise, None)

    def _read_magnitudes(self, first: int, n_rows: int) -> Any:
        """Return the magnitudes of frames from `first` on, (n_rows, n_bins); zeros after the last frame."""
        values, settings = self.problem.values, self.problem.settings
        magnitudes = namespace(values).empty((n_rows, settings.n_bins), dtype=self.dtype)
        counts = map(np.int64, (*magnitudes.shape, settings.n_fft, first, self.total, *self.counts))
        arguments = (magnitudes, self.marks, values, self.dtype.type(self.problem.floor), *counts)
        launch(self._kernel("read_magnitudes"), magnitudes.shape, arguments)
        return magnitudes

    def _estimate(self, blocks: TransformBlocks, first: int, magnitudes: Any) -> Any:
        """Return these magnitudes, divided by the length of the FFT, with the phases of the transform of a signal."""
        spectra = blocks.transform(first, magnitudes.shape[0]).complex
        factors = self._scale(), self.dtype.type(smallest_normal(magnitudes))
        arguments = (spectra, magnitudes, *factors, *map(np.int64, magnitudes.shape))
        launch(self._kernel("set_magnitudes"), magnitudes.shape, arguments)
        return spectra

    def _draw(self, first: int, magnitudes: Any) -> Any:
        """Return these magnitudes, divided by the length of the FFT, with random phases."""
        spectra = namespace(magnitudes).empty(magnitudes.shape, dtype=np.result_type(self.dtype, np.complex64))
        state: Any = self.problem.generator.bit_generator.state["state"]
        halves = (part for value in (state["state"], state["inc"]) for part in divmod(value, 2**64))
        counts = map(np.int64, (*magnitudes.shape, first, self.n_frames, *self.problem.origin))
        n_rows, n_bins = magnitudes.shape
        arguments = (spectra, magnitudes, self._scale(), *counts, *map(np.uint64, halves))
        launch(self._kernel("draw_phases"), (n_rows, -(-n_bins // DRAWS_PER_THREAD)), arguments)
        return spectra

    def _scale(self) -> Any:
        return self.dtype.type(1 / self.problem.settings.n_fft)
