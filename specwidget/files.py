"""Writing of files: whatever this package saves goes through this module.

A file is complete or is not there: an error while it is written, such as a full disk, leaves the old file as it was.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

PRIVATE_MODE = 0o600
"""Permissions of a temporary file until it gets those of the file that it replaces."""


@contextmanager
def atomic_write(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces `path` only after everything is written.

    Parameters
    ----------
    path : path-like
        Name of the file. An existing file is replaced at the end, with its permissions kept, and is left unchanged if
        writing fails. Of a symbolic link, the file that it points to is replaced. A device or a named pipe is written
        to, at the end and at once.

    Yields
    ------
    file
        Open for binary writing.

    Raises
    ------
    OSError
        If the file can't be written: of the type that the system's error has, with a sentence that names the file.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with atomic_write(f"{folder.name}/values.txt") as file:
    ...     _ = file.write(b"1 2 3")
    >>> Path(folder.name, "values.txt").read_bytes()
    b'1 2 3'
    >>> folder.cleanup()
    """
    with _named_errors(path):
        existing = check_writable(path)
        if existing is not None and not stat.S_ISREG(existing.st_mode):
            writing = _write_to_device(path)
        else:
            writing = _replace(Path(os.path.realpath(path)), existing)
        with writing as file:
            yield file


def check_writable(path: str | os.PathLike[str]) -> os.stat_result | None:
    """Return the status of an existing file, or None if there is none; raise an error if it must not be written.

    Parameters
    ----------
    path : path-like
        Name of the file; a symbolic link stands for the file that it points to.

    Raises
    ------
    OSError
        If `path` is a folder or a read-only file.
    """
    with _named_errors(path):
        try:
            status = Path(path).stat()
        except FileNotFoundError:
            return None
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, "Is a directory")
        # For root every file is writable, but read-only is what its owner said.
        if stat.S_ISREG(status.st_mode) and not (status.st_mode & 0o222 and os.access(path, os.W_OK)):
            raise PermissionError(errno.EACCES, "it is read-only")
        return status


def write_new(path: Path, content: bytes) -> None:
    """Write a file that must not exist yet; if that fails, there is none afterwards.

    Raises
    ------
    FileExistsError
        If there is a file of this name.
    OSError
        If it can't be written.
    """
    file = path.open("xb")
    try:
        with file:
            file.write(content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def _replace(target: Path, existing: os.stat_result | None) -> Iterator[IO[bytes]]:
    """Open a temporary file that gets the name of `target` when it is complete."""
    # In the same folder, as a rename is atomic only within one file system; the name is short, as that of the target
    # may be as long as the file system allows.
    temporary = target.with_name(f".{secrets.token_hex(8)}.tmp")
    mode = 0o666 if existing is None else PRIVATE_MODE
    try:
        with open(temporary, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if existing is not None:
            _copy_owner_and_mode(temporary, existing)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _copy_owner_and_mode(path: Path, existing: os.stat_result) -> None:
    if hasattr(os, "chown") and (path.stat().st_uid, path.stat().st_gid) != (existing.st_uid, existing.st_gid):
        # Only root may give a file away; others keep what they can write.
        with suppress(PermissionError):
            os.chown(path, existing.st_uid, existing.st_gid)
    path.chmod(stat.S_IMODE(existing.st_mode))


@contextmanager
def _write_to_device(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Collect what is written, and write it at the end: a pipe can't seek, and gets all or nothing."""
    content = io.BytesIO()
    yield content
    with Path(path).open("wb", buffering=0) as device:
        rest = content.getbuffer()
        while rest:
            rest = rest[device.write(rest) :]


@contextmanager
def _named_errors(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say in a sentence which file can't be written; the error keeps its type and number."""
    try:
        yield
    except OSError as error:
        # An error that names another file is not about this one, and one without a reason is said already.
        if error.strerror is None or not _is_about(error, path):
            raise
        named = type(error)(f"`path` must be a writable file; got {os.fspath(path)!r} ({error.strerror}).")
        named.errno = error.errno
        raise named from error


def _is_about(error: OSError, path: str | os.PathLike[str]) -> bool:
    """Return whether an error names no file, this one, or the temporary one beside it."""
    if error.filename is None or os.fspath(error.filename) == os.fspath(path):
        return True
    return Path(error.filename).parent == Path(os.path.realpath(path)).parent
