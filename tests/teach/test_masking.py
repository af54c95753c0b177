"""Test ideal binary masking against a direct computation, frame by frame."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from specwidget.stft.settings import STFTSettings
from specwidget.teach.masking import RATE, RMS_LEVEL, ideal_mask, make_pair, separate, signal_to_distortion

SETTINGS = STFTSettings(frame_length=512, frame_step=128, padding="same", periodic=True)


def separate_directly(first, second, n=512, step=128):
    """Separate the first of two sources in a loop over frames."""
    w = scipy.signal.get_window("hann", n)
    before = (-(-first.size // step) - 1) * step + n - first.size
    padding = before // 2, before - before // 2
    first, second = np.pad(first, padding), np.pad(second, padding)
    found, weight = np.zeros(first.size), np.zeros(first.size)
    for at in range(0, first.size - n + 1, step):
        one, other = (np.fft.rfft(sound[at : at + n] * w) for sound in (first, second))
        masked = np.where(np.abs(one) > np.abs(other), one + other, 0)
        found[at : at + n] += w * np.fft.irfft(masked, n)
        weight[at : at + n] += w**2
    inside = slice(padding[0], found.size - padding[1])
    return found[inside] / weight[inside]


@pytest.fixture(scope="module")
def pair():
    """Load the first third of a second of a voice and a drum."""
    return tuple(sound[: int(RATE / 3)] for sound in make_pair())


def test_separate_equals_a_direct_computation(pair):
    found, rest = separate(*pair, SETTINGS)
    assert found == pytest.approx(separate_directly(*pair), abs=1e-10)
    assert found + rest == pytest.approx(pair[0] + pair[1], abs=1e-12)


def test_mode_layout_and_dtype_do_not_matter(pair):
    other = replace(SETTINGS, mode="angle", expand_dims=True, data_format="channels_first", dtype="float32")
    assert np.array_equal(separate(*pair, other)[0], separate(*pair, SETTINGS)[0])


def test_sines_far_apart_separate_and_sines_in_one_bin_do_not():
    t = np.arange(8192) / 8192
    low, high, near = (np.sin(2 * np.pi * f * t) for f in (500.25, 2000.75, 501.5))
    scores = [signal_to_distortion(low, separate(low, 0.9 * other, SETTINGS)[0]) for other in (high, near)]
    assert scores[0] > 40
    assert scores[1] < 5


def test_the_mask_is_true_where_the_first_source_is_louder():
    loud, faint = np.ones(2048), 0.5 * np.ones(2048)
    assert ideal_mask(loud, faint, SETTINGS)[:, 0].all()
    assert not ideal_mask(faint, loud, SETTINGS)[:, 0].any()


def test_a_pair_has_the_given_level_and_delay():
    voice, late = make_pair("ambi_piano", delay=0.5, level_db=-6.0)
    _, piano = make_pair("ambi_piano")
    assert [np.sqrt(np.mean(sound**2)) for sound in (voice, late)] == pytest.approx(
        [RMS_LEVEL, RMS_LEVEL * 10 ** (-6 / 20)]
    )
    assert late[int(RATE / 2) :] == pytest.approx(piano[: -int(RATE / 2)] * 10 ** (-6 / 20))
