"""`layer_stft_spectrogram` put onto models and inputs of Keras and PyTorch, and onto their arrays."""

import jax.numpy
import keras
import numpy as np
import pytest
import torch

from specwidget import STFTSpectrogram, layer_stft_spectrogram
from tests.layers import noise

SETTINGS = {"mode": "psd", "frame_length": 64, "padding": "same"}
SAMPLES = noise(2, 500, 1)
EXPECTED = STFTSpectrogram(**SETTINGS)(SAMPLES)


def close(found):
    np.testing.assert_allclose(found, EXPECTED, rtol=1e-3, atol=1e-4)


def test_a_keras_model_gets_a_keras_layer_and_is_returned():
    model = keras.Sequential([keras.Input((500, 1))])
    assert layer_stft_spectrogram(model, **SETTINGS) is model
    assert type(model.layers[-1]) is keras.layers.STFTSpectrogram
    close(keras.ops.convert_to_numpy(model(SAMPLES)))


def test_a_keras_input_becomes_the_output_of_a_keras_layer():
    inputs = keras.Input((500, 1))
    outputs = layer_stft_spectrogram(inputs, **SETTINGS)
    assert isinstance(outputs, keras.KerasTensor)
    assert outputs.shape == (None, 16, 33)
    close(keras.ops.convert_to_numpy(keras.Model(inputs, outputs)(SAMPLES)))


def test_a_torch_model_gets_a_module_and_is_returned():
    model = torch.nn.Sequential(torch.nn.Identity())
    assert layer_stft_spectrogram(model, **SETTINGS) is model
    assert len(model) == 2
    close(model(torch.from_numpy(SAMPLES)).detach().numpy())


@pytest.mark.parametrize("make", [torch.from_numpy, jax.numpy.asarray, np.asarray])
def test_an_array_becomes_its_transform_in_its_library(make):
    found = layer_stft_spectrogram(make(SAMPLES), **SETTINGS)
    assert type(found) is type(make(SAMPLES))
    close(np.asarray(found))


@pytest.mark.parametrize("model", [keras.layers.Dense(1), torch.nn.Linear(1, 1)])
def test_a_model_of_another_kind_is_refused(model):
    with pytest.raises(
        TypeError, match=r"^`object` must be None, an array, .*; got (Dense|Linear)\. .*specwidget.export"
    ):
        layer_stft_spectrogram(model, **SETTINGS)


def test_a_setting_that_keras_can_t_hold_leaves_the_model_as_it_was():
    model = keras.Sequential([keras.Input((500, 1))])
    with pytest.raises(ValueError, match=r"^`epsilon` must be"):
        layer_stft_spectrogram(model, epsilon=1e-3)
    assert model.layers == []
