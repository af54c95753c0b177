"""How the shape of the output follows from that of the input, step by step, in numbers, formulas and words.

The shapes are counted, not measured: every row is known before the transform runs. Without a sample rate, times are
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
from specwidget.summary.readouts import Row, format_bytes, format_seconds, format_share

DTYPE_BYTES = {"float16": 2, "float32": 4, "float64": 8}


@dataclass(frozen=True)
class Axis:
    """One axis of an array: its sign in the formulas, what it counts, and its length."""

    symbol: str
    name: str
    length: int


@dataclass(frozen=True)
class ShapeRow(Row):
    """One fact about a step from the input to the output.

    Parameters
    ----------
    step : str
        Step that it is a fact about: one of `STEPS`.
    axes : tuple of Axis
        Axes of what the step has made; the first row of each step has them.
    meaning : str
        What it means, in a sentence or two.
    mark : str
        What is marked in the waveform or the picture to show it: "sound", "padding", "frame", "step", "tail", "bin" or
        "value".
    shares : tuple of float
        Proportions to draw it by: zeros on the left and on the right as shares of all for the padded signal, the step
        as a share of the frame for the frames.
    """

    step: str = ""
    axes: tuple[Axis, ...] = ()
    meaning: str = ""
    mark: str = ""
    shares: tuple[float, ...] = ()


STEPS: tuple[str, ...] = ("input", "padded", "frames", "kernels", "bins", "output")
"""The steps from the input to the output."""


def shape_rows(settings: STFTSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[ShapeRow]:
    """Tell how the shape of the output follows from that of the input, step by step.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    input_shape : sequence of 3 int
        Shape of the input, in the order that the settings' `data_format` says.
    sample_rate : float or None
        Samples per second; without it no seconds and no Hz are told.

    Returns
    -------
    list of ShapeRow
        Grouped by step, from the input to the output.

    Raises
    ------
    ValueError
        If the transform takes no such shape.

    Examples
    --------
    >>> for row in shape_rows(STFTSettings(), (1, 16_000, 1), 16_000)[:4]:
    ...     print(row)
    input              (1, 16000, 1)            batch, time, channels
    padded             0 left, 0 right          nothing is padded
    frames             T = 124                  floor((L - frame_length) / step) + 1 = floor((16000 - 256) / 128) + 1
    dropped tail       0 samples                (L - frame_length) mod step = (16000 - 256) mod 128
    """
    shape = tuple(int(length) for length in input_shape)
    batch, n_samples, channels = (int(length or 0) for length in check_input_shape(shape, settings))
    signal = _Signal(batch, n_samples, channels, sample_rate)
    told = {
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
    return [replace(row, step=step) for step in STEPS for row in told[step]]


def shape_lines(settings: STFTSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[str]:
    """Return `shape_rows` as lines of text."""
    return [str(row) for row in shape_rows(settings, input_shape, sample_rate)]


def shape_summary(settings: STFTSettings, input_shape: Sequence[int]) -> str:
    """Tell input, frames, bins and output in one line.

    Examples
    --------
    >>> shape_summary(STFTSettings(frame_step=128, fft_length=512, padding="same"), (3, 160_000, 2))
    '(3, 160000, 2) -> T = 1250 frames, F = 257 bins -> (3, 1250, 514)'
    """
    n_samples = int(check_input_shape(tuple(input_shape), settings)[1] or 0)
    frames = count_frames(n_samples, settings)
    result = _shape(output_shape(tuple(input_shape), settings))
    return f"{_shape(input_shape)} -> T = {frames} frames, F = {settings.n_bins} bins -> {result}"


@dataclass(frozen=True)
class _Signal:
    """What is transformed: batch items, samples, channels, and samples per second."""

    batch: int
    n_samples: int
    channels: int
    sample_rate: float | None

    def ordered(self, time: Axis, settings: STFTSettings) -> tuple[Axis, ...]:
        """Return batch, time and channels in the order of the settings."""
        batch, channels = Axis("B", "batch", self.batch), Axis("C", _plural("channel", self.channels), self.channels)
        return (batch, time, channels) if settings.channels_last else (batch, channels, time)

    def framed(self, last: Axis, settings: STFTSettings) -> tuple[Axis, ...]:
        """Return batch, channels and frames, and what each frame holds."""
        n_frames = count_frames(self.n_samples, settings)
        return (
            Axis("B", "batch", self.batch),
            Axis("C", _plural("channel", self.channels), self.channels),
            Axis("T", _plural("frame", n_frames), n_frames),
            last,
        )


def _plural(name: str, count: int) -> str:
    """Return a name for so many."""
    return name if count == 1 else f"{name}s"


def _count(count: int, name: str) -> str:
    """Return a number of things."""
    return f"{count} {_plural(name, count)}"


def output_bytes(settings: STFTSettings, batch: int, n_samples: int, channels: int) -> int:
    """Count the bytes of the output."""
    n_values = batch * channels * count_frames(n_samples, settings) * settings.n_outputs
    return n_values * DTYPE_BYTES[settings.result_dtype]


def _shape(shape: Sequence[int | None]) -> str:
    """Return a shape as Python writes it."""
    return f"({', '.join(str(length) for length in shape)})"


def _input_row(settings: STFTSettings, shape: Sequence[int], signal: _Signal) -> ShapeRow:
    """Tell the shape of the input."""
    seconds = "" if signal.sample_rate is None else f", {format_seconds(signal.n_samples / signal.sample_rate)}"
    order = "last" if settings.channels_last else "before time"
    meaning = (
        f"{_count(signal.batch, 'signal')} of {_count(signal.n_samples, 'sample')}{seconds}, "
        f"{_count(signal.channels, 'channel')} each; the axis of channels comes {order}."
    )
    names = "batch, time, channels" if settings.channels_last else "batch, channels, time"
    axes = signal.ordered(Axis("L", "time", signal.n_samples), settings)
    return ShapeRow("input", _shape(shape), names, axes=axes, meaning=meaning, mark="sound")


def _padding_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the zeros before and after the signal."""
    n_samples = signal.n_samples
    left, right = padding_amounts(n_samples, settings)
    length = left + n_samples + right
    facts: dict[str, Any] = {
        "axes": signal.ordered(Axis("L + zeros" if left + right else "L", "time", length), settings),
        "mark": "padding",
        "shares": (left / length, right / length),
    }
    if settings.padding == "valid":
        meaning = "Nothing is added: the first frame begins at the first sample, and only whole frames count."
        return ShapeRow("padded", "0 left, 0 right", "nothing is padded", meaning=meaning, **facts)
    meaning = (
        f"{_count(left, 'zero')} before the first sample and {right} after the last one, so that there is a frame for "
        "every step. The picture's ends are partly silence."
    )
    worked = f"({count_frames(n_samples, settings)} - 1) × {settings.step} + {settings.frame_length} - {n_samples}"
    formula = f"max((T - 1) step + frame_length - L, 0) = max({worked}, 0)"
    return ShapeRow("padded", f"{left} left, {right} right", formula, meaning=meaning, **facts)


def _frames_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the number of frames."""
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
    overlap = f"Neighbours share {shared} of {length} samples, {format_share(shared / length)}."
    return ShapeRow(
        "frames",
        f"T = {n_frames}",
        formula,
        axes=signal.framed(Axis("n", _plural("sample", length), length), settings),
        meaning=f"Frame t holds {_count(length, 'sample')} from sample {start} on. "
        + (overlap if shared else "Neighbours share no sample."),
        mark="frame",
        shares=(step / length,),
    )


def _tail_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the samples at the end that no frame covers."""
    tail = dropped_tail(signal.n_samples, settings)
    value = _count(tail, "sample")
    if signal.sample_rate is not None and tail:
        value += f", {format_seconds(tail / signal.sample_rate)}"
    if settings.padding == "valid":
        formula = f"(L - frame_length) mod step = ({signal.n_samples} - {settings.frame_length}) mod {settings.step}"
    else:
        extent = frames_extent(count_frames(signal.n_samples, settings), settings)
        formula = f"the last frame ends at {extent}" if tail else "the frames reach the end of the padded signal"
    meaning = (
        f"The last {_count(tail, 'sample')} {'is' if tail == 1 else 'are'} in no frame: the picture does not show "
        f"{'it' if tail == 1 else 'them'}."
        if tail
        else "Every sample is in a frame, or in more than one."
    )
    return ShapeRow("dropped tail", value, formula, meaning=meaning, mark="tail")


def _step_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the distance of two frames."""
    source = "half a frame" if settings.frame_step is None else "as given"
    value = _count(settings.step, "sample")
    meaning = f"From one frame to the next the window moves on by {value}: that is one column of the picture."
    if signal.sample_rate is None:
        return ShapeRow("step", value, source, meaning=meaning, mark="step")
    seconds = format_seconds(settings.step / signal.sample_rate)
    formula = f"step / sample_rate = {settings.step} / {signal.sample_rate:g}, {source}"
    return ShapeRow("step", seconds, formula, meaning=meaning, mark="step")


def _centre_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell where the first frame's centre lies in the signal."""
    centre = frame_centre(0, signal.n_samples, settings)
    left = padding_amounts(signal.n_samples, settings)[0]
    value = f"sample {centre:g}"
    if signal.sample_rate is not None:
        value = f"{format_seconds(centre / signal.sample_rate)}, {value}"
    return ShapeRow("first centre", value, f"frame_length / 2 - left = {settings.frame_length} / 2 - {left}")


def _kernels_row(settings: STFTSettings) -> ShapeRow:
    """Tell number, shape and size of the kernels."""
    names, shape = kernel_names(settings), kernel_shape(settings)
    length, _, n_bins = shape
    n_bytes = len(names) * length * n_bins * DTYPE_BYTES[settings.compute_dtype]
    waves = " and ".join(f"{n_bins} {_plural(WAVES[name], n_bins)}" for name in names)
    shaped = "as they are" if settings.window is None else "shaped by the window"
    return ShapeRow(
        "kernels",
        f"{len(names)} × {_shape(shape)}",
        f"frame_length, 1, F; {format_bytes(n_bytes)} once they are made",
        axes=(
            Axis("n", _plural("sample", length), length),
            Axis("1", "in", 1),
            Axis("F", _plural("bin", n_bins), n_bins),
        ),
        meaning=f"Each frame is multiplied by {waves} as long as itself, {shaped}, and summed: one number for each.",
        mark="bin",
    )


WAVES = {"real": "cosine", "imag": "sine"}
"""What the kernels of each part are before they are trained."""


def _fft_row(settings: STFTSettings) -> ShapeRow:
    """Tell the length of the DFT and where it comes from."""
    zeros = settings.n_fft - settings.frame_length
    formula = f"as given: {_count(zeros, 'zero')} after the frame" if zeros else "as given"
    if settings.fft_length is None:
        formula = f"smallest power of two from {settings.frame_length} on"
    return ShapeRow("FFT length", f"N = {settings.n_fft}", formula)


def _bins_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the number of bins."""
    rate = signal.sample_rate
    spacing, top = (
        (f"{1 / settings.n_fft:.4g}", "half a cycle per sample")
        if rate is None
        else (f"{rate / settings.n_fft:.5g} Hz", f"{rate / 2:.5g} Hz")
    )
    finer = (
        f" The zeros after the frame set the bins closer than the {settings.frame_length} samples can tell apart."
        if settings.n_fft > settings.frame_length
        else ""
    )
    return ShapeRow(
        "bins",
        f"F = {settings.n_bins}",
        f"floor(N / 2) + 1 = floor({settings.n_fft} / 2) + 1",
        axes=signal.framed(Axis("F", _plural("bin", settings.n_bins), settings.n_bins), settings),
        meaning=f"Bin k answers to what lies round k × {spacing}, from 0 to {top}: one row of the picture.{finer}",
        mark="bin",
    )


def _spacing_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the distance of two bins."""
    n_fft, rate = settings.n_fft, signal.sample_rate
    if rate is None:
        return ShapeRow("bin spacing", f"{1 / n_fft:.6g} cycles/sample", f"1 / N = 1 / {n_fft}")
    return ShapeRow("bin spacing", f"{rate / n_fft:.5g} Hz", f"sample_rate / N = {rate:g} / {n_fft}")


def _output_row(settings: STFTSettings, shape: Sequence[int], signal: _Signal) -> ShapeRow:
    """Tell the shape of the output."""
    result = tuple(int(length or 0) for length in output_shape(tuple(shape), settings))
    bins = f"2 × {settings.n_bins}" if settings.mode == "stft" else f"{settings.n_bins}"
    values = "2F" if settings.mode == "stft" else "F"
    if settings.expand_dims:
        symbols: tuple[str, ...] = ("B", "T", values, "C") if settings.channels_last else ("B", "C", "T", values)
        formula = f"({', '.join(symbols)}), channels on an axis of their own"
        layout = "each channel has its bins on an axis of its own"
    else:
        joined = f"C × {values}"
        symbols = ("B", "T", joined) if settings.channels_last else ("B", joined, "T")
        formula = f"({', '.join(symbols)}) with {joined} = {signal.channels} × {bins}"
        layout = "the bins of all channels lie one after the other on one axis"
    names = {"B": "batch", "T": "frames", "C": "channels", values: "values"}
    axes = tuple(
        Axis(symbol, names.get(symbol, "values"), length) for symbol, length in zip(symbols, result, strict=True)
    )
    meaning = f"Mode {settings.mode!r} makes {OUTPUT_WORDS[settings.mode]}; {layout}."
    return ShapeRow("output", _shape(result), formula, axes=axes, meaning=meaning, mark="value")


OUTPUT_WORDS: dict[str, str] = {
    "log": "the natural logarithm of the magnitude of each bin",
    "magnitude": "the magnitude of each bin",
    "psd": "the one-sided power of each bin",
    "real": "the real part of each bin",
    "imag": "the imaginary part of each bin",
    "angle": "the phase of each bin, in radians",
    "stft": "the real parts of all bins and then their imaginary parts",
}
"""What each mode makes of real and imaginary part, in words."""


def _memory_row(settings: STFTSettings, signal: _Signal) -> ShapeRow:
    """Tell the memory that the output takes."""
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
