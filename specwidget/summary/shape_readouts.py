"""Shape readouts: the shapes from the input to the output, with formulas, the numbers in them, and their meaning.

They are computed from integers, so that every row is known before the transform runs. Without a sample rate, times are
in samples and frequencies in cycles per sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from specwidget.front_end import check_input_shape, count_frames, frame_centre, output_shape
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.stft.kernels import kernel_names, kernel_shape
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import dropped_tail, frames_extent, padding_amounts
from specwidget.summary.band_shapes import band_rows
from specwidget.summary.quantities import format_duration, format_hertz
from specwidget.summary.readouts import format_bytes, format_share
from specwidget.summary.shape_steps import (
    DTYPE_BYTES,
    Axis,
    ShapeRow,
    Signal,
    count,
    input_row,
    memory_row,
    plural,
    shape_text,
    step_row,
)

STEPS: tuple[str, ...] = ("input", "padded", "frames", "kernels", "bins", "output")
"""The steps from the input to the output."""


def shape_rows(
    settings: FrontEndSettings, input_shape: Sequence[int], sample_rate: float | None = None
) -> list[ShapeRow]:
    """Return the rows about the shapes of all steps from the input to the output.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
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
    signal = Signal(batch, n_samples, channels, sample_rate)
    if isinstance(settings, BandSettings):
        return band_rows(settings, shape, signal)
    rows = {
        "input": [input_row(settings, shape, signal)],
        "padded": [_padding_row(settings, signal)],
        "frames": [
            _frames_row(settings, signal),
            _tail_row(settings, signal),
            step_row(settings, signal),
            _centre_row(settings, signal),
        ],
        "kernels": [_kernels_row(settings), _fft_row(settings)],
        "bins": [_bins_row(settings, signal), _spacing_row(settings, signal)],
        "output": [_output_row(settings, shape, signal), memory_row(settings, signal)],
    }
    return [replace(row, step=step) for step in STEPS for row in rows[step]]


def shape_lines(settings: FrontEndSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[str]:
    """Return `shape_rows` as lines of text."""
    return [str(row) for row in shape_rows(settings, input_shape, sample_rate)]


def shape_summary(settings: FrontEndSettings, input_shape: Sequence[int]) -> str:
    """Return input shape, frames and output shape in one line.

    Examples
    --------
    >>> shape_summary(STFTSettings(frame_step=128, fft_length=512, padding="same"), (3, 160_000, 2))
    '(3, 160000, 2) -> 1250 frames of 256 -> (3, 1250, 514)'
    """
    n_samples = int(check_input_shape(tuple(input_shape), settings)[1] or 0)
    frames = count_frames(n_samples, settings)
    result = shape_text(output_shape(tuple(input_shape), settings))
    return f"{shape_text(input_shape)} -> {frames} {plural('frame', frames)} of {settings.frame_length} -> {result}"


def _padding_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
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
        f"{count(left, 'zero')} before the first sample and {right} after the last one, so that there is one frame "
        "per step. The first and last frames are partly zeros."
    )
    worked = f"({count_frames(n_samples, settings)} - 1) × {settings.step} + {settings.frame_length} - {n_samples}"
    formula = f"max((T - 1) step + frame_length - L, 0) = max({worked}, 0)"
    return ShapeRow("padded", f"{left} left, {right} right", formula, meaning=meaning, **facts)


def _frames_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
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
        axes=signal.framed(Axis("n", plural("sample", length), length), settings),
        meaning=f"Frame t has {count(length, 'sample')} from sample {start}. "
        + (overlap if shared else "Adjacent frames do not overlap."),
        mark="frame",
        shares=(step / length,),
    )


def _tail_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
    tail = dropped_tail(signal.n_samples, settings)
    value = count(tail, "sample")
    if signal.sample_rate is not None and tail:
        value += f", {format_duration(tail / signal.sample_rate)}"
    if settings.padding == "valid":
        formula = f"(L - frame_length) mod step = ({signal.n_samples} - {settings.frame_length}) mod {settings.step}"
    else:
        extent = frames_extent(count_frames(signal.n_samples, settings), settings)
        formula = f"the last frame ends at {extent}" if tail else "the frames reach the end of the padded signal"
    meaning = (
        f"The last {count(tail, 'sample')} {'is' if tail == 1 else 'are'} in no frame, so missing from the output."
        if tail
        else "Every sample is in at least one frame."
    )
    return ShapeRow("dropped tail", value, formula, meaning=meaning, mark="tail")


def _centre_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
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
    waves = " and ".join(f"{n_bins} {plural(WAVES[name], n_bins)}" for name in names)
    shaped = "without a window" if settings.window is None else "multiplied by the window"
    return ShapeRow(
        "kernels",
        f"{len(names)} × {shape_text(shape)}",
        f"(frame_length, 1, F); {format_bytes(n_bytes)} when built",
        axes=(
            Axis("n", plural("sample", length), length),
            Axis("1", "in", 1),
            Axis("F", plural("bin", n_bins), n_bins),
        ),
        meaning=f"Each output value is the dot product of a frame with one of the {waves}, {shaped}.",
        mark="bin",
    )


WAVES = {"real": "cosine", "imag": "sine"}
"""Fourier kernels of the real and the imaginary part."""


def _fft_row(settings: STFTSettings) -> ShapeRow:
    zeros = settings.n_fft - settings.frame_length
    formula = f"as set: {count(zeros, 'zero')} after the frame" if zeros else "as set"
    if settings.fft_length is None:
        formula = f"default: smallest power of two >= {settings.frame_length}"
    return ShapeRow("FFT length", f"N = {settings.n_fft}", formula)


def _bins_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
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
        axes=signal.framed(Axis("F", plural("bin", settings.n_bins), settings.n_bins), settings),
        meaning=f"Bin k has its centre at k × {spacing}, from 0 to {top}; a bin is one row of the spectrogram.{finer}",
        mark="bin",
    )


def _spacing_row(settings: STFTSettings, signal: Signal) -> ShapeRow:
    n_fft, rate = settings.n_fft, signal.sample_rate
    if rate is None:
        return ShapeRow("bin spacing", f"{1 / n_fft:.6g} cycles/sample", f"1 / N = 1 / {n_fft}")
    return ShapeRow("bin spacing", format_hertz(rate / n_fft, 5), f"sample_rate / N = {rate:.10g} / {n_fft}")


def _output_row(settings: STFTSettings, shape: Sequence[int], signal: Signal) -> ShapeRow:
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
    return ShapeRow("output", shape_text(result), formula, axes=axes, meaning=meaning, mark="value")


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
