"""The files of a corpus: from paths, a glob, a folder or a table to a list, and what tells a changed file."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from specwidget.sounds.audio_files import EXTENSIONS
from specwidget.stft.formatting import printable, short_repr

BATCH_FILES = 64
"""Most files of a batch, the work of one task."""

BATCH_BYTES = 2**26
"""Size from which on files begin a new batch; one of a long file has no other."""

LOOKUP_THREADS = 32
"""Files that are looked up at the same time."""


@dataclass(frozen=True)
class ListedFile:
    """A file as it was when it was listed.

    Parameters
    ----------
    path : str
        Its path as it was given; bytes that are not text are surrogates, as Python's functions for files expect.
    size : int
        Its size, bytes; -1 if there was no such file.
    time : int
        Its time of modification, ns.
    """

    path: str
    size: int
    time: int

    @classmethod
    def of(cls, path: str) -> ListedFile:
        """Look a file up."""
        try:
            status = Path(path).stat()
        # A ValueError is a name with a null character, which no file has.
        except (OSError, ValueError):
            return cls(path, -1, 0)
        return cls(path, status.st_size, status.st_mtime_ns)

    def change(self) -> str:
        """Return the sentence that says how the file has changed since; empty if it has not."""
        now = ListedFile.of(self.path)
        if now == self or self.size < 0:
            return ""
        shown = repr(printable(self.path))
        if now.size < 0:
            return f"`file` must stay where it was listed; got {shown}, which has vanished since."
        return (
            f"`file` must stay as it was listed; got {shown}, which has changed since "
            f"(from {self.size} to {now.size} bytes). List or survey it again."
        )


def list_files(files: Any) -> list[ListedFile]:
    """List the files of a corpus.

    Parameters
    ----------
    files : path, glob, folder, table or iterable of paths
        A folder stands for the sound files in it and in all folders below, by extension, in the order of their names;
        folders behind symbolic links are listed, too, each once. A pattern such as ``"train/**/*.flac"`` stands for
        what it matches. A table is a mapping, or a frame of pandas, polars or pyarrow, with a column "path". Named
        files need not exist.

    Returns
    -------
    list of ListedFile
        Each path once, in the order in which they are first named.

    Raises
    ------
    ValueError
        If there is no file, or a table has no column "path".
    TypeError
        If `files` is none of these.
    """
    paths = dict.fromkeys(os.fspath(path) if isinstance(path, os.PathLike) else path for path in _paths(files))
    for path in paths:
        if not isinstance(path, str):
            raise TypeError(f"`files` must have paths as str or path-like; got {short_repr(path)}.")
    if not paths:
        raise ValueError(
            f"`files` must name at least 1 sound file ({', '.join(sorted(EXTENSIONS))} in a folder); "
            f"got {short_repr(files)}, which has none."
        )
    # On a network each answer takes milliseconds: one after another, 10^5 files would take a quarter of an hour.
    with ThreadPoolExecutor(min(LOOKUP_THREADS, len(paths))) as threads:
        return list(threads.map(ListedFile.of, paths))


def make_batches(files: Iterable[ListedFile]) -> list[tuple[ListedFile, ...]]:
    """Divide files into batches by their number and size alone, so that any number of workers has the same ones."""
    batches: list[tuple[ListedFile, ...]] = []
    batch: list[ListedFile] = []
    n_bytes = 0
    for file in files:
        if batch and (len(batch) == BATCH_FILES or n_bytes + file.size > BATCH_BYTES):
            batches.append(tuple(batch))
            batch, n_bytes = [], 0
        batch.append(file)
        n_bytes += max(file.size, 0)
    return [*batches, tuple(batch)] if batch else batches


def _paths(files: Any) -> Iterable[Any]:
    if isinstance(files, str | os.PathLike):
        return _from_name(os.fspath(files))
    if isinstance(files, Mapping) or any(hasattr(files, name) for name in ("columns", "column_names")):
        return _from_table(files)
    if isinstance(files, Iterable):
        return files
    raise TypeError(
        f"`files` must be a path, a glob, a folder, a table with a column 'path', or paths; got {short_repr(files)}."
    )


def _from_name(name: str) -> list[str]:
    if os.path.isdir(name):  # noqa: PTH112  # Path.is_dir raises for a name with a null character
        return _walk(name)
    if glob.has_magic(name) and not os.path.lexists(name):
        found = glob.glob(name, recursive=True)  # noqa: PTH207  # Path.glob takes no absolute pattern
        return sorted(path for path in found if not Path(path).is_dir())
    return [name]


def _walk(folder: str) -> list[str]:
    """Find sound files by extension in a folder and all below it, each folder once; hidden ones are left out."""
    found, visited = [], set[str]()
    for parent, folders, names in os.walk(folder, followlinks=True):
        # A link may lead to a folder above it.
        if (real := os.path.realpath(parent)) in visited:
            folders.clear()
            continue
        visited.add(real)
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [
            os.path.join(parent, name)  # noqa: PTH118  # paths begin as the folder was given, "./" included
            for name in sorted(names)
            if Path(name).suffix.lower() in EXTENSIONS and not name.startswith(".")
        ]
    return found


def _from_table(table: Any) -> Iterable[Any]:
    # The columns of a table of pyarrow are arrays.
    kept_by = next((each for each in ("column_names", "columns") if hasattr(table, each)), None)
    names = list(table if kept_by is None else getattr(table, kept_by))
    if "path" not in names:
        raise ValueError(f"`files` must have a column 'path' if it is a table; got the columns {short_repr(names)}.")
    column = table["path"]
    return list(column.to_pylist() if hasattr(column, "to_pylist") else column)
