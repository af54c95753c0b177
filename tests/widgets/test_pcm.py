"""PCM for the browser: rates that it plays, and levels that it does not clip."""

import numpy as np
import pytest

from specwidget.widgets.pcm import MAX_PCM, PLAYABLE_RATES, PcmStream


def decode(data):
    """Return 16-bit samples as numbers with full scale at 1."""
    return np.frombuffer(data, "<i2") / 2**15


def encode(stream, samples, piece=777):
    """Encode samples in pieces."""
    starts = range(0, len(samples), piece)
    return b"".join(stream.encode(samples[i : i + piece], is_last=i + piece >= len(samples)) for i in starts)


@pytest.mark.parametrize("rate", [8000, 11_025.0, 44_100, 96_000])
def test_what_a_browser_plays_is_sent_as_it_is(rate):
    stream = PcmStream(rate)
    samples = 0.5 * np.sin(np.arange(3000.0))
    assert (stream.rate, stream.heard, stream.gain) == (round(rate), rate, 1)
    assert np.allclose(decode(encode(stream, samples)), samples, atol=2**-15)


@pytest.mark.parametrize(
    ("rate", "speed"),
    [(256, 1), (1, 1), (100, 20), (250_000, 1), (250_000, 1 / 20), (44_100, 200), (4e6, 1), (0.2, 200)],
)
def test_every_rate_and_speed_becomes_one_that_is_played_with_its_duration(rate, speed):
    stream = PcmStream(rate, speed)
    assert PLAYABLE_RATES[0] <= stream.rate <= PLAYABLE_RATES[1]
    assert stream.heard == pytest.approx(rate * speed)
    n = min(stream.longest, 20_000)
    seconds = len(encode(stream, np.zeros(n))) / 2 / stream.rate
    assert seconds == pytest.approx(n / stream.heard, abs=1.5 / stream.rate)


@pytest.mark.parametrize(("rate", "hertz"), [(500, 40), (400_000, 5000)])
def test_a_tone_keeps_its_frequency_and_level(rate, hertz):
    stream = PcmStream(rate)
    times = np.arange(2 * rate) / rate
    heard = decode(encode(stream, 0.5 * np.sin(2 * np.pi * hertz * times), piece=10_000))
    middle = heard[stream.rate // 2 : 3 * stream.rate // 2]
    spectrum = np.abs(np.fft.rfft(middle)) * 2 / len(middle)
    assert np.argmax(spectrum) == hertz
    assert spectrum[hertz] == pytest.approx(0.5, rel=0.01)


def test_the_speed_shifts_the_pitch():
    stream = PcmStream(500, speed=50)
    assert (stream.heard, stream.rate) == (25_000, 25_000)


@pytest.mark.parametrize(("peak", "gain"), [(0.5, 1), (1, 1), (4, 0.25), (float("nan"), 1), (float("inf"), 1)])
def test_samples_beyond_full_scale_are_made_quieter_and_not_clipped(peak, gain):
    stream = PcmStream(8000, peak=peak)
    assert stream.gain == gain
    if np.isfinite(peak):
        assert np.allclose(
            decode(stream.encode(np.array([peak, -peak / 2]))), [gain * peak, -gain * peak / 2], atol=2**-14
        )


def test_samples_that_are_not_finite_are_silent():
    samples = np.zeros(6000)
    samples[3000] = np.inf
    samples[4000] = np.nan
    heard = np.abs(decode(encode(PcmStream(1000), samples)))
    # One sample of full scale rings for a few milliseconds.
    assert np.mean(heard > 0.01) < 0.01


def test_an_answer_is_never_larger_than_a_message_may_be():
    for rate in (0.2, 1, 256, 44_100):
        stream = PcmStream(rate)
        assert stream.longest * stream.rate / stream.heard <= MAX_PCM


def test_a_sample_that_lasts_too_long_for_an_answer_has_none():
    assert PcmStream(1 / 3600).longest == 0
    assert PcmStream(1 / 3600, speed=200).longest > 0
