"""Framings: starts and numbers of frames are those of the libraries that the names mention."""

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget.matching.framings import FRAMINGS, candidate_framings, name_framings
from specwidget.matching.recipe import Recipe

LENGTHS = (1000, 1001, 1039, 1600)


@pytest.mark.parametrize("n", LENGTHS)
def test_numbers_of_frames_are_those_of_librosa_and_scipy(n):
    x = np.ones(n)
    counts = {
        "frames centred every step": librosa.stft(x, n_fft=128, hop_length=40, win_length=100).shape[1],
        "complete FFTs with the window in the middle": librosa.stft(
            x, n_fft=128, hop_length=40, win_length=100, center=False
        ).shape[1],
        "half a frame at both ends, filled up": scipy.signal.stft(x, nperseg=100, noverlap=60)[2].shape[1],
        "complete frames only": scipy.signal.spectrogram(x, nperseg=100, noverlap=60)[2].shape[1],
        "filled up at the end": scipy.signal.stft(x, nperseg=100, noverlap=60, boundary=None)[2].shape[1],
        "every frame that touches the signal": scipy.signal.ShortTimeFFT(np.ones(100), 40, 1).stft(x).shape[1],
    }
    for name, count in counts.items():
        rule = next(framing.rule for framing in FRAMINGS if framing.name.startswith(name))
        assert rule(n, 100, 128, 40)[1] == count, name


def test_the_first_window_starts_where_an_impulse_is_last_seen():
    # Half a frame before the signal: the window of frame 0 ends with sample 49.
    start = next(framing for framing in FRAMINGS if "SciPy's stft)" in framing.name).rule(1000, 100, 128, 40)[0]
    for sample in (49, 50):
        x = np.zeros(1000)
        x[sample] = 1
        frame = np.abs(scipy.signal.stft(x, window="boxcar", nperseg=100, noverlap=60)[2])[:, 0]
        assert np.any(frame > 1e-9) == (sample <= start + 99)


def test_candidates_have_the_number_of_frames():
    found = candidate_framings(5000, 30, 400, 512, longest=512)
    assert (170, -200) in found
    for step, start in found:
        assert any(name_framings(Recipe(512, 400, step, start, window=w), 5000, 30) for w in ("hann", "hamming"))


def test_names_are_found_by_start_and_number():
    names = [framing.name for framing in name_framings(Recipe(512, 400, 160, 0), 16_000, 98)]
    assert names[0].startswith("complete frames only (Kaldi")


@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("window", ["hamming", "hann"])
def test_the_first_value_of_the_window_says_which_frames_touch_the_signal(window, periodic):
    # The step and lengths are such that a zero at the start makes a difference.
    values = scipy.signal.get_window(window, 100, fftbins=periodic)
    transform = scipy.signal.ShortTimeFFT(values, 49, 1)
    for n in range(1000, 1049):
        recipe = Recipe(100, 100, 49, 49 * transform.p_min - 50, window=window).change(periodic=periodic)
        found = [framing for framing in name_framings(recipe, n, transform.p_num(n)) if "ShortTimeFFT" in framing.name]
        assert [framing.first_is_zero for framing in found] == [window == "hann"]
