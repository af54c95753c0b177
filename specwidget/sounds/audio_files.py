"""Reading of audio files, with an error message for each reason why a file can't be read."""

from __future__ import annotations

import codecs
import io
import os
import shlex
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.arrays import count_cpus
from specwidget.sounds.mpeg_frames import find_frames, rewrite
from specwidget.sounds.sound import MAX_BYTES, Sound, SoundError
from specwidget.stft.other_names import hinting

BYTES_PER_SAMPLE = 4  # float32
HEAD_LENGTH = 4096  # bytes
MIN_CHUNK_SAMPLES = 2**23
"""Least work for one more thread, samples: about 0.2 s of FLAC decoding."""

MAX_THREADS = 4
"""Largest number of threads that read one file."""

EXACT_SEEK_FORMATS = ("WAV", "WAVEX", "RF64", "W64", "AIFF", "FLAC")
"""Formats in which libsndfile decodes the same samples after a seek; lossy codecs depend on what came before."""

UNKNOWN_LENGTH = 2**63 - 1  # libsndfile's count of samples where a FLAC stream states none
BLOCK_SAMPLES = 2**20
"""Samples of each channel that are read at a time from a file of unknown length."""

MAX_MPEG_PADDING = 6 * 1152
"""Most samples that an encoder adds to both ends of an MP3 file."""

MIN_HEADER_LENGTH = 100
"""Shortest file, bytes, that libsndfile's reason is given for; it takes a header that breaks off for an encoding."""

NUMPY_SIGNATURES = (b"\x93NUMPY", b"PK\x03\x04")
"""First bytes of ``.npy`` and ``.npz`` files."""

NUMPY_ADVICE = "Pass its array: numpy.load(path)."

HEADER_OF_OGG = 64
"""Bytes of an Ogg file within which its first packet names the encoding."""

DAMAGE = ("Supported file format but file is malformed.", "Format not recognised.")
"""Reasons of libsndfile that say no more than that a file is damaged."""


@dataclass(frozen=True)
class AudioFormat:
    """Extensions of an audio format, and the bytes with which its files start."""

    extensions: tuple[str, ...]
    signatures: tuple[bytes, ...]


FORMATS: dict[str, AudioFormat] = {
    "WAV": AudioFormat((".wav",), (b"RIFF", b"RF64")),
    "FLAC": AudioFormat((".flac",), (b"fLaC",)),
    "OGG": AudioFormat((".ogg", ".oga", ".opus"), (b"OggS",)),
    # An ID3 tag, or the header of the first frame: MPEG 1, 2 and 2.5, each without and with a checksum.
    "MP3": AudioFormat(
        (".mp3",), (b"ID3", b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2", b"\xff\xe3", b"\xff\xe2")
    ),
    "AIFF": AudioFormat((".aiff", ".aif"), (b"FORM",)),
}
"""The documented formats, by name; libsndfile reads more."""

EXTENSIONS = frozenset(extension for audio_format in FORMATS.values() for extension in audio_format.extensions)
SIGNATURES = tuple(signature for audio_format in FORMATS.values() for signature in audio_format.signatures)
OTHER_SIGNATURES = tuple(signature for signature in SIGNATURES if signature not in FORMATS["MP3"].signatures)


@hinting
def read_sound(
    file: str | os.PathLike[str] | IO[bytes], name: str | None = None, *, max_bytes: int = MAX_BYTES
) -> Sound:
    """Read an audio file.

    Parameters
    ----------
    file : path or binary file
        WAV, FLAC, OGG, MP3 or AIFF, detected by content and not by name. A binary file must be readable and seekable;
        it is read from its start and left open.
    name : str, optional
        Name of the sound, also used in error messages; by default the last part of the path.
    max_bytes : int, optional
        Largest size of the samples as float32, bytes; checked before they are read.

    Returns
    -------
    Sound
        Samples of shape (1, L, C), float32. Integer formats are scaled to [-1, 1); float formats keep their values,
        including NaN and infinity.

    Raises
    ------
    SoundError
        If the file is missing, a folder, not readable, empty, without samples, in another format or encoding, damaged,
        or larger than `max_bytes` or half of the available memory.
    TypeError
        If `file` is neither a path nor a readable and seekable binary file.

    Notes
    -----
    A truncated WAV, AIFF or MP3 file is read up to its end; a truncated FLAC file raises `SoundError`. The frames of an
    MP3 file are counted, as a file of variable bit rate may not state their number.

    Examples
    --------
    >>> read_sound("no such file.wav")
    Traceback (most recent call last):
        ...
    specwidget.sounds.sound.SoundError: `file` must exist; got 'no such file.wav', which does not.
    """
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        with _open_file(path) as stream:
            return _read(stream, name or path.name, max_bytes, path)
    if not _is_binary_file(file):
        raise TypeError(f"`file` must be a path or a seekable binary file; got {type(file).__name__}.")
    return _read(file, name or "sound", max_bytes)


class SoundStream:
    """An open sound file whose samples are read in their order, block by block.

    Attributes
    ----------
    sample_rate : float
        Sample rate, Hz.
    n_channels : int
        Number of channels, C.
    description : str
        Format and encoding, such as "WAV file, Signed 16 bit PCM".
    """

    def __init__(self, audio: Any, n_samples: int | None) -> None:
        self.sample_rate = float(audio.samplerate)
        self.n_channels: int = audio.channels
        self.description = _describe_format(audio)
        self._audio = audio
        self._left = audio.frames if n_samples is None else n_samples

    def read(self, n_samples: int = BLOCK_SAMPLES) -> NDArray[np.float32]:
        """Read the next samples, shape (n, C), as `read_sound` gives them; fewer than asked for at the end only."""
        samples = _read_in_order(self._audio, min(n_samples, self._left))
        self._left -= len(samples)
        return samples


@contextmanager
def open_sound(path: str | os.PathLike[str]) -> Iterator[SoundStream]:
    """Open a sound file to read it block by block, in memory that does not grow with its length.

    Parameters
    ----------
    path : path
        A file that `read_sound` reads.

    Yields
    ------
    SoundStream
        At its start.

    Raises
    ------
    SoundError
        If the file can't be read, with the sentences of `read_sound`; also for a failure within the ``with`` block.

    Notes
    -----
    An MP3 file whose stated length is wrong is held in memory, compressed.

    Examples
    --------
    >>> from importlib import resources
    >>> with open_sound(resources.files("specwidget.sounds") / "recordings" / "voice.flac") as stream:
    ...     block = stream.read(4096)
    >>> block.shape, stream.sample_rate
    ((4096, 1), 44100.0)
    """
    path = Path(path)
    with _open_file(path) as file, _decoded(file, path.name, path) as (audio, n_samples, _):
        yield SoundStream(audio, n_samples)


def list_sound_files(folder: str | os.PathLike[str]) -> list[Path]:
    """Find audio files, by extension, in a folder and its immediate subfolders.

    Hidden files and folders are skipped, and so are folders that can't be listed; a missing folder gives an empty list.

    Parameters
    ----------
    folder : path
        Folder to search.

    Returns
    -------
    list of Path
        Paths that start with `folder`, sorted by name without regard to case, the folder's own files before those in
        subfolders.
    """
    top = _list_visible(Path(folder))
    nested = [path for entry in top for path in _list_visible(entry)]
    candidates = [path for path in top + nested if path.suffix.lower() in EXTENSIONS]
    # Unlike Path.is_file, os.path.isfile returns False without permission instead of raising.
    return [path for path in candidates if os.path.isfile(path)]  # noqa: PTH113


@contextmanager
def _open_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a path for reading; raise `SoundError` if it is not a readable file."""
    try:
        if path.is_dir():
            raise SoundError(f"`file` must be a sound file; got {str(path)!r}, a folder. Choose one of its files.")
        # Opening a named pipe would block.
        if path.exists() and not path.is_file():
            raise SoundError(f"`file` must be a regular file; got {str(path)!r}, a device or a pipe.")
        stream = path.open("rb")
    # A ValueError is a name with a null character, which no file has.
    except (FileNotFoundError, ValueError) as error:
        if isinstance(error, SoundError):
            raise
        raise SoundError(f"`file` must exist; got {str(path)!r}, which does not.") from error
    except OSError as error:
        raise SoundError(f"`file` must be readable; got {str(path)!r} ({error.strerror}).") from error
    with stream:
        yield stream


def _is_binary_file(file: object) -> bool:
    return not isinstance(file, io.TextIOBase) and all(hasattr(file, method) for method in ("read", "seek", "tell"))


def _read(file: IO[bytes], name: str, max_bytes: int, path: Path | None = None) -> Sound:
    """Read an open file. Several threads are possible only with a path, as each opens the file itself."""
    with _decoded(file, name, path) as (audio, n_samples, source):
        _check_length(audio.frames, audio.channels, name, max_bytes)
        samples = _read_samples(audio, file, source, name, max_bytes)[:n_samples]
        # A damaged file may state samples and hold none.
        _check_length(len(samples), audio.channels, name, max_bytes)
        rate, description = float(audio.samplerate), _describe_format(audio)
    return Sound(samples[None], rate, name, description=description)


@contextmanager
def _decoded(file: IO[bytes], name: str, path: Path | None) -> Iterator[tuple[Any, int | None, Path | None]]:
    """Open a file with soundfile, and raise `SoundError` for what goes wrong within the block.

    Yields
    ------
    audio : soundfile.SoundFile
        The open file.
    n_samples : int or None
        Samples to read, where the file states more of them or less.
    path : Path or None
        Where the samples can be read by another thread, too.
    """
    import soundfile

    file.seek(0)
    head = file.read(HEAD_LENGTH)
    if not head:
        raise SoundError(f"`file` must hold a sound; got {name!r}, which is empty (0 bytes).")
    rewritten, n_samples = _rewrite_mpeg(file, head) or (None, None)
    file.seek(0)
    if rewritten is not None:
        file, path = rewritten, None
    is_open = False
    try:
        with _open_audio(file, path) as audio:
            is_open = True
            yield audio, n_samples, path
    except soundfile.LibsndfileError as error:
        raise SoundError(_describe_error(head, name, "" if is_open else error.error_string)) from error
    except MemoryError as error:
        raise SoundError(f"`file` must fit into the memory; got {name!r}, which does not. {_excerpt(name)}") from error


def _describe_format(audio: Any) -> str:
    return f"{audio.format} file, {audio.subtype_info}"


def _rewrite_mpeg(file: IO[bytes], head: bytes) -> tuple[IO[bytes], int] | None:
    """Return the same MPEG audio and its length, where libsndfile refuses it or would not read all of it."""
    import soundfile

    # Data before the first frame may begin with anything, but hardly as another format does.
    if head.startswith(OTHER_SIGNATURES):
        return None
    file.seek(0)
    try:
        with soundfile.SoundFile(_UnnamedFile(file)) as audio:
            if audio.format != "MP3":
                return None
            stated = audio.frames
    except soundfile.LibsndfileError:
        stated = -1
    file.seek(0)
    data = file.read()
    stream = find_frames(data)
    if stream is None or stream.n_frames < 1:
        return None
    # A header with the count states less than all frames hold: without what the encoder added at both ends.
    added = MAX_MPEG_PADDING if stream.has_info else 0
    is_right = max(0, stream.n_samples - added) <= stated <= stream.n_samples
    return None if is_right else (io.BytesIO(rewrite(data, stream)), stream.n_samples)


@contextmanager
def _open_audio(file: IO[bytes], path: Path | None) -> Iterator[Any]:
    """Open a file with soundfile, by file descriptor if possible: each read through a Python object takes 40 µs."""
    import soundfile

    if path is None or os.name != "posix":
        with soundfile.SoundFile(_UnnamedFile(file)) as audio:
            yield audio
        return
    # By descriptor and not by name, from which libsndfile would guess the format.
    with path.open("rb", buffering=0) as raw, soundfile.SoundFile(raw.fileno(), closefd=False) as audio:
        yield audio


def _read_samples(audio: Any, file: IO[bytes], path: Path | None, name: str, max_bytes: int) -> NDArray[np.float32]:
    """Read all samples, (L, C), with several threads if the file is long and its format seeks exactly."""
    n_samples, n_channels = audio.frames, audio.channels
    if n_samples == UNKNOWN_LENGTH:
        return _read_to_end(audio, name, max_bytes)
    n_chunks = min(count_cpus(), MAX_THREADS, n_samples * n_channels // MIN_CHUNK_SAMPLES)
    if path is None or audio.format not in EXACT_SEEK_FORMATS or not audio.seekable() or n_chunks < 2:
        return _read_in_order(audio, n_samples)
    samples = np.empty((n_samples, n_channels), np.float32)

    def read(begin: int, end: int) -> bool:
        """Read a range of samples; return whether it is complete."""
        with _open_audio(file, path) as chunk:
            chunk.seek(begin)
            return len(chunk.read(out=samples[begin:end])) == end - begin

    # Threads help, as the GIL is released while libsndfile decodes.
    bounds = [n_samples * i // n_chunks for i in range(n_chunks + 1)]
    with ThreadPoolExecutor(n_chunks) as threads:
        is_complete = all(threads.map(read, bounds[:-1], bounds[1:]))
    # A truncated file is read again by one thread, which returns the samples up to its end.
    return samples if is_complete else _read_in_order(audio, n_samples)


def _read_in_order(audio: Any, n_samples: int) -> NDArray[np.float32]:
    """Read the next samples, (L, C), or those up to the end of the file."""
    # soundfile seeks after every read of a seekable file, to where it is already; some codecs can't.
    audio.seekable = lambda: False
    return audio.read(out=np.empty((n_samples, audio.channels), np.float32))  # type: ignore[no-any-return]


def _read_to_end(audio: Any, name: str, max_bytes: int) -> NDArray[np.float32]:
    """Read a file that does not state its length, in blocks, up to the limit of its size."""
    blocks = [_read_in_order(audio, BLOCK_SAMPLES)]
    while len(blocks[-1]) == BLOCK_SAMPLES:
        blocks.append(_read_in_order(audio, BLOCK_SAMPLES))
        _check_length(sum(map(len, blocks)), audio.channels, name, max_bytes)
    samples = np.concatenate(blocks)
    _check_length(len(samples), audio.channels, name, max_bytes)
    return samples


def _check_length(n_samples: int, channels: int, name: str, max_bytes: int) -> None:
    """Raise `SoundError` if the number of samples is 0 or too large."""
    if n_samples == 0:
        raise SoundError(f"`file` must hold at least 1 sample; got {name!r} with 0, or truncated before the first.")
    if n_samples == UNKNOWN_LENGTH:
        return
    n_bytes = n_samples * channels * BYTES_PER_SAMPLE
    if n_bytes > max_bytes:
        raise SoundError(
            f"`file` must take at most max_bytes={max_bytes} bytes as float32 samples; got {name!r}, which takes "
            f"{n_bytes} ({n_samples} samples, {channels} channels). {_excerpt(name)} Or raise `max_bytes`."
        )
    # Half of it, as the samples are needed more than once: by a conversion, a page or a comparison.
    available = available_memory()
    if available is not None and n_bytes > available // 2:
        raise SoundError(
            f"`file` must take at most half of the available memory, {available // 2} bytes, as float32 samples; got "
            f"{name!r}, which takes {n_bytes} ({n_samples} samples, {channels} channels). {_excerpt(name)}"
        )


def available_memory() -> int | None:
    """Return the bytes of memory that this process can still get, or None where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    sizes = dict(line.split(":", 1) for line in lines)
    if "MemAvailable" not in sizes:
        return None
    return min(int(sizes["MemAvailable"].split()[0]) * 1024, _available_in_container())


def _available_in_container() -> int:
    """Return the bytes that a limit of cgroup version 2 leaves; the largest address without one."""
    group = Path("/sys/fs/cgroup")
    try:
        limit, used = ((group / name).read_text(encoding="ascii") for name in ("memory.max", "memory.current"))
        statistics = dict(line.split() for line in (group / "memory.stat").read_text(encoding="ascii").splitlines())
        # The cache of files counts as used, and is given up on demand.
        return int(limit) - int(used) + int(statistics["inactive_file"])
    # The limit is the word "max" if there is none.
    except (OSError, ValueError, KeyError):
        return sys.maxsize


def _describe_error(head: bytes, name: str, reason: str) -> str:
    """Return why libsndfile can't read a file.

    Parameters
    ----------
    head : bytes
        Its first bytes.
    name : str
        Name of the sound.
    reason : str
        The reason that libsndfile gives for not opening it; empty if it did, and failed later.
    """
    if head.startswith(NUMPY_SIGNATURES) and (b".npy" in head or head.startswith(b"\x93NUMPY")):
        return f"`file` must be a {', '.join(FORMATS)} file; got {name!r}, which is NumPy's. {NUMPY_ADVICE}"
    if not head.startswith(SIGNATURES):
        needed = f"`file` must be a {', '.join(FORMATS)} file; got {name!r}"
        if _is_text(head):
            return f"{needed}, which is text."
        return f"{needed}, which is in another format. {_conversion(name)}"
    if not reason or len(head) < MIN_HEADER_LENGTH or reason in DAMAGE:
        return f"`file` must be complete; got {name!r}, which is damaged or truncated. Copy or record it again."
    if b"\x7fFLAC" in head[:HEADER_OF_OGG]:
        reason = "it reads Vorbis and Opus in an Ogg file, not FLAC"
    return (
        f"`file` must have an encoding that libsndfile reads; got {name!r} (libsndfile: {reason.rstrip('.')}). "
        f"{_conversion(name)}"
    )


def _conversion(name: str) -> str:
    """Return the advice to convert a file, with the command."""
    return f"Convert it with: ffmpeg -i {_shell_name(name)} out.wav."


def _excerpt(name: str) -> str:
    """Return the advice to use an excerpt, with the command for its first ten minutes."""
    return f"Use a shorter excerpt, such as that of: ffmpeg -i {_shell_name(name)} -t 600 out.wav."


def _shell_name(name: str) -> str:
    """Return a file name as it is written in a shell; one that can't be printed as in.xyz."""
    return shlex.quote(name) if name.isprintable() else "in" + "".join(filter(str.isprintable, Path(name).suffix))


def _is_text(head: bytes) -> bool:
    try:
        # Incremental, as the head may end within a multi-byte character.
        return "\0" not in codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False


def _list_visible(folder: Path) -> list[Path]:
    """List the entries of a folder that are not hidden, sorted; empty if it can't be listed."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError:
        return []
    return sorted(entries, key=lambda entry: (entry.name.lower(), entry.name))


class _UnnamedFile:
    """A binary file without a name, and with a `seek` that does not raise.

    From a name libsndfile would conclude that text in ``x.vox`` is audio, and soundfile would require a sample rate for
    ``x.raw``. A damaged header may make libsndfile seek before the start. An exception in that callback would be
    printed to stderr and lost.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.read = file.read
        self.tell = file.tell
        self._seek = file.seek

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Seek; return -1 and do not move if that fails. libsndfile calls `tell` afterwards."""
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError):
            return -1
