"""Configuration, copies, pickles and the repr of a layer."""

import copy
import json
import pickle

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from tests.layers import ARGUMENTS, make_layer, noise

WINDOWS = [
    "hann",
    None,
    ("kaiser", 8.6),
    ("general_cosine", [0.5, 0.3, 0.2]),
    np.linspace(0.1, 1, 40, dtype=np.float32),
    np.random.default_rng(0).random(40),
    list(range(1, 41)),
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_a_configuration_survives_json_and_gives_the_same_bits(window):
    layer = make_layer(**ARGUMENTS | {"window": window})
    config = layer.get_config()
    twin = STFTSpectrogram.from_config(json.loads(json.dumps(config, allow_nan=False)))
    assert twin.get_config() == config
    assert twin.settings == layer.settings
    inputs = noise(2, 3, 200)
    np.testing.assert_array_equal(twin(inputs), layer(inputs), strict=True)


def test_a_configuration_has_every_argument():
    config = STFTSpectrogram(**ARGUMENTS).get_config()
    assert set(config) == set(ARGUMENTS)
    assert config == ARGUMENTS | {"window": ["kaiser", 8.6]}


def test_a_window_array_is_a_list_of_floats_in_the_configuration():
    window = STFTSpectrogram(frame_length=4, window=np.array([1, 2, 2, 1], np.float32)).get_config()["window"]
    assert window == [1.0, 2.0, 2.0, 1.0]
    assert {type(value) for value in window} == {float}


def test_numpy_numbers_become_plain_ones_in_the_configuration():
    layer = STFTSpectrogram(
        frame_length=np.int64(40), frame_step=np.int16(10), epsilon=np.float32(0.5), periodic=np.bool_(True)
    )
    assert json.loads(json.dumps(layer.get_config())) == layer.get_config()


def test_a_configuration_with_unknown_keys_is_an_error():
    with pytest.raises(TypeError, match="units"):
        STFTSpectrogram.from_config({**STFTSpectrogram().get_config(), "units": 3})


def test_a_configuration_may_be_changed_without_changing_the_layer():
    layer = STFTSpectrogram(frame_length=4, window=[1.0, 2.0, 2.0, 1.0])
    layer.get_config()["window"][0] = 9.0
    assert layer.get_config()["window"] == [1.0, 2.0, 2.0, 1.0]


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_layer_can_be_copied_and_pickled_with_its_kernels(duplicate):
    layer, inputs = STFTSpectrogram(frame_length=16, frame_step=4), noise(1, 100, 1)
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    twin = duplicate(layer)
    assert twin.settings == layer.settings
    np.testing.assert_array_equal(twin(inputs), layer(inputs))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_pickle_with_kernels_that_are_not_finite_is_refused(value):
    layer = STFTSpectrogram(frame_length=16)
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    state = copy.deepcopy(layer.__getstate__())
    state["_kernels"].imag[3, 0, 2] = value
    with pytest.raises(ValueError, match="`weights` must have finite values in the imag kernel; got 1 that are NaN"):
        STFTSpectrogram().__setstate__(state)
    # As pickle restores it: without the constructor.
    layer.__dict__.update(state)
    with pytest.raises(ValueError, match="`weights` must have finite values in the imag kernel"):
        pickle.loads(pickle.dumps(layer))


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
@pytest.mark.parametrize("factor", [1, 2])
def test_kernels_and_window_of_a_copy_are_read_only(duplicate, factor):
    layer = STFTSpectrogram(frame_length=16)
    layer.set_weights([factor * kernel for kernel in layer.get_weights()])
    assert layer.settings.scaled_window.size == 16
    twin = duplicate(layer)
    assert twin.path == layer.path
    # A change of a writable Fourier kernel would have no effect, as the FFT does not use it.
    assert not any(array.flags.writeable for array in (*twin.weights, twin.settings.scaled_window))


def test_the_repr_shows_the_settings():
    text = repr(STFTSpectrogram("psd", 400, 160, window=("kaiser", 8.6), padding="same"))
    for part in ("STFTSpectrogram", "mode='psd'", "frame_length=400", "frame_step=160", "('kaiser', 8.6)", "'same'"):
        assert part in text


def test_the_repr_stays_short_with_a_long_window():
    assert len(repr(STFTSpectrogram(frame_length=4096, window=np.hanning(4096)))) < 200
