"""Trained kernels in a file: an .npz without pickle, checked when it is read."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import kernel_names, kernel_shape
from specwidget.stft.serialization import atomic_write
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import window_repr

SCHEMA = 1
"""Version of what the file holds: counted up when a reader of the old one could not read the new."""

# What zipfile, numpy and zlib raise where bytes are not what they should be.
_DAMAGE = (
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    TypeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


def save_kernels(layer: STFTSpectrogram, path: str | os.PathLike[str]) -> None:
    """Save the kernels of a layer, with its settings.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer.
    path : path-like
        Name of the file, in the form .npz. A file of that name is replaced, but only once the new one is whole.

    Raises
    ------
    OSError
        If the file cannot be written.

    Notes
    -----
    The file holds `schema`, `settings` (what `layer.get_config()` returns, as JSON), and `real_kernel` and
    `imag_kernel`, those that the mode has, each (frame_length, 1, n_bins). ``numpy.load(path)`` reads it anywhere.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> save_kernels(STFTSpectrogram("magnitude", 64), f"{folder.name}/kernels.npz")
    >>> load_kernels(f"{folder.name}/kernels.npz")
    <STFTSpectrogram(mode='magnitude', frame_length=64)>
    >>> folder.cleanup()
    """
    kernels: dict[str, Any] = dict(zip(_keys(layer.settings), layer.weights, strict=True))
    settings = np.array(json.dumps(layer.get_config()))
    with atomic_write(path) as file:
        np.savez(file, schema=np.array(SCHEMA), settings=settings, **kernels)


def load_kernels(path: str | os.PathLike[str], into: STFTSpectrogram | None = None) -> STFTSpectrogram:
    """Load kernels that `save_kernels` saved.

    Parameters
    ----------
    path : path-like
        Name of the file.
    into : STFTSpectrogram, optional
        A layer that is to get the kernels. What its kernels are made from must be the file's: which kernels its mode
        has, `frame_length`, the FFT's length, the scaled window and the type; step, padding and layout may differ.
        None makes a layer with the file's settings.

    Returns
    -------
    STFTSpectrogram
        The new layer, or `into`.

    Raises
    ------
    ValueError
        If the file is damaged or no such file, of another schema, or its kernels don't fit; `into` stays as it was.
    OSError
        If the file cannot be read.
    """
    name = repr(os.fspath(path))
    content = Path(path).read_bytes()
    try:
        arrays = _read_arrays(content)
        schema, settings = arrays["schema"], arrays["settings"]
    except _DAMAGE as error:
        raise ValueError(
            f"`path` must be a file that save_kernels wrote; got {name}, which is damaged or another kind."
        ) from error
    if schema.shape != () or schema.dtype.kind not in "iu" or schema != SCHEMA:
        raise ValueError(f"`path` must have schema {SCHEMA}; got {schema} in {name}. Use the version that wrote it.")
    layer = _make_layer(settings, name)
    kernels = [_checked_kernel(arrays, key, layer.settings, name) for key in _keys(layer.settings)]
    if into is not None:
        _check_match(into.settings, layer.settings, name)
        layer = into
    layer.set_weights(kernels)
    return layer


def _keys(settings: STFTSettings) -> list[str]:
    """Return the names of the kernels in the file."""
    return [f"{name}_kernel" for name in kernel_names(settings)]


def _read_arrays(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz, each tested by its checksum before it is looked into."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename.removesuffix(".npy"): _read_array(archive, entry) for entry in archive.infolist()}


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """Return one array of an archive. We write them plain; what is compressed could be of any size."""
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry.filename} is compressed.")
    return np.asarray(np.load(io.BytesIO(archive.read(entry)), allow_pickle=False))


def _make_layer(settings: np.ndarray, name: str) -> STFTSpectrogram:
    """Return a layer with the settings that a file holds."""
    try:
        return STFTSpectrogram.from_config(json.loads(settings.item()))
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise ValueError(f"`path` must hold the settings of a layer; got {name}, which does not: {reason}.") from error


def _checked_kernel(arrays: dict[str, np.ndarray], key: str, settings: STFTSettings, name: str) -> np.ndarray:
    """Return a kernel of the shape and type that the settings tell."""
    shape, dtype = kernel_shape(settings), settings.compute_dtype
    rule = f"`path` must hold {key} as {dtype} of shape {shape}, which its settings tell"
    if key not in arrays:
        raise ValueError(f"{rule}; got {name} without it.")
    kernel = arrays[key]
    if kernel.shape != shape or kernel.dtype != np.dtype(dtype):
        raise ValueError(f"{rule}; got {kernel.dtype} of shape {kernel.shape} in {name}.")
    return kernel


def _check_match(into: STFTSettings, saved: STFTSettings, name: str) -> None:
    """Raise unless the Fourier kernels of two settings are the same, from which training begins and drift counts."""
    theirs = _kernel_facts(saved)
    for fact, ours in _kernel_facts(into).items():
        if ours != theirs[fact]:
            raise ValueError(f"`into` must have {fact}={theirs[fact]!r}, as the kernels in {name}; got {ours!r}.")
    if not np.array_equal(into.scaled_window, saved.scaled_window):
        raise ValueError(f"`into` must have {_tell_window(saved)}, as the kernels in {name}; got {_tell_window(into)}.")


def _kernel_facts(settings: STFTSettings) -> dict[str, object]:
    """Return what decides the kernels, but for the window."""
    return {
        "kernels": kernel_names(settings),
        "frame_length": settings.frame_length,
        "fft_length": settings.n_fft,
        "dtype": settings.compute_dtype,
    }


def _tell_window(settings: STFTSettings) -> str:
    """Return what decides the scaled window."""
    return f"window={window_repr(settings.window)}, periodic={settings.periodic} and scaling={settings.scaling!r}"
