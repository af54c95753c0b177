"""Layers of bands whose frames are computed one by one, and what is asked of settings of either kind."""

import numpy as np
import pytest

from specwidget import MelSettings, STFTSettings, front_ends
from specwidget.front_end import (
    band_decibels,
    count_frames,
    dropped_tail,
    frame_centre,
    frame_start,
    has_decibels,
    make_layer,
    output_shape,
)
from specwidget.layer import STFTSpectrogram
from specwidget.mel.stages import BandSettings, Cepstrum


@pytest.fixture(scope="module")
def noise():
    """Noise that becomes louder, so that the limit below the top matters."""
    rng = np.random.default_rng(3)
    return (rng.standard_normal((1, 20_000, 1)) * np.logspace(-6, 0, 20_000)[:, None]).astype("float32")


@pytest.mark.parametrize("name", front_ends)
def test_frames_are_those_of_the_whole(name, noise):
    layer = make_layer(BandSettings.of(front_ends[name].layer))
    whole = layer.layer(noise)
    frames = layer.frames(noise, 5, 17)
    np.testing.assert_allclose(frames, whole[:, 5:17], rtol=1e-3, atol=1e-4 * np.abs(whole).max())
    # The whole recording is known now.
    some = layer.frames_at(noise, [9, 2])
    np.testing.assert_allclose(some, whole[:, [9, 2]], rtol=1e-3, atol=1e-4 * np.abs(whole).max())


def test_a_preview_has_the_statistics_of_its_frames(noise):
    settings = BandSettings(MelSettings(512, 160, 400, num_mel_bins=20))
    last = count_frames(20_000, settings) - 1
    quiet = make_layer(settings).frames_at(noise, [0, 1])
    exact = make_layer(settings).frames(noise, 0, last)[:, :2]
    assert quiet.min() < exact.min() - 10


def test_the_statistics_of_another_sound_are_its_own(noise):
    layer = make_layer(BandSettings(MelSettings(512, 160, 400, num_mel_bins=20)))
    loud = layer.frames(noise, 0, 3)
    silent = layer.frames(np.zeros_like(noise), 0, 3)
    assert loud.min() > silent.max()
    np.testing.assert_array_equal(layer.frames(noise, 0, 3), loud)


def test_an_stft_has_its_own_layer():
    assert isinstance(make_layer(STFTSettings()), STFTSpectrogram)


@pytest.mark.parametrize("name", front_ends)
def test_frames_and_shapes_are_those_of_the_layer(name, noise):
    settings = BandSettings.of(front_ends[name].layer)
    result = make_layer(settings).spectrogram(noise, 16_000.0)
    assert result.shape == output_shape(noise.shape, settings)
    assert result.n_frames == count_frames(20_000, settings) == len(result.times)
    assert result.times[0] == pytest.approx(frame_centre(0, 20_000, settings) / 16_000)
    assert frame_start(0, 20_000, settings) == frame_centre(0, 20_000, settings) - settings.frame_length / 2
    assert len(result.frequencies) == settings.n_outputs
    assert result.channel_values().shape == (result.n_frames, settings.n_outputs)


def test_frequencies_are_centres_of_bands_or_numbers_of_coefficients(noise):
    mel = MelSettings(512, 160, 400, num_mel_bins=20)
    np.testing.assert_array_equal(make_layer(BandSettings(mel)).spectrogram(noise).frequencies, mel.bank.centres)
    htk = BandSettings(mel, Cepstrum(4, "htk"))
    assert make_layer(htk).spectrogram(noise).frequencies.tolist() == [1, 2, 3, 0]


def test_the_tail_that_no_frame_covers_is_counted():
    kaldi = BandSettings.of(front_ends["kaldi"].layer)
    assert dropped_tail(400 + 160 + 37, kaldi) == 37
    assert dropped_tail(399, kaldi) == 399
    assert dropped_tail(16_000, BandSettings.of(front_ends["keras"].layer)) == 0


def test_powers_and_magnitudes_become_decibels_and_normalized_values_do_not():
    values = np.array([[1.0, 100.0]])
    power = BandSettings(MelSettings(power_to_db=False))
    magnitude = BandSettings(MelSettings(power_to_db=False, mag_exp=1.0))
    np.testing.assert_allclose(band_decibels(values, power), [[0, 20]])
    np.testing.assert_allclose(band_decibels(values, magnitude), [[0, 40]])
    np.testing.assert_array_equal(band_decibels(values, BandSettings(MelSettings())), values)
    for name in ("whisper", "kaldi", "librosa-mfcc"):
        settings = BandSettings.of(front_ends[name].layer)
        assert not has_decibels(settings)
        with pytest.raises(ValueError, match="`stage` must be 'mel', without normalization, for decibels"):
            band_decibels(values, settings)
