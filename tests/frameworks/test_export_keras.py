"""A genuine Keras layer with our kernels, there and back; the grid compares the numbers."""

import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.export import from_keras, to_keras
from tests.layers import make_layer, noise

ODD = {"mode": "psd", "frame_length": 45, "frame_step": 20, "fft_length": 45}


def moved(layer, seed=1):
    """The layer, with kernels that something has moved."""
    rng = np.random.default_rng(seed)
    layer.set_weights([kernel + 0.01 * rng.standard_normal(kernel.shape).astype("f4") for kernel in layer.weights])
    return layer


def answer(layer, inputs):
    return keras.ops.convert_to_numpy(layer(inputs))


@pytest.fixture
def keras_epsilon():
    before = keras.config.epsilon()
    yield keras.config.set_epsilon
    keras.config.set_epsilon(before)


def test_it_is_keras_s_own_layer():
    assert type(to_keras(STFTSpectrogram())) is keras.layers.STFTSpectrogram


def test_step_and_fft_length_are_given_as_numbers():
    config = to_keras(STFTSpectrogram("real", 1)).get_config()
    assert (config["frame_step"], config["fft_length"]) == (1, 1)
    assert answer(to_keras(STFTSpectrogram("real", 1, window=None)), noise(1, 9, 1)).shape == (1, 9, 1)


@pytest.mark.parametrize("window", [("kaiser", 8.6), np.hanning(64) + 0.1, "hann"])
@pytest.mark.parametrize("mode", ["log", "psd", "stft"])
def test_a_saved_and_loaded_model_keeps_the_kernels(tmp_path, mode, window):
    layer = moved(make_layer(mode=mode, frame_length=64, fft_length=99, window=window))
    model = keras.Sequential([keras.Input((500, 2)), to_keras(layer)])
    model.save(tmp_path / "model.keras")
    with pytest.warns(UserWarning, match="power of two"):  # Keras's own, at construction
        loaded = keras.models.load_model(tmp_path / "model.keras")
    inputs = noise(2, 500, 2)
    np.testing.assert_array_equal(answer(loaded, inputs), answer(model, inputs))
    np.testing.assert_allclose(answer(loaded, inputs), layer(inputs), rtol=1e-4, atol=1e-4)
    back = from_keras(loaded.layers[0], window=window)
    for found, expected in zip(back.weights, layer.weights, strict=True):
        np.testing.assert_allclose(found, expected, rtol=2e-7 if mode == "psd" else 0, atol=0)


def test_a_tuple_or_an_array_becomes_no_window_and_kernels():
    layer = make_layer(window=("kaiser", 8.6), frame_length=64)
    held = to_keras(layer)
    assert held.window is None
    np.testing.assert_array_equal(held.get_weights()[0], layer.real_kernel)
    assert from_keras(held).path == "matmul"
    assert from_keras(held, window=("kaiser", 8.6)).path == "fft"


def test_the_last_bin_of_an_odd_psd_is_scaled_there_and_back():
    layer = make_layer(**ODD)
    held = to_keras(layer)
    np.testing.assert_allclose(held.get_weights()[0][..., -1], layer.real_kernel[..., -1] * np.sqrt(2), rtol=1e-7)
    np.testing.assert_array_equal(held.get_weights()[0][..., :-1], layer.real_kernel[..., :-1])
    back = from_keras(held)
    assert back.path == "fft"
    np.testing.assert_array_equal(back.real_kernel, layer.real_kernel)


def test_keras_as_it_is_does_not_double_that_bin():
    inputs = noise(1, 45, 1)
    with pytest.warns(UserWarning, match="power of two"):
        theirs = keras.layers.STFTSpectrogram(**ODD)
    theirs.build((None, None, 1))
    theirs.set_weights(make_layer(**ODD).get_weights())
    ratio = make_layer(**ODD)(inputs)[0, 0, -1] / answer(theirs, inputs)[0, 0, -1]
    np.testing.assert_allclose(ratio, 2.0, rtol=1e-4)


@pytest.mark.parametrize("mode", ["psd", "log", "imag"])
@pytest.mark.parametrize("n_fft", [64, 65])
def test_any_keras_layer_is_converted_with_its_values(mode, n_fft):
    inputs = noise(2, 500, 1)
    with keras_warning(n_fft):
        theirs = keras.layers.STFTSpectrogram(mode, 64, 20, n_fft, padding="same")
    expected = answer(theirs, inputs)
    np.testing.assert_allclose(from_keras(theirs)(inputs), expected, rtol=2e-4, atol=2e-4)


def keras_warning(n_fft):
    """Keras's warning where it is due."""
    return pytest.warns(UserWarning, match="power of two") if n_fft & (n_fft - 1) else keras.name_scope("plain")


def test_every_setting_is_converted_back():
    arguments = {
        "mode": "stft",
        "frame_length": 40,
        "frame_step": 7,
        "fft_length": 64,
        "window": "hamming",
        "periodic": True,
        "scaling": "spectrum",
        "padding": "same",
        "expand_dims": True,
        "data_format": "channels_first",
        "trainable": False,
        "dtype": "float64",
        "name": "front_end",
    }
    layer = STFTSpectrogram(**arguments)
    back = from_keras(to_keras(layer))
    assert back.settings == layer.settings
    assert (back.name, back.path) == ("front_end", "fft")


def test_two_in_one_model_have_names_of_their_own():
    assert to_keras(STFTSpectrogram()).name != to_keras(STFTSpectrogram()).name


def test_trainable_is_keras_s_trainable():
    assert len(to_keras(STFTSpectrogram()).trainable_weights) == 2
    assert to_keras(STFTSpectrogram(trainable=False)).trainable_weights == []


@pytest.mark.parametrize("mode", ["log", "magnitude"])
def test_another_epsilon_is_rejected_until_keras_has_it(keras_epsilon, mode):
    layer = STFTSpectrogram(mode, 64, epsilon=1e-3)
    with pytest.raises(
        ValueError, match=r"^`epsilon` must be 1e-07, Keras's for all layers, .*; got 0\.001\. .*set_epsilon"
    ):
        to_keras(layer)
    keras_epsilon(1e-3)
    silence = np.zeros((1, 64, 1), "f4")
    np.testing.assert_allclose(answer(to_keras(layer), silence), layer(silence), rtol=1e-6)


def test_an_epsilon_above_1_is_rejected_for_mode_log(keras_epsilon):
    keras_epsilon(4.0)
    with pytest.raises(ValueError, match=r"below 1 for mode 'log'; got 4\.0"):
        to_keras(STFTSpectrogram("log", epsilon=4.0))
    assert answer(to_keras(STFTSpectrogram("magnitude", 64, epsilon=4.0)), np.zeros((1, 64, 1), "f4")).max() == 2


def test_an_epsilon_is_accepted_in_a_mode_without_floor():
    to_keras(STFTSpectrogram("psd", epsilon=1e-3))


def test_float16_is_rejected_with_advice():
    with pytest.raises(ValueError, match=r"^`dtype` must be 'float32' or 'float64' for Keras; got 'float16'.*Export"):
        to_keras(STFTSpectrogram(dtype="float16"))


def test_one_bin_of_power_is_rejected():
    with pytest.raises(ValueError, match=r"^`fft_length` must be at least 2 for mode 'psd' in Keras"):
        to_keras(STFTSpectrogram("psd", 1, window=None))


def test_a_layer_without_kernels_is_rejected():
    with pytest.raises(ValueError, match=r"^`layer` must be built; got a layer without kernels\. Call it once"):
        from_keras(keras.layers.STFTSpectrogram())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_kernels_that_are_not_finite_are_rejected(value):
    theirs = to_keras(STFTSpectrogram(frame_length=16))
    real, imag = theirs.get_weights()
    imag[3, 0, 2] = value
    theirs.set_weights([real, imag])
    with pytest.raises(ValueError, match=r"^`weights` must have finite values in the imag kernel; got 1 that"):
        from_keras(theirs)


def test_another_keras_layer_is_rejected():
    with pytest.raises(
        TypeError, match=r"^`layer` must be a keras.layers.STFTSpectrogram or MelSpectrogram; got Dense"
    ):
        from_keras(keras.layers.Dense(1))


def test_bfloat16_is_rejected():
    theirs = keras.layers.STFTSpectrogram(dtype="bfloat16")
    theirs.build((None, None, 1))
    with pytest.raises(ValueError, match=r"^`layer` must compute in float16, .*; got bfloat16"):
        from_keras(theirs)


def test_a_mixed_float16_layer_comes_as_float16():
    theirs = keras.layers.STFTSpectrogram(frame_length=64, dtype="mixed_float16")
    theirs.build((None, None, 1))
    ours = from_keras(theirs)
    assert ours.settings.result_dtype == "float16"
    np.testing.assert_array_equal(ours.real_kernel, theirs.get_weights()[0])


def test_float64_is_rejected_where_keras_keeps_float32():
    code = "import specwidget; specwidget.export.to_keras(specwidget.STFTSpectrogram(dtype='float64'))"
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_ENABLE_X64": "0"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)
    assert done.returncode == 1
    assert "`dtype` must be 'float32' while Keras keeps weights as float32 on jax; got 'float64'." in done.stderr
