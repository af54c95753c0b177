"""`MelSpectrogram` beside Keras's: equal but for the differences that have a name, each shown on Keras itself."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from specwidget import MelSpectrogram
from specwidget.keras_differences import KERAS_MEL_DIFFERENCES

README = Path(__file__).parents[2] / "README.md"

GRID = [
    {},
    {"fft_length": 512, "sequence_stride": 160, "sequence_length": 400, "num_mel_bins": 80},
    {"fft_length": 256, "sequence_stride": 100, "window": "hamming", "num_mel_bins": 20, "min_freq": 0},
    {"fft_length": 256, "sequence_stride": 300, "num_mel_bins": 20, "max_freq": 4000},
    {"mag_exp": 1.0, "top_db": 30.0, "ref_power": 2.5},
    {"mag_exp": 1.5, "min_power": 1e-3, "ref_power": -2.5},
    {"power_to_db": False},
    {"sampling_rate": 11_025, "num_mel_bins": 40},
    {"sequence_length": 1000, "window": None},
]


def noise(*shape):
    return (0.1 * np.random.default_rng(5).standard_normal(shape)).astype("float32")


def by_keras(inputs, **arguments):
    import keras

    return keras.ops.convert_to_numpy(keras.layers.MelSpectrogram(**arguments)(inputs))


@pytest.mark.parametrize("arguments", GRID, ids=str)
@pytest.mark.parametrize("shape", [(16_000,), (2, 12_345), (1, 2048)])
def test_values_are_keras_values_but_for_the_accuracy_of_its_bank(arguments, shape):
    if len(shape) == 2 and shape[0] > 1 and arguments.get("power_to_db", True):
        # The top is that of the batch in Keras; both recordings reach the same one here.
        arguments = {"top_db": 200.0, **arguments}
    inputs = noise(*shape)
    expected = by_keras(inputs, **arguments)
    found = MelSpectrogram(**arguments)(inputs)
    assert found.shape == expected.shape
    scale = np.abs(expected).max() if arguments.get("power_to_db", True) is False else 1.0
    assert np.abs(found - expected).max() < 2e-3 * max(scale / 100, 1.0)


def test_keras_says_one_frame_too_many():
    import keras

    inputs = noise(1, 15_999)
    said = keras.layers.MelSpectrogram(sequence_stride=160).compute_output_shape(inputs.shape)
    assert (said[2], by_keras(inputs, sequence_stride=160).shape[2]) == (101, 100)
    assert MelSpectrogram(sequence_stride=160).compute_output_shape(inputs.shape)[2] == 100


def test_keras_limits_a_quiet_recording_by_a_loud_one():
    inputs = noise(2, 16_000)
    inputs[1] *= 1e-5
    alone = by_keras(inputs[1:])[0]
    assert np.abs(by_keras(inputs)[1] - alone).max() > 10
    layer = MelSpectrogram()
    np.testing.assert_array_equal(layer(inputs)[1], layer(inputs[1]))


def test_keras_spreads_a_nan_over_the_batch():
    inputs = noise(2, 16_000)
    inputs[1, 8000] = np.nan
    assert np.isnan(by_keras(inputs)).all()
    found = MelSpectrogram()(inputs)
    assert np.isfinite(found[0]).all()
    assert np.isnan(found[1]).all(axis=0).sum() == 4


def test_keras_raises_for_short_inputs():
    inputs = noise(1, 1024)
    with pytest.raises(Exception, match=r"[Pp]adding"):
        by_keras(inputs)
    assert MelSpectrogram()(inputs).shape == (1, 128, 3)


def test_keras_bank_is_rounded_to_float32():
    import keras

    layer = keras.layers.MelSpectrogram()
    arguments = {"num_mel_bins": 128, "num_spectrogram_bins": 1025, "sampling_rate": 16_000}
    weights = layer.linear_to_mel_weight_matrix(**arguments, lower_edge_hertz=20.0, upper_edge_hertz=8000.0)
    error = np.abs(keras.ops.convert_to_numpy(weights) - MelSpectrogram().bank.weights).max()
    assert 1e-6 < error < 1e-4


def test_keras_says_nothing_of_empty_bands():
    import keras

    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        keras.layers.MelSpectrogram(fft_length=400, min_freq=0.0)
        values = by_keras(noise(16_000), fft_length=400, min_freq=0.0, power_to_db=False)
    with pytest.warns(UserWarning, match="4 of 128 bands hold none"):
        layer = MelSpectrogram(fft_length=400, min_freq=0.0)
    assert tuple(np.flatnonzero(~values.any(axis=1))) == layer.bank.empty_bands


def test_keras_stretches_the_bins_of_an_odd_fft():
    arguments = {"fft_length": 51, "sequence_stride": 25, "num_mel_bins": 8, "power_to_db": False}
    tone = np.sin(2 * np.pi * 4000 / 16_000 * np.arange(4000)).astype("float32")
    expected = by_keras(tone, **arguments)
    found = MelSpectrogram(**arguments)(tone)
    assert np.abs(found - expected).max() > 0.01 * expected.max()


def test_keras_knows_two_windows_by_name():
    with pytest.raises(ValueError, match="hamming"):
        by_keras(noise(16_000), window="blackman")
    assert MelSpectrogram(window="blackman")(noise(16_000)).shape == (128, 32)


def test_the_readme_has_the_table_of_the_differences():
    rows = [f"| {each.name} | {each.keras} | {each.layer} |" for each in KERAS_MEL_DIFFERENCES]
    assert "\n".join(["| what | Keras | specwidget |", "|---|---|---|", *rows]) in README.read_text(encoding="utf-8")
