"""A recording under way: the latest seconds, whatever pieces they come in."""

import numpy as np
import pytest

from specwidget.explorer.state.live_recording import LIVE_SECONDS, LiveRecording

RATE = 1000.0
SAMPLES = np.arange(1, 25_001, dtype="float32")


@pytest.mark.parametrize("piece", [1, 7, 333, 9999, 10_000, 10_001, 25_000])
def test_the_latest_samples_are_kept_in_order(piece):
    recording = LiveRecording(RATE, "x")
    n = int(LIVE_SECONDS * RATE)
    for first in range(0, 25_000, piece):
        recording.add(SAMPLES[first : first + piece])
        done = min(first + piece, 25_000)
        if first % 5 == 0 or done == 25_000:
            latest = recording.latest().samples[0, :, 0]
            np.testing.assert_array_equal(latest, np.concatenate([np.zeros(n, "float32"), SAMPLES[:done]])[-n:])
            np.testing.assert_array_equal(recording.kept().samples[0, :, 0], SAMPLES[:done][-n:])
    assert recording.n_received == 25_000


def test_a_sound_does_not_change_while_the_recording_goes_on():
    recording = LiveRecording(RATE, "x")
    recording.add(SAMPLES[:100])
    sound = recording.latest()
    before = sound.samples.copy()
    recording.add(SAMPLES[100:200])
    np.testing.assert_array_equal(sound.samples, before)
    assert sound in recording.sounds


@pytest.mark.parametrize("rate", [0, -1, float("nan"), "x"])
def test_an_impossible_rate_is_refused(rate):
    with pytest.raises((ValueError, TypeError)):
        LiveRecording(rate, "x")


def test_the_sound_has_the_rate_the_name_and_the_type_of_the_samples():
    recording = LiveRecording(RATE, "Recording 1")
    recording.add(SAMPLES[:100])
    for sound in (recording.latest(), recording.kept()):
        assert (sound.sample_rate, sound.name, sound.samples.dtype) == (RATE, "Recording 1", np.float32)
        assert sound.description.startswith("From the microphone")
