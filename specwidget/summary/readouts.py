"""What the explorer says of a computation, and how it writes sizes, times and shares: pure functions to text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from specwidget.stft.modes import floor_value
from specwidget.stft.settings import STFTSettings
from specwidget.stft.transform import TransformPath


@dataclass(frozen=True)
class Row:
    """One fact: its name, its value, and the formula or the reason."""

    name: str
    value: str
    formula: str = ""

    def __str__(self) -> str:
        """Return the row as a line of text."""
        return f"{self.name:<18} {self.value:<24} {self.formula}".rstrip()


class Outcome(Protocol):
    """What is told of a computation: a `Spectrogram`, or what the page shows of one."""

    @property
    def settings(self) -> STFTSettings:
        """Settings of the transform."""

    @property
    def library(self) -> str:
        """Library that computed."""

    @property
    def note(self) -> str:
        """Why it was not computed on a CUDA device, where that was to be tried."""

    @property
    def path(self) -> TransformPath:
        """By which transform it was computed."""

    @property
    def seconds(self) -> float:
        """How long it took; 0 where it is not done."""

    def floor_share(self) -> float | None:
        """Return the share of the values on the floor; None where there is none, or it is not known yet."""


def result_rows(outcome: Outcome, timed: str = "the transform alone") -> list[Row]:
    """Tell what only the computation shows: the share on the floor, where it was computed, and how long it took.

    Parameters
    ----------
    outcome : Spectrogram or Shown
        What was computed.
    timed : str
        What the time is of.

    Returns
    -------
    list of Row
    """
    rows = []
    if floor_value(outcome.settings) is not None:
        share = outcome.floor_share()
        value = "being counted" if share is None else format_share(share)
        floor = f"magnitude {math.sqrt(outcome.settings.epsilon):.3g} = sqrt(epsilon)"
        rows.append(Row("on the floor", value, f"share of the output at the lowest value, {floor}"))
    where = f"{outcome.library}, {outcome.path}"
    rows.append(Row("computed by", where, " ".join(filter(None, [f"{PATHS[outcome.path]}.", outcome.note]))))
    if outcome.seconds:
        rows.append(Row("took", f"{1000 * outcome.seconds:.3g} ms", timed))
    else:
        rows.append(Row("picture", "a first sketch", "some frames of each column; the exact maximum follows"))
    return rows


PATHS = {
    "fft": "FFT of windowed frames: the kernels are Fourier's",
    "matmul": "frames times the kernels: they are no longer Fourier's",
}
"""What the two ways to the same numbers are."""


def format_bytes(n_bytes: int) -> str:
    """Return a size with its unit.

    Examples
    --------
    >>> format_bytes(640), format_bytes(2_572_000), format_bytes(3 * 2**30)
    ('640 B', '2.453 MiB', '3 GiB')
    """
    if n_bytes < 1024:
        return f"{n_bytes} B"
    power = min(int(math.log2(n_bytes) // 10), 4)
    return f"{n_bytes / 1024**power:.4g} {('B', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"


def format_seconds(seconds: float) -> str:
    """Return a time with a unit that suits it, to a tenth of a sample or better.

    Examples
    --------
    >>> format_seconds(0.0053333), format_seconds(12.25), format_seconds(-0.000125)
    ('5.333 ms', '12.25 s', '-125 µs')
    """
    if seconds == 0:
        return "0 s"
    scale, unit = (1, "s") if abs(seconds) >= 1 else (1e3, "ms") if abs(seconds) >= 1e-3 else (1e6, "µs")
    return f"{seconds * scale:.4g} {unit}"


def format_share(share: float) -> str:
    """Return a share in percent; only nothing reads as 0 and only all as 100.

    Examples
    --------
    >>> format_share(0.0), format_share(0.00001), format_share(0.2471), format_share(0.99999), format_share(1.0)
    ('0 %', 'under 0.1 %', '24.7 %', 'over 99.9 %', '100 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.3g} %"
