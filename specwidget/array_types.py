"""Which arrays are taken, and the line of code that makes one of a container, or a real signal of another dtype."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from typing import Any

import numpy as np

from specwidget.arrays import is_array

FULL_SCALES: dict[str, tuple[int, int]] = {
    "int8": (0, 2**7),
    "uint8": (2**7, 2**7),
    "int16": (0, 2**15),
    "int32": (0, 2**31),
}
"""Offset and full scale of PCM samples by dtype: float = (integer - offset) / full scale, as in soundfile."""

TWO_SIDED = "For two-sided spectra use scipy.signal.ShortTimeFFT with fft_mode='twosided' or 'centered'."
"""What to use for complex signals, whose negative frequencies differ from the positive ones."""


def check_array_type(name: str, value: Any) -> None:
    """Raise a `TypeError` with the line that converts a value, unless it is an array that can be computed with.

    Parameters
    ----------
    name : str
        Name of the argument.
    value : object
        Its value. A masked array is refused, as its mask would be ignored, and so is an array with a unit.
    """
    if type(value) is np.ndarray:
        return
    conversion = array_conversion(name, value)
    if conversion is None and is_array(value):
        return
    kind = type(value).__name__
    raise TypeError(f"`{name}` must be an array; got {kind}. {conversion or f'Convert it with numpy.asarray({name}).'}")


def array_conversion(name: str, value: Any) -> str | None:
    """Return the sentence that says how a container of samples becomes an array; None for arrays and other objects.

    The libraries are not imported: an object is known by what it has.
    """
    if isinstance(value, np.ma.MaskedArray):
        return f"Fill the masked samples with {name}.filled(0)."
    if isinstance(value, np.ndarray):
        return f"Take its values with {name}.value." if hasattr(value, "unit") else None
    kind: Any = type(value)
    line = _conversion_of(kind)
    return None if line is None else f"Convert it with {line.format(name)}."


@lru_cache(maxsize=64)
def _conversion_of(kind: Hashable) -> str | None:
    """Return the line that makes an array of a container; cached, as it is asked for at every call of a layer."""
    return next((line for attributes, line in _CONVERSIONS if all(hasattr(kind, each) for each in attributes)), None)


_CONVERSIONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("dims", "values", "coords"), "{}.values, with time on the axis before channels"),  # xarray
    (("to_numpy", "iloc"), "{}.to_numpy()"),  # pandas
    (("to_numpy", "null_count"), "{}.to_numpy()"),  # polars, Arrow
    (("toarray", "nnz"), "{}.toarray()"),  # scipy.sparse
    (("compute", "dask"), "{}.compute()"),
    (("id", "chunks", "file"), "{}[:]"),  # h5py
    (("store", "chunks"), "{}[:]"),  # zarr
)
"""Attributes of a type, and the line that makes an array of it."""


def float_conversion(name: str, dtype: str, *, library: str = "NumPy") -> str:
    """Return the sentence that says how samples of another dtype become a real signal with full scale 1.

    Examples
    --------
    >>> float_conversion("inputs", "int16")
    "Convert it with inputs.astype('float32') / 32768."
    """
    if "complex" in dtype:
        return f"The transform is for real signals. {TWO_SIDED}"
    as_float = f"{name}.float()" if library == "PyTorch" else f"{name}.astype('float32')"
    if dtype in FULL_SCALES:
        offset, scale = FULL_SCALES[dtype]
        return f"Convert it with {f'({as_float} - {offset})' if offset else as_float} / {scale}."
    if "uint" in dtype:
        return f"Subtract the value of silence, and divide by the full scale: ({as_float} - 32768) / 32768 for 16 bits."
    if "int" in dtype:
        return f"Divide it by its full scale: {as_float} / 32768 for samples of 16 bits."
    return f"Convert it with {as_float}."
