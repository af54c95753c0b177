"""Shape readouts: the shapes from the input to the output, with formulas, the numbers in them, and their meaning.

They are computed from integers, so that every row is known before the transform runs. Without a sample rate, times are
in samples and frequencies in cycles per sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from specwidget.stft.kernels import kernel_names, kernel_shape
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import (
    check_input_shape,
    count_frames,
    dropped_tail,
    frame_centre,
    frames_extent,
    output_shape,
    padding_amounts,
)
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import Row, format_bytes, format_share

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


STEPS: tuple[str, ...] = ("input", "padded", "frames", "kernels", "bins", "output")
"""The steps from the input to the output."""


def shape_rows(settings: STFTSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[ShapeRow]:
    """Return the rows about the shapes of all steps from the input to the output.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    input_shape : sequence of 3 int
        Shape of the input, in the order of the settings' `data_format`.
    sample_rate : float or None
        Samples per second; without it there are no seconds and no Hz.

    Returns
    -------
    list of ShapeRow
        Grouped by step, from the input to the output.

    Raises
    ------
    ValueError
        If the shape is invalid.

    Examples
    --------
    >>> for row in shape_rows(STFTSettings(), (1, 16_000, 1), 16_000)[:4]:
    ...     print(row)
    input              (1, 16000, 1)            batch, time, channels
    padded             0 left, 0 right          no padding
    frames             T = 124                  floor((L - frame_length) / step) + 1 = floor((16000 - 256) / 128) + 1
    dropped tail       0 samples                (L - frame_length) mod step = (16000 - 256) mod 128
    """
    shape = tuple(int(length) for length in input_shape)
    batch, n_samples, channels = (int(length or 0) for length in check_input_shape(shape, settings))
    signal = _Signal(batch, n_samples, channels, sample_rate)
    rows = {
        "input": [_input_row(settings, shape, signal)],
        "padded": [_padding_row(settings, signal)],
        "frames": [
            _frames_row(settings, signal),
            _tail_row(settings, signal),
            _step_row(settings, signal),
            _centre_row(settings, signal),
        ],
        "kernels": [_kernels_row(settings), _fft_row(settings)],
        "bins": [_bins_row(settings, signal), _spacing_row(settings, signal)],
        "output": [_output_row(settings, shape, signal), _memory_row(settings, signal)],
    }
    return [replace(row, step=step) for step in STEPS for row in rows[step]]


def shape_lines(settings: STFTSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[str]:
    """Return `shape_rows` as lines of text."""
    return [str(row) for row in shape_rows(settings, input_shape, sample_rate)]


def shape_summary(settings: STFTSettings, input_shape: Sequence[int]) -> str:
    """Return input shape, frames and output shape in one line.

    Examples
    --------
    >>> shape_summary(STFTSettings(frame_step=128, fft_length=512, padding="same"), (3, 160_000, 2))
    '(3, 160000, 2) -> 1250 frames of 256 -> (3, 1250, 514)'
    """
    n_samples = int(check_input_shape(tuple(input_shape), settings)[1] or 0)
    frames = count_frames(n_samples, settings)
    result = _shape(output_shape(tuple(input_shape), settings))
    return f"{_shape(input_shape)} -> {frames} {_plural('frame', frames)} of {settings.frame_length} -> {result}"


@dataclass(frozen=True)
class _Signal:
    """Size of the signal: batch items, samples, channels, and samples per second."""

    batch: int
    n_samples: int
    channels: int
    sample_rate: float | None

    def ordered(self, time: Axis, settings: STFTSettings) -> tuple[Axis, ...]:
        """Return the axes batch, time and channels in the order of the settings."""
        batch, channels = Axis("B", "batch", self.batch), Axis("C", _plural("channel", self.channels), self.channels)
        return (batch, time, channels) if settings.channels_last else (batch, channels, time)

    def framed(self, last: Axis, settings: STFTSettings) -> tuple[Axis, ...]:
        """Return the axes batch, channels and frames, and the axis within a frame."""
        n_frames = count_frames(self.n_samples, settings)
        return (
            Axis("B", "batch", self.batch),
            Axis("C", _plural("channel", self.channels), self.channels),
            Axis("T", _plural("frame", n_frames), n_frames),
            last,
        )


def _plural(name: str, count: int) -> str:
    return name if count == 1 else f"{name}s"


def _count(count: int, name: str) -> str:
    return f"{count} {_plural(name, count)}"


def output_bytes(settings: STFTSettings, batch: int, n_samples: int, channels: int) -> int:
    """Return the number of bytes of the output."""
    n_values = batch * channels * count_frames(n_samples, settings) * settings.n_outputs
    return n_values * DTYPE_BYTES[settings.result_dtype]


def _shape(shape: Sequence[int | None]) -> str:
    return f"({', '.join(str(length) for length in shape)})"


def _input_row(settings: STFTSettings, shape: Sequence[int], signal: _Signal) -> ShapeRow:
    seconds = "" if signal.sample_rate is None else f", {format_duration(signal.n_samples / signal.sample_rate)}"
    order = "last" if settings.channels_last else "before time"
    meaning = (
        f"{_count(signal.batch, 'signal')} of {_count(signal.n_samples, 'sample')}{seconds}, "
        f"{_count(signal.channels, 'channel')} each; the channel axis is {order}."
    )
    names = "batch, time, channels" if settings.channels_last else "batch, channels, time"
    axes = signal.ordered(Axis("L", "time", signal.n_samples), settings)
    return ShapeRow("input", _shape(shape), names, axes=axes, meaning=meaning, mark="sound")


def _padding_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    n_samples = signal.n_samples
    left, right = padding_amounts(n_samples, settings)
    length = left + n_samples + right
    facts: dict[str, Any] = {
        "axes": signal.ordered(Axis("L + zeros" if left + right else "L", "time", length), settings),
        "mark": "padding",
        "shares": (left / length, right / length),
    }
    if settings.padding == "valid":
        meaning = (
            "No zeros are added: the first frame begins at the first sample, and an incomplete last frame is dropped."
        )
        return ShapeRow("padded", "0 left, 0 right", "no padding", meaning=meaning, **facts)
    meaning = (
        f"{_count(left, 'zero')} before the first sample and {right} after the last one, so that there is one frame "
        "per step. The first and last frames are partly zeros."
    )
    worked = f"({count_frames(n_samples, settings)} - 1) × {settings.step} + {settings.frame_length} - {n_samples}"
    formula = f"max((T - 1) step + frame_length - L, 0) = max({worked}, 0)"
    return ShapeRow("padded", f"{left} left, {right} right", formula, meaning=meaning, **facts)


def _frames_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    n_frames = count_frames(signal.n_samples, settings)
    step, length = settings.step, settings.frame_length
    if settings.padding == "same":
        formula = f"ceil(L / step) = ceil({signal.n_samples} / {step})"
    else:
        worked = f"floor(({signal.n_samples} - {length}) / {step}) + 1"
        formula = f"floor((L - frame_length) / step) + 1 = {worked}"
    left = padding_amounts(signal.n_samples, settings)[0]
    start = f"t × {step}" + (f" - {left}" if left else "")
    shared = length - step
    overlap = f"Adjacent frames overlap by {shared} of {length} samples, {format_share(shared / length)}."
    return ShapeRow(
        "frames",
        f"T = {n_frames}",
        formula,
        axes=signal.framed(Axis("n", _plural("sample", length), length), settings),
        meaning=f"Frame t has {_count(length, 'sample')} from sample {start}. "
        + (overlap if shared else "Adjacent frames do not overlap."),
        mark="frame",
        shares=(step / length,),
    )


def _tail_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    tail = dropped_tail(signal.n_samples, settings)
    value = _count(tail, "sample")
    if signal.sample_rate is not None and tail:
        value += f", {format_duration(tail / signal.sample_rate)}"
    if settings.padding == "valid":
        formula = f"(L - frame_length) mod step = ({signal.n_samples} - {settings.frame_length}) mod {settings.step}"
    else:
        extent = frames_extent(count_frames(signal.n_samples, settings), settings)
        formula = f"the last frame ends at {extent}" if tail else "the frames reach the end of the padded signal"
    meaning = (
        f"The last {_count(tail, 'sample')} {'is' if tail == 1 else 'are'} in no frame, so missing from the output."
        if tail
        else "Every sample is in at least one frame."
    )
    return ShapeRow("dropped tail", value, formula, meaning=meaning, mark="tail")


def _step_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    source = "default: half a frame" if settings.frame_step is None else "as set"
    value = _count(settings.step, "sample")
    meaning = f"Adjacent frames start {value} apart; each frame is one column of the spectrogram."
    if signal.sample_rate is None:
        return ShapeRow("step", value, source, meaning=meaning, mark="step")
    seconds = format_duration(settings.step / signal.sample_rate)
    formula = f"step / sample_rate = {settings.step} / {signal.sample_rate:.10g}, {source}"
    return ShapeRow("step", seconds, formula, meaning=meaning, mark="step")


def _centre_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    centre = frame_centre(0, signal.n_samples, settings)
    left = padding_amounts(signal.n_samples, settings)[0]
    value = f"sample {centre:g}"
    if signal.sample_rate is not None:
        value = f"{format_duration(centre / signal.sample_rate)}, {value}"
    return ShapeRow("first centre", value, f"frame_length / 2 - left = {settings.frame_length} / 2 - {left}")


def _kernels_row(settings: STFTSettings) -> ShapeRow:
    names, shape = kernel_names(settings), kernel_shape(settings)
    length, _, n_bins = shape
    n_bytes = len(names) * length * n_bins * DTYPE_BYTES[settings.compute_dtype]
    waves = " and ".join(f"{n_bins} {_plural(WAVES[name], n_bins)}" for name in names)
    shaped = "without a window" if settings.window is None else "multiplied by the window"
    return ShapeRow(
        "kernels",
        f"{len(names)} × {_shape(shape)}",
        f"(frame_length, 1, F); {format_bytes(n_bytes)} when built",
        axes=(
            Axis("n", _plural("sample", length), length),
            Axis("1", "in", 1),
            Axis("F", _plural("bin", n_bins), n_bins),
        ),
        meaning=f"Each output value is the dot product of a frame with one of the {waves}, {shaped}.",
        mark="bin",
    )


WAVES = {"real": "cosine", "imag": "sine"}
"""Fourier kernels of the real and the imaginary part."""


def _fft_row(settings: STFTSettings) -> ShapeRow:
    zeros = settings.n_fft - settings.frame_length
    formula = f"as set: {_count(zeros, 'zero')} after the frame" if zeros else "as set"
    if settings.fft_length is None:
        formula = f"default: smallest power of two >= {settings.frame_length}"
    return ShapeRow("FFT length", f"N = {settings.n_fft}", formula)


def _bins_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    rate = signal.sample_rate
    spacing, top = (
        (f"{1 / settings.n_fft:.4g}", "0.5 cycles/sample")
        if rate is None
        else (format_hertz(rate / settings.n_fft, 5), format_hertz(rate / 2, 5))
    )
    finer = (
        f" With zero-padding, bins are closer than the resolution of {settings.frame_length} samples."
        if settings.n_fft > settings.frame_length
        else ""
    )
    return ShapeRow(
        "bins",
        f"F = {settings.n_bins}",
        f"floor(N / 2) + 1 = floor({settings.n_fft} / 2) + 1",
        axes=signal.framed(Axis("F", _plural("bin", settings.n_bins), settings.n_bins), settings),
        meaning=f"Bin k has its centre at k × {spacing}, from 0 to {top}; a bin is one row of the spectrogram.{finer}",
        mark="bin",
    )


def _spacing_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    n_fft, rate = settings.n_fft, signal.sample_rate
    if rate is None:
        return ShapeRow("bin spacing", f"{1 / n_fft:.6g} cycles/sample", f"1 / N = 1 / {n_fft}")
    return ShapeRow("bin spacing", format_hertz(rate / n_fft, 5), f"sample_rate / N = {rate:.10g} / {n_fft}")


def _output_row(settings: STFTSettings, shape: Sequence[int], signal: _Signal) -> ShapeRow:
    result = tuple(int(length or 0) for length in output_shape(tuple(shape), settings))
    bins = f"2 × {settings.n_bins}" if settings.mode == "stft" else f"{settings.n_bins}"
    values = "2F" if settings.mode == "stft" else "F"
    if settings.expand_dims:
        symbols: tuple[str, ...] = ("B", "T", values, "C") if settings.channels_last else ("B", "C", "T", values)
        formula = f"({', '.join(symbols)}), channels on an axis of their own"
        layout = "channels are on an axis of their own"
    else:
        joined = f"C × {values}"
        symbols = ("B", "T", joined) if settings.channels_last else ("B", joined, "T")
        formula = f"({', '.join(symbols)}) with {joined} = {signal.channels} × {bins}"
        layout = "the bins of all channels are concatenated on one axis"
    names = {"B": "batch", "T": "frames", "C": "channels", values: "values"}
    axes = tuple(
        Axis(symbol, names.get(symbol, "values"), length) for symbol, length in zip(symbols, result, strict=True)
    )
    meaning = f"Mode {settings.mode!r} gives {OUTPUT_WORDS[settings.mode]}; {layout}."
    return ShapeRow("output", _shape(result), formula, axes=axes, meaning=meaning, mark="value")


OUTPUT_WORDS: dict[str, str] = {
    "log": "the natural logarithm of the magnitude of each bin",
    "magnitude": "the magnitude of each bin",
    "psd": "the one-sided power of each bin",
    "real": "the real part of each bin",
    "imag": "the imaginary part of each bin",
    "angle": "the phase of each bin, in radians",
    "stft": "the real parts of all bins, then the imaginary parts",
}
"""Output of each mode, in words."""


def _memory_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
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
