"""A and B: the settings as they are, those that were kept, and what each of them gives, side by side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, dropped_tail, output_shape
from specwidget.stft.window_merits import MAX_SAMPLES, window_merits
from specwidget.stft.windows import window_repr
from specwidget.summary.readouts import format_bytes, format_seconds
from specwidget.summary.shape_readouts import output_bytes


@dataclass(frozen=True)
class ComparisonRow:
    """A line of the comparison: what it is, its value by A and by B, and how it follows."""

    name: str
    values: tuple[str, str]
    formula: str

    @property
    def differs(self) -> bool:
        """Whether the two values are different."""
        return self.values[0] != self.values[1]


@dataclass(frozen=True)
class Case:
    """Settings, and the sound that they are put to: its shape (B, L, C) and its rate in Hz, or None."""

    settings: STFTSettings
    shape: tuple[int, int, int]
    sample_rate: float | None

    @property
    def window(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Values of the window, ones where there is none."""
        values = self.settings.window_values
        return np.ones(self.settings.frame_length) if values is None else values

    def time(self, samples: int) -> str:
        """Return a number of samples with its time."""
        return f"{samples}" if self.sample_rate is None else f"{samples}, {format_seconds(samples / self.sample_rate)}"

    def frequency(self, cycles: float) -> str:
        """Return cycles per sample as a frequency."""
        return f"{cycles:.4g} cycles/sample" if self.sample_rate is None else f"{cycles * self.sample_rate:.4g} Hz"


def compare(a: STFTSettings, b: STFTSettings, shape: tuple[int, int, int], rate: float | None) -> list[ComparisonRow]:
    """Tell what two settings make of a sound.

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
    list of Compared
        Where B takes no such sound, its part says so.

    Examples
    --------
    >>> rows = compare(STFTSettings(), STFTSettings(frame_length=1024), (1, 16_000, 1), 16_000)
    >>> [row.values for row in rows if row.name in ("Δf", "Frames T")]
    [('94.12 Hz', '23.46 Hz'), ('124', '30')]
    """
    cases = (Case(a, shape, rate), Case(b, shape, rate))
    return [
        ComparisonRow(name, (_value(cases[0], make), _value(cases[1], make)), formula)
        for name, (make, formula) in LINES.items()
    ]


def _value(case: Case, make: Callable[[Case], str]) -> str:
    """Return a value, or a dash where the settings take no such sound."""
    settings, n_samples = case.settings, case.shape[1]
    too_short = settings.padding == "valid" and n_samples < settings.frame_length
    return "sound too short" if too_short and make in NEEDS_FRAMES else make(case)


def _mode(case: Case) -> str:
    """Return the mode, and the scaling."""
    return f"{case.settings.mode}, {case.settings.scaling or 'no scaling'}"


def _window(case: Case) -> str:
    """Return the window, and of which kind it is."""
    kind = "periodic" if case.settings.periodic else "symmetric"
    return f"{window_repr(case.settings.window)}, {kind}"


def _resolved_time(case: Case) -> str:
    """Return the duration of a frame."""
    length = case.settings.frame_length
    return f"{length} samples" if case.sample_rate is None else format_seconds(length / case.sample_rate)


def _resolved_frequency(case: Case) -> str:
    """Return the equivalent noise bandwidth of the window."""
    length = case.settings.frame_length
    if length > MAX_SAMPLES:
        return "not judged"
    return case.frequency(window_merits(case.window).noise_bandwidth / length)


def _frames(case: Case) -> str:
    """Return the number of frames."""
    return str(count_frames(case.shape[1], case.settings))


def _output(case: Case) -> str:
    """Return the shape of the output."""
    batch, n_samples, channels = case.shape
    shape = case.shape if case.settings.channels_last else (batch, channels, n_samples)
    return f"({', '.join(map(str, output_shape(shape, case.settings)))})"


def _memory(case: Case) -> str:
    """Return the memory of the output."""
    return format_bytes(output_bytes(case.settings, *case.shape))


def _tail(case: Case) -> str:
    """Return the samples in no frame."""
    return str(dropped_tail(case.shape[1], case.settings))


LINES: dict[str, tuple[Callable[[Case], str], str]] = {
    "Mode, scaling": (_mode, ""),
    "Window": (_window, ""),
    "Frame, samples": (lambda case: case.time(case.settings.frame_length), ""),
    "Step, samples": (lambda case: case.time(case.settings.step), ""),
    "FFT N, samples": (lambda case: str(case.settings.n_fft), ""),
    "Δt": (_resolved_time, "duration of a frame"),
    "Δf": (_resolved_frequency, "equivalent noise bandwidth of the window"),
    "Bin spacing": (lambda case: case.frequency(1 / case.settings.n_fft), "sample_rate / N"),
    "Frames T": (_frames, ""),
    "Bins F": (lambda case: str(case.settings.n_bins), ""),
    "Output": (_output, ""),
    "Output memory": (_memory, ""),
    "Dropped tail": (_tail, "samples at the end that no frame covers"),
}
"""What is compared, from top to bottom."""

NEEDS_FRAMES = (_frames, _output, _memory, _tail)
"""What there is only where the sound holds a frame."""
