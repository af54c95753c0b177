"""Conversion of `MelSpectrogram` and `MFCC` to ONNX.

The graph is a product of frames with kernels that hold the window and all that concerns single frames, and a product
with the bank.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.export.onnx_graph import GraphBuilder
from specwidget.mel.framing import vjp_process_frames
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.normalization import ROUNDING
from specwidget.mel.settings import MelSettings
from specwidget.stft.kernels import cos_sin_table


def make_mel_model(layer: MelSpectrogram | MFCC, onnx: Any) -> Any:
    """Make the model; see `specwidget.export.to_onnx`."""
    settings = layer.mel.settings if isinstance(layer, MFCC) else layer.settings
    graph = GraphBuilder(onnx)
    rows = graph.add("Unsqueeze", "inputs", graph.integers(1))
    if settings.result_dtype != settings.compute_dtype:
        rows = graph.cast(rows, settings.compute_dtype)
    rows = _add_ends(graph, _add_signal_steps(graph, rows, settings), settings)
    values = _add_tail(graph, _add_bands(graph, rows, settings), settings)
    if isinstance(layer, MFCC):
        matrix = layer.matrix.T.astype(settings.compute_dtype)
        values = graph.add("MatMul", graph.add_constant(matrix, "cepstrum"), values)
    n_values = layer.num_coefficients if isinstance(layer, MFCC) else settings.n_bands
    if settings.result_dtype != settings.compute_dtype:
        values = graph.cast(values, settings.result_dtype)
    graph.nodes.append(onnx.helper.make_node("Identity", [values], ["outputs"], "outputs"))
    config = layer.get_config()
    return graph.make_model(layer.name, ["batch", "time"], ["batch", n_values, "frames"], settings.result_dtype, config)


class _Numbers:
    """Adds numbers in the compute dtype as constants."""

    def __init__(self, graph: GraphBuilder, settings: MelSettings) -> None:
        self.graph, self.dtype = graph, settings.compute_dtype

    def __call__(self, value: float, name: str) -> str:
        return self.graph.add_constant(np.array(value, self.dtype), name)


def _add_signal_steps(graph: GraphBuilder, rows: str, settings: MelSettings) -> str:
    """Add mean removal and pre-emphasis of the signal (batch, 1, time)."""
    conventions = settings.conventions
    if conventions.remove_mean == "signal":
        rows = graph.add("Sub", rows, graph.add("ReduceMean", rows, axes=[2], keepdims=1))
    if conventions.preemphasis and conventions.preemphasis_over == "signal":
        two, far = graph.integers(2), graph.integers(np.iinfo(np.int64).max)
        first = graph.add("Slice", rows, graph.integers(0), graph.integers(1), two)
        later = graph.add("Slice", rows, graph.integers(1), far, two)
        earlier = graph.add("Slice", rows, graph.integers(0), graph.integers(-1), two)
        a = _Numbers(graph, settings)(conventions.preemphasis, "preemphasis")
        rows = graph.add("Concat", first, graph.add("Sub", later, graph.add("Mul", earlier, a)), axis=2)
    return rows


def _add_ends(graph: GraphBuilder, rows: str, settings: MelSettings) -> str:
    """Add the samples at both ends, and cut those that no window covers because it is shorter than the FFT."""
    margin, offset = settings.margin, settings.offset
    if margin and settings.conventions.ends == "zeros":
        rows = graph.add("Pad", rows, graph.integers(0, 0, margin, 0, 0, margin))
    elif margin:
        n_samples = graph.size(rows, 2)
        scalar = graph.add("Squeeze", n_samples, graph.integers(0))
        begin = graph.add_constant(np.int64(-margin), "begin")
        end = graph.add("Add", scalar, graph.add_constant(np.int64(margin), "margin"))
        positions = graph.add("Range", begin, end, graph.add_constant(np.int64(1), "one_sample"))
        once = graph.add("Sub", graph.add("Mul", n_samples, graph.integers(2)), graph.integers(2))
        period = graph.add("Max", once, graph.integers(1))
        forth = graph.add("Mod", positions, period)
        rows = graph.add("Gather", rows, graph.add("Min", forth, graph.add("Sub", period, forth)), axis=2)
    after = settings.span - settings.frame_length - offset
    if offset == after == 0:
        return rows
    end = graph.integers(-after if after else np.iinfo(np.int64).max)
    return graph.add("Slice", rows, graph.integers(offset), end, graph.integers(2))


def make_frame_kernels(settings: MelSettings) -> tuple[NDArray[Any], NDArray[Any]]:
    """Make the kernels (frame_length, n_bins) whose products with raw frames are the parts of processed frames.

    Gain, mean removal and pre-emphasis of frames are linear, so their transpose is applied to the Fourier kernels.
    """
    cosines, sines = cos_sin_table(settings.n_fft)
    phases = np.outer(np.arange(settings.frame_length), np.arange(settings.n_bins)) % settings.n_fft
    window = settings.transform.scaled_window * settings.conventions.gain
    real, imag = (
        vjp_process_frames(table[phases].T * window, settings).T.astype(settings.compute_dtype)
        for table in (cosines, -sines)
    )
    return real, imag


def _add_bands(graph: GraphBuilder, rows: str, settings: MelSettings) -> str:
    """Add the powers of bands (batch, bands, frames) of rows (batch, 1, time)."""
    number, kernels = _Numbers(graph, settings), make_frame_kernels(settings)
    if settings.compute_dtype == "float64":
        # onnxruntime has no Conv in float64.
        frames = _add_frames(graph, rows, settings)
        products = [
            graph.add("MatMul", graph.add_constant(kernel.T, name), frames)
            for name, kernel in zip(("real", "imag"), kernels, strict=True)
        ]
    else:
        products = [
            graph.add("Conv", rows, graph.add_constant(kernel.T[:, None], name), strides=[settings.step])
            for name, kernel in zip(("real", "imag"), kernels, strict=True)
        ]
    if settings.conventions.drop_last_frame:
        cut = [graph.integers(0), graph.integers(-1), graph.integers(2)]
        products = [graph.add("Slice", product, *cut) for product in products]
    real, imag = products
    power = graph.add("Add", graph.add("Mul", real, real), graph.add("Mul", imag, imag))
    if settings.conventions.power_offset:
        power = graph.add("Add", power, number(settings.conventions.power_offset, "power_offset"))
    if settings.mag_exp == 1.0:
        power = graph.add("Sqrt", power)
    elif settings.mag_exp != 2.0:
        power = graph.add("Pow", power, number(settings.mag_exp / 2.0, "exponent"))
    bank = graph.add_constant(settings.bank.weights.T.astype(settings.compute_dtype), "bank")
    bands = graph.add("MatMul", bank, power)
    # 0 where a frame is finite, NaN elsewhere.
    bin_0 = graph.add("Slice", real, graph.integers(0), graph.integers(1), graph.integers(1))
    return graph.add("Add", bands, graph.add("Sub", bin_0, bin_0))


def _add_frames(graph: GraphBuilder, rows: str, settings: MelSettings) -> str:
    """Add the frames (batch, frame_length, frames)."""
    last = graph.add("Sub", graph.size(rows, 2), graph.integers(settings.frame_length - 1))
    end = graph.add("Squeeze", last, graph.integers(0))
    begin, step = graph.add_constant(np.int64(0), "first"), graph.add_constant(np.int64(settings.step), "step")
    starts = graph.add("Unsqueeze", graph.add("Range", begin, end, step), graph.integers(0))
    offsets = graph.add_constant(np.arange(settings.frame_length, dtype=np.int64)[:, None], "offsets")
    frames = graph.add("Gather", rows, graph.add("Add", starts, offsets), axis=2)
    return graph.add("Squeeze", frames, graph.integers(1))


def _add_tail(graph: GraphBuilder, bands: str, settings: MelSettings) -> str:
    """Add logarithm, limit below the top and normalization of bands (batch, bands, frames)."""
    number, conventions = _Numbers(graph, settings), settings.conventions
    values = bands
    if settings.power_to_db:
        floor = number(settings.min_power, "floor")
        floored = graph.add("Add", bands, floor) if conventions.floor == "add" else _add_maximum(graph, bands, floor)
        values = graph.add("Mul", graph.add("Log", floored), number(conventions.log_factor, "log_factor"))
        values = graph.add("Sub", values, number(settings.log_offset, "log_offset"))
    # An infinite value would be one of a frame that is NaN already.
    is_nan = graph.add("IsNaN", values)
    if settings.top is not None:
        present = graph.add("Where", is_nan, number(-math.inf, "lowest"), values)
        largest = graph.add("ReduceMax", present, axes=[1, 2], keepdims=1)
        values = _add_maximum(graph, values, graph.add("Sub", largest, number(settings.top, "top")))
    if conventions.normalization == "affine":
        centred = graph.add("Sub", values, number(conventions.mean, "mean"))
        return graph.add("Div", centred, number(conventions.deviation, "deviation"))
    return _add_standardization(graph, values, is_nan, settings) if conventions.normalization else values


def _add_maximum(graph: GraphBuilder, values: str, limit: str) -> str:
    """Add the maximum; NaN stays NaN."""
    return graph.add("Where", graph.add("Less", values, limit), limit, values)


def _add_standardization(graph: GraphBuilder, values: str, is_nan: str, settings: MelSettings) -> str:
    """Add the normalization "band", over the frames that are not NaN."""
    number, conventions = _Numbers(graph, settings), settings.conventions
    zero, one, axis = number(0.0, "zero"), number(1.0, "one"), graph.integers(2)

    def add_sum(name: str) -> str:
        return graph.add("ReduceSum", graph.add("Where", is_nan, zero, name), axis, keepdims=1)

    count = add_sum(graph.cast(graph.add("Not", is_nan), settings.compute_dtype))
    mean = graph.add("Div", add_sum(values), graph.add("Max", count, one))
    centred = graph.add("Sub", values, mean)
    freedom = graph.add("Max", graph.add("Sub", count, number(float(conventions.ddof), "ddof")), one)
    variance = graph.add("Div", add_sum(graph.add("Mul", centred, centred)), freedom)
    variance = graph.add("Add", variance, number(conventions.variance_epsilon, "variance_epsilon"))
    rounding = number(ROUNDING * float(np.finfo(settings.compute_dtype).eps), "rounding")
    least = graph.add("Mul", mean, rounding)
    is_zero = graph.add("LessOrEqual", variance, graph.add("Mul", least, least))
    root = graph.add("Where", is_zero, number(math.inf, "infinite"), graph.add("Sqrt", variance))
    return graph.add("Div", centred, graph.add("Add", root, number(conventions.deviation_epsilon, "deviation_epsilon")))
