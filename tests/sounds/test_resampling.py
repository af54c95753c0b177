"""Resampling of sounds: a sine stays the sine that it is."""

import numpy as np
import pytest

from specwidget.sounds import Sound, load_recording, resample


@pytest.mark.parametrize(("old", "new"), [(44_100, 16_000), (8000, 22_050)])
def test_a_sine_is_the_same_at_another_rate(old, new):
    channels = [np.sin(2 * np.pi * hertz * np.arange(old) / old) for hertz in (440, 1000)]
    sound = Sound(np.stack(channels, axis=-1)[None], float(old), "sines")
    result = resample(sound, new)
    assert (result.samples.shape, result.sample_rate, result.samples.dtype) == ((1, new, 2), new, "float32")
    inner = slice(new // 4, -new // 4)
    for channel, hertz in enumerate((440, 1000)):
        expected = np.sin(2 * np.pi * hertz * np.arange(new) / new)
        np.testing.assert_allclose(result.samples[0, inner, channel], expected[inner], atol=1e-4)


def test_a_sound_at_this_rate_stays_and_one_without_a_rate_is_taken_to_be_at_it():
    voice = load_recording("voice")
    assert resample(voice, voice.sample_rate) is voice
    unknown = resample(Sound(voice.samples, None, "x"), 16_000)
    assert (unknown.samples is voice.samples, unknown.sample_rate, unknown.name) == (True, 16_000, "x")


def test_a_sound_that_was_resampled_is_computed_from_its_origin():
    voice = load_recording("voice")
    low = resample(voice, 8000)
    again = resample(low, 16_000)
    np.testing.assert_array_equal(again.samples, resample(voice, 16_000).samples)
    assert again.name == "voice, 16 kHz"
    assert resample(low, voice.sample_rate) is voice
    assert resample(low, 8000) is low


def test_the_name_has_the_rate_and_the_credit_stays():
    voice = load_recording("voice")
    result = resample(voice, 16_000)
    assert (result.name, result.credit) == ("voice, 16 kHz", voice.credit)
