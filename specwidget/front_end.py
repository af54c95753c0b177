"""Front ends for whoever shows them: frames, shapes and layers of `STFTSettings` and of `BandSettings` alike.

Pictures, readouts and the explorer take settings of either kind, and ask here for what differs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import to_numpy
from specwidget.layer import STFTSpectrogram
from specwidget.mel import pipeline
from specwidget.mel import shapes as mel_shapes
from specwidget.mel.framing import mean_of_row
from specwidget.mel.inversion import magnitudes_from_powers, powers_from_logarithms
from specwidget.mel.mfcc import MFCC
from specwidget.mel.normalization import RowStatistics, apply_statistics, collect_statistics
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.spectrogram import Spectrogram
from specwidget.spectrogram import count_on_floor as count_stft_on_floor
from specwidget.stft import modes, shapes
from specwidget.stft.layout import from_output, to_output
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import Shape
from specwidget.stft.transform import TransformPath

TINY = 1e-30
"""Floor of magnitudes that are inverted, squared."""

MAX_STATISTICS = 64
"""Most channels whose statistics a layer remembers."""


def count_frames(n_samples: int, settings: FrontEndSettings) -> int:
    """Count the frames of a signal."""
    if isinstance(settings, BandSettings):
        return mel_shapes.count_frames(n_samples, settings.mel)
    return shapes.count_frames(n_samples, settings)


def frame_centre(frame: int, n_samples: int, settings: FrontEndSettings) -> float:
    """Compute the centre of the window of frame `t`, in samples."""
    if isinstance(settings, BandSettings):
        return mel_shapes.frame_centre(frame, settings.mel)
    return shapes.frame_centre(frame, n_samples, settings)


def frame_start(frame: int, n_samples: int, settings: FrontEndSettings) -> int:
    """Compute the sample at which the window of frame `t` starts."""
    if isinstance(settings, BandSettings):
        return mel_shapes.window_start(frame, settings.mel)
    return shapes.frame_start(frame, n_samples, settings)


def output_shape(input_shape: Shape, settings: FrontEndSettings) -> Shape:
    """Compute the shape of the result for an input with 3 axes."""
    if isinstance(settings, BandSettings):
        return settings.output_shape(input_shape)
    return shapes.output_shape(input_shape, settings)


def dropped_tail(n_samples: int, settings: FrontEndSettings) -> int:
    """Count the samples at the end that no frame covers."""
    if not isinstance(settings, BandSettings):
        return shapes.dropped_tail(n_samples, settings)
    n_frames = mel_shapes.count_frames(n_samples, settings.mel)
    end = mel_shapes.window_start(0, settings.mel) + mel_shapes.window_extent(n_frames, settings.mel)
    return max(0, n_samples - end) if n_frames else n_samples


def check_input_shape(input_shape: Shape, settings: FrontEndSettings) -> Shape:
    """Validate the shape of an input with 3 axes, and return it as (batch, time, channels)."""
    if isinstance(settings, BandSettings):
        return mel_shapes.check_input_shape(input_shape, settings.mel)
    return shapes.check_input_shape(input_shape, settings)


def floor_value(settings: FrontEndSettings) -> float | None:
    """Return the value at the floor of the mode; None where it has none, as bands have none that is counted."""
    return None if isinstance(settings, BandSettings) else modes.floor_value(settings)


def count_on_floor(values: Any, settings: FrontEndSettings) -> int:
    """Count the values at the floor of the mode; 0 where it has none."""
    return 0 if isinstance(settings, BandSettings) else count_stft_on_floor(values, settings)


def make_layer(settings: FrontEndSettings) -> FrontEndLayer:
    """Make the layer of settings."""
    return BandLayer(settings) if isinstance(settings, BandSettings) else STFTSpectrogram.from_settings(settings)


@dataclass(frozen=True)
class _Row:
    """What the values of a channel depend on besides the samples of their frame."""

    samples: Any
    mean: Any
    statistics: RowStatistics


class BandLayer:
    """A mel spectrogram or MFCC whose frames can be computed one by one, as those of `STFTSpectrogram`.

    The limit below the top and the normalization depend on the whole recording: their statistics are computed once for
    each channel. NumPy computes, whatever the backend.

    Parameters
    ----------
    settings : BandSettings
        The settings.
    """

    path: TransformPath = "fft"

    def __init__(self, settings: BandSettings) -> None:
        self.settings = settings
        self._rows: list[_Row] = []
        self._lock = threading.Lock()

    @property
    def layer(self) -> Any:
        """The `MelSpectrogram` or `MFCC` itself."""
        return self.settings.layer

    def __call__(self, inputs: Any) -> Any:
        """Compute the whole result."""
        return self.settings.layer(inputs)

    def backend_for(self, _inputs: Any) -> tuple[str, str]:
        """Return the library that computes, and no reason why."""
        return "NumPy", ""

    def spectrogram(self, inputs: Any, sample_rate: float | None = None) -> BandSpectrogram:
        """Compute the whole result, with its axes."""
        started = time.perf_counter()
        values = self(inputs)
        seconds = time.perf_counter() - started
        n_samples = int(inputs.shape[1 if self.settings.channels_last else 2])
        settings: Any = self.settings
        return BandSpectrogram(values, settings, n_samples, sample_rate, seconds=seconds)

    def frames(
        self,
        inputs: Any,
        first: int,
        last: int,
        *,
        reuse_buffer: bool = False,
        computed_by: set[tuple[str, str]] | None = None,
    ) -> Any:
        """Compute frames `first` to `last - 1` of one channel; see `STFTSpectrogram.frames`."""
        del reuse_buffer
        row = self._row(inputs)
        values = pipeline.compute_frames(row.samples, first, last, self.settings.mel, row.mean)
        return self._finish(values, row.statistics, computed_by)

    def frames_at(self, inputs: Any, frames: Sequence[int], *, computed_by: set[tuple[str, str]] | None = None) -> Any:
        """Compute some frames of one channel, which is a preview: the statistics of a recording are those of them.

        Where the statistics of the whole recording are known, the values are exact.
        """
        samples, mel = self._samples(inputs), self.settings.mel
        known = self._known(samples)
        mean = mean_of_row(samples, mel) if known is None else known.mean
        values = np.concatenate([pipeline.compute_frames(samples, t, t + 1, mel, mean) for t in frames])
        statistics = collect_statistics(lambda: [values], mel) if known is None else known.statistics
        return self._finish(values, statistics, computed_by)

    def magnitudes(self, inputs: Any, first: int, last: int) -> NDArray[np.float32]:
        """Estimate the magnitudes of bins (last - first, F) of some frames of one channel from their values alone."""
        samples, settings = self._samples(inputs), self.settings
        values = pipeline.compute_frames(samples, first, last, settings.mel, mean_of_row(samples, settings.mel))
        powers = powers_from_logarithms(values, settings)
        return magnitudes_from_powers(powers, settings.mel).astype(np.float32)

    @property
    def magnitude_settings(self) -> STFTSettings:
        """Settings of an STFT with magnitudes of these frames, and nothing before the first and after the last."""
        transform = self.settings.transform
        return replace(transform, mode="magnitude", padding="valid", data_format=None, dtype="float32", epsilon=TINY)

    def _finish(self, values: Any, statistics: RowStatistics, computed_by: set[tuple[str, str]] | None) -> Any:
        settings = self.settings
        with np.errstate(all="ignore"):
            finished = apply_statistics(values, statistics, settings.mel).astype(settings.compute_dtype, copy=False)
            if isinstance(settings.layer, MFCC):
                finished = finished @ settings.layer.matrix.astype(settings.compute_dtype)
        if computed_by is not None:
            computed_by.add(self.backend_for(values))
        return to_output(finished.astype(settings.result_dtype, copy=False)[None, None], settings.transform)

    def _samples(self, inputs: Any) -> Any:
        return to_numpy(inputs).reshape(-1)

    def _known(self, samples: Any) -> _Row | None:
        # The array is held, so that no other can have its address.
        where = samples.__array_interface__
        return next((row for row in tuple(self._rows) if row.samples.__array_interface__ == where), None)

    def _row(self, inputs: Any) -> _Row:
        samples, mel = self._samples(inputs), self.settings.mel
        with self._lock:
            row = self._known(samples)
            if row is None:
                statistics = RowStatistics()
                if mel.has_statistics:
                    with np.errstate(all="ignore"):
                        statistics = pipeline.with_block(
                            lambda n_block: collect_statistics(pipeline.iter_values(samples, mel, n_block)[1], mel),
                            samples,
                            mel,
                        )
                row = _Row(samples, mean_of_row(samples, mel), statistics)
                self._rows = [*self._rows[-MAX_STATISTICS:], row]
        return row


FrontEndLayer = STFTSpectrogram | BandLayer
"""A layer of either kind."""


class BandSpectrogram(Spectrogram):
    """A mel spectrogram or MFCC with its axes and metadata; see `Spectrogram`.

    The frequencies are the centres of the bands, Hz; those of coefficients are their numbers, as they have none.
    """

    settings: Any

    @property
    def times(self) -> NDArray[np.float64]:
        """Centres of the frames, shape (T,), in seconds."""
        centres = frame_centre(0, self.n_samples, self.settings) + np.arange(self.n_frames) * float(self.settings.step)
        return np.asarray(centres / (self.sample_rate or 1.0), dtype=np.float64)

    @property
    def frequencies(self) -> NDArray[np.float64]:
        """Centres of the bands, shape (M,), in Hz; numbers of the coefficients, shape (K,)."""
        if self.settings.cepstrum is None:
            return np.array(self.settings.mel.bank.centres)
        return np.asarray(self.settings.coefficient_numbers, dtype=np.float64)

    def decibels(self, batch: int = 0, channel: int = 0) -> NDArray[Any]:
        """Return one channel of one batch item in decibels; see `band_decibels`."""
        return band_decibels(self.channel_values(batch, channel), self.settings)

    def floor_share(self) -> float | None:
        """Return None: bands have no floor that is counted."""
        return None

    def _with_internal_axes(self) -> Any:
        return from_output(self.values, self.settings.transform, self.settings.n_outputs)


def band_decibels(values: NDArray[Any], settings: BandSettings) -> NDArray[Any]:
    """Convert bands without a logarithm to decibels.

    Parameters
    ----------
    values : ndarray
        Values of bands.
    settings : BandSettings
        Settings of a mel spectrogram.

    Returns
    -------
    ndarray
        ``20 / mag_exp log10`` of the values, dB; values that are decibels already stay as they are.

    Raises
    ------
    ValueError
        If the values have no decibels.
    """
    if not has_decibels(settings):
        raise ValueError("`stage` must be 'mel', without normalization, for decibels.")
    if settings.mel.power_to_db:
        return values
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log10(values) * (20.0 / settings.mel.mag_exp), dtype=values.dtype)


def has_decibels(settings: BandSettings) -> bool:
    """Return whether values are decibels, or powers or magnitudes that can be converted to them."""
    mel, conventions = settings.mel, settings.mel.conventions
    is_level = conventions.logarithm == "db" if mel.power_to_db else mel.mag_exp in (1.0, 2.0)
    return settings.cepstrum is None and is_level and conventions.normalization is None
