"""Clips to be told apart: what distinguishes their classes, by a plain DFT."""

import numpy as np
import pytest

from specwidget.teach.toy_dataset import make_clips


def loudest(samples):
    """Return the frequency, Hz, at which a signal is loudest."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8192))
    return np.argmax(spectrum) * 8000 / 8192


def test_a_low_tone_lies_below_2000_hz_and_a_high_one_above():
    samples, classes = make_clips("low or high", 20, noise=0.01)
    frequencies = np.array([loudest(clip[:, 0]) for clip in samples])
    assert np.array_equal(frequencies > 2000, classes == 1)
    assert np.abs(frequencies - 2000).min() > 150


def test_a_whistle_climbs_or_falls_by_20_000_hz_in_a_second():
    samples, classes = make_clips("up or down", 20, noise=0.0)
    for clip, number in zip(samples[:, :, 0], classes, strict=True):
        sounding = np.flatnonzero(np.abs(clip) > 0.5)
        first, last = sounding[0], sounding[-1] + 1
        half = (last - first) // 2
        climb = loudest(clip[first + half : last]) - loudest(clip[first : first + half])
        assert climb == pytest.approx((20_000 if number == 0 else -20_000) * half / 8000, rel=0.25)


def test_the_magnitudes_of_a_whistle_are_those_of_its_reverse_in_reversed_order():
    samples, _ = make_clips("up or down", 2, noise=0.3)
    window = np.hanning(128)
    up, down = (
        np.array([np.abs(np.fft.rfft(clip[at : at + 128, 0] * window)) for at in range(0, 897, 64)]) for clip in samples
    )
    assert down == pytest.approx(up[::-1], abs=1e-12)


def test_the_noise_has_the_standard_deviation_asked_for():
    samples, _ = make_clips("low or high", 100, noise=2.0, seed=3)
    assert samples.std() == pytest.approx(np.sqrt(4 + 600 / 1024 * 0.375 / 2), rel=0.02)


def test_clips_are_the_same_for_a_seed_and_others_for_another():
    first, again, other = (make_clips("up or down", 4, 0.1, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("task", "n_clips", "sentence"),
    [
        ("loud", 4, "`task` must be one of 'low or high', 'up or down'; got 'loud'"),
        ("up or down", 3, "`n_clips` must be even and at least 2; got 3"),
        ("up or down", 0, "`n_clips` must be even and at least 2; got 0"),
    ],
)
def test_what_can_not_be_made_is_refused(task, n_clips, sentence):
    with pytest.raises(ValueError, match=sentence):
        make_clips(task, n_clips, 0.1)
