"""Into ONNX: a graph of one convolution for each kernel, shapes, and operators on each element."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from specwidget.export.frameworks import check_layer, load_framework
from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import count_kernel_values, kernel_names
from specwidget.stft.modes import onesided_weights
from specwidget.stft.serialization import atomic_write
from specwidget.stft.settings import Mode, STFTSettings

OPSET, IR_VERSION = 13, 7
"""The oldest set of operators that has all that is used here, and the file format of its time."""

LARGEST = 2**31 - 2**16
"""Bytes of kernels that a file may hold, with room for the graph: the format ends at 2 GiB."""


def to_onnx(layer: STFTSpectrogram, path: str | os.PathLike[str]) -> Path:
    """Write an ONNX model that computes the layer's numbers.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, trained or not.
    path : path-like
        Name of the file. One of that name is replaced, but only once the new one is whole.

    Returns
    -------
    Path
        The file. Its model has one input, "inputs", and one output, "outputs", both of the layer's type and layout;
        batch, time and channels may be of any size.

    Raises
    ------
    ImportError
        If the package onnx is not installed.
    ValueError
        If the kernels are too large for the format, which ends at 2 GiB.
    OSError
        If the file can't be written.

    Notes
    -----
    The model has operator set 13 and runs without specwidget. Each kernel is a `Conv` with the step as its stride; of
    float64, for which onnxruntime has no `Conv`, a `MatMul` of frames. The zeros of padding "same" are counted in the
    graph. ONNX has no Atan2: it is made from `Atan` and `Where`, with the layer's angles in every quadrant and on the
    axes. Where a sample is not finite, the frames that hold it are NaN, as in the layer. The layer's configuration
    lies in the file's metadata, as JSON under "specwidget".

    Examples
    --------
    ::

        specwidget.export.to_onnx(layer, "front_end.onnx")
        session = onnxruntime.InferenceSession("front_end.onnx")
        (features,) = session.run(None, {"inputs": samples})
    """
    check_layer(layer)
    onnx = load_framework("onnx")
    _check_size(layer.settings)
    model = _make_model(layer, onnx)
    onnx.checker.check_model(model, full_check=True)
    with atomic_write(path) as file:
        file.write(model.SerializeToString())
    return Path(path)


class Graph:
    """A graph that grows node by node; each node's result is known by its name.

    Parameters
    ----------
    onnx : module
        The package onnx.
    """

    def __init__(self, onnx: Any) -> None:
        self.onnx = onnx
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """Add an operator, and return the name of its result."""
        name = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], name, **attributes))
        return name

    def hold(self, values: Any, name: str) -> str:
        """Hold an array under a name; the same name is held once."""
        self.constants[name] = self.onnx.numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def integers(self, *values: int) -> str:
        """Hold integers as a vector."""
        return self.hold(np.array(values, np.int64), "integers_" + "_".join(map(str, values)))

    def cast(self, name: str, dtype: str) -> str:
        """Add a cast to a dtype."""
        return self.add("Cast", name, to=self.onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))

    def size(self, name: str, axis: int) -> str:
        """Add the size of an axis, as a vector of 1."""
        return self.add("Gather", self.add("Shape", name), self.integers(axis), axis=0)


def _make_model(layer: STFTSpectrogram, onnx: Any) -> Any:
    """Return the model of a layer."""
    settings, graph = layer.settings, Graph(onnx)
    rows = _add_rows(graph, settings)
    parts = _add_parts(graph, _add_padding(graph, rows, settings), layer)
    values = OUTPUTS[settings.mode](graph, *parts, settings)
    if settings.result_dtype != settings.compute_dtype:
        values = graph.cast(values, settings.result_dtype)
    _add_layout(graph, values, settings)
    made = onnx.helper.make_graph(
        graph.nodes,
        layer.name,
        [_describe(onnx, "inputs", _axes(settings, "time"), settings)],
        [_describe(onnx, "outputs", _output_axes(settings), settings)],
        list(graph.constants.values()),
    )
    model = onnx.helper.make_model(
        made, opset_imports=[onnx.helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="specwidget"
    )
    onnx.helper.set_model_props(model, {"specwidget": json.dumps(layer.get_config())})
    return model


def _axes(settings: STFTSettings, time: str) -> list[str | int]:
    """Return the names of the axes of the input."""
    return ["batch", time, "channels"] if settings.channels_last else ["batch", "channels", time]


def _output_axes(settings: STFTSettings) -> list[str | int]:
    """Return the axes of the output: a name, or a size that is known."""
    if settings.expand_dims and settings.channels_last:
        return ["batch", "frames", settings.n_outputs, "channels"]
    if settings.expand_dims:
        return ["batch", "channels", "frames", settings.n_outputs]
    return ["batch", "frames", "values"] if settings.channels_last else ["batch", "values", "frames"]


def _describe(onnx: Any, name: str, axes: list[str | int], settings: STFTSettings) -> Any:
    """Return the description of the input or the output."""
    kind = onnx.helper.np_dtype_to_tensor_dtype(np.dtype(settings.result_dtype))
    return onnx.helper.make_tensor_value_info(name, kind, axes)


def _add_rows(graph: Graph, settings: STFTSettings) -> str:
    """Add the input as rows (batch channels, 1, time), in the type that is computed in."""
    name = "inputs"
    if settings.result_dtype != settings.compute_dtype:
        name = graph.cast(name, settings.compute_dtype)
    if settings.channels_last:
        name = graph.add("Transpose", name, perm=[0, 2, 1])
    n_rows = graph.add("Mul", graph.size(name, 0), graph.size(name, 1))
    shape = graph.add("Concat", n_rows, graph.integers(1), graph.size(name, 2), axis=0)
    return graph.add("Reshape", name, shape)


def _add_padding(graph: Graph, rows: str, settings: STFTSettings) -> str:
    """Add the zeros of padding "same", counted from the length that comes in."""
    if settings.padding == "valid":
        return rows
    n_samples, step = graph.size(rows, 2), graph.integers(settings.step)
    n_steps = graph.add("Div", graph.add("Sub", n_samples, graph.integers(1)), step)
    extent = graph.add("Add", graph.add("Mul", n_steps, step), graph.integers(settings.frame_length))
    # Never negative, as a step is no longer than a frame.
    total = graph.add("Sub", extent, n_samples)
    left = graph.add("Div", total, graph.integers(2))
    right = graph.add("Sub", total, left)
    amounts = graph.add("Concat", graph.integers(0, 0), left, graph.integers(0, 0), right, axis=0)
    return graph.add("Pad", rows, amounts)


def _add_parts(graph: Graph, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add real and imaginary part, those that the mode has, each (batch channels, bins, frames)."""
    settings = layer.settings
    transform = _multiply if settings.compute_dtype == "float64" else _convolve
    parts = transform(graph, rows, layer)
    first = graph.add("Slice", parts[0], graph.integers(0), graph.integers(1), graph.integers(1))
    # 0 where bin 0 is finite, else NaN. Adding it turns -0.0 into 0.0, too, which counts for an angle.
    bad = graph.add("Sub", first, first)
    return [graph.add("Add", part, bad) for part in parts]


def _convolve(graph: Graph, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add a convolution with each kernel."""
    return [
        graph.add("Conv", rows, graph.hold(kernel.transpose(2, 1, 0), f"{name}_kernel"), strides=[layer.settings.step])
        for name, kernel in zip(kernel_names(layer.settings), layer.weights, strict=True)
    ]


def _multiply(graph: Graph, rows: str, layer: STFTSpectrogram) -> list[str]:
    """Add frames, and their product with each kernel."""
    settings = layer.settings
    begin, step = graph.hold(np.int64(0), "begin"), graph.hold(np.int64(settings.step), "step")
    last = graph.add("Sub", graph.size(rows, 2), graph.integers(settings.frame_length - 1))
    end = graph.add("Squeeze", last, graph.integers(0))
    starts = graph.add("Unsqueeze", graph.add("Range", begin, end, step), graph.integers(1))
    within = graph.hold(np.arange(settings.frame_length, dtype=np.int64), "within")
    frames = graph.add("Gather", rows, graph.add("Add", starts, within), axis=2)
    products = [
        graph.add("MatMul", frames, graph.hold(kernel[:, 0, :], f"{name}_kernel"))
        for name, kernel in zip(kernel_names(settings), layer.weights, strict=True)
    ]
    flat = [graph.add("Squeeze", product, graph.integers(1)) for product in products]
    return [graph.add("Transpose", part, perm=[0, 2, 1]) for part in flat]


def _add_layout(graph: Graph, values: str, settings: STFTSettings) -> None:
    """Add the layout of the result to values (batch channels, values, frames), as "outputs"."""
    original = _axes(settings, "time")
    batch, channels = (graph.size("inputs", original.index(axis)) for axis in ("batch", "channels"))
    n_values, n_frames = graph.integers(settings.n_outputs), graph.size(values, 2)
    if settings.expand_dims:
        shape = graph.add("Concat", batch, channels, n_values, n_frames, axis=0)
        order = [0, 3, 2, 1] if settings.channels_last else [0, 1, 3, 2]
    else:
        shape = graph.add("Concat", batch, graph.add("Mul", channels, n_values), n_frames, axis=0)
        order = [0, 2, 1] if settings.channels_last else [0, 1, 2]
    arranged = graph.add("Reshape", values, shape)
    graph.nodes.append(graph.onnx.helper.make_node("Transpose", [arranged], ["outputs"], "outputs", perm=order))


def _keep(graph: Graph, part: str, settings: STFTSettings) -> str:
    """Return the one part that there is."""
    return part


def _join(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `[re, im]` along the bins."""
    return graph.add("Concat", real, imag, axis=1)


def _power(graph: Graph, real: str, imag: str) -> str:
    """Add `re^2 + im^2`."""
    return graph.add("Add", graph.add("Mul", real, real), graph.add("Mul", imag, imag))


def _psd(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add the power, doubled in every bin that stands for two."""
    sides = onesided_weights(settings, like=np.empty(0))
    return graph.add("Mul", _power(graph, real, imag), graph.hold(sides[:, None], "sides"))


def _floored(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add the power, at least `epsilon`; NaN stays NaN."""
    power = _power(graph, real, imag)
    floor = graph.hold(np.array(settings.epsilon, settings.compute_dtype), "epsilon")
    return graph.add("Where", graph.add("LessOrEqual", power, floor), floor, power)


def _magnitude(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `sqrt(max(P, epsilon))`."""
    return graph.add("Sqrt", _floored(graph, real, imag, settings))


def _log(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add half the logarithm of the floored power."""
    half = graph.hold(np.array(0.5, settings.compute_dtype), "half")
    return graph.add("Mul", half, graph.add("Log", _floored(graph, real, imag, settings)))


def _angle(graph: Graph, real: str, imag: str, settings: STFTSettings) -> str:
    """Add `arctan2(im, re)`."""
    return add_atan2(graph, imag, real, settings.compute_dtype)


OUTPUTS: dict[Mode, Callable[..., str]] = {
    "log": _log,
    "magnitude": _magnitude,
    "psd": _psd,
    "real": _keep,
    "imag": _keep,
    "angle": _angle,
    "stft": _join,
}
"""What each mode adds to the graph."""


def add_atan2(graph: Graph, y: str, x: str, dtype: str) -> str:
    """Add `arctan2(y, x)`, as NumPy's: in every quadrant, on the axes, with signed zeros and infinities.

    Parameters
    ----------
    graph : Graph
        The graph.
    y, x : str
        Names of values of one shape.
    dtype : str
        Their type.

    Returns
    -------
    str
        Name of the angles, radians.
    """
    zero, half_turn, quarter_turn = (
        graph.hold(np.array(value, dtype), name)
        for value, name in ((0.0, "zero"), (math.pi, "half_turn"), (math.pi / 2, "quarter_turn"))
    )
    height, width = graph.add("Abs", y), graph.add("Abs", x)
    smaller, larger = graph.add("Min", height, width), graph.add("Max", height, width)
    # Equal sides are 1, but 0 where both are 0: there, and where both are infinite, a quotient would be NaN.
    slope = graph.add(
        "Where", graph.add("Equal", smaller, larger), graph.add("Sign", larger), graph.add("Div", smaller, larger)
    )
    eighth = _add_atan(graph, slope, dtype)
    is_steep = graph.add("Greater", height, width)
    quarter = graph.add("Where", is_steep, graph.add("Sub", quarter_turn, eighth), eighth)
    half = graph.add("Where", _is_negative(graph, x, zero), graph.add("Sub", half_turn, quarter), quarter)
    # By a product, as onnxruntime's `Where` loses the sign of -0.0.
    signs = graph.hold(np.array(-1.0, dtype), "minus_one"), graph.hold(np.array(1.0, dtype), "one")
    return graph.add("Mul", half, graph.add("Where", _is_negative(graph, y, zero), *signs))


def _add_atan(graph: Graph, slope: str, dtype: str) -> str:
    """Add the angle of a slope from 0 to 1.

    onnxruntime has no `Atan` of float64. There float32's angle `a` is made exact by one step: the rest of the angle has
    the tangent `(slope cos a - sin a) / (cos a + slope sin a)`, which is so small that it is the rest itself.
    """
    if dtype != "float64":
        return graph.add("Atan", slope)
    rough = graph.cast(graph.add("Atan", graph.cast(slope, "float32")), dtype)
    sine = graph.add("Sin", rough)
    one = graph.hold(np.array(1.0, dtype), "one")
    cosine = graph.add("Sqrt", graph.add("Sub", one, graph.add("Mul", sine, sine)))
    across = graph.add("Sub", graph.add("Mul", slope, cosine), sine)
    along = graph.add("Add", cosine, graph.add("Mul", slope, sine))
    return graph.add("Add", rough, graph.add("Div", across, along))


def _is_negative(graph: Graph, values: str, zero: str) -> str:
    """Add whether values have a minus sign, -0.0 among them, whose reciprocal is below 0."""
    is_zero = graph.add("Equal", values, zero)
    signed = graph.add("Where", is_zero, graph.add("Reciprocal", values), values)
    return graph.add("Less", signed, zero)


def _check_size(settings: STFTSettings) -> None:
    """Raise where the kernels don't fit into a file."""
    n_bytes = count_kernel_values(settings) * np.dtype(settings.compute_dtype).itemsize
    if n_bytes > LARGEST:
        raise ValueError(
            f"`layer` must have kernels of at most {LARGEST / 2**30:.2f} GiB, where ONNX's format ends; "
            f"got {n_bytes / 2**30:.2f} GiB. Use a smaller frame_length or fft_length."
        )
