"""`MelSpectrogram`: arguments, configuration, warnings."""

import copy
import inspect
import json
import pickle

import numpy as np
import pytest

from specwidget import MelConventions, MelSettings, MelSpectrogram

KERAS_ARGUMENTS = [
    "fft_length",
    "sequence_stride",
    "sequence_length",
    "window",
    "sampling_rate",
    "num_mel_bins",
    "min_freq",
    "max_freq",
    "power_to_db",
    "top_db",
    "mag_exp",
    "min_power",
    "ref_power",
]


def test_keras_arguments_come_first_and_in_its_order():
    parameters = list(inspect.signature(MelSpectrogram).parameters)
    assert parameters == [*KERAS_ARGUMENTS, "data_format", "dtype", "name", "conventions"]
    assert parameters[:-2] + parameters[-1:] == list(inspect.signature(MelSettings).parameters)


def test_arguments_are_attributes_and_read_only():
    layer = MelSpectrogram(512, 160, 400, num_mel_bins=80)
    assert (layer.fft_length, layer.max_freq, layer.name) == (512, None, "mel_spectrogram")
    with pytest.raises(AttributeError, match="`fft_length` can't be changed after construction"):
        layer.fft_length = 1024
    with pytest.raises(AttributeError, match="has no attribute 'n_mels'"):
        _ = layer.n_mels


def test_a_configuration_gives_an_equal_layer():
    conventions = MelConventions(normalization="affine", mean=-4, deviation=4)
    layer = MelSpectrogram(64, 16, window=("kaiser", 8.6), num_mel_bins=9, name="front", conventions=conventions)
    again = MelSpectrogram.from_config(json.loads(json.dumps(layer.get_config())))
    signal = np.random.default_rng(0).standard_normal(400)
    assert (again.settings, again.name) == (layer.settings, "front")
    np.testing.assert_array_equal(again(signal), layer(signal))


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda layer: pickle.loads(pickle.dumps(layer))])
def test_a_copy_is_equal_and_its_bank_read_only(duplicate):
    layer = MelSpectrogram()
    layer(np.zeros(4096))
    again = duplicate(layer)
    assert again.settings == layer.settings
    assert not again.bank.weights.flags.writeable


def test_empty_bands_are_said_at_construction():
    with pytest.warns(UserWarning, match="4 of 128 bands hold none") as record:
        MelSpectrogram(400, 160, min_freq=0)
    assert record[0].filename == __file__


def test_the_repr_shows_what_differs_from_the_defaults():
    assert repr(MelSpectrogram(num_mel_bins=80)) == "<MelSpectrogram(num_mel_bins=80)>"
    assert "conventions=..." in repr(MelSpectrogram(conventions=MelConventions(ends="zeros")))


def test_a_name_is_a_string():
    with pytest.raises(TypeError, match="`name` must be a string or None; got 3"):
        MelSpectrogram(name=3)
