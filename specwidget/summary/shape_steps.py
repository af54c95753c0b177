"""What the shape readouts of every front end have in common: rows, axes, and the steps at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from specwidget.front_end import count_frames
from specwidget.mel.stages import FrontEndSettings
from specwidget.stft.settings import STFTSettings
from specwidget.summary.quantities import format_duration
from specwidget.summary.readouts import Row, format_bytes

DTYPE_BYTES = {"float16": 2, "float32": 4, "float64": 8}


@dataclass(frozen=True)
class Axis:
    """One axis of an array: its symbol in the formulas, its name, and its length."""

    symbol: str
    name: str
    length: int


@dataclass(frozen=True)
class ShapeRow(Row):
    """One readout of a step from the input to the output.

    Parameters
    ----------
    step : str
        The step: one of `STEPS`.
    axes : tuple of Axis
        Axes of the array after the step, in the first row of each step.
    meaning : str
        Explanation, in a sentence or two.
    mark : str
        What is highlighted in the waveform or the spectrogram: "sound", "padding", "frame", "step", "tail", "bin" or
        "value".
    shares : tuple of float
        Proportions for the diagram: for the padded signal the zeros on the left and on the right as shares of its
        length, for the frames the step as a fraction of the frame length.
    """

    step: str = ""
    axes: tuple[Axis, ...] = ()
    meaning: str = ""
    mark: str = ""
    shares: tuple[float, ...] = ()


@dataclass(frozen=True)
class Signal:
    """Size of the signal: batch items, samples, channels, and samples per second."""

    batch: int
    n_samples: int
    channels: int
    sample_rate: float | None

    def ordered(self, time: Axis, settings: FrontEndSettings) -> tuple[Axis, ...]:
        """Return the axes batch, time and channels in the order of the settings."""
        batch, channels = Axis("B", "batch", self.batch), Axis("C", plural("channel", self.channels), self.channels)
        return (batch, time, channels) if settings.channels_last else (batch, channels, time)

    def framed(self, last: Axis, settings: FrontEndSettings) -> tuple[Axis, ...]:
        """Return the axes batch, channels and frames, and the axis within a frame."""
        n_frames = count_frames(self.n_samples, settings)
        return (
            Axis("B", "batch", self.batch),
            Axis("C", plural("channel", self.channels), self.channels),
            Axis("T", plural("frame", n_frames), n_frames),
            last,
        )


def plural(name: str, count: int) -> str:
    """Return a name in the plural unless the count is 1."""
    return name if count == 1 else f"{name}s"


def count(number: int, name: str) -> str:
    """Return a number with the name of what is counted."""
    return f"{number} {plural(name, number)}"


def shape_text(shape: Sequence[int | None]) -> str:
    """Return a shape as Python writes it."""
    return f"({', '.join(str(length) for length in shape)})"


def output_bytes(settings: FrontEndSettings, batch: int, n_samples: int, channels: int) -> int:
    """Return the number of bytes of the output."""
    n_values = batch * channels * count_frames(n_samples, settings) * settings.n_outputs
    return n_values * DTYPE_BYTES[settings.result_dtype]


def input_row(settings: FrontEndSettings, shape: Sequence[int], signal: Signal) -> ShapeRow:
    """Return the row of the input: its shape and its axes."""
    seconds = "" if signal.sample_rate is None else f", {format_duration(signal.n_samples / signal.sample_rate)}"
    order = "last" if settings.channels_last else "before time"
    meaning = (
        f"{count(signal.batch, 'signal')} of {count(signal.n_samples, 'sample')}{seconds}, "
        f"{count(signal.channels, 'channel')} each; the channel axis is {order}."
    )
    names = "batch, time, channels" if settings.channels_last else "batch, channels, time"
    axes = signal.ordered(Axis("L", "time", signal.n_samples), settings)
    return ShapeRow("input", shape_text(shape), names, axes=axes, meaning=meaning, mark="sound")


def step_row(settings: FrontEndSettings, signal: Signal) -> ShapeRow:
    """Return the row of the distance of two frames."""
    is_default = isinstance(settings, STFTSettings) and settings.frame_step is None
    source = "default: half a frame" if is_default else "as set"
    value = count(settings.step, "sample")
    meaning = f"Adjacent frames start {value} apart; each frame is one column of the spectrogram."
    if signal.sample_rate is None:
        return ShapeRow("step", value, source, meaning=meaning, mark="step")
    seconds = format_duration(settings.step / signal.sample_rate)
    formula = f"step / sample_rate = {settings.step} / {signal.sample_rate:.10g}, {source}"
    return ShapeRow("step", seconds, formula, meaning=meaning, mark="step")


def memory_row(settings: FrontEndSettings, signal: Signal) -> ShapeRow:
    """Return the row of the memory of the output."""
    n_bytes = output_bytes(settings, signal.batch, signal.n_samples, signal.channels)
    factors = [
        signal.batch,
        count_frames(signal.n_samples, settings),
        signal.channels,
        settings.n_outputs,
        DTYPE_BYTES[settings.result_dtype],
    ]
    worked = " × ".join(str(factor) for factor in factors)
    return ShapeRow("output memory", format_bytes(n_bytes), f"{worked} bytes, {settings.result_dtype}")
