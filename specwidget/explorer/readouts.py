"""What the explorer says in words and numbers: pure functions from settings, shapes and results to text.

The shapes are counted, not measured: every row is known before the transform runs. Without a sample rate, times are
in samples and frequencies in cycles per sample.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from specwidget.stft.modes import floor_value
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
from specwidget.stft.transform import Path

DTYPE_BYTES = {"float16": 2, "float32": 4, "float64": 8}


@dataclass(frozen=True)
class Row:
    """One step of the shape readout: its name, what comes out, and the formula with the numbers put into it."""

    name: str
    value: str
    formula: str = ""

    def __str__(self) -> str:
        """Return the row as a line of text."""
        return f"{self.name:<18} {self.value:<24} {self.formula}".rstrip()


def shape_rows(settings: STFTSettings, input_shape: Sequence[int], sample_rate: float | None = None) -> list[Row]:
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
    list of Row

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
    axes = "batch, time, channels" if settings.channels_last else "batch, channels, time"
    return [
        Row("input", _shape(shape), axes),
        _padding_row(settings, n_samples),
        _frames_row(settings, n_samples),
        _tail_row(settings, n_samples, sample_rate),
        _fft_row(settings),
        Row("bins", f"F = {settings.n_bins}", f"floor(N / 2) + 1 = floor({settings.n_fft} / 2) + 1"),
        _kernels_row(settings),
        _output_row(settings, shape, channels),
        _memory_row(settings, batch, n_samples, channels),
        _spacing_row(settings, sample_rate),
        _step_row(settings, sample_rate),
        _centre_row(settings, n_samples, sample_rate),
    ]


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
    def path(self) -> Path:
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
    "conv": "frames times the kernels: they are no longer Fourier's",
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


def output_bytes(settings: STFTSettings, batch: int, n_samples: int, channels: int) -> int:
    """Count the bytes of the output."""
    n_values = batch * channels * count_frames(n_samples, settings) * settings.n_outputs
    return n_values * DTYPE_BYTES[settings.result_dtype]


def _shape(shape: Sequence[int | None]) -> str:
    """Return a shape as Python writes it."""
    return f"({', '.join(str(length) for length in shape)})"


def _padding_row(settings: STFTSettings, n_samples: int) -> Row:
    """Tell the zeros before and after the signal."""
    left, right = padding_amounts(n_samples, settings)
    if settings.padding == "valid":
        return Row("padded", "0 left, 0 right", "nothing is padded")
    frames = count_frames(n_samples, settings)
    worked = f"({frames} - 1) × {settings.step} + {settings.frame_length} - {n_samples}"
    return Row("padded", f"{left} left, {right} right", f"max((T - 1) step + frame_length - L, 0) = max({worked}, 0)")


def _frames_row(settings: STFTSettings, n_samples: int) -> Row:
    """Tell the number of frames."""
    value = f"T = {count_frames(n_samples, settings)}"
    step, length = settings.step, settings.frame_length
    if settings.padding == "same":
        return Row("frames", value, f"ceil(L / step) = ceil({n_samples} / {step})")
    worked = f"floor(({n_samples} - {length}) / {step}) + 1"
    return Row("frames", value, f"floor((L - frame_length) / step) + 1 = {worked}")


def _tail_row(settings: STFTSettings, n_samples: int, sample_rate: float | None) -> Row:
    """Tell the samples at the end that no frame covers."""
    tail = dropped_tail(n_samples, settings)
    value = f"{tail} sample{'' if tail == 1 else 's'}"
    if sample_rate is not None and tail:
        value += f", {format_seconds(tail / sample_rate)}"
    if settings.padding == "valid":
        length = settings.frame_length
        worked = f"(L - frame_length) mod step = ({n_samples} - {length}) mod {settings.step}"
        return Row("dropped tail", value, worked)
    extent = frames_extent(count_frames(n_samples, settings), settings)
    reason = "the frames reach the end of the padded signal" if not tail else f"the last frame ends at {extent}"
    return Row("dropped tail", value, reason)


def _fft_row(settings: STFTSettings) -> Row:
    """Tell the length of the DFT and where it comes from."""
    if settings.fft_length is None:
        return Row("FFT length", f"N = {settings.n_fft}", f"smallest power of two from {settings.frame_length} on")
    zeros = settings.n_fft - settings.frame_length
    return Row(
        "FFT length", f"N = {settings.n_fft}", f"as given: {zeros} zeros after the frame" if zeros else "as given"
    )


def _kernels_row(settings: STFTSettings) -> Row:
    """Tell number, shape and size of the kernels."""
    n_kernels = 1 if settings.mode in ("real", "imag") else 2
    shape = f"({settings.frame_length}, 1, {settings.n_bins})"
    compute_bytes = DTYPE_BYTES[settings.compute_dtype]
    n_bytes = n_kernels * settings.frame_length * settings.n_bins * compute_bytes
    return Row("kernels", f"{n_kernels} × {shape}", f"frame_length, 1, F; {format_bytes(n_bytes)} once they are made")


def _output_row(settings: STFTSettings, shape: Sequence[int], channels: int) -> Row:
    """Tell the shape of the output."""
    bins = f"2 × {settings.n_bins}" if settings.mode == "stft" else f"{settings.n_bins}"
    values = "2F" if settings.mode == "stft" else "F"
    if settings.expand_dims:
        axes = f"B, T, {values}, C" if settings.channels_last else f"B, C, T, {values}"
        formula = f"({axes}), channels on an axis of their own"
    else:
        axes = f"B, T, C × {values}" if settings.channels_last else f"B, C × {values}, T"
        formula = f"({axes}) with C × {values} = {channels} × {bins}"
    return Row("output", _shape(output_shape(tuple(shape), settings)), formula)


def _memory_row(settings: STFTSettings, batch: int, n_samples: int, channels: int) -> Row:
    """Tell the memory that the output takes."""
    n_bytes = output_bytes(settings, batch, n_samples, channels)
    factors = [
        batch,
        count_frames(n_samples, settings),
        channels,
        settings.n_outputs,
        DTYPE_BYTES[settings.result_dtype],
    ]
    worked = " × ".join(str(factor) for factor in factors)
    return Row("output memory", format_bytes(n_bytes), f"{worked} bytes, {settings.result_dtype}")


def _spacing_row(settings: STFTSettings, sample_rate: float | None) -> Row:
    """Tell the distance of two bins."""
    if sample_rate is None:
        return Row("bin spacing", f"{1 / settings.n_fft:.6g} cycles/sample", f"1 / N = 1 / {settings.n_fft}")
    return Row(
        "bin spacing", f"{sample_rate / settings.n_fft:.5g} Hz", f"sample_rate / N = {sample_rate:g} / {settings.n_fft}"
    )


def _step_row(settings: STFTSettings, sample_rate: float | None) -> Row:
    """Tell the distance of two frames."""
    source = "half a frame" if settings.frame_step is None else "as given"
    if sample_rate is None:
        return Row("step", f"{settings.step} samples", source)
    value = format_seconds(settings.step / sample_rate)
    return Row("step", value, f"step / sample_rate = {settings.step} / {sample_rate:g}, {source}")


def _centre_row(settings: STFTSettings, n_samples: int, sample_rate: float | None) -> Row:
    """Tell where the first frame's centre lies in the signal."""
    centre = frame_centre(0, n_samples, settings)
    left = padding_amounts(n_samples, settings)[0]
    worked = f"frame_length / 2 - left = {settings.frame_length} / 2 - {left}"
    sample = f"sample {centre:g}"
    return Row(
        "first centre", sample if sample_rate is None else f"{format_seconds(centre / sample_rate)}, {sample}", worked
    )
