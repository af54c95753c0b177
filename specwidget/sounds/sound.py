"""`Sound`: samples with their sample rate and origin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from specwidget.stft.formatting import ShortRepr, printable

MAX_BYTES = 2 * 2**30
"""Default limit of the size of a sound's samples as float32, bytes."""


class SoundError(ValueError):
    """Raised if a sound can't be read; the message tells the user the reason and what to do."""


@dataclass(frozen=True, eq=False, repr=False)
class Sound(ShortRepr):
    """Samples with their sample rate, name and credit.

    Sounds are compared and hashed by identity, as a comparison of arrays has no single truth value.

    Parameters
    ----------
    samples : array, shape (B, L, C)
        Sample `n` of channel `c` of batch item `b` is ``samples[b, n, c]``; full scale is 1. An array of NumPy or
        CuPy of float16, float32 or float64. Sounds that this package reads or computes are NumPy float32 with B = 1.
    sample_rate : float or None
        Sample rate, Hz; None if unknown.
    name : str
        Short name for menus and titles: of a recording, a synthetic signal, or a file. What can't be shown on a line,
        such as a control character, becomes an escape.
    credit : str, optional
        Author, source and licence in one line; empty for the caller's own sounds.
    description : str, optional
        What its spectrogram shows; for synthetic signals with the expected values.
    parameters : mapping of str to number, optional
        Parameters of a synthetic signal.
    resampled_from : Sound, optional
        The sound at its own rate that `resample` computed this one from.
    """

    samples: Any
    sample_rate: float | None
    name: str
    credit: str = ""
    description: str = ""
    parameters: Mapping[str, float] | None = None
    resampled_from: Sound | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Make the name one that every output can show."""
        object.__setattr__(self, "name", printable(self.name))

    @property
    def duration(self) -> float | None:
        """Duration, seconds; None without a sample rate."""
        return None if self.sample_rate is None else self.samples.shape[1] / self.sample_rate
