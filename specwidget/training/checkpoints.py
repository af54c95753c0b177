"""Storage of trained kernels in .npz files without pickle, validated when read."""

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

from specwidget.files import atomic_write
from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import kernel_names, kernel_shape
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import window_repr

SCHEMA = 1
"""Version of the file format, increased with each change that old readers can't read."""

# Exceptions that zipfile, numpy and zlib raise for damaged files.
_DAMAGE_ERRORS = (
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
    """Save the kernels and settings of a layer.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer.
    path : path-like
        Name of the .npz file. An existing file is replaced only after the new one is completely written.

    Raises
    ------
    OSError
        If the file cannot be written.

    Notes
    -----
    The file has the arrays `schema`, `settings` (`layer.get_config()` as JSON), and `real_kernel` and `imag_kernel`, or
    the one that the mode has, each (frame_length, 1, n_bins). ``numpy.load(path)`` reads it without this package.

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
    """Load kernels from a file that `save_kernels` wrote.

    Parameters
    ----------
    path : path-like
        Name of the file.
    into : STFTSpectrogram, optional
        The layer to load the kernels into. Its Fourier kernels must be those of the file: same kernels of the mode,
        `frame_length`, FFT length, scaled window and compute dtype. Step, padding and layout may differ. None creates a
        layer with the settings of the file.

    Returns
    -------
    STFTSpectrogram
        The new layer, or `into`.

    Raises
    ------
    ValueError
        If the file is damaged, of another type or schema, or its kernels don't fit; `into` is not modified then.
    OSError
        If the file cannot be read.
    """
    name = repr(os.fspath(path))
    # Read completely before parsing: an error of the disk is an OSError, everything after it means a damaged file.
    content = Path(path).read_bytes()
    try:
        arrays = _read_arrays(content)
        schema, settings = arrays["schema"], arrays["settings"]
    except _DAMAGE_ERRORS as error:
        raise ValueError(
            f"`path` must be a file that save_kernels wrote; got {name}, which is damaged or of another type."
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
    return [f"{name}_kernel" for name in kernel_names(settings)]


def _read_arrays(content: bytes) -> dict[str, np.ndarray]:
    """Return the arrays of an .npz file; zipfile verifies their checksums."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {entry.filename.removesuffix(".npy"): _read_array(archive, entry) for entry in archive.infolist()}


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    # `save_kernels` does not compress. A small compressed file could expand to any size.
    if entry.compress_type != zipfile.ZIP_STORED:
        raise ValueError(f"{entry.filename} is compressed.")
    return np.asarray(np.load(io.BytesIO(archive.read(entry)), allow_pickle=False))


def _make_layer(settings: np.ndarray, name: str) -> STFTSpectrogram:
    try:
        return STFTSpectrogram.from_config(json.loads(settings.item()))
    except (AttributeError, RecursionError, TypeError, ValueError) as error:
        reason = str(error).rstrip(".")
        raise ValueError(f"`path` must hold the settings of a layer; got {name}, which does not: {reason}.") from error


def _checked_kernel(arrays: dict[str, np.ndarray], key: str, settings: STFTSettings, name: str) -> np.ndarray:
    """Return a kernel of the file, after checking its shape and dtype against the settings."""
    shape, dtype = kernel_shape(settings), settings.compute_dtype
    rule = f"`path` must hold {key} as {dtype} of shape {shape}, which follow from its settings"
    if key not in arrays:
        raise ValueError(f"{rule}; got {name} without it.")
    kernel = arrays[key]
    if kernel.shape != shape or kernel.dtype != np.dtype(dtype):
        raise ValueError(f"{rule}; got {kernel.dtype} of shape {kernel.shape} in {name}.")
    if not np.isfinite(kernel).all():
        n_bad = np.count_nonzero(~np.isfinite(kernel))
        raise ValueError(f"`path` must hold {key} with finite values; got {n_bad} that are NaN or infinite in {name}.")
    return kernel


def _check_match(into: STFTSettings, saved: STFTSettings, file: str) -> None:
    """Raise `ValueError` unless both settings have the same Fourier kernels, the reference of drift."""
    required = _kernel_parameters(saved)
    for name, value in _kernel_parameters(into).items():
        if value != required[name]:
            raise ValueError(f"`into` must have {name}={required[name]!r}, as the kernels in {file}; got {value!r}.")
    if not np.array_equal(into.scaled_window, saved.scaled_window):
        required_window, window = _describe_window(saved), _describe_window(into)
        raise ValueError(f"`into` must have {required_window}, as the kernels in {file}; got {window}.")


def _kernel_parameters(settings: STFTSettings) -> dict[str, object]:
    """Return the parameters that determine the Fourier kernels, except the window."""
    return {
        "kernels": kernel_names(settings),
        "frame_length": settings.frame_length,
        "fft_length": settings.n_fft,
        "dtype": settings.compute_dtype,
    }


def _describe_window(settings: STFTSettings) -> str:
    return f"window={window_repr(settings.window)}, periodic={settings.periodic} and scaling={settings.scaling!r}"
