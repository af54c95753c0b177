"""An ONNX model that onnxruntime runs; the grid compares the numbers."""

import json

import numpy as np
import onnx
import onnxruntime
import pytest
import scipy.fft
import scipy.signal
from onnx import helper

from specwidget import STFTSpectrogram
from specwidget.export import to_onnx
from specwidget.export.onnx import add_atan2
from specwidget.export.onnx_graph import OPSET, GraphBuilder
from specwidget.stft.settings import MODES, PADDINGS
from tests.layers import make_layer, noise

EVERY_MODE = pytest.mark.parametrize("mode", MODES)
SETTINGS = {"frame_length": 64, "frame_step": 20, "fft_length": 128}
ON_SHAPES = {"Add", "Concat", "Div", "Gather", "Mul", "Reshape", "Shape", "Sub", "Transpose", "Slice", "Pad"}
ON_ELEMENTS = {"Abs", "Atan", "Equal", "Greater", "Less", "LessOrEqual", "Log", "Max", "Min", "Reciprocal"}
ON_ELEMENTS |= {"Sign", "Sqrt", "Where"}


def run(path, inputs):
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(None, {"inputs": inputs})[0]


@EVERY_MODE
@pytest.mark.parametrize("padding", PADDINGS)
def test_it_is_made_of_conv_shapes_and_operators_on_each_element(tmp_path, mode, padding):
    model = onnx.load(to_onnx(make_layer(mode=mode, padding=padding, **SETTINGS), tmp_path / "layer.onnx"))
    operators = [node.op_type for node in model.graph.node]
    assert set(operators) <= {"Conv"} | ON_SHAPES | ON_ELEMENTS
    assert operators.count("Conv") == (1 if mode in ("real", "imag") else 2)


@pytest.mark.parametrize("padding", PADDINGS)
@pytest.mark.parametrize("shape", [(1, 64, 1), (3, 777, 2), (2, 1000, 5), (0, 100, 1)])
def test_one_file_takes_any_batch_time_and_channels(tmp_path, padding, shape):
    layer, inputs = make_layer(padding=padding, **SETTINGS), noise(*shape)
    found = run(to_onnx(layer, tmp_path / "layer.onnx"), inputs)
    assert found.shape == layer(inputs).shape
    np.testing.assert_allclose(found, layer(inputs), rtol=0, atol=5e-3)


def test_padding_is_counted_from_the_length_that_comes_in(tmp_path):
    layer = make_layer(mode="real", frame_length=400, frame_step=160, padding="same")
    path = to_onnx(layer, tmp_path / "layer.onnx")
    for n_samples in (1600, 1601, 1759, 7):
        inputs = noise(1, n_samples, 1)
        np.testing.assert_allclose(run(path, inputs), layer(inputs), rtol=0, atol=1e-5)


@EVERY_MODE
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_frames_with_a_nonfinite_sample_are_nan(tmp_path, mode, bad):
    layer, inputs = make_layer(mode=mode, **SETTINGS), noise(1, 500, 1)
    inputs[0, 205, 0] = bad
    found = run(to_onnx(layer, tmp_path / "layer.onnx"), inputs)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(layer(inputs)))


@pytest.mark.parametrize("sign", [1, -1])
def test_angles_on_the_axes_are_the_layer_s(tmp_path, sign):
    layer = make_layer(mode="angle", frame_length=4, frame_step=4, window=None, scaling=None)
    inputs = sign * np.array([[1, 1, 1, 1], [1, 0, -1, 0], [0, 1, 0, -1], [1, -1, 1, -1], [0, 0, 0, 0]], "f4")
    inputs = inputs.reshape(1, -1, 1)
    np.testing.assert_allclose(run(to_onnx(layer, tmp_path / "a.onnx"), inputs), layer(inputs), rtol=0, atol=1e-6)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_angle_of_two_numbers_is_numpy_s_in_every_quadrant_and_on_every_axis(dtype):
    graph = GraphBuilder(onnx)
    name = add_atan2(graph, "y", "x", dtype)
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
    inputs, outputs = (
        [helper.make_tensor_value_info(item, kind, None) for item in names] for names in (["y", "x"], [name])
    )
    made = helper.make_graph(graph.nodes, "atan2", inputs, outputs, list(graph.constants.values()))
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=7)
    sides = [0.0, 1e-40, 1e-30, 0.3, 1.0, 2.0, 1e38, np.inf]
    y, x = np.meshgrid(*[np.array([*sides, *(-side for side in sides), np.nan], dtype)] * 2)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found, expected = session.run(None, {"y": y, "x": x})[0], np.arctan2(y, x)
    np.testing.assert_allclose(found, expected, rtol=3 * np.finfo(dtype).eps, atol=np.finfo(dtype).tiny)
    np.testing.assert_array_equal(np.signbit(found[expected == 0]), np.signbit(expected[expected == 0]))


def test_the_layer_s_own_kernels_are_exported(tmp_path):
    layer, donor = make_layer(mode="psd", **SETTINGS), make_layer(mode="psd", window="flattop", **SETTINGS)
    layer.set_weights(donor.get_weights())
    inputs = noise(1, 500, 1)
    np.testing.assert_allclose(run(to_onnx(layer, tmp_path / "a.onnx"), inputs), donor(inputs), rtol=1e-3, atol=1e-4)


def test_the_file_s_metadata_have_the_configuration(tmp_path):
    layer = make_layer(name="front_end", **SETTINGS)
    model = onnx.load(to_onnx(layer, tmp_path / "layer.onnx"))
    (entry,) = model.metadata_props
    assert STFTSpectrogram.from_config(json.loads(entry.value)).settings == layer.settings
    assert (model.graph.name, model.producer_name, model.opset_import[0].version) == ("front_end", "specwidget", 13)


def test_kernels_too_large_for_a_file_are_rejected(tmp_path):
    with pytest.raises(ValueError, match=r"^`layer` must have kernels of at most 2\.00 GiB, .*; got 2\.00 GiB\. Use a"):
        to_onnx(STFTSpectrogram(frame_length=16384, fft_length=32768), tmp_path / "large.onnx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("mode", ["magnitude", "log"])
def test_a_power_out_of_range_changes_no_value(tmp_path, mode, dtype):
    arguments = {"mode": mode, "frame_length": 16, "window": "hamming", "scaling": None}
    layer = make_layer(**arguments, dtype=dtype, epsilon=2.0**-149 if dtype == "float32" else 2.0**-1074)
    path = to_onnx(layer, tmp_path / "layer.onnx")
    for size in (1e-20, 1e-3, 3e19) if dtype == "float32" else (1e-159, 1e-3, 1e160):
        signal = (size * np.random.default_rng(1).standard_normal((1, 100, 1))).astype(dtype)
        frames = np.lib.stride_tricks.sliding_window_view(signal[0, :, 0].astype(np.longdouble), 16)[::8]
        spectrum = scipy.fft.rfft(frames * scipy.signal.get_window("hamming", 16, fftbins=False), axis=-1)
        expected = np.hypot(spectrum.real, spectrum.imag)
        expected = expected if mode == "magnitude" else np.log(expected)
        np.testing.assert_allclose(run(path, signal)[0], expected.astype("float64"), rtol=1e-4)
