"""Test the classes of the clips with a plain DFT."""

import numpy as np
import pytest

from specwidget.teach.toy_dataset import make_clips


def peak_frequency(samples):
    """Find the frequency of the spectral peak, Hz."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 8192))
    return np.argmax(spectrum) * 8000 / 8192


def test_low_tones_are_below_2000_hz_and_high_tones_above():
    samples, classes = make_clips("low or high", 20, noise=0.01)
    frequencies = np.array([peak_frequency(clip[:, 0]) for clip in samples])
    assert np.array_equal(frequencies > 2000, classes == 1)
    assert np.abs(frequencies - 2000).min() > 150


def test_chirps_rise_or_fall_by_20_000_hz_per_second():
    samples, classes = make_clips("up or down", 20, noise=0.0)
    for clip, number in zip(samples[:, :, 0], classes, strict=True):
        sounding = np.flatnonzero(np.abs(clip) > 0.5)
        first, last = sounding[0], sounding[-1] + 1
        half = (last - first) // 2
        rise = peak_frequency(clip[first + half : last]) - peak_frequency(clip[first : first + half])
        assert rise == pytest.approx((20_000 if number == 0 else -20_000) * half / 8000, rel=0.25)


def test_a_reversed_chirp_has_the_same_magnitudes_in_reverse_order():
    samples, _ = make_clips("up or down", 2, noise=0.3)
    window = np.hanning(128)
    up, down = (
        np.array([np.abs(np.fft.rfft(clip[at : at + 128, 0] * window)) for at in range(0, 897, 64)]) for clip in samples
    )
    assert down == pytest.approx(up[::-1], abs=1e-12)


def test_the_noise_has_the_given_standard_deviation():
    samples, _ = make_clips("low or high", 100, noise=2.0, seed=3)
    assert samples.std() == pytest.approx(np.sqrt(4 + 600 / 1024 * 0.375 / 2), rel=0.02)


def test_clips_depend_on_the_seed_only():
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
def test_invalid_arguments_raise(task, n_clips, sentence):
    with pytest.raises(ValueError, match=sentence):
        make_clips(task, n_clips, 0.1)
