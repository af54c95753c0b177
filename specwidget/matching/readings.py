"""What an array may be: bins of one side or of both, or bands; and how many of its frames were computed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.matching.layouts import USUAL_BANDS, Layout

MOST_SILENT = 3
"""Most frames of one value at the end that are taken for silence first."""


def families(layout: Layout) -> list[str]:
    """Return what the values may be, the likelier first: bins, all bins of both sides, or bands."""
    n_values = layout.values.shape[1]
    if layout.is_complex:
        return ["bins", "two"] if n_values % 2 else ["two", "bins"]
    found = []
    if _is_symmetric(layout.values):
        found.append("two")
    is_usual = (2 * (n_values - 1)) % 10 == 0 or (n_values - 1) & (n_values - 2) == 0
    order = ["bins", "bands"] if is_usual and n_values % 2 else ["bands", "bins"]
    found += [family for family in order if not (family == "bands" and n_values > 400)]
    return found


def is_likely(n_values: int, family: str) -> bool:
    """Check whether a number of bins or bands is usual."""
    if family == "bands":
        return n_values in USUAL_BANDS
    n_fft = n_values if family == "two" else 2 * (n_values - 1)
    return n_fft & (n_fft - 1) == 0 or n_fft % 20 == 0


def _is_symmetric(values: NDArray[Any]) -> bool:
    """Check whether bin k has the values of bin N - k."""
    mirrored = values[:, :0:-1]
    size = np.abs(values).max()
    return bool(values.shape[1] > 4 and np.allclose(values[:, 1:], mirrored, atol=1e-5 * size))


def possible_fft_lengths(values: NDArray[Any], family: str) -> tuple[list[int], str]:
    """Return the lengths of the FFT that have this number of bins, and which sides they are of."""
    n_values = values.shape[1]
    if family == "two":
        return [n_values], "two"
    even, odd = 2 * (n_values - 1), 2 * n_values - 1
    return ([even] if even % 10 == 0 or even & (even - 1) == 0 else [even, odd]), "one"


def possible_frame_counts(values: NDArray[Any], *, trust: bool) -> list[int]:
    """Return numbers of frames that may have been computed: all, and those without constant ones at the end."""
    last = values[-1]
    n_constant = 0
    if np.ptp(np.abs(last)) == 0:
        differs = np.any(values != last, axis=1)
        n_constant = len(values) - (int(np.flatnonzero(differs)[-1]) + 1 if differs.any() else 0)
    counts = [len(values)]
    if n_constant > MOST_SILENT:
        counts.insert(0, len(values) - n_constant)
        if not trust:
            counts.insert(0, len(values) - n_constant - 4)
    elif n_constant and not trust:
        # Frames of silence at the floor are no padding, unless nothing else fits.
        counts.append(len(values) - n_constant)
    return [count for count in counts if count >= 2]
