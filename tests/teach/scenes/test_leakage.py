"""The leakage of a sine, against a direct DFT."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.scenes.leakage import LOWEST, PLAN, RATE, WINDOWS, levels


def direct_levels(frequency, window):
    """Return the level of each bin by summing the DFT as it is written, dB relative to a sine on a bin."""
    n = np.arange(len(window))
    samples = np.sin(2 * np.pi * frequency * n / RATE) * window / window.sum()
    sums = [np.sum(samples * np.exp(-2j * np.pi * k * n / len(n))) for k in range(len(n) // 2 + 1)]
    return np.maximum(20 * np.log10(np.maximum(np.abs(sums), 1e-12) / 0.5), LOWEST)


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize(("frequency", "frame_length"), [(3562.0, 64), (1111.0, 100)])
def test_the_bins_are_those_of_a_direct_dft(name, frequency, frame_length):
    window = scipy.signal.get_window(name, frame_length)
    found = levels(frequency, frame_length, name, frame_length)
    expected = direct_levels(frequency, window)
    seen = expected > -100
    assert found[seen] == pytest.approx(expected[seen], abs=1e-6)


def test_a_sine_on_a_bin_of_a_rectangle_leaves_the_others_empty():
    bins = levels(3500.0, 64, "boxcar", 64)
    assert bins[14] == pytest.approx(0, abs=1e-9)
    assert np.delete(bins, 14).max() == LOWEST


def test_the_caption_tells_what_the_figure_shows():
    caption = PLAN.scene(frequency=3562.0, frame_length=64, window="hann").caption
    assert caption.startswith("The sine at 3562 Hz lies 0.25 bins from bin 14, which reads -0.3 dB; ")
    assert caption.endswith("The highest side lobe of this window is at -31.5 dB.")
