"""Reading audio files, with a sentence for each that cannot be read."""

from __future__ import annotations

import codecs
import io
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import count_cpus
from specwidget.sounds.sound import MAX_BYTES, Sound, SoundError

BYTES_PER_SAMPLE = 4
HEAD_LENGTH = 4096
MIN_CHUNK_SAMPLES = 2**23
"""Samples that are worth a thread of their own: some 0.2 s of decoding FLAC."""

MAX_THREADS = 4
"""Most threads that read a file."""

EXACT_SEEK_FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "FLAC")
"""Formats of libsndfile's in which a part has the samples that it has in the whole."""

UNKNOWN_LENGTH = 2**63 - 1  # libsndfile's count of samples where a FLAC stream states none


@dataclass(frozen=True)
class Format:
    """A kind of audio file: the ends of its names, and the bytes that its files start with."""

    extensions: tuple[str, ...]
    signatures: tuple[bytes, ...]


FORMATS: dict[str, Format] = {
    "WAV": Format((".wav",), (b"RIFF", b"RF64")),
    "FLAC": Format((".flac",), (b"fLaC",)),
    "OGG": Format((".ogg", ".oga", ".opus"), (b"OggS",)),
    # A tag, or the first frame's header: MPEG 1, 2 and 2.5, each without and with a checksum.
    "MP3": Format((".mp3",), (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\xff\xe2")),
    "AIFF": Format((".aiff", ".aif"), (b"FORM",)),
}
"""The formats that are promised, by name; libsndfile reads more."""

EXTENSIONS = frozenset(extension for kind in FORMATS.values() for extension in kind.extensions)
SIGNATURES = tuple(signature for kind in FORMATS.values() for signature in kind.signatures)


def read_sound(
    file: str | os.PathLike[str] | IO[bytes], name: str | None = None, *, max_bytes: int = MAX_BYTES
) -> Sound:
    """Read an audio file.

    Parameters
    ----------
    file : path or binary file
        WAV, FLAC, OGG, MP3 or AIFF, recognised by content and not by name. A binary file must be readable and
        seekable; it is read from its start and left open.
    name : str, optional
        The sound's name, and the file's in sentences; by default the last part of the path.
    max_bytes : int, optional
        Most bytes that the samples may take as float32; checked before they are read.

    Returns
    -------
    Sound
        Samples of shape (1, L, C), float32; integer formats are scaled to [-1, 1), float formats keep their values,
        NaN and infinity among them.

    Raises
    ------
    SoundError
        If the file is missing, a folder, not readable, empty, without samples, in another format, damaged, of unknown
        length, or too long for `max_bytes`.
    TypeError
        If `file` is neither a path nor a readable and seekable binary file.

    Notes
    -----
    A WAV, AIFF or MP3 file that breaks off among its samples is read as far as it goes; a FLAC file is refused.

    Examples
    --------
    >>> read_sound("no such file.wav")
    Traceback (most recent call last):
        ...
    specwidget.sounds.sound.SoundError: `file` must exist; got 'no such file.wav', which is not there.
    """
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        with _open_file(path) as stream:
            return _read(stream, name or path.name, max_bytes, path)
    if not _is_binary_file(file):
        raise TypeError(f"`file` must be a path or a seekable binary file; got {type(file).__name__}.")
    return _read(file, name or "sound", max_bytes)


def list_sound_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Find audio files, by extension, in a folder and the folders right inside it.

    Hidden files and folders are left out, and so is whatever cannot be listed; a missing folder has none.

    Parameters
    ----------
    folder : path
        Where to look.

    Returns
    -------
    list of Path
        Each starts with `folder`; sorted by name without regard to case, a folder's own files before those in
        folders inside it.
    """
    top = _visible(Path(folder))
    inside = [path for entry in top for path in _visible(entry)]
    named = [path for path in top + inside if path.suffix.lower() in EXTENSIONS]
    # Unlike Path.is_file, this is False where the system does not let us look.
    return [path for path in named if os.path.isfile(path)]  # noqa: PTH113


@contextmanager
def _open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a path for reading, with a sentence if it is no file or may not be read."""
    try:
        if path.is_dir():
            raise SoundError(f"`file` must be a sound file; got {str(path)!r}, a folder. Choose one of its files.")
        # Opening a named pipe would wait for ever.
        if path.exists() and not path.is_file():
            raise SoundError(f"`file` must be a regular file; got {str(path)!r}, a device or a pipe.")
        stream = path.open("rb")
    except FileNotFoundError as error:
        raise SoundError(f"`file` must exist; got {str(path)!r}, which is not there.") from error
    except OSError as error:
        raise SoundError(f"`file` must be readable; got {str(path)!r} ({error.strerror}).") from error
    with stream:
        yield stream


def _is_binary_file(file: object) -> bool:
    """Tell whether an object can be read as a seekable binary file."""
    return not isinstance(file, io.TextIOBase) and all(hasattr(file, method) for method in ("read", "seek", "tell"))


def _read(file: IO[bytes], name: str, max_bytes: int, path: Path | None = None) -> Sound:
    """Read the samples of an open file; by more than one thread where the path is known and it is worth it."""
    import soundfile

    file.seek(0)
    head = file.read(HEAD_LENGTH)
    if not head:
        raise SoundError(f"`file` must hold a sound; got {name!r}, which is empty (0 bytes).")
    file.seek(0)
    try:
        with _open_audio(file, path) as audio:
            _check_length(audio.frames, audio.channels, name, max_bytes)
            samples = _read_samples(audio, file, path)
            rate, description = float(audio.samplerate), f"{audio.format} file, {audio.subtype_info}"
    except soundfile.LibsndfileError as error:
        raise SoundError(_explain(head, name)) from error
    return Sound(samples[None], rate, name, description=description)


@contextmanager
def _open_audio(file: IO[bytes], path: Path | None) -> Iterator[Any]:
    """Open a file for libsndfile: by itself where it can be, as each call back to Python costs 40 microseconds."""
    import soundfile

    if path is None or os.name != "posix":
        with soundfile.SoundFile(_Stream(file)) as audio:
            yield audio
        return
    # By number and not by name, from which libsndfile would guess a format.
    with path.open("rb", buffering=0) as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as audio:
        yield audio


def _read_samples(audio: Any, file: IO[bytes], path: Path | None) -> NDArray[np.float32]:
    """Read all samples, (L, C): each thread a part of them, where that is worth it and gives the same."""
    n_samples, n_channels = audio.frames, audio.channels
    n_parts = min(count_cpus(), MAX_THREADS, n_samples * n_channels // MIN_CHUNK_SAMPLES)
    if path is None or audio.format not in EXACT_SEEK_FORMATS or n_parts < 2:
        return audio.read(dtype="float32", always_2d=True)  # type: ignore[no-any-return]
    samples = np.empty((n_samples, n_channels), np.float32)

    def read(begin: int, end: int) -> bool:
        """Read a part, and tell whether it is all there."""
        with _open_audio(file, path) as part:
            part.seek(begin)
            return len(part.read(out=samples[begin:end])) == end - begin

    bounds = [n_samples * part // n_parts for part in range(n_parts + 1)]
    with ThreadPoolExecutor(n_parts) as threads:
        is_whole = all(threads.map(read, bounds[:-1], bounds[1:]))
    # A file that breaks off is read as far as it goes.
    return samples if is_whole else audio.read(dtype="float32", always_2d=True)


def _check_length(n_samples: int, channels: int, name: str, max_bytes: int) -> None:
    """Refuse what holds nothing, does not say how much it holds, or holds too much."""
    if n_samples == 0:
        raise SoundError(f"`file` must hold at least 1 sample; got {name!r} with 0, or it breaks off before the first.")
    if n_samples == UNKNOWN_LENGTH:
        raise SoundError(f"`file` must state its length; got {name!r}, which does not. Write it again as WAV.")
    n_bytes = n_samples * channels * BYTES_PER_SAMPLE
    if n_bytes > max_bytes:
        raise SoundError(
            f"`file` must take at most max_bytes={max_bytes} bytes as float32 samples; got {name!r}, which takes "
            f"{n_bytes} ({n_samples} samples, {channels} channels). Cut out a part, or raise `max_bytes`."
        )


def _explain(head: bytes, name: str) -> str:
    """Say why libsndfile refuses a file, from its first bytes."""
    if head.startswith(SIGNATURES):
        return f"`file` must be whole; got {name!r}, which is damaged or breaks off. Copy or record it again."
    what = "which is text" if _is_text(head) else "which is none of them"
    return f"`file` must be a {', '.join(FORMATS)} file; got {name!r}, {what}. Convert it to WAV or FLAC first."


def _is_text(head: bytes) -> bool:
    """Tell whether the first bytes of a file are text in UTF-8."""
    try:
        # Incremental, since the head may end inside a character.
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False


def _visible(folder: Path) -> list[Path]:
    """List what is in a folder and not hidden, in order; nothing if it cannot be listed."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []
    return sorted(entries, key=lambda entry: (entry.name.lower(), entry.name))


class _Stream:
    """What libsndfile reads through: the file without its name, and with seeks that fail quietly.

    By a name libsndfile would guess that text in ``x.vox`` is sound, and soundfile would ask for the rate of
    ``x.raw``. A damaged header may seek before the start; an exception there would be printed and lost.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.read = file.read
        self.tell = file.tell
        self._seek = file.seek

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move, or stay where that is before the start; libsndfile asks `tell` afterwards."""
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError):
            return -1
