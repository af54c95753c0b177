"""The Zarr store of features: its parts, what is in each, and who may write.

A store is a Zarr group with a group `parts`. A part is an array (frames, channels, values) in which recordings lie one
after another along the frames; its attribute "recordings" names them and is written last, so a part that has it is
whole. Parts are made by one task each, in one shard or a few: 10^5 short recordings take about 10,000 files and folders
instead of 600,000 with an array for each, and a small part of the time; `docs/corpus.md` has the figures.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget import __version__
from specwidget.corpus.listing import ListedFile
from specwidget.corpus.tasks import CorpusError
from specwidget.mel.stages import FrontEndSettings, settings_from_json, values_of
from specwidget.stft.formatting import printable, short_repr

KIND = "features"
SCHEMA = 1

CHUNK_BYTES = 2**18
"""Size of a chunk, which is read as a whole."""

SHARD_BYTES = 2**23
"""Size from which on a shard, which is a file, is written."""

LOCK_NAME = ".lock"
"""File in the store that is locked by whoever writes it."""


@dataclass(frozen=True)
class Stored:
    """A recording in a part.

    Parameters
    ----------
    path : str
        Its path, as it was given.
    size, time : int
        Size, bytes, and time of modification, ns, of the file that was read.
    first, n_frames : int
        Its first frame in the part, and how many it has.
    sample_rate : float
        Sample rate, Hz.
    sha256 : str
        Digest of the file's content; empty if it was not asked for.
    """

    path: str
    size: int
    time: int
    first: int
    n_frames: int
    sample_rate: float
    sha256: str = ""

    def is_of(self, file: ListedFile) -> bool:
        """Return whether it was made of the file as it is, by size and time."""
        return (self.path, self.size, self.time) == (file.path, file.size, file.time)


def check_place(path: Path) -> None:
    """Raise `ValueError` if there is something else where a store is to be."""
    is_other = path.is_dir() and {LOCK_NAME, "parts"} < {each.name for each in path.iterdir()} | {LOCK_NAME, "parts"}
    if path.is_file() or (is_other and not (path / "zarr.json").exists()):
        raise ValueError(f"`store` must be a new folder or a store of features; got {printable(str(path))!r}.")


def open_store(path: Path, document: str, *, resume: bool) -> None:
    """Make a store for the settings of a layer, or check that an existing one has them.

    Parameters
    ----------
    path : Path
        Folder of the store.
    document : str
        Settings of the layer.
    resume : bool
        Whether there may be one already.

    Raises
    ------
    ValueError
        If there is a store with other settings; the message names them.
    """
    import zarr

    if not (path / "zarr.json").exists():
        about = {"specwidget": KIND, "schema": SCHEMA, "version": __version__, "settings": document}
        with _space(path):
            zarr.create_group(path / "parts", overwrite=True)
            zarr.create_group(path, attributes=about)
        return
    if not resume:
        raise ValueError(f"`store` must not exist with resume=False; got {printable(str(path))!r}. Delete it.")
    found = read_document(path)
    if found != document:
        differences = describe_differences(settings_from_json(found), settings_from_json(document))
        raise ValueError(
            f"`layer` must have the settings of the store {printable(str(path))!r}; {differences}. "
            "Choose another store, or delete this one."
        )


def read_document(path: Path) -> str:
    """Return the settings of a store."""
    import zarr

    try:
        attributes = zarr.open_group(path, mode="r").attrs.asdict()
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"`store` must be a store of features; got {printable(str(path))!r}.") from error
    if attributes.get("specwidget") != KIND or attributes.get("schema") != SCHEMA:
        raise ValueError(f"`store` must be a store of features of this version; got {printable(str(path))!r}.")
    return str(attributes["settings"])


def describe_differences(stored: FrontEndSettings, given: FrontEndSettings) -> str:
    """Return in words in what settings differ: "it has frame_length=400, the layer 512"."""
    mine, theirs = values_of(given), values_of(stored)
    rates = [getattr(getattr(each, "mel", None), "sampling_rate", None) for each in (given, stored)]
    mine["sampling_rate"], theirs["sampling_rate"] = rates
    common = [name for name in theirs if name in mine]
    names = [name for name in common if not _is_equal(theirs[name], mine[name])]
    return "; ".join(f"it has {name}={short_repr(theirs[name])}, the layer {short_repr(mine[name])}" for name in names)


def _is_equal(first: Any, second: Any) -> bool:
    return bool(np.array_equal(first, second)) if isinstance(first, np.ndarray) else first == second


def read_parts(path: Path, prefix: str = "") -> dict[str, tuple[Stored, ...]]:
    """Return the recordings of each whole part by its name, of those that begin with a prefix."""
    import zarr

    parts = {}
    for folder in sorted((path / "parts").glob(f"{prefix}*")):
        if not (folder / "zarr.json").exists():
            continue
        recordings = zarr.open_array(folder, mode="r").attrs.get("recordings")
        if recordings is not None:
            parts[folder.name] = tuple(Stored(**each) for each in recordings)
    return parts


def clear_unfinished(path: Path) -> None:
    """Delete the parts that a killed run has left."""
    whole = read_parts(path)
    for folder in (path / "parts").iterdir():
        if folder.is_dir() and folder.name not in whole:
            # Without its metadata first, so that a task that may still write to it can't finish it.
            (folder / "zarr.json").unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)


def keep_only(path: Path, name: str, kept: tuple[Stored, ...]) -> None:
    """Let a part have some of its recordings only; one without any is deleted."""
    import zarr

    if kept:
        zarr.open_array(path / "parts" / name, mode="r+").attrs["recordings"] = [asdict(each) for each in kept]
    else:
        (path / "parts" / name / "zarr.json").unlink()
        shutil.rmtree(path / "parts" / name)


class PartWriter:
    """Writes a part: frames of known number, block by block, and at its end the names of its recordings.

    Parameters
    ----------
    path : Path
        Folder of the store.
    name : str
        Name of the part.
    shape : tuple of int
        Frames, channels, values.
    dtype : str
        Dtype of the values.
    chunks : int or None
        Frames in a chunk; None for `CHUNK_BYTES`.
    """

    def __init__(self, path: Path, name: str, shape: tuple[int, int, int], dtype: str, chunks: int | None) -> None:
        import zarr

        n_frames, *inner = shape
        frame_bytes = int(np.prod(inner)) * np.dtype(dtype).itemsize
        chunk = min(chunks or max(1, CHUNK_BYTES // frame_bytes), max(n_frames, 1))
        self.shard = max(1, min(SHARD_BYTES // (chunk * frame_bytes), -(-n_frames // chunk))) * chunk
        self._path, self._name, self._folder = path, name, path / "parts" / name
        self._written, self._held, self._n_held = 0, [], 0  # type: int, list[NDArray[Any]], int
        with _space(path):
            self._array = zarr.create_array(
                self._folder,
                shape=shape,
                chunks=(chunk, *inner),
                shards=(self.shard, *inner),
                dtype=dtype,
                # By zstd, log mel spectrograms of speech get 8 % smaller.
                compressors=None,
                # A chunk that is missing is seen.
                fill_value=np.nan,
                overwrite=True,
            )

    def add(self, values: NDArray[Any]) -> None:
        """Append values (frames, channels, values); whole shards are written at once."""
        self._held.append(values)
        self._n_held += len(values)
        if self._n_held >= self.shard:
            joined = np.concatenate(self._held)
            whole = self._n_held // self.shard * self.shard
            self._write(joined[:whole])
            self._held, self._n_held = [joined[whole:].copy()], self._n_held - whole

    def finish(self, recordings: list[Stored]) -> None:
        """Write what is left, and name the recordings, with which the part is whole."""
        if self._n_held:
            self._write(np.concatenate(self._held))
        with _space(self._path):
            if not (self._folder / "zarr.json").exists():
                raise CorpusError(f"The part {self._name} was deleted while it was written, by another run.")
            self._array.attrs["recordings"] = [asdict(each) for each in recordings]

    def _write(self, values: NDArray[Any]) -> None:
        with _space(self._path):
            self._array[self._written : self._written + len(values)] = values
        self._written += len(values)


@contextmanager
def _space(path: Path) -> Iterator[None]:
    """Say in a sentence that a store can't be written."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        advice = "Free some space" if is_full else "Make it writable"
        raise CorpusError(
            f"`store` must be in a folder that can be written; got {printable(str(path))!r} ({error.strerror}). "
            f"What is whole is kept. {advice}, and call write again to continue."
        ) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Own a store; it ends with the process, however that ends.

    Raises
    ------
    CorpusError
        If another process owns it.
    """
    import filelock

    with _space(path):
        path.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path / LOCK_NAME, blocking=False)
    with _space(path):
        try:
            lock.acquire()
        except filelock.Timeout as error:
            raise CorpusError(
                f"`store` must have one writer at a time; got {printable(str(path))!r}, which another process is "
                "writing. Wait for it, or write to another store."
            ) from error
    try:
        yield
    finally:
        lock.release()


def real_path(store: str | os.PathLike[str]) -> Path:
    """Return the folder of a store as workers find it, whatever folder they run in."""
    return Path(os.path.abspath(os.fspath(store)))  # noqa: PTH100  # a link stays a link
