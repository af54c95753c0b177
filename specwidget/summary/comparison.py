"""A/B comparison: the rows of the table that compares two settings, for one sound or for two."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specwidget.front_end import count_frames, dropped_tail, output_shape
from specwidget.mel.stages import BandSettings, FrontEndSettings, transform_of, values_of
from specwidget.sounds import Sound
from specwidget.stft.window_merits import MAX_SAMPLES, window_merits
from specwidget.stft.windows import window_repr
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import format_bytes
from specwidget.summary.shape_steps import output_bytes


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
class Variant:
    """One of A and B: settings, and the sound that they are for.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        The settings.
    sound : Sound
        The sound.
    """

    settings: FrontEndSettings
    sound: Sound

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the sound, (B, L, C)."""
        batch, n_samples, channels = self.sound.samples.shape
        return int(batch), int(n_samples), int(channels)

    @property
    def sample_rate(self) -> float | None:
        """Samples per second."""
        return self.sound.sample_rate

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


def compare(a: Variant, b: Variant) -> list[ComparisonRow]:
    """Compare two settings, each with its sound.

    Parameters
    ----------
    a, b : Variant
        The two sides.

    Returns
    -------
    list of ComparisonRow
        Where a sound is too short for its settings, its value says so.

    Examples
    --------
    >>> from specwidget.sounds import as_sound
    >>> from specwidget.stft.settings import STFTSettings
    >>> sound = as_sound(np.zeros(16_000), 16_000)
    >>> rows = compare(
    ...     Variant(STFTSettings(), sound), Variant(STFTSettings(frame_length=1024), sound)
    ... )
    >>> [row.values for row in rows if row.name in ("Δf", "Frames T")]
    [('94.12 Hz', '23.46 Hz'), ('124', '30')]
    """
    has_bands = isinstance(a.settings, BandSettings) or isinstance(b.settings, BandSettings)
    return [
        ComparisonRow(name, (_value(a, make), _value(b, make)), formula)
        for name, (make, formula) in ROWS.items()
        if has_bands or make is not _bands
    ]


def _value(side: Variant, make: Callable[[Variant], str]) -> str:
    """Return a value, or "sound too short" if it needs frames and there are none."""
    settings, n_samples = side.settings, side.shape[1]
    return "sound too short" if make in NEEDS_FRAMES and count_frames(n_samples, settings) < 1 else make(side)


def _sound(side: Variant) -> str:
    sound = side.sound
    length = f"{side.shape[1]} samples" if sound.duration is None else format_duration(sound.duration)
    rate = "" if sound.sample_rate is None else f", {format_hertz(sound.sample_rate)}"
    return f"{sound.name}, {length}{rate}"


def _mode(side: Variant) -> str:
    settings = side.settings
    if isinstance(settings, BandSettings):
        return settings.mode
    return f"{settings.mode}, {settings.scaling or 'no scaling'}"


def _window(side: Variant) -> str:
    values = values_of(side.settings)
    return f"{window_repr(values['window'])}, {'periodic' if values['periodic'] else 'symmetric'}"


def _bands(side: Variant) -> str:
    settings = side.settings
    if not isinstance(settings, BandSettings):
        return "none"
    edges = settings.mel.bank.edges
    return f"{settings.mel.n_bands}, {format_hertz(edges[0], 4)} to {format_hertz(edges[-1], 4)}"


def _frame_duration(side: Variant) -> str:
    length = side.settings.frame_length
    return f"{length} samples" if side.sample_rate is None else format_duration(length / side.sample_rate)


def _noise_bandwidth(side: Variant) -> str:
    length = side.settings.frame_length
    if length > MAX_SAMPLES:
        return "frame too long"
    return side.frequency(window_merits(side.window).noise_bandwidth / length)


def _frames(side: Variant) -> str:
    return str(count_frames(side.shape[1], side.settings))


def _output(side: Variant) -> str:
    batch, n_samples, channels = side.shape
    shape = side.shape if side.settings.channels_last else (batch, channels, n_samples)
    return f"({', '.join(map(str, output_shape(shape, side.settings)))})"


def _memory(side: Variant) -> str:
    return format_bytes(output_bytes(side.settings, *side.shape))


def _tail(side: Variant) -> str:
    return str(dropped_tail(side.shape[1], side.settings))


ROWS: dict[str, tuple[Callable[[Variant], str], str]] = {
    "Sound": (_sound, ""),
    "Mode, scaling": (_mode, ""),
    "Window": (_window, ""),
    "Frame, samples": (lambda side: side.time(side.settings.frame_length), ""),
    "Step, samples": (lambda side: side.time(side.settings.step), ""),
    "FFT N, samples": (lambda side: str(side.settings.n_fft), ""),
    "Δt": (_frame_duration, "duration of a frame"),
    "Δf": (_noise_bandwidth, "equivalent noise bandwidth of the window"),
    "Bin spacing": (lambda side: side.frequency(1 / side.settings.n_fft), "sample_rate / N"),
    "Frames T": (_frames, ""),
    "Bins F": (lambda side: str(transform_of(side.settings).n_bins), ""),
    "Bands M": (_bands, ""),
    "Output": (_output, ""),
    "Output memory": (_memory, ""),
    "Dropped tail": (_tail, "samples at the end that no frame covers"),
}
"""The rows, from top to bottom: for each the function of its value, and its formula."""

NEEDS_FRAMES = (_frames, _output, _memory, _tail)
"""Functions whose value needs at least one frame."""
