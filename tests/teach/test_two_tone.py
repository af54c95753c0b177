"""Test the dips between two sines and two clicks against analysed signals."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.scenes.two_sines_two_clicks import FIGURE
from specwidget.teach.two_tone import dip_between_clicks, dip_between_sines

N = 128


@pytest.mark.parametrize("name", ["hann", "boxcar", "blackman"])
@pytest.mark.parametrize("gap", [1.3, 2.6, 4.2])
def test_the_dip_between_sines_is_the_average_over_phases(name, gap):
    window = scipy.signal.get_window(name, N)
    n = np.arange(N)
    phases = np.random.default_rng(0).uniform(0, 2 * np.pi, (4000, 1))
    pairs = np.exp(2j * np.pi * 20 * n / N) + np.exp(1j * (2 * np.pi * (20 + gap) * n / N + phases))
    bins = np.exp(-2j * np.pi * n[:, None] * [20, 20 + gap / 2] / N)
    powers = (np.abs(pairs * window @ bins) ** 2).sum(axis=0)
    assert dip_between_sines(window, gap) == pytest.approx(10 * np.log10(powers[0] / powers[1]), abs=0.3)


@pytest.mark.parametrize("gap", [20, 50, 90])
def test_the_dip_between_clicks_is_that_of_shifted_frames(gap):
    window = scipy.signal.get_window("hann", N + 1, fftbins=False)
    at = window[N // 2] ** 2 + (window[N // 2 + gap] ** 2 if gap <= N // 2 else 0)
    between = 2 * window[N // 2 + gap // 2] ** 2
    assert dip_between_clicks(window, gap) == pytest.approx(10 * np.log10(at / between))


def test_no_frame_length_resolves_both_pairs_if_they_are_too_close():
    n_resolved = [
        FIGURE.scene(frame_length=n, gap_hz=100, gap_ms=10).caption.count("are resolved") for n in (32, 128, 512)
    ]
    assert max(n_resolved) == 1


def test_long_frames_resolve_the_sines_and_short_ones_the_clicks():
    long, short = (FIGURE.scene(frame_length=n, gap_hz=100, gap_ms=20).caption.split("; ") for n in (1024, 64))
    assert ["are resolved" in part for part in long] == [True, False]
    assert ["are resolved" in part for part in short] == [False, True]
