"""`write`: the features of all recordings of a corpus, once, in a Zarr store."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.corpus.features import (
    ChangedFileError,
    Recording,
    iter_values,
    read_recording,
    refusal,
    settings_document,
    settings_of,
)
from specwidget.corpus.listing import ListedFile, list_files, make_batches
from specwidget.corpus.store import (
    PartWriter,
    Stored,
    check_place,
    clear_unfinished,
    keep_only,
    locked,
    open_store,
    read_parts,
    real_path,
)
from specwidget.corpus.surveying import LOST, Survey, paths_of
from specwidget.corpus.tasks import connected, run_batches
from specwidget.front_end import count_frames
from specwidget.mel.stages import FrontEndSettings
from specwidget.sounds import SoundError
from specwidget.stft.formatting import printable
from specwidget.stft.pipeline import one_thread
from specwidget.stft.settings import check_integer

PART_BYTES = 2**24
"""Size of the values that a task holds before it writes a part."""


@dataclass(frozen=True)
class WriteReport:
    """What `specwidget.corpus.write` did.

    Parameters
    ----------
    n_written : int
        Recordings that were written.
    n_kept : int
        Recordings that were whole in the store already.
    problems : dict of str to str
        Why files were not written, by path.
    """

    n_written: int
    n_kept: int
    problems: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the numbers, and a line for each file that was not written."""
        head = f"{self.n_written} recordings written, {self.n_kept} kept, {len(self.problems)} not written."
        return "\n".join([head, *map(printable, self.problems.values())])


@dataclass(frozen=True)
class BatchReport:
    """What a task did."""

    n_written: int = 0
    problems: dict[str, str] = field(default_factory=dict)


def write(
    files: Any,
    layer: Any,
    store: str | os.PathLike[str],
    *,
    client: Any = None,
    chunks: int | None = None,
    resume: bool = True,
    by_content: bool = False,
    progress: bool = True,
) -> WriteReport:
    """Write the values of a layer for all recordings of a corpus to a Zarr store.

    Parameters
    ----------
    files : path, glob, folder, table, iterable of paths, or Survey
        The files, as for `survey`. Of a survey, the files that it could read are written; one that has changed since is
        reported.
    layer : STFTSpectrogram, MelSpectrogram, MFCC, FrontEnd or settings
        The layer, with Fourier kernels. Of a `FrontEnd` it is the layer, without what the original does before and
        after it. A layer of bands takes files of its sample rate only.
    store : path
        Folder of the store, on a file system that all workers see.
    client : distributed.Client, optional
        As for `survey`.
    chunks : int, optional
        Frames in a chunk, the least that is read; None is as many as take 256 KiB.
    resume : bool, default True
        Whether to continue in a store that exists.
    by_content : bool, default False
        Whether a recording is kept if the content of its file is the same (SHA-256), whatever its time; each file is
        then read once more. By default its size and time must be the same.
    progress : bool, default True
        Whether to show a progress bar.

    Returns
    -------
    WriteReport

    Raises
    ------
    ValueError
        If there is no file, the layer has trained kernels, or the store has other settings.
    specwidget.corpus.CorpusError
        If the store is being written by another process or can't be written, as on a full disk, if the scheduler is
        lost, or Dask is missing. What is whole is kept.

    Notes
    -----
    The values are those of a call of the layer with samples (1, L, C), bit for bit; those of bands with one thread of
    BLAS, as workers have. A task holds at most a few minutes of sound, however long a file is.

    A recording is in the store as soon as the part that it belongs to is whole. Killed at any point, the next call
    keeps what is whole and does the rest. Recordings of files that have changed are replaced.
    """
    if chunks is not None and check_integer("chunks", chunks) < 1:
        raise ValueError(f"`chunks` must be at least 1; got {chunks}.")
    document = settings_document(layer)
    listed = paths_of(files.readable) if isinstance(files, Survey) else list_files(files)
    if not listed:
        raise ValueError("`files` must have at least 1 file that can be read; got a survey without any.")
    path = real_path(store)
    check_place(path)
    with locked(path):
        open_store(path, document, resume=resume)
        clear_unfinished(path)
        pending = _plan(path, listed, by_content=by_content)
        batches = make_batches(pending)
        n_written, problems = 0, dict[str, str]()
        if batches:
            arguments = (str(path), document, chunks, by_content)
            with connected(client, len(batches)) as connection:
                runs = run_batches(
                    connection, write_batch, batches, arguments, _write_lost, progress=progress, title="write"
                )
                for _, report in runs:
                    n_written += report.n_written
                    problems |= report.problems
    return WriteReport(n_written, len(listed) - len(pending), problems)


def write_batch(
    files: tuple[ListedFile, ...], store: str, document: str, chunks: int | None, by_content: bool
) -> BatchReport:
    """Write the features of a batch of files, one after another in one thread.

    A task that is repeated, as the worker died that had it, finds what the first one finished.
    """
    path, settings = Path(store), settings_of(document)
    base = _digest(files)
    done = {each.path for name, part in read_parts(path, base).items() for each in part}
    problems: dict[str, str] = {}
    writer = _BatchWriter(path, base, settings, chunks)
    n_done = len(done)
    with one_thread():
        for file in files:
            if file.path not in done and (problem := writer.write(file, by_content=by_content)):
                problems[file.path] = problem
    writer.flush()
    return BatchReport(n_done + writer.n_written, problems)


class _BatchWriter:
    """Collects the values of short recordings in parts, and writes long ones to a part of their own."""

    def __init__(self, path: Path, base: str, settings: FrontEndSettings, chunks: int | None) -> None:
        self.n_written = 0
        self._path, self._base, self._settings, self._chunks = path, base, settings, chunks
        self._held: list[tuple[Stored, NDArray[Any]]] = []

    def write(self, file: ListedFile, *, by_content: bool) -> str:
        """Write a recording, or hold it; return why it can't be, or an empty text."""
        try:
            digest = _content_digest(file.path) if by_content else ""
            recording = read_recording(file.path)
            if problem := refusal(recording, self._settings) or file.change():
                return problem
            n_frames = count_frames(recording.n_samples, self._settings)
            stored = Stored(file.path, file.size, file.time, 0, n_frames, recording.sample_rate, digest)
            if recording.samples is None:
                return self._write_long(file, recording, stored)
            values = np.concatenate([*iter_values(recording, self._settings)], axis=1).transpose(1, 0, 2)
            if problem := file.change():
                return problem
        except (SoundError, OSError) as error:
            return file.change() or str(error)
        # Whatever a file holds stops no others.
        except (ValueError, MemoryError, ArithmeticError) as error:
            reason = f"{type(error).__name__}: {error}"
            return file.change() or f"`file` must have values that can be computed; got {file.path!r} ({reason})."
        if self._held and self._held[0][1].shape[1:] != values.shape[1:]:
            self.flush()
        self._held.append((stored, values))
        if sum(each.nbytes for _, each in self._held) >= PART_BYTES:
            self.flush()
        return ""

    def flush(self) -> None:
        """Write the recordings that are held as a part."""
        if not self._held:
            return
        first, recordings = 0, []
        for stored, _ in self._held:
            recordings.append(_at(stored, first))
            first += stored.n_frames
        writer = self._part(recordings, self._held[0][1])
        for _, values in self._held:
            writer.add(values)
        writer.finish(recordings)
        self.n_written += len(recordings)
        self._held = []

    def _write_long(self, file: ListedFile, recording: Recording, stored: Stored) -> str:
        writer = None
        try:
            for values in iter_values(recording, self._settings):
                frames = values.transpose(1, 0, 2)
                writer = writer or self._part([stored], frames)
                writer.add(frames)
        except ChangedFileError:
            return file.change() or f"`file` must stay as it is while it is read; got {printable(file.path)!r}."
        if problem := file.change():
            return problem
        assert writer is not None
        writer.finish([stored])
        self.n_written += 1
        return ""

    def _part(self, recordings: list[Stored], like: NDArray[Any]) -> PartWriter:
        n_frames = sum(each.n_frames for each in recordings)
        # Named by what is in it, so that a task that is repeated writes to the same one.
        name = f"{self._base}-{_digest(recordings)}"
        return PartWriter(self._path, name, (n_frames, *like.shape[1:]), like.dtype.name, self._chunks)


def _at(stored: Stored, first: int) -> Stored:
    return Stored(stored.path, stored.size, stored.time, first, stored.n_frames, stored.sample_rate, stored.sha256)


def _plan(path: Path, files: list[ListedFile], *, by_content: bool) -> list[ListedFile]:
    """Return the files that are not whole in the store, after what is stored of changed ones has been dropped."""
    wanted = {file.path: file for file in files}
    kept: set[str] = set()
    for name, part in read_parts(path).items():
        left = tuple(each for each in part if each.path not in kept and _is_valid(each, wanted, by_content=by_content))
        if len(left) < len(part):
            keep_only(path, name, left)
        kept |= {each.path for each in left}
    return [file for file in files if file.path not in kept]


def _is_valid(stored: Stored, wanted: dict[str, ListedFile], *, by_content: bool) -> bool:
    """Return whether a recording is still that of its file; one that is not asked for now is left as it is."""
    file = wanted.get(stored.path)
    if file is None:
        return True
    if not by_content:
        return stored.is_of(file)
    return file.size == stored.size and bool(stored.sha256) and _content_digest(file.path) == stored.sha256


def _write_lost(file: ListedFile) -> BatchReport:
    return BatchReport(problems={file.path: LOST.format(printable(file.path))})


def _digest(files: tuple[ListedFile, ...] | list[Stored]) -> str:
    """Return a name for some files as they are."""
    names = "\n".join(f"{file.path}\0{file.size}\0{file.time}" for file in files)
    return hashlib.sha256(names.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _content_digest(path: str) -> str:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
