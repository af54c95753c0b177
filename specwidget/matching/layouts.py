"""Layouts of arrays: which axis is time, which axes are of one, where real and imaginary parts are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

USUAL_BANDS = (13, 20, 23, 26, 32, 40, 48, 60, 64, 72, 80, 90, 96, 100, 120, 128, 160, 192, 224, 229, 256)
"""Usual numbers of bands."""


@dataclass(frozen=True, eq=False)
class Layout:
    """An array read as frames.

    Parameters
    ----------
    values : ndarray (T, K)
        Its values, complex where it has real and imaginary parts.
    axes : tuple of int or None
        Axes of the array; None is an axis of one.
    frames_first : bool
        Whether frames come before bins or bands.
    parts : {"", "last", "halves"}
        Where real and imaginary parts are in a real array: on a last axis of two, or side by side along the bins.
    dtype : dtype
        Type of the array.
    """

    values: NDArray[Any]
    axes: tuple[int | None, ...]
    frames_first: bool
    parts: str
    dtype: Any

    @property
    def is_complex(self) -> bool:
        """Whether the values are complex."""
        return bool(np.iscomplexobj(self.values))

    def restore(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return values (T, K) in the layout of the array, in its dtype."""
        if self.parts == "halves":
            values = np.concatenate([values.real, values.imag], axis=1)
        if not self.frames_first:
            values = values.T
        if self.parts == "last":
            values = np.stack([values.real, values.imag], axis=-1)
        for axis, length in enumerate(self.axes):
            if length is None:
                values = np.expand_dims(values, axis)
        return values.astype(self.dtype, copy=False)

    @property
    def sentence(self) -> str:
        """What the axes are."""
        names = ["frames", "bins or bands"] if self.frames_first else ["bins or bands", "frames"]
        if self.parts == "last":
            names.append("real and imaginary part")
        listed = iter(names)
        shown = ", ".join("1" if length is None else next(listed) for length in self.axes)
        return f"({shown}{',' if len(self.axes) == 1 else ''})" + (
            " with real beside imaginary parts" if self.parts == "halves" else ""
        )


def find_layouts(features: NDArray[Any]) -> Iterator[Layout]:
    """Yield readings of an array, the likelier ones first."""
    axes = tuple(None if length == 1 else length for length in features.shape)
    plain = features.reshape([length for length in features.shape if length != 1])
    found = []
    if plain.ndim == 3 and plain.shape[-1] == 2 and not np.iscomplexobj(plain):
        pairs = plain[..., 0] + 1j * plain[..., 1]
        found = [Layout(pairs if first else pairs.T, axes, first, "last", features.dtype) for first in (True, False)]
    elif plain.ndim == 2:
        for first in (True, False):
            values = plain if first else plain.T
            found.append(Layout(values, axes, first, "", features.dtype))
            n_values = values.shape[1]
            if not np.iscomplexobj(values) and n_values % 2 == 0 and n_values > 8 and values.min() < 0:
                half = n_values // 2
                # The imaginary part of bin 0 is 0.
                if np.all(values[:, half] == 0):
                    pairs = values[:, :half] + 1j * values[:, half:]
                    found.append(Layout(pairs, axes, first, "halves", features.dtype))
    yield from sorted(found, key=lambda layout: -_likelihood(layout))


def _likelihood(layout: Layout) -> int:
    """Rate a number of bins or bands: how usual it is."""
    n_values = layout.values.shape[1]
    if layout.parts == "halves":
        return 5
    if n_values - 1 in (1 << k for k in range(4, 14)):
        return 4
    if n_values in USUAL_BANDS and not layout.is_complex:
        return 3
    if n_values in (1 << k for k in range(4, 14)):
        return 2
    return 2 if (2 * (n_values - 1)) % 100 == 0 or (2 * (n_values - 1)) % 80 == 0 else 0
