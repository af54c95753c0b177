"""Static state of a view: all that it needs in a page without a kernel."""

from __future__ import annotations

import base64
import math
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

N_LEVELS = 255
"""Levels of a large picture: about as many as a colour map has colours."""

KEPT_CELLS = 2**18
"""Most cells of a picture whose codes are kept as they are."""


@dataclass(frozen=True, eq=False)
class Levels:
    """Codes of a picture as `N_LEVELS` levels, a byte each.

    Level 0 stands for code 0, values that are not finite, and level 1 for code 1, the lowest value.
    """

    values: NDArray[np.uint8]


Buffers = Iterable[bytes | memoryview | Levels]


def to_levels(codes: NDArray[np.uint16]) -> Levels:
    """Reduce codes to levels; a value moves by less than a level.

    Parameters
    ----------
    codes : ndarray of uint16
        Codes of `specwidget.raster.picture.encode`.

    Returns
    -------
    Levels

    Examples
    --------
    >>> to_levels(np.array([0, 1, 2, 32_768, 65_535], np.uint16)).values.tolist()
    [0, 1, 2, 128, 255]
    """
    nearest = 1 + np.rint((codes - 1.0) * ((N_LEVELS - 1) / 65_534))
    return Levels(np.where(codes < 2, codes, np.maximum(nearest, 2)).astype(np.uint8).ravel())


def static_codes(codes: NDArray[np.uint16]) -> Levels | memoryview:
    """Return codes as they are saved: those of a large picture as levels."""
    is_small = codes.size <= KEPT_CELLS
    return np.ascontiguousarray(codes).reshape(-1).view(np.uint8).data if is_small else to_levels(codes)


@dataclass(frozen=True)
class Extra:
    """A part of a view that may be left out of a page, as it can be large.

    Parameters
    ----------
    name : str
        Name in the store.
    label : str
        What it is, such as "the sound".
    least : int
        Bytes below which no form of it can be expected; 0 if there is no such part.
    forms : callable
        Yields the forms in which it can be saved, the best first, each with the sentence that says so.
    """

    name: str
    label: str
    least: int
    forms: Callable[[], Iterator[tuple[str, Any]]]


@dataclass(frozen=True)
class StaticViewState:
    """All that a view needs in a page without a kernel.

    Parameters
    ----------
    traits : dict
        Traits of its model.
    shared : tuple of str
        Names of traits that all views of the page share: a change in one view changes them in the others.
    messages : list of (message, buffers)
        Messages that answer ``want``.
    store : dict of str to JSON values
        Data that other requests are answered from, packed by `pack`.
    extras : tuple of Extra
        Further data for the store, as far as there is room for it.
    stored : tuple of str
        Sentences about what is saved with less precision than the kernel has.
    """

    traits: dict[str, Any]
    shared: tuple[str, ...] = ()
    messages: list[tuple[dict[str, Any], Buffers]] = field(default_factory=list)
    store: dict[str, Any] = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()
    stored: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-serializable form, with buffers as `pack` makes them."""
        return {
            "traits": _finite(self.traits),
            "shared": list(self.shared),
            "messages": [
                {"message": _finite(message), "buffers": [pack(buffer) for buffer in buffers]}
                for message, buffers in self.messages
            ],
            "store": self.store,
        }


StaticViewFactory = Callable[[], StaticViewState]
"""Makes it from the state at one moment; called without the state's lock."""


def pack(value: bytes | memoryview | Levels | dict[str, Any]) -> Any:
    """Return data as JSON values: bytes deflated and in base 64, levels as such; a dict has bytes under `data`."""
    if isinstance(value, dict):
        return {**value, "data": pack(value["data"])}
    if isinstance(value, Levels):
        return {"levels": pack(value.values.tobytes())}
    return base64.b64encode(zlib.compress(value, 9)).decode("ascii")


def unpack(text: str) -> bytes:
    """Return the bytes of a text of `pack`."""
    return zlib.decompress(base64.b64decode(text))


def _finite(value: Any) -> Any:
    """Return a JSON-serializable value, with None in place of numbers that are not finite."""
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
