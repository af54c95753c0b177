"""A sound: samples, their rate, and where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_BYTES = 2 * 2**30
"""Most bytes that the float32 samples of one sound may take, unless the caller says otherwise."""


class SoundError(ValueError):
    """A sound that cannot be read; its text is one sentence that a person can act on."""


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples with their rate, a name and a credit.

    Sounds are compared and hashed by identity, as arrays do not compare to one truth value.

    Parameters
    ----------
    samples : array, shape (B, L, C)
        Sample `n` of channel `c` of batch item `b` is ``samples[b, n, c]``; full scale is 1. An array of NumPy or
        CuPy of float16, float32 or float64; what this package reads or computes itself is NumPy float32 with B = 1.
    sample_rate : float or None
        Samples per second; None where it is not known.
    name : str
        Short name, for menus and titles: a recording's, a synthetic signal's, or the file's.
    credit : str, optional
        Who made it, where it is from and its licence, in one line; empty for the caller's own sounds.
    description : str, optional
        What to look for in its picture; for synthetic signals the known answer.
    parameters : mapping of str to number, optional
        For a synthetic signal, what it was computed from.
    """

    samples: Any
    sample_rate: float | None
    name: str
    credit: str = ""
    description: str = ""
    parameters: Mapping[str, float] | None = None

    @property
    def duration(self) -> float | None:
        """Length in seconds; None without a sample rate."""
        return None if self.sample_rate is None else self.samples.shape[1] / self.sample_rate
