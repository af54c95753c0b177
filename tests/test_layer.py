"""The interface of `STFTSpectrogram` that it shares with Keras's layer: arguments, shapes, and R's function."""

import inspect

import numpy as np
import pytest

import specwidget
from specwidget import STFTSettings, STFTSpectrogram
from specwidget.stft.settings import MODES
from tests.layers import ARGUMENTS, make_layer, noise

DEFAULTS = {
    "mode": "log",
    "frame_length": 256,
    "frame_step": None,
    "fft_length": None,
    "window": "hann",
    "periodic": False,
    "scaling": "density",
    "padding": "valid",
    "expand_dims": False,
    "data_format": None,
    "trainable": True,
    "dtype": None,
    "epsilon": 1e-7,
    "backend": "auto",
}


def test_the_first_ten_arguments_may_be_positional_in_kerass_order():
    names = list(ARGUMENTS)[:10]
    layer = STFTSpectrogram(*[ARGUMENTS[name] for name in names])
    assert {name: getattr(layer, name) for name in names} == {name: ARGUMENTS[name] for name in names}


def test_an_eleventh_positional_argument_is_an_error():
    with pytest.raises(TypeError, match="positional"):
        STFTSpectrogram(*[ARGUMENTS[name] for name in list(ARGUMENTS)[:11]])


def test_attributes_are_the_arguments_as_given():
    layer = STFTSpectrogram(**ARGUMENTS)
    assert {name: getattr(layer, name) for name in ARGUMENTS} == ARGUMENTS


def test_the_defaults_are_the_documented_ones_and_none_stays_none():
    layer = STFTSpectrogram()
    assert {name: getattr(layer, name) for name in DEFAULTS} == DEFAULTS
    signature = inspect.signature(STFTSpectrogram)
    assert {name: parameter.default for name, parameter in signature.parameters.items()} == DEFAULTS | {"name": None}


def test_a_name_must_be_a_string():
    with pytest.raises(TypeError, match=r"^`name` must be a string or None; got 3."):
        STFTSpectrogram(name=3)
    assert STFTSpectrogram(name="front_end").name == "front_end"


def test_the_layers_settings_are_the_settings_of_its_arguments():
    arguments = {name: value for name, value in ARGUMENTS.items() if name != "name"}
    assert STFTSpectrogram(**ARGUMENTS).settings == STFTSettings(**arguments)
    assert STFTSpectrogram.from_settings(STFTSettings(**arguments)).settings == STFTSettings(**arguments)


@pytest.mark.parametrize("name", sorted(set(ARGUMENTS) - {"name"}))
def test_arguments_are_read_only_attributes(name):
    layer = STFTSpectrogram()
    with pytest.raises(AttributeError, match=name):
        setattr(layer, name, ARGUMENTS[name])
    assert getattr(layer, name) == getattr(layer.settings, name) == DEFAULTS[name]


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="frame_size"):
        _ = STFTSpectrogram().frame_size


def test_build_validates_the_shape_and_creates_no_kernels():
    layer = STFTSpectrogram(frame_length=2**17)
    layer.build((None, None, 1))
    assert layer.built
    with pytest.raises(ValueError, match=r"^`inputs` must have 3 axes.*got shape \(None, 16000\)"):
        layer.build((None, 16000))


def test_a_call_builds_the_layer():
    layer = STFTSpectrogram()
    assert not layer.built
    layer(noise(1, 300, 1))
    assert layer.built


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
@pytest.mark.parametrize("expand_dims", [False, True])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_output_has_the_shape_of_compute_output_shape(mode, data_format, expand_dims, padding):
    layer = make_layer(mode=mode, frame_length=30, padding=padding, expand_dims=expand_dims, data_format=data_format)
    shape = (2, 101, 3) if data_format == "channels_last" else (2, 3, 101)
    told = layer.compute_output_shape(shape)
    assert layer(noise(*shape)).shape == told
    unknown = layer.compute_output_shape([None if size in (2, 101) else size for size in shape])
    assert [size is None or size == known for size, known in zip(unknown, told, strict=True)] == [True] * len(told)
    assert unknown.count(None) == 2


def test_an_unknown_number_of_channels_has_no_output_shape():
    with pytest.raises(ValueError, match="known number of channels"):
        STFTSpectrogram().compute_output_shape((None, 16000, None))


def test_the_three_documented_examples_have_their_shapes():
    arguments = {"frame_length": 256, "frame_step": 128, "fft_length": 512}
    assert STFTSpectrogram(**arguments)(np.zeros((3, 160000, 1), "f4")).shape == (3, 1249, 257)
    same = {"padding": "same", **arguments}
    assert STFTSpectrogram(window="hamming", **same)(np.zeros((3, 160000, 2), "f4")).shape == (3, 1250, 514)
    assert STFTSpectrogram(expand_dims=True, **same)(np.zeros((3, 160000, 3), "f4")).shape == (3, 1250, 257, 3)


def test_layer_stft_spectrogram_without_object_returns_the_layer():
    assert isinstance(specwidget.layer_stft_spectrogram(), STFTSpectrogram)
    assert specwidget.layer_stft_spectrogram(None, **ARGUMENTS).settings == STFTSpectrogram(**ARGUMENTS).settings


def test_layer_stft_spectrogram_of_an_array_returns_the_output():
    inputs = noise(2, 500, 1)
    actual = specwidget.layer_stft_spectrogram(inputs, mode="psd", frame_length=64)
    np.testing.assert_array_equal(actual, STFTSpectrogram("psd", 64)(inputs), strict=True)


@pytest.mark.parametrize("thing", ["noise.wav", 3, [[0.0]], object()])
def test_layer_stft_spectrogram_of_another_object_is_an_error(thing):
    with pytest.raises(TypeError, match=r"^`object` must be None, an array, .*; got"):
        specwidget.layer_stft_spectrogram(thing)
