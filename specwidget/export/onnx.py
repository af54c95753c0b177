"""Conversion to ONNX: a graph of a convolution for each kernel, shape operators, and elementwise operators."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from specwidget.export.frameworks import check_layer, load_framework
from specwidget.export.mel_onnx import make_mel_model
from specwidget.export.onnx_graph import GraphBuilder
from specwidget.files import atomic_write
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.stft.kernels import count_kernel_values, kernel_names
from specwidget.stft.modes import POWER_SCALES, onesided_weights
from specwidget.stft.settings import Mode, STFTSettings

MAX_KERNEL_BYTES = 2**31 - 2**16
"""Largest kernels, which leave space for the graph: the format is limited to 2 GiB."""


def to_onnx(layer: STFTSpectrogram | MelSpectrogram | MFCC, path: str | os.PathLike[str]) -> Path:
    """Write an ONNX model that computes the layer's numbers.

    Parameters
    ----------
    layer : STFTSpectrogram, MelSpectrogram or MFCC
        The layer, trained or not.
    path : path-like
        Name of the file. An existing file is replaced when the new one is complete.

    Returns
    -------
    Path
        The file. Its model has one input, "inputs", and one output, "outputs", both of the layer's type and layout;
        batch, time and channels may be of any size. That of a mel spectrogram takes (batch, time) and returns (batch,
        bands, frames).

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    ValueError
        If the kernels are too large for the format, which is limited to 2 GiB.
    OSError
        If the file can't be written.

    Notes
    -----
    The model uses operator set 13 and runs without specwidget. Each kernel is a `Conv` with the step as its stride or,
    in float64, for which onnxruntime has no `Conv`, a `MatMul` with the frames. The graph computes the padding "same"
    from the length of the input. ONNX has no Atan2: it is composed of `Atan` and `Where`, and gives the layer's angles
    in every quadrant and on the axes. Frames with a sample that is not finite are NaN, as in the layer. The file's
    metadata have the layer's configuration, as JSON under "specwidget".

    Examples
    --------
    ::

        specwidget.export.to_onnx(layer, "front_end.onnx")
        session = onnxruntime.InferenceSession("front_end.onnx")
        (features,) = session.run(None, {"inputs": samples})
    """
    check_layer(layer)
    onnx = load_framework("onnx")
    if isinstance(layer, STFTSpectrogram):
        _check_size(layer.settings)
        model = _make_model(layer, onnx)
    else:
        model = make_mel_model(layer, onnx)
    onnx.checker.check_model(model, full_check=True)
    with atomic_write(path) as file:
        file.write(model.SerializeToString())
    return Path(path)


def _make_model(layer: STFTSpectrogram, onnx: Any) -> Any:
    settings, graph = layer.settings, GraphBuilder(onnx)
    rows = _add_rows(graph, settings)
    real_imag = _add_transform(graph, _add_padding(graph, rows, settings), layer)
    values = MODE_NODES[settings.mode](graph, *real_imag, settings)
    if settings.result_dtype != settings.compute_dtype:
        values = graph.cast(values, settings.result_dtype)
    _add_layout(graph, values, settings)
    axes = _axes(settings, "time"), _output_axes(settings)
    return graph.make_model(layer.name, *axes, settings.result_dtype, layer.get_config())


def _axes(settings: STFTSettings, time: str) -> list[str | int]:
    """List the names of the input's axes."""
    return ["batch", time, "channels"] if settings.channels_last else ["batch", "channels", time]


def _output_axes(settings: STFTSettings) -> list[str | int]:
    """List the output's axes, by name or by length where it is fixed."""
    if settings.expand_dims and settings.channels_last:
        return ["batch", "frames", settings.n_outputs, "channels"]
    if settings.expand_dims:
        return ["batch", "channels", "frames", settings.n_outputs]
    return ["batch", "frames", "values"] if settings.channels_last else ["batch", "values", "frames"]


def _add_rows(graph: GraphBuilder, settings: STFTSettings) -> str:
    """Add the reshape of the input to rows (batch * channels, 1, time), in the type of the computation."""
    name = "inputs"
    if settings.result_dtype != settings.compute_dtype:
        name = graph.cast(name, settings.compute_dtype)
    if settings.channels_last:
        name = graph.add("Transpose", name, perm=[0, 2, 1])
    n_rows = graph.add("Mul", graph.size(name, 0), graph.size(name, 1))
    shape = graph.add("Concat", n_rows, graph.integers(1), graph.size(name, 2), axis=0)
    return graph.add("Reshape", name, shape)


def _add_padding(graph: GraphBuilder, rows: str, settings: STFTSettings) -> str:
    """Add the zeros of padding "same", computed from the length of the input."""
    if settings.padding == "valid":
        return rows
    n_samples, step = graph.size(rows, 2), graph.integers(settings.step)
    n_steps = graph.add("Div", graph.add("Sub", n_samples, graph.integers(1)), step)
    extent = graph.add("Add", graph.add("Mul", n_steps, step), graph.integers(settings.frame_length))
    # Not negative, as the step is at most the frame length.
    total = graph.add("Sub", extent, n_samples)
    left = graph.add("Div", total, graph.integers(2))
    right = graph.add("Sub", total, left)
    amounts = graph.add("Concat", graph.integers(0, 0), left, graph.integers(0, 0), right, axis=0)
    return graph.add("Pad", rows, amounts)


def _add_transform(graph: GraphBuilder, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add the real and imaginary parts that the mode needs, each (batch * channels, bins, frames)."""
    add_kernels = _add_matmul if layer.settings.compute_dtype == "float64" else _add_convolution
    real_imag = add_kernels(graph, rows, layer)
    bin_0 = graph.add("Slice", real_imag[0], graph.integers(0), graph.integers(1), graph.integers(1))
    # 0 where bin 0 is finite, NaN elsewhere. Adding it also turns -0.0 into 0.0, which an angle depends on.
    nan_mask = graph.add("Sub", bin_0, bin_0)
    return [graph.add("Add", part, nan_mask) for part in real_imag]


def _add_convolution(graph: GraphBuilder, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add a convolution with each kernel."""
    return [
        graph.add(
            "Conv", rows, graph.add_constant(kernel.transpose(2, 1, 0), f"{name}_kernel"), strides=[layer.settings.step]
        )
        for name, kernel in zip(kernel_names(layer.settings), layer.weights, strict=True)
    ]


def _add_matmul(graph: GraphBuilder, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add the frames, and their product with each kernel."""
    settings = layer.settings
    begin, step = graph.add_constant(np.int64(0), "begin"), graph.add_constant(np.int64(settings.step), "step")
    last = graph.add("Sub", graph.size(rows, 2), graph.integers(settings.frame_length - 1))
    end = graph.add("Squeeze", last, graph.integers(0))
    starts = graph.add("Unsqueeze", graph.add("Range", begin, end, step), graph.integers(1))
    offsets = graph.add_constant(np.arange(settings.frame_length, dtype=np.int64), "offsets")
    frames = graph.add("Gather", rows, graph.add("Add", starts, offsets), axis=2)
    products = [
        graph.add("MatMul", frames, graph.add_constant(kernel[:, 0, :], f"{name}_kernel"))
        for name, kernel in zip(kernel_names(settings), layer.weights, strict=True)
    ]
    flat = [graph.add("Squeeze", product, graph.integers(1)) for product in products]
    return [graph.add("Transpose", part, perm=[0, 2, 1]) for part in flat]


def _add_layout(graph: GraphBuilder, values: str, settings: STFTSettings) -> None:
    """Add the transposition of values (batch * channels, values, frames) to the layer's layout, named "outputs"."""
    axes = _axes(settings, "time")
    batch, channels = (graph.size("inputs", axes.index(axis)) for axis in ("batch", "channels"))
    n_values, n_frames = graph.integers(settings.n_outputs), graph.size(values, 2)
    if settings.expand_dims:
        shape = graph.add("Concat", batch, channels, n_values, n_frames, axis=0)
        order = [0, 3, 2, 1] if settings.channels_last else [0, 1, 3, 2]
    else:
        shape = graph.add("Concat", batch, graph.add("Mul", channels, n_values), n_frames, axis=0)
        order = [0, 2, 1] if settings.channels_last else [0, 1, 2]
    reshaped = graph.add("Reshape", values, shape)
    graph.nodes.append(graph.onnx.helper.make_node("Transpose", [reshaped], ["outputs"], "outputs", perm=order))


def _real_or_imag(graph: GraphBuilder, part: str, settings: STFTSettings) -> str:
    return part


def _stft(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> str:
    """Concatenate the parts along the bins."""
    return graph.add("Concat", real, imag, axis=1)


def _power(graph: GraphBuilder, real: str, imag: str) -> str:
    """Add `real**2 + imag**2`."""
    return graph.add("Add", graph.add("Mul", real, real), graph.add("Mul", imag, imag))


def _psd(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> str:
    """Add the one-sided power."""
    sides = onesided_weights(settings, like=np.empty(0))
    return graph.add("Mul", _power(graph, real, imag), graph.add_constant(sides[:, None], "sides"))


def _scaled_power(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> tuple[str, str, str]:
    """Add the power of scaled parts, the scale, and where the power is at the floor; see `POWER_SCALES`."""
    scales, dtype = POWER_SCALES[settings.compute_dtype], settings.compute_dtype
    values = {"low": scales.low, "up": scales.up, "high": scales.high, "down": scales.down, "one": 1.0}
    values["epsilon"] = settings.epsilon
    low, up, high, down, one, epsilon = (
        graph.add_constant(np.array(value, dtype), name) for name, value in values.items()
    )
    larger = graph.add("Max", graph.add("Abs", real), graph.add("Abs", imag))
    scale = graph.add("Where", graph.add("Greater", larger, high), down, one)
    scale = graph.add("Where", graph.add("Less", larger, low), up, scale)
    power = _power(graph, graph.add("Mul", real, scale), graph.add("Mul", imag, scale))
    # Not the square of the scale, which is out of range in float32.
    floor = graph.add("Mul", graph.add("Mul", epsilon, scale), scale)
    return power, scale, graph.add("LessOrEqual", power, floor)


def _magnitude(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `sqrt(max(power, epsilon))`; NaN stays NaN."""
    power, scale, on_floor = _scaled_power(graph, real, imag, settings)
    floor = graph.add_constant(np.array(math.sqrt(settings.epsilon), settings.compute_dtype), "floor")
    return graph.add("Where", on_floor, floor, graph.add("Div", graph.add("Sqrt", power), scale))


def _log(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `log(max(power, epsilon)) / 2`; NaN stays NaN."""
    power, scale, on_floor = _scaled_power(graph, real, imag, settings)
    half = graph.add_constant(np.array(0.5, settings.compute_dtype), "half")
    floor = graph.add_constant(np.array(0.5 * math.log(settings.epsilon), settings.compute_dtype), "floor")
    values = graph.add("Sub", graph.add("Mul", half, graph.add("Log", power)), graph.add("Log", scale))
    return graph.add("Where", on_floor, floor, values)


def _angle(graph: GraphBuilder, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `arctan2(imag, real)`."""
    return add_atan2(graph, imag, real, settings.compute_dtype)


MODE_NODES: dict[Mode, Callable[..., str]] = {
    "log": _log,
    "magnitude": _magnitude,
    "psd": _psd,
    "real": _real_or_imag,
    "imag": _real_or_imag,
    "angle": _angle,
    "stft": _stft,
}
"""Adds the nodes of a mode."""


def add_atan2(graph: GraphBuilder, y: str, x: str, dtype: str) -> str:
    """Add `arctan2(y, x)`, equal to NumPy's: in every quadrant, on the axes, for signed zeros and infinities.

    Parameters
    ----------
    graph : GraphBuilder
        The graph.
    y, x : str
        Names of two values of the same shape.
    dtype : str
        Their type.

    Returns
    -------
    str
        Name of the angles, in radians.
    """
    zero, half_turn, quarter_turn = (
        graph.add_constant(np.array(value, dtype), name)
        for value, name in ((0.0, "zero"), (math.pi, "half_turn"), (math.pi / 2, "quarter_turn"))
    )
    height, width = graph.add("Abs", y), graph.add("Abs", x)
    smaller, larger = graph.add("Min", height, width), graph.add("Max", height, width)
    # The slope of equal sides is 1, or 0 if both are 0. The quotient is NaN for two zeros and two infinities.
    slope = graph.add(
        "Where", graph.add("Equal", smaller, larger), graph.add("Sign", larger), graph.add("Div", smaller, larger)
    )
    eighth = _add_atan(graph, slope, dtype)
    is_steep = graph.add("Greater", height, width)
    quarter = graph.add("Where", is_steep, graph.add("Sub", quarter_turn, eighth), eighth)
    half = graph.add("Where", _is_negative(graph, x, zero), graph.add("Sub", half_turn, quarter), quarter)
    # A product, as onnxruntime's `Where` loses the sign of -0.0.
    signs = graph.add_constant(np.array(-1.0, dtype), "minus_one"), graph.add_constant(np.array(1.0, dtype), "one")
    return graph.add("Mul", half, graph.add("Where", _is_negative(graph, y, zero), *signs))


def _add_atan(graph: GraphBuilder, slope: str, dtype: str) -> str:
    """Add the arctangent of a slope from 0 to 1.

    onnxruntime has no `Atan` for float64, so the angle `a` computed in float32 is refined in one step: the remaining
    angle has the tangent `(slope cos a - sin a) / (cos a + slope sin a)`, which is so small that it equals the angle.
    """
    if dtype != "float64":
        return graph.add("Atan", slope)
    rough = graph.cast(graph.add("Atan", graph.cast(slope, "float32")), dtype)
    sine = graph.add("Sin", rough)
    one = graph.add_constant(np.array(1.0, dtype), "one")
    cosine = graph.add("Sqrt", graph.add("Sub", one, graph.add("Mul", sine, sine)))
    across = graph.add("Sub", graph.add("Mul", slope, cosine), sine)
    along = graph.add("Add", cosine, graph.add("Mul", slope, sine))
    return graph.add("Add", rough, graph.add("Div", across, along))


def _is_negative(graph: GraphBuilder, values: str, zero: str) -> str:
    """Add whether values have a minus sign; -0.0 has one, too, as its reciprocal is below 0."""
    is_zero = graph.add("Equal", values, zero)
    signed = graph.add("Where", is_zero, graph.add("Reciprocal", values), values)
    return graph.add("Less", signed, zero)


def _check_size(settings: STFTSettings) -> None:
    """Raise a ValueError where the kernels are too large for a file."""
    n_bytes = count_kernel_values(settings) * np.dtype(settings.compute_dtype).itemsize
    if n_bytes > MAX_KERNEL_BYTES:
        raise ValueError(
            f"`layer` must have kernels of at most {MAX_KERNEL_BYTES / 2**30:.2f} GiB, the limit of ONNX's format; "
            f"got {n_bytes / 2**30:.2f} GiB. Use a smaller frame_length or fft_length."
        )
