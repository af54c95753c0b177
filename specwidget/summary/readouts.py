"""Readouts of a result, and the formats of sizes, times and shares."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from specwidget.front_end import floor_value
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.raster.quantity import get_quantity
from specwidget.spectrogram import per_hertz_decibels
from specwidget.stft.transform import TransformPath
from specwidget.summary.quantities import format_duration


@dataclass(frozen=True)
class Row:
    """One readout: its name, its value, and a formula or reason."""

    name: str
    value: str
    formula: str = ""

    def __str__(self) -> str:
        """Return a line of text."""
        return f"{self.name:<18} {self.value:<24} {self.formula}".rstrip()


class Result(Protocol):
    """Interface of the results that `result_rows` describes: `Spectrogram`, and the explorer's `Computation`."""

    @property
    def settings(self) -> FrontEndSettings:
        """Settings of the front end."""

    @property
    def sample_rate(self) -> float | None:
        """Samples per second."""

    @property
    def library(self) -> str:
        """Library that computed it."""

    @property
    def note(self) -> str:
        """Why it was not computed on a CUDA device, where that was to be tried."""

    @property
    def path(self) -> TransformPath:
        """Algorithm by which it was computed."""

    @property
    def seconds(self) -> float:
        """Time that the computation took; 0 if it is not finished."""

    def floor_share(self) -> float | None:
        """Return the fraction of the values at the floor; None if there is no floor, or it is not known yet."""


def result_rows(result: Result, timed: str = "transform only", unit: str = "") -> list[Row]:
    """Return quantity, fraction at the floor, library, algorithm and time of a computation.

    Parameters
    ----------
    result : Spectrogram or Computation
        The result.
    timed : str
        What the time includes.
    unit : str
        Unit of the signal; empty if it is not known.

    Returns
    -------
    list of Row
    """
    rows = [_quantity_row(result, unit)]
    settings = result.settings
    if not isinstance(settings, BandSettings) and floor_value(settings) is not None:
        share = result.floor_share()
        value = "counting..." if share is None else format_share(share)
        floor = f"magnitude {math.sqrt(settings.epsilon):.3g} = sqrt(epsilon)"
        rows.append(Row("clipped at epsilon", value, f"fraction of the output at its lowest value, {floor}"))
    where = f"{result.library}, {result.path}"
    rows.append(Row("computed by", where, " ".join(filter(None, [f"{PATHS[result.path]}.", result.note]))))
    if result.seconds:
        rows.append(Row("took", format_duration(result.seconds), timed))
    else:
        rows.append(Row("spectrogram", "preview", "from some of the frames; refining..."))
    return rows


def _quantity_row(result: Result, unit: str) -> Row:
    """Return the quantity of the layer's values, and the decibels by which a density per Hz is lower."""
    value = get_quantity(result.settings, decibels=False, unit=unit).axis_label
    settings = result.settings
    per_hertz = None if isinstance(settings, BandSettings) else per_hertz_decibels(settings, result.sample_rate)
    if per_hertz is None:
        return Row("layer value", value)
    return Row("layer value", value, f"as in Keras; per Hz, as in SciPy, it is {-per_hertz:.2f} dB lower")


PATHS = {
    "fft": "FFT of windowed frames, as the kernels are Fourier kernels",
    "matmul": "matrix product of frames and kernels, as the kernels were changed",
}
"""The two algorithms."""


def format_bytes(n_bytes: int) -> str:
    """Format a size with its unit.

    Examples
    --------
    >>> format_bytes(640), format_bytes(2_572_000), format_bytes(3 * 2**30)
    ('640 B', '2.453 MiB', '3 GiB')
    """
    if n_bytes < 1024:
        return f"{n_bytes} B"
    power = min(int(math.log2(n_bytes) // 10), 4)
    return f"{n_bytes / 1024**power:.4g} {('B', 'KiB', 'MiB', 'GiB', 'TiB')[power]}"


def format_share(share: float) -> str:
    """Format a share in percent; only 0 becomes "0 %", and only 1 "100 %".

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
