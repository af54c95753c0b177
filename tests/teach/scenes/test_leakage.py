"""Test the leakage of a sine against a direct DFT."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.scenes.leakage import FIGURE, MIN_LEVEL_DB, RATE, WINDOWS, bin_levels


def direct_levels(frequency, window):
    """Sum the DFT directly and return the level of each bin, dB relative to a sine at a bin frequency."""
    n = np.arange(len(window))
    samples = np.sin(2 * np.pi * frequency * n / RATE) * window / window.sum()
    sums = [np.sum(samples * np.exp(-2j * np.pi * k * n / len(n))) for k in range(len(n) // 2 + 1)]
    return np.maximum(20 * np.log10(np.maximum(np.abs(sums), 1e-12) / 0.5), MIN_LEVEL_DB)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize(("frequency", "frame_length"), [(3562.0, 64), (1111.0, 100)])
def test_the_bins_are_those_of_a_direct_dft(name, frequency, frame_length):
    window = scipy.signal.get_window(name, frame_length)
    found = bin_levels(frequency, frame_length, name, frame_length)
    expected = direct_levels(frequency, window)
    seen = expected > -100
    assert found[seen] == pytest.approx(expected[seen], abs=1e-6)


def test_a_sine_at_a_bin_frequency_does_not_leak_with_boxcar():
    bins = bin_levels(3500.0, 64, "boxcar", 64)
    assert bins[14] == pytest.approx(0, abs=1e-9)
    assert np.delete(bins, 14).max() == MIN_LEVEL_DB


def test_the_caption_has_the_levels_drawn():
    caption = FIGURE.scene(frequency=3562.0, frame_length=64, window="hann").caption
    assert caption.startswith("The sine at 3562 Hz is 0.25 bins from bin 14, whose level is -0.3 dB; ")
    assert caption.endswith("The highest side lobe of this window is at -31.5 dB.")
