"""A/B comparison: the rows of the table that compares two settings for the same sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, dropped_tail, output_shape
from specwidget.stft.window_merits import MAX_SAMPLES, window_merits
from specwidget.stft.windows import window_repr
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import format_bytes
from specwidget.summary.shape_readouts import output_bytes


@dataclass(frozen=True)
class ComparisonRow:
    """A row of the comparison: its name, the values for A and B, and a formula."""

    name: str
    values: tuple[str, str]
    formula: str

    @property
    def differs(self) -> bool:
        """Whether the two values are different."""
        return self.values[0] != self.values[1]


@dataclass(frozen=True)
class ComparedSettings:
    """Settings with the shape (B, L, C) and the sample rate of the sound."""

    settings: STFTSettings
    shape: tuple[int, int, int]
    sample_rate: float | None

    @property
    def window(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Values of the window, ones where there is none."""
        values = self.settings.window_values
        return np.ones(self.settings.frame_length) if values is None else values

    def time(self, samples: int) -> str:
        """Format a number of samples with its duration."""
        return f"{samples}" if self.sample_rate is None else f"{samples}, {format_duration(samples / self.sample_rate)}"

    def frequency(self, cycles: float) -> str:
        """Format cycles per sample as a frequency."""
        return f"{cycles:.4g} cycles/sample" if self.sample_rate is None else format_hertz(cycles * self.sample_rate, 4)


def compare(a: STFTSettings, b: STFTSettings, shape: tuple[int, int, int], rate: float | None) -> list[ComparisonRow]:
    """Compare two settings for the same sound.

    Parameters
    ----------
    a, b : STFTSettings
        The settings.
    shape : tuple of int
        Shape of the sound, (B, L, C).
    rate : float or None
        Samples per second.

    Returns
    -------
    list of ComparisonRow
        Where the sound is too short for B, its value says so.

    Examples
    --------
    >>> rows = compare(STFTSettings(), STFTSettings(frame_length=1024), (1, 16_000, 1), 16_000)
    >>> [row.values for row in rows if row.name in ("Δf", "Frames T")]
    [('94.12 Hz', '23.46 Hz'), ('124', '30')]
    """
    sides = (ComparedSettings(a, shape, rate), ComparedSettings(b, shape, rate))
    return [
        ComparisonRow(name, (_value(sides[0], make), _value(sides[1], make)), formula)
        for name, (make, formula) in ROWS.items()
    ]


def _value(side: ComparedSettings, make: Callable[[ComparedSettings], str]) -> str:
    """Return a value, or "sound too short" if it needs frames and there are none."""
    settings, n_samples = side.settings, side.shape[1]
    too_short = settings.padding == "valid" and n_samples < settings.frame_length
    return "sound too short" if too_short and make in NEEDS_FRAMES else make(side)


def _mode(side: ComparedSettings) -> str:
    return f"{side.settings.mode}, {side.settings.scaling or 'no scaling'}"


def _window(side: ComparedSettings) -> str:
    kind = "periodic" if side.settings.periodic else "symmetric"
    return f"{window_repr(side.settings.window)}, {kind}"


def _frame_duration(side: ComparedSettings) -> str:
    length = side.settings.frame_length
    return f"{length} samples" if side.sample_rate is None else format_duration(length / side.sample_rate)


def _noise_bandwidth(side: ComparedSettings) -> str:
    length = side.settings.frame_length
    if length > MAX_SAMPLES:
        return "frame too long"
    return side.frequency(window_merits(side.window).noise_bandwidth / length)


def _frames(side: ComparedSettings) -> str:
    return str(count_frames(side.shape[1], side.settings))


def _output(side: ComparedSettings) -> str:
    batch, n_samples, channels = side.shape
    shape = side.shape if side.settings.channels_last else (batch, channels, n_samples)
    return f"({', '.join(map(str, output_shape(shape, side.settings)))})"


def _memory(side: ComparedSettings) -> str:
    return format_bytes(output_bytes(side.settings, *side.shape))


def _tail(side: ComparedSettings) -> str:
    return str(dropped_tail(side.shape[1], side.settings))


ROWS: dict[str, tuple[Callable[[ComparedSettings], str], str]] = {
    "Mode, scaling": (_mode, ""),
    "Window": (_window, ""),
    "Frame, samples": (lambda side: side.time(side.settings.frame_length), ""),
    "Step, samples": (lambda side: side.time(side.settings.step), ""),
    "FFT N, samples": (lambda side: str(side.settings.n_fft), ""),
    "Δt": (_frame_duration, "duration of a frame"),
    "Δf": (_noise_bandwidth, "equivalent noise bandwidth of the window"),
    "Bin spacing": (lambda side: side.frequency(1 / side.settings.n_fft), "sample_rate / N"),
    "Frames T": (_frames, ""),
    "Bins F": (lambda side: str(side.settings.n_bins), ""),
    "Output": (_output, ""),
    "Output memory": (_memory, ""),
    "Dropped tail": (_tail, "samples at the end that no frame covers"),
}
"""The rows, from top to bottom: for each the function of its value, and its formula."""

NEEDS_FRAMES = (_frames, _output, _memory, _tail)
"""Functions whose value needs at least one frame."""
