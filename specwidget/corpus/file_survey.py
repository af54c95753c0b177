"""The survey of one file, and of a batch of files in one task."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import numpy as np

from specwidget.corpus.features import (
    ChangedFileError,
    Recording,
    Values,
    finish_chunk,
    iter_bands,
    iter_values,
    read_recording,
    refusal,
    settings_of,
)
from specwidget.corpus.levels import DECIBEL_WIDTH, PLAIN_WIDTH, floor_of, has_levels, to_levels, without_floor
from specwidget.corpus.listing import ListedFile
from specwidget.corpus.statistics import Histogram, Moments, SampleStatistics
from specwidget.mel.normalization import collect_statistics
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.sounds import SoundError
from specwidget.stft.pipeline import one_thread


@dataclass(frozen=True)
class FileSurvey:
    """What a survey found of a file.

    Parameters
    ----------
    path : str
        Its path.
    size, time : int
        Its size, bytes, and its time of modification, ns, when it was listed.
    problem : str
        Why it can't be read; empty if it can. The other values are 0 if it can't.
    duration : float
        Seconds.
    sample_rate : float
        Hz.
    channels : int
        Number of channels.
    format : str
        Format and encoding.
    peak : float
        Largest magnitude, of a full scale of 1.
    clipped : float
        Share of the samples whose magnitude is at least 0.999.
    mean : float
        Mean of the samples (DC), of the channel where it is farthest from 0.
    silence : float
        Share of the samples in segments of 1024 that stay below -60 dB.
    not_finite : int
        Number of samples that are NaN or infinite.
    n_frames : int
        Frames of the layer, of each channel; 0 without a layer.
    refused : str
        Why the layer does not take the file, such as one that is shorter than a frame; empty if it does.
    floor_share : float
        Share of the values on the layer's floor, or limited to `top_db` below the largest.
    level : float
        Mean of the values.
    """

    path: str
    size: int
    time: int
    problem: str = ""
    duration: float = 0.0
    sample_rate: float = 0.0
    channels: int = 0
    format: str = ""
    peak: float = 0.0
    clipped: float = 0.0
    mean: float = 0.0
    silence: float = 0.0
    not_finite: int = 0
    n_frames: int = 0
    refused: str = ""
    floor_share: float = 0.0
    level: float = 0.0


@dataclass(frozen=True)
class Totals:
    """What a survey adds up over files: moments of the bins, levels, and values on the floor."""

    moments: Moments | None = None
    histogram: Histogram | None = None
    n_values: int = 0
    n_floor: int = 0

    def __add__(self, other: Totals) -> Totals:
        """Return the totals of both."""
        if self.moments is None or self.histogram is None:
            return other
        if other.moments is None or other.histogram is None:
            return self
        return Totals(
            self.moments + other.moments,
            self.histogram + other.histogram,
            self.n_values + other.n_values,
            self.n_floor + other.n_floor,
        )


@dataclass(frozen=True)
class BatchSurvey:
    """The survey of a batch of files."""

    files: tuple[FileSurvey, ...] = ()
    totals: Totals = field(default_factory=Totals)

    def __add__(self, other: BatchSurvey) -> BatchSurvey:
        """Return the survey of both."""
        return BatchSurvey(self.files + other.files, self.totals + other.totals)


def survey_batch(files: tuple[ListedFile, ...], document: str | None) -> BatchSurvey:
    """Survey a batch of files, one after another in one thread.

    Parameters
    ----------
    files : tuple of ListedFile
        The files.
    document : str or None
        Settings of a layer.

    Returns
    -------
    BatchSurvey
    """
    settings = None if document is None else settings_of(document)
    with one_thread():
        return reduce(BatchSurvey.__add__, (survey_file(file, settings) for file in files), BatchSurvey())


def survey_file(file: ListedFile, settings: FrontEndSettings | None) -> BatchSurvey:
    """Survey a file."""
    statistics = SampleStatistics()
    totals, found = Totals(), dict[str, Any]()
    try:
        recording = read_recording(file.path, statistics.add)
        if settings is not None and not (refused := refusal(recording, settings)):
            totals = survey_values(recording, settings)
            found = _describe_values(totals, recording)
        elif settings is not None:
            found = {"refused": refused}
        problem = file.change()
    except (SoundError, OSError) as error:
        problem = file.change() or str(error)
    except ChangedFileError:
        problem = file.change() or f"`file` must stay as it is while it is read; got {file.path!r}."
    # Whatever a file holds stops no others.
    except (ValueError, MemoryError, ArithmeticError) as error:
        reason = f"{type(error).__name__}: {error}"
        problem = file.change() or f"`file` must have values that can be computed; got {file.path!r} ({reason})."
    if problem:
        return BatchSurvey((FileSurvey(file.path, file.size, file.time, problem),))
    size = statistics.size
    means = np.nan_to_num(recording.sums / recording.n_samples, posinf=0.0, neginf=0.0)
    about: dict[str, Any] = {
        "duration": recording.n_samples / recording.sample_rate,
        "sample_rate": recording.sample_rate,
        "channels": recording.n_channels,
        "format": recording.description,
        "peak": statistics.peak,
        "clipped": statistics.n_clipped / size,
        "mean": float(means[np.abs(means).argmax()]),
        "silence": statistics.n_silent / size,
        "not_finite": statistics.n_not_finite,
    }
    return BatchSurvey((FileSurvey(file.path, file.size, file.time, **about, **found),), totals)


def survey_values(recording: Recording, settings: FrontEndSettings) -> Totals:
    """Survey the values of a layer for a recording that it takes."""
    floor, bare = floor_of(settings), without_floor(settings)
    lowest = -np.inf if floor is None else floor.value
    width = DECIBEL_WIDTH if has_levels(settings) else PLAIN_WIDTH
    if not isinstance(settings, BandSettings):
        parts = []
        for values in iter_values(recording, bare):
            levels = Histogram.of(to_levels(values, bare), width)
            n_floor = int(np.count_nonzero(values <= np.asarray(lowest, values.dtype)))
            floored = np.maximum(values, np.asarray(lowest, values.dtype))
            parts.append(Totals(Moments.of(floored), levels, values.size, n_floor))
        return reduce(Totals.__add__, parts)
    return _survey_bands(recording, settings, bare, lowest)


def _survey_bands(recording: Recording, settings: BandSettings, bare: Any, lowest: float) -> Totals:
    # A recording that is held is transformed once.
    held = [*iter_bands(recording, bare.mel)] if recording.samples is not None else None

    def bare_bands() -> Iterator[Values]:
        return iter_bands(recording, bare.mel) if held is None else iter(held)

    def bands() -> Iterator[Values]:
        return (np.maximum(chunk, np.asarray(lowest, chunk.dtype)) for chunk in bare_bands())

    with np.errstate(all="ignore"):
        statistics = collect_statistics(bands, settings.mel)
        limit = np.asarray(lowest, settings.compute_dtype)
        if settings.mel.top is not None:
            limit = np.maximum(limit, statistics.largest - settings.mel.top)
        parts = []
        for chunk in bare_bands():
            values = np.maximum(chunk, np.asarray(lowest, chunk.dtype))
            parts.append(
                Totals(
                    Moments.of(finish_chunk(values, statistics, settings)),
                    Histogram.of(to_levels(chunk, bare), DECIBEL_WIDTH),
                    values.size,
                    int(np.count_nonzero(values <= limit)),
                )
            )
    return reduce(Totals.__add__, parts)


def _describe_values(totals: Totals, recording: Recording) -> dict[str, Any]:
    assert totals.moments is not None
    return {
        "n_frames": totals.moments.count // recording.n_channels,
        "floor_share": totals.n_floor / totals.n_values,
        "level": float(totals.moments.mean.mean()),
    }
