"""Reads damaged files of every format under a memory limit, in a process of its own: see `test_reader_fuzz.py`.

`python -m tests.faults.read_mutated N SEED` damages N files of each kind, and writes how many of each were read to
`RESULT`. A file that is neither read nor refused ends the process with a traceback, and is in `FAILED`.
"""

import io
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile

from specwidget import STFTSpectrogram
from specwidget.export import load_settings, save_settings
from specwidget.sounds import SoundError, read_sound
from specwidget.training import load_kernels, save_kernels

Reader = Callable[[bytes], str]

MEMORY = 2**28
"""Bytes that may be allocated beyond those of the started process."""

RESULT = Path("result.json")
"""Number of files that were read, by kind. Not the output, to which libraries write what they think of a file."""

FAILED = Path("failed-input")
"""The file that was neither read nor refused."""

ENCODINGS = [
    ("WAV", "PCM_16"),
    ("WAV", "IMA_ADPCM"),
    ("WAV", "GSM610"),
    ("WAVEX", "FLOAT"),
    ("RF64", "PCM_24"),
    ("W64", "DOUBLE"),
    ("AIFF", "PCM_16"),
    ("AU", "ULAW"),
    ("CAF", "ALAC_16"),
    ("FLAC", "PCM_16"),
    ("OGG", "VORBIS"),
    ("OGG", "OPUS"),
    ("MP3", "MPEG_LAYER_III"),
    ("NIST", "PCM_16"),
    ("VOC", "PCM_16"),
    ("SVX", "PCM_16"),
    ("PAF", "PCM_16"),
    ("IRCAM", "FLOAT"),
    ("MAT5", "PCM_16"),
    ("SDS", "PCM_16"),
]
"""Format and encoding of the sound files."""


def encode(container: str, encoding: str) -> bytes:
    """Return a sound file of 0.1 s of noise."""
    file = io.BytesIO()
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 1600)
    soundfile.write(file, noise, 16_000, format=container, subtype=encoding)
    return file.getvalue()


def mutate(data: bytes, rng: np.random.Generator) -> bytes:
    """Damage a file in one to four places, most of them in its first 200 bytes, where the headers are."""
    damaged = bytearray(data)
    for _ in range(rng.integers(1, 5)):
        at = int(rng.integers(0, min(len(damaged), 200) if rng.random() < 0.7 else len(damaged)))
        kind = rng.integers(6)
        if kind == 0:
            damaged[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            # Lengths and counts: the largest and the smallest numbers of 4 bytes, in both orders of bytes.
            damaged[at : at + 4] = [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", bytes(4)][at % 4]
        elif kind == 2:
            damaged[at : at + 8] = rng.bytes(8)
        elif kind == 3:
            del damaged[at : at + int(rng.integers(1, 40))]
        elif kind == 4:
            damaged[at:at] = rng.bytes(int(rng.integers(1, 40)))
        else:
            damaged = damaged[: max(at, 1)]
        if not damaged:
            break
    return bytes(damaged)


def read_as_sound(data: bytes) -> str:
    """Read a file of sound; return why it is refused, or nothing."""
    try:
        sound = read_sound(io.BytesIO(data))
    except SoundError as error:
        return str(error)
    assert sound.samples.dtype == np.float32
    assert sound.samples.ndim == 3
    assert 0 not in sound.samples.shape
    assert 0 < sound.sample_rate < np.inf
    return ""


def reader_of(load: Callable[[Path], object], path: Path) -> Reader:
    """Return a function that reads a file of settings or kernels, and returns why it is refused, or nothing."""

    def read(data: bytes) -> str:
        path.write_bytes(data)
        try:
            load(path)
        except ValueError as error:
            return str(error)
        return ""

    return read


def limit_memory() -> None:
    """Let the process allocate `MEMORY` bytes more than now."""
    size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))


def main(n_files: int, seed: int) -> None:
    """Read damaged files of each kind."""
    folder = Path.cwd()
    layer = STFTSpectrogram(frame_length=16)
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    save_settings(layer, folder / "settings.json")
    save_kernels(layer, folder / "kernels.npz")
    kinds: dict[str, tuple[bytes, Reader]] = {
        f"{container} {encoding}": (encode(container, encoding), read_as_sound) for container, encoding in ENCODINGS
    }
    for name, load in (("settings.json", load_settings), ("kernels.npz", load_kernels)):
        kinds[name] = (folder / name).read_bytes(), reader_of(load, folder / "damaged")
    # The first file loads the decoders, which need memory of their own.
    for data, read in kinds.values():
        assert read(data) == ""
    limit_memory()
    n_read = dict.fromkeys(kinds, 0)
    for number, (name, (data, read)) in enumerate(kinds.items()):
        rng = np.random.default_rng((seed, number))
        for _ in range(n_files):
            damaged = mutate(data, rng)
            FAILED.write_bytes(damaged)
            refusal = read(damaged)
            assert refusal == "" or refusal.startswith(("`file` must ", "`path` must ")), refusal
            n_read[name] += refusal == ""
    RESULT.write_text(json.dumps(n_read), encoding="utf-8")
    FAILED.unlink()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
