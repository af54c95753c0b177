"""`Spectrogram`: times, frequencies, decibels, and the fraction of values at the floor."""

import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSpectrogram
from specwidget.spectrogram import per_hertz_decibels
from specwidget.stft.settings import DTYPES, STFTSettings
from tests.layers import noise


def test_a_spectrogram_has_the_layers_output_and_metadata():
    inputs, layer = noise(1, 16001, 2), STFTSpectrogram(frame_length=400, frame_step=160, padding="same")
    result = layer.spectrogram(inputs, sample_rate=16000)
    np.testing.assert_array_equal(result.values, layer(inputs))
    assert (result.settings, result.n_samples, result.sample_rate) == (layer.settings, 16001, 16000)
    assert (result.path, result.library, result.seconds > 0) == ("fft", "NumPy", True)
    np.testing.assert_allclose(result.times[:2], [1 / 16000, 161 / 16000])
    np.testing.assert_allclose(result.frequencies[[0, 1, -1]], [0, 31.25, 8000])


def test_without_a_sample_rate_axes_are_in_samples_and_cycles_per_sample():
    result = STFTSpectrogram(frame_length=400, frame_step=160, padding="same").spectrogram(noise(1, 16000, 1))
    assert result.sample_rate is None
    np.testing.assert_array_equal(result.times[:2], [80, 240])
    assert result.frequencies[-1] == 0.5


@pytest.mark.parametrize("sample_rate", [0, -16000, np.nan, np.inf])
def test_a_sample_rate_is_a_number_above_zero(sample_rate):
    with pytest.raises(ValueError, match=r"^`sample_rate` must .*; got"):
        STFTSpectrogram().spectrogram(noise(1, 300, 1), sample_rate)


@pytest.mark.parametrize("sample_rate", ["16000", True])
def test_a_sample_rate_of_the_wrong_type_is_a_type_error(sample_rate):
    with pytest.raises(TypeError, match=r"^`sample_rate` must .*; got"):
        STFTSpectrogram().spectrogram(noise(1, 300, 1), sample_rate)


@pytest.mark.parametrize("layout", [{}, {"data_format": "channels_first"}, {"expand_dims": True}])
def test_channel_values_are_one_channel_of_one_batch_item(layout):
    inputs = noise(2, 2, 600) if layout.get("data_format") else noise(2, 600, 2)
    result = STFTSpectrogram(**layout).spectrogram(inputs)
    one = inputs[1:, 1:] if layout.get("data_format") else inputs[1:, :, 1:]
    expected = STFTSpectrogram()(one.reshape(1, 600, 1))[0]
    np.testing.assert_array_equal(result.channel_values(1, 1), expected)
    assert len(result.times) == len(expected)


def test_decibels_are_twenty_per_decade_of_magnitude_in_each_level_mode():
    tone = 10 * np.sin(2 * np.pi * 0.125 * np.arange(1024))[None, :, None]
    arguments = {"scaling": "spectrum", "periodic": True, "dtype": "float64"}
    for mode, expected in {"magnitude": 5.0, "log": 5.0, "psd": np.sqrt(50)}.items():
        levels = STFTSpectrogram(mode, **arguments).spectrogram(tone).decibels()
        np.testing.assert_allclose(levels[:, 32], 20 * np.log10(expected), atol=1e-4)
    with pytest.raises(ValueError, match=r"`mode` must be one of .*; got 'angle'\."):
        STFTSpectrogram("angle").spectrogram(tone).decibels()


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_floor_share_counts_values_on_the_floor(dtype):
    inputs = noise(1, 1024, 1)
    inputs[:, 512:] = 0
    arguments = {"frame_length": 64, "frame_step": 64, "dtype": dtype}
    assert STFTSpectrogram("log", **arguments).spectrogram(inputs).floor_share() == pytest.approx(0.5)
    assert STFTSpectrogram("magnitude", **arguments).spectrogram(inputs).floor_share() == pytest.approx(0.5)
    assert STFTSpectrogram("psd", **arguments).spectrogram(inputs).floor_share() is None
    assert STFTSpectrogram("log", **arguments).spectrogram(noise(1, 1024, 1)).floor_share() == 0


@pytest.mark.parametrize(
    ("dtype", "epsilon", "level"), [("float16", 1e-7, 2.5e-4), ("float32", 1e-20, 1e-9), ("float64", 1e-40, 1e-19)]
)
def test_values_just_above_a_low_floor_are_not_counted(dtype, epsilon, level):
    constant = np.full((1, 16, 1), level)
    for mode in ("magnitude", "log"):
        layer = STFTSpectrogram(mode, frame_length=4, window=None, epsilon=epsilon, dtype=dtype)
        # Of the bins of a constant only the first is above the floor, here 3 to 40 times.
        assert layer.spectrogram(constant).floor_share() == pytest.approx(2 / 3)


def test_nan_does_not_count_as_floor():
    inputs = np.zeros((1, 128, 1))
    inputs[0, 0] = np.nan
    share = STFTSpectrogram("log", frame_length=64, frame_step=64).spectrogram(inputs).floor_share()
    assert share == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [0.5, 1000.0, 44_100.0])
def test_the_psd_per_hertz_is_scipys(rate):
    signal = np.random.default_rng(0).standard_normal(4096)
    layer = STFTSpectrogram("psd", 256, window="hann", periodic=True, dtype="float64")
    spectrogram = layer.spectrogram(signal[None, :, None], rate)
    _, _, density = scipy.signal.spectrogram(
        signal, rate, window="hann", nperseg=256, noverlap=128, detrend=False, scaling="density", mode="psd"
    )
    ours = 10 * np.log10(spectrogram.values[0].T) + per_hertz_decibels(layer.settings, rate)
    np.testing.assert_allclose(ours, 10 * np.log10(density), rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    "changes", [{"mode": "magnitude"}, {"scaling": "spectrum"}, {"scaling": None}, {"window": None}], ids=str
)
def test_only_a_power_spectral_density_has_a_value_per_hertz(changes):
    settings = STFTSettings(**{"mode": "psd", **changes})
    assert per_hertz_decibels(settings, 1000.0) is None
    assert per_hertz_decibels(STFTSettings("psd"), None) is None
