"""Mel spectrograms and coefficients as PyTorch modules, ONNX models and Keras layers, and composed as R does."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import MFCC, MelConventions, MelSpectrogram, front_ends, layer_mel_spectrogram
from specwidget.export import from_keras, to_keras, to_onnx, to_torch
from tests.mel.cases import ARGUMENTS, CONVENTIONS

EVERY_CONVENTION = pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
EVERY_ARGUMENT = pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
pytestmark = pytest.mark.filterwarnings("ignore:`num_mel_bins` should")


def noise(*shape, dtype="float64"):
    return np.random.default_rng(7).standard_normal(shape).astype(dtype)


def assert_close(found, expected, rtol=1e-9):
    """Compare values relative to the largest."""
    assert found.shape == expected.shape
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol * np.nanmax(np.abs(expected)))


def run_onnx(layer, inputs, path):
    import onnxruntime

    session = onnxruntime.InferenceSession(to_onnx(layer, path / "layer.onnx"))
    (outputs,) = session.run(None, {"inputs": inputs})
    return outputs


@EVERY_CONVENTION
@EVERY_ARGUMENT
def test_a_module_gives_the_values_and_gradients_of_the_layer(arguments, conventions):
    import torch

    layer = MelSpectrogram(**arguments, conventions=conventions, dtype="float64")
    module = to_torch(layer)
    for shape in [(331,), (2, 150), (2, 150, 3), (1, 70)]:
        signal = noise(*shape)
        assert_close(module(torch.tensor(signal)).numpy(), layer(signal))
    inputs = torch.tensor(signal, requires_grad=True)
    values = module(inputs)
    values.square().sum().backward()
    expected = layer.vjp(signal, 2 * layer(signal))
    np.testing.assert_allclose(inputs.grad.numpy(), expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max())


@pytest.mark.filterwarnings("ignore:`torch.jit")
@EVERY_CONVENTION
def test_a_module_can_be_scripted(conventions):
    import torch

    layer = MelSpectrogram(**ARGUMENTS["short window"], conventions=conventions, dtype="float64")
    scripted = torch.jit.script(to_torch(layer))
    for shape in [(331,), (2, 150, 3)]:
        assert_close(scripted(torch.tensor(noise(*shape))).numpy(), layer(noise(*shape)))


def test_a_module_of_half_precision_rounds_as_the_layer():
    import torch

    layer = MelSpectrogram(**ARGUMENTS["short window"], dtype="float16")
    signal = noise(400, dtype="float16")
    assert_close(to_torch(layer)(torch.tensor(signal)).numpy(), layer(signal), rtol=1e-3)


@pytest.mark.parametrize("name", front_ends)
def test_every_front_end_is_a_module_and_a_model(name, tmp_path):
    import torch

    layer, signal = front_ends[name].layer, 0.1 * noise(1, 20_000, dtype="float32")
    expected = layer(signal)
    assert_close(to_torch(layer)(torch.tensor(signal)).numpy(), expected, rtol=1e-4)
    assert_close(run_onnx(layer, signal, tmp_path), expected, rtol=1e-3)


@EVERY_CONVENTION
@EVERY_ARGUMENT
def test_a_model_gives_the_values_of_the_layer(arguments, conventions, tmp_path):
    layer = MelSpectrogram(**arguments, conventions=conventions, dtype="float64")
    for n_samples in (331, 70):
        assert_close(run_onnx(layer, noise(2, n_samples), tmp_path), layer(noise(2, n_samples)), rtol=1e-7)


@pytest.mark.parametrize("conventions", [MelConventions(), MelConventions(normalization="band")])
def test_a_nan_stays_in_its_frames(conventions, tmp_path):
    import torch

    signal = noise(2, 400, dtype="float32")
    signal[1, 160] = np.nan
    layer = MelSpectrogram(32, 32, num_mel_bins=4, conventions=conventions)
    expected = layer(signal)
    assert np.isnan(expected).sum() == 4
    assert_close(to_torch(layer)(torch.tensor(signal)).numpy(), expected, rtol=1e-4)
    assert_close(run_onnx(layer, signal, tmp_path), expected, rtol=1e-4)


def test_coefficients_are_exported(tmp_path):
    import torch

    layer = MFCC(MelSpectrogram(**ARGUMENTS["short window"], dtype="float64"), 5, "htk", 22.0)
    for shape in [(331,), (2, 331), (2, 331, 3)]:
        assert_close(to_torch(layer)(torch.tensor(noise(*shape))).numpy(), layer(noise(*shape)))
    assert_close(run_onnx(layer, noise(2, 331), tmp_path), layer(noise(2, 331)), rtol=1e-7)
    with pytest.raises(TypeError, match="Keras, which has no MFCC"):
        to_keras(layer)


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"fft_length": 512, "sequence_stride": 160, "sequence_length": 400, "num_mel_bins": 80, "top_db": None},
        {"window": ("kaiser", 8.6), "sampling_rate": 8000, "mag_exp": 1.0, "num_mel_bins": 60},
        {"window": "hamming", "conventions": MelConventions(periodic=False)},
        {"window": None, "power_to_db": False},
    ],
    ids=str,
)
def test_keras_layer_gives_its_values_and_is_converted_back(arguments):
    import keras

    layer = MelSpectrogram(**arguments, name="front")
    converted = to_keras(layer)
    again = keras.layers.deserialize(keras.layers.serialize(converted))
    signal = 0.1 * noise(1, 16_000, dtype="float32")
    for each in (converted, again):
        found = keras.ops.convert_to_numpy(each(signal))
        assert_close(found, layer(signal), rtol=1e-4)
    returned = from_keras(again)
    assert returned.name == "front"
    np.testing.assert_array_equal(returned(signal), layer(signal))


def test_conventions_that_keras_does_not_have_are_named():
    with pytest.raises(ValueError, match="must be Keras's for its layer; got others for ends, gain"):
        to_keras(MelSpectrogram(conventions=MelConventions(ends="zeros", gain=2.0)))
    with pytest.raises(ValueError, match="`dtype` must be 'float32' or 'float64' for Keras"):
        to_keras(MelSpectrogram(dtype="float16"))


def test_the_layer_is_composed_by_what_the_object_is():
    import keras
    import torch

    signal = 0.1 * noise(2, 16_000, dtype="float32")
    expected = MelSpectrogram(num_mel_bins=80)(signal)
    assert layer_mel_spectrogram(num_mel_bins=80).settings == MelSpectrogram(num_mel_bins=80).settings
    np.testing.assert_array_equal(layer_mel_spectrogram(signal, num_mel_bins=80), expected)
    model = layer_mel_spectrogram(keras.Sequential([keras.Input((16_000,))]), num_mel_bins=80)
    assert model.output_shape == (None, 80, 32)
    assert layer_mel_spectrogram(keras.Input((16_000,)), num_mel_bins=80).shape == (None, 80, 32)
    module = layer_mel_spectrogram(torch.nn.Sequential(), num_mel_bins=80)
    assert_close(module(torch.tensor(signal)).numpy(), expected, rtol=1e-4)


def test_the_weights_of_a_module_follow_its_type():
    import torch

    layer = MelSpectrogram(**ARGUMENTS["short window"])
    exact = MelSpectrogram.from_settings(replace(layer.settings, dtype="float64"))
    module = to_torch(layer).double()
    assert module.state_dict() == {}
    assert_close(module(torch.tensor(noise(400))).numpy(), exact(noise(400)), rtol=1e-5)
