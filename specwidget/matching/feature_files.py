"""Arrays of features in files: ``.npy``, and the arrays of an ``.npz``."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.formatting import short_repr

NUMBERS = "fciu"
"""Kinds of dtype of numbers."""

MOST_BYTES = 2**30
"""Most bytes of the arrays in a file: compressed, they may be far more than the file."""

UNREADABLE = (
    *(ValueError, OSError, EOFError, KeyError, MemoryError, SyntaxError, zipfile.BadZipFile, zlib.error),
    # An encrypted archive; an unknown compression is a subclass of it.
    RuntimeError,
)
"""What the reading of a damaged file raises."""


def read_features(file: IO[bytes], name: str) -> tuple[NDArray[Any], str]:
    """Read the array of features in a file. Nothing in it is executed.

    Parameters
    ----------
    file : binary file
        An ``.npy`` or ``.npz`` file, open for reading.
    name : str
        Its name, for messages.

    Returns
    -------
    features : ndarray
        Of several arrays in an ``.npz`` the largest that has at least 2 frames and 2 bins or bands.
    key : str
        Its name in an ``.npz``; empty for an ``.npy``.

    Raises
    ------
    ValueError
        If the file holds no such array.
    """
    try:
        if zipfile.is_zipfile(file):
            return _largest(file)
        file.seek(0)
        array = np.lib.format.read_array(file, allow_pickle=False)
        if array.dtype.kind not in NUMBERS:
            raise ValueError(f"it has dtype {array.dtype}")
        return array, ""
    except UNREADABLE as error:
        reason = f"{error}".rstrip(".")
        raise ValueError(
            f"`features` must be an array of numbers in a .npy or .npz file; got {short_repr(name)} ({reason})."
        ) from None


def _largest(file: IO[bytes]) -> tuple[NDArray[Any], str]:
    with zipfile.ZipFile(file) as members:
        n_bytes = sum(member.file_size for member in members.infolist())
    if n_bytes > MOST_BYTES:
        raise ValueError(f"its arrays have {n_bytes} bytes, more than {MOST_BYTES}")
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        found = dict(_numbers(arrays))
    features = {key: each for key, each in found.items() if sum(length > 1 for length in each.shape) >= 2}
    if not features:
        raise ValueError("it has no array of numbers with two axes")
    key = max(features, key=lambda each: math.prod(features[each].shape))
    return features[key], key


def _numbers(arrays: Any) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of numbers; those of objects, and members that are no array, are left alone."""
    for key in arrays.files:
        with suppress(ValueError):
            found = arrays[key]
            if isinstance(found, np.ndarray) and found.dtype.kind in NUMBERS:
                yield key, found
