"""The values of a layer for a sound file of any length, in memory that does not grow with it.

A file of a few minutes is read and transformed whole. A longer one is read in blocks, several times if its values
depend on all of it: to count its samples, to find the largest value or the mean of each band, to compute. Both give the
bits of the layer for the whole recording, which `tests/corpus/test_features.py` checks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.front_end import FrontEndLayer, count_frames, make_layer
from specwidget.layer import STFTSpectrogram
from specwidget.mel import pipeline
from specwidget.mel.front_ends import FrontEnd
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.normalization import RowStatistics, apply_statistics, collect_statistics
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import count_frames as count_band_frames
from specwidget.mel.shapes import window_extent, window_start
from specwidget.mel.stages import BandSettings, FrontEndSettings, settings_from_json, settings_to_json, transform_of
from specwidget.sounds import SoundStream, open_sound
from specwidget.stft.formatting import printable, short_repr
from specwidget.stft.frame_selection import without_padding
from specwidget.stft.layout import from_output
from specwidget.stft.pipeline import compute_spectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_start, frames_extent

Values = NDArray[Any]
"""Values of some frames, shape (channels, frames, bins)."""

WHOLE_SAMPLES = 2**21
"""Most samples, of all channels, that are held at once; a longer recording is computed in blocks."""

CHUNK_VALUES = 2**18
"""Values of a long recording that an STFT computes at once, of each channel."""


class ChangedFileError(Exception):
    """A file had other samples when it was read again."""


@dataclass(frozen=True)
class Recording:
    """A sound file that has been read once.

    Parameters
    ----------
    path : str
        Its path.
    sample_rate : float
        Sample rate, Hz.
    n_channels, n_samples : int
        Channels C, and samples L of each.
    description : str
        Format and encoding.
    sums : ndarray (C,)
        Sum of the samples of each channel.
    samples : ndarray (L, C) or None
        The samples; None if they are too many to be held.
    """

    path: str
    sample_rate: float
    n_channels: int
    n_samples: int
    description: str
    sums: NDArray[np.float64]
    samples: NDArray[np.float32] | None


def settings_document(layer: Any) -> str:
    """Return the settings of a layer as JSON, which `settings_of` reads.

    Parameters
    ----------
    layer : STFTSpectrogram, MelSpectrogram, MFCC, FrontEnd, or settings
        The layer.

    Raises
    ------
    ValueError
        If its kernels were trained.
    TypeError
        If it is none of these.
    """
    layer = layer.layer if isinstance(layer, FrontEnd) else layer
    if isinstance(layer, STFTSpectrogram):
        if layer.path != "fft":
            raise ValueError("`layer` must have Fourier kernels; got a layer with custom kernels.")
        layer = layer.settings
    if isinstance(layer, MelSpectrogram | MFCC):
        layer = BandSettings.of(layer)
    if isinstance(layer, MelSettings):
        layer = BandSettings(layer)
    if not isinstance(layer, STFTSettings | BandSettings):
        raise TypeError(f"`layer` must be an STFTSpectrogram, a MelSpectrogram or an MFCC; got {short_repr(layer)}.")
    # Workers share the CPUs by processes, and a device among them would not be shared.
    return settings_to_json(replace(layer, backend="numpy") if isinstance(layer, STFTSettings) else layer, None)


@lru_cache(maxsize=8)
def settings_of(document: str) -> FrontEndSettings:
    """Return the settings of a document; the same object each time, which keeps its window and its bank."""
    return settings_from_json(document)


@lru_cache(maxsize=16)
def _layer_of(settings: FrontEndSettings) -> FrontEndLayer:
    return make_layer(settings)


def read_recording(path: str, visit: Callable[[NDArray[np.float32]], None] | None = None) -> Recording:
    """Read a sound file once.

    Parameters
    ----------
    path : str
        Its path.
    visit : callable, optional
        Called with each block of samples (n, C) in turn; all but the last have a multiple of 1024.

    Returns
    -------
    Recording

    Raises
    ------
    SoundError
        If the file can't be read.
    """
    blocks: list[NDArray[np.float32]] | None = []
    n_samples, sums = 0, 0.0
    with open_sound(path) as stream:
        n_block = max(WHOLE_SAMPLES // 2 // stream.n_channels, 1024) // 1024 * 1024
        block = stream.read(n_block)
        while len(block):
            n_samples += len(block)
            # Along contiguous rows, which takes a tenth of the time of a sum over the first axis.
            sums = sums + np.ascontiguousarray(block.T).sum(axis=1, dtype=np.float64)
            if visit is not None:
                visit(block)
            if blocks is not None:
                blocks.append(block)
                if n_samples * stream.n_channels > WHOLE_SAMPLES:
                    blocks = None
            block = stream.read(n_block) if len(block) == n_block else block[:0]
        samples = None if blocks is None else blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
        about = stream.sample_rate, stream.n_channels, n_samples, stream.description
    return Recording(path, *about, np.atleast_1d(sums), samples)


def refusal(recording: Recording, settings: FrontEndSettings) -> str:
    """Return the sentence that says why a layer does not take a recording; empty if it does."""
    name = repr(printable(recording.path))
    if isinstance(settings, BandSettings) and settings.mel.sampling_rate != recording.sample_rate:
        return (
            f"`file` must have the layer's sample rate, {settings.mel.sampling_rate:g} Hz; got {name} with "
            f"{recording.sample_rate:g} Hz. Resample it."
        )
    if count_frames(recording.n_samples, settings) == 0:
        return (
            f"`file` must have at least one frame of {settings.frame_length} samples; got {name} with "
            f"{recording.n_samples}."
        )
    return ""


def iter_values(recording: Recording, settings: FrontEndSettings) -> Iterator[Values]:
    """Yield the values of the layer for a recording, in the dtype of the result, some frames at a time.

    Parameters
    ----------
    recording : Recording
        A recording that the layer takes.
    settings : STFTSettings or BandSettings
        The settings of the layer.

    Yields
    ------
    ndarray (C, t, F)
        Values of the next frames.

    Raises
    ------
    ChangedFileError
        If the file has fewer samples than when it was read first.
    """
    if recording.samples is not None:
        samples = recording.samples if settings.channels_last else recording.samples.T
        output = _layer_of(settings)(np.ascontiguousarray(samples)[None])
        yield from_output(output, transform_of(settings), settings.n_outputs)[0]
    elif isinstance(settings, STFTSettings):
        yield from _iter_transforms(recording, settings)
    else:
        yield from finish_values(lambda: iter_bands(recording, settings.mel), settings)


def iter_bands(recording: Recording, settings: MelSettings) -> Iterator[Values]:
    """Yield the logarithms of bands, before the limit below the top and the normalization; see `iter_values`."""
    if recording.samples is not None:
        rows = np.ascontiguousarray(recording.samples.T)[None]
        shape = (1, recording.n_channels, count_band_frames(recording.n_samples, settings), settings.n_bands)
        values = np.empty(shape, settings.compute_dtype)
        pipeline.with_block(lambda n_block: pipeline.write_bands(values, rows, settings, n_block), rows, settings)
        yield values[0]
        return
    mean = [None] * recording.n_channels
    if settings.conventions.remove_mean == "signal":
        means = recording.sums / recording.n_samples * settings.conventions.gain
        mean = [*means.astype(settings.compute_dtype)]
    # The windows of a range of frames are as far from the ends of the samples as if there were no ends.
    before = -(-(settings.margin + settings.span + 1) // settings.step)
    after = settings.margin + settings.span + settings.step * (1 + settings.conventions.drop_last_frame)
    ranges = pipeline.chunk_ranges(count_band_frames(recording.n_samples, settings), settings)
    with _samples_of(recording) as window:
        for first, last in ranges:
            skipped = max(0, first - before)
            stop = window_start(first, settings) + window_extent(last - first, settings) + after
            samples = window.read(skipped * settings.step, min(stop, recording.n_samples))
            rows = np.ascontiguousarray(samples.T)
            frames = (first - skipped, last - skipped)
            yield np.stack(
                [pipeline.compute_frames(row, *frames, settings, mean[channel]) for channel, row in enumerate(rows)]
            )


def finish_values(bands: Callable[[], Iterator[Values]], settings: BandSettings) -> Iterator[Values]:
    """Yield the layer's values from its bands, which are computed once more for each statistic that they depend on."""
    with np.errstate(all="ignore"):
        statistics = collect_statistics(bands, settings.mel)
        for chunk in bands():
            yield finish_chunk(chunk, statistics, settings)


def finish_chunk(bands: Values, statistics: RowStatistics, settings: BandSettings) -> Values:
    """Return the layer's values from bands (C, t, n_bands) and the statistics of their recording."""
    values: Values = apply_statistics(bands, statistics, settings.mel)
    if isinstance(settings.layer, MFCC):
        compute_dtype = settings.compute_dtype
        values = values.astype(compute_dtype, copy=False) @ settings.layer.matrix.astype(compute_dtype)
    return values.astype(settings.result_dtype, copy=False)


def _iter_transforms(recording: Recording, settings: STFTSettings) -> Iterator[Values]:
    n_samples, n_channels = recording.n_samples, recording.n_channels
    n_frames, inner = count_frames(n_samples, settings), without_padding(settings)
    step = max(1, CHUNK_VALUES // settings.n_outputs)
    with _samples_of(recording) as window:
        for first in range(0, n_frames, step):
            last = min(first + step, n_frames)
            start = frame_start(first, n_samples, settings)
            stop = start + frames_extent(last - first, settings)
            begin, end = min(max(start, 0), n_samples), min(max(stop, 0), n_samples)
            # Zeros where frames reach into the padding.
            rows = np.zeros((1, n_channels, stop - start), np.float32)
            rows[0, :, begin - start : end - start] = window.read(begin, end).T
            inputs = rows.swapaxes(1, 2) if settings.channels_last else rows
            yield from_output(compute_spectrogram(inputs, inner), settings)[0]


@contextmanager
def _samples_of(recording: Recording) -> Iterator[_SampleWindow]:
    """Open a recording again, to read ranges of its samples."""
    with open_sound(recording.path) as stream:
        yield _SampleWindow(stream)


class _SampleWindow:
    """Ranges of the samples of an open file, whose begin does not decrease from one to the next."""

    def __init__(self, stream: SoundStream) -> None:
        self._stream = stream
        self._begin = 0
        self._held = np.empty((0, stream.n_channels), np.float32)

    def read(self, begin: int, end: int) -> NDArray[np.float32]:
        """Return samples `begin` to `end - 1`, shape (n, C)."""
        held = self._held[begin - self._begin :]
        # A step that is longer than a frame leaves samples out.
        skipped = max(0, begin - self._begin - len(self._held))
        missing = end - begin - len(held)
        if missing > 0:
            held = np.concatenate([held, self._stream.read(skipped + missing)[skipped:]])
        if len(held) < end - begin:
            raise ChangedFileError
        self._begin, self._held = begin, held
        return held[: end - begin]
