"""What comes back: against frames written out, and what each mode must lose."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes import what_is_kept
from specwidget.teach.scenes.griffin_lim import words

PLAIN = {"window": "hann", "frame_length": 512, "overlap": 4, "scaling": None, "epsilon_power": -7, "dtype": "float64"}


def kept(mode, **values):
    """Return what comes back."""
    return what_is_kept.bring_back(mode, **(PLAIN | values))


@pytest.mark.parametrize(("dtype", "level"), [("float16", -60), ("float32", -130), ("float64", -300)])
def test_both_parts_bring_the_words_back_to_the_digits_of_the_type(dtype, level):
    assert level - 25 < what_is_kept.error_level(words(), kept("stft", dtype=dtype)) < level


def synced(frame, sign):
    """Return half of a frame and of its mirror image round sample 0."""
    return (frame + sign * np.roll(frame[::-1], 1)) / 2


def whitened(frame):
    """Return a frame with all magnitudes at 1."""
    spectrum = np.fft.rfft(frame)
    return np.fft.irfft(spectrum / np.abs(spectrum))


@pytest.mark.parametrize(
    ("mode", "change"),
    [("real", lambda frame: synced(frame, 1)), ("imag", lambda frame: synced(frame, -1)), ("angle", whitened)],
)
def test_a_mode_that_keeps_half_brings_back_its_half_of_each_frame(mode, change):
    x, w = np.concatenate([np.zeros(512), words(), np.zeros(1024)]), scipy.signal.get_window("hann", 512)
    total, first = np.zeros(len(x)), 512 - (70 * 128 + 512 - len(words())) // 2
    for at in range(first, first + 71 * 128, 128):
        total[at : at + 512] += w * change(w * x[at : at + 512])
    middle = slice(1024, -1024)
    assert np.corrcoef(kept(mode)[middle], total[512:][: len(words())][middle])[0, 1] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("mode", ["magnitude", "log", "psd"])
def test_levels_bring_back_magnitudes_and_not_samples(mode):
    found, original = kept(mode), words()
    w = scipy.signal.get_window("hann", 512)
    magnitudes = [
        np.array([np.abs(np.fft.rfft(x[at : at + 512] * w)) for at in range(0, 8400, 128)]) for x in (original, found)
    ]
    assert np.linalg.norm(magnitudes[1] - magnitudes[0]) < 0.1 * np.linalg.norm(magnitudes[0])
    assert np.linalg.norm(found - original) > 0.5 * np.linalg.norm(original)


def test_a_higher_floor_leaves_less():
    errors = [FIGURES["what_is_kept"].scene(mode="log", epsilon_power=power).caption for power in (-7, -2, 0)]
    shares = [float(text.rpartition(" by ")[2].rstrip("%.")) for text in errors]
    assert shares[0] < shares[1] < shares[2]


def test_without_an_overlap_a_hann_window_has_no_way_back_and_a_rectangle_has():
    with pytest.raises(ValueError, match=r"`window` must overlap .* \(NOLA\)"):
        FIGURES["what_is_kept"].scene(overlap=1)
    assert what_is_kept.error_level(words(), kept("stft", overlap=1, window="boxcar")) < -300


def test_errors_are_measured_by_their_power():
    x = words()
    assert what_is_kept.error_level(x, 1.1 * x) == pytest.approx(-20)
    assert what_is_kept.magnitude_error([np.ones((2, 3)), np.full((2, 3), 0.5)]) == pytest.approx(0.5)


def test_what_overflows_is_told_as_lost():
    x, found = np.ones(4), np.array([1.0, np.nan, 1.0, 2.0])
    caption = what_is_kept._caption("psd", x, found, [np.ones((1, 2)), np.ones((1, 2))])
    assert "25% of the samples are lost, where values are too large for the type." in caption
    assert what_is_kept.error_level(x, found) == pytest.approx(10 * np.log10(1 / 3))
