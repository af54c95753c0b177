"""Test the reconstruction from each mode against frames computed directly."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.figures import FIGURES
from specwidget.teach.scenes import mode_information
from specwidget.teach.scenes.griffin_lim import speech_excerpt

PLAIN = {"window": "hann", "frame_length": 512, "overlap": 4, "scaling": None, "epsilon_power": -7, "dtype": "float64"}


def reconstruction(mode, **values):
    return mode_information.reconstruct(mode, **(PLAIN | values))


@pytest.mark.parametrize(("dtype", "level"), [("float16", -60), ("float32", -130), ("float64", -300)])
def test_mode_stft_is_inverted_to_the_precision_of_the_dtype(dtype, level):
    assert level - 25 < mode_information.error_level(speech_excerpt(), reconstruction("stft", dtype=dtype)) < level


def half_symmetric(frame, sign):
    """Even (sign 1) or odd (sign -1) part of a frame about sample 0."""
    return (frame + sign * np.roll(frame[::-1], 1)) / 2


def whitened(frame):
    """Set all magnitudes of a frame to 1."""
    spectrum = np.fft.rfft(frame)
    return np.fft.irfft(spectrum / np.abs(spectrum))


@pytest.mark.parametrize(
    ("mode", "change"),
    [
        ("real", lambda frame: half_symmetric(frame, 1)),
        ("imag", lambda frame: half_symmetric(frame, -1)),
        ("angle", whitened),
    ],
)
def test_real_imag_and_angle_reconstruct_the_expected_part_of_each_frame(mode, change):
    x, w = np.concatenate([np.zeros(512), speech_excerpt(), np.zeros(1024)]), scipy.signal.get_window("hann", 512)
    total, first = np.zeros(len(x)), 512 - (70 * 128 + 512 - len(speech_excerpt())) // 2
    for at in range(first, first + 71 * 128, 128):
        total[at : at + 512] += w * change(w * x[at : at + 512])
    middle = slice(1024, -1024)
    assert np.corrcoef(reconstruction(mode)[middle], total[512:][: len(speech_excerpt())][middle])[
        0, 1
    ] == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize("mode", ["magnitude", "log", "psd"])
def test_level_modes_reconstruct_magnitudes_but_not_samples(mode):
    found, original = reconstruction(mode), speech_excerpt()
    w = scipy.signal.get_window("hann", 512)
    magnitudes = [
        np.array([np.abs(np.fft.rfft(x[at : at + 512] * w)) for at in range(0, 8400, 128)]) for x in (original, found)
    ]
    assert np.linalg.norm(magnitudes[1] - magnitudes[0]) < 0.1 * np.linalg.norm(magnitudes[0])
    assert np.linalg.norm(found - original) > 0.5 * np.linalg.norm(original)


def test_a_higher_floor_increases_the_error():
    errors = [FIGURES["mode_information"].scene(mode="log", epsilon_power=power).caption for power in (-7, -2, 0)]
    shares = [float(text.rpartition(" is ")[2].rstrip("%.")) for text in errors]
    assert shares[0] < shares[1] < shares[2]


def test_without_overlap_only_a_rectangular_window_is_invertible():
    with pytest.raises(ValueError, match=r"`window` must satisfy NOLA: "):
        FIGURES["mode_information"].scene(overlap=1)
    assert mode_information.error_level(speech_excerpt(), reconstruction("stft", overlap=1, window="boxcar")) < -300


def test_errors_are_relative_to_the_original():
    x = speech_excerpt()
    assert mode_information.error_level(x, 1.1 * x) == pytest.approx(-20)
    assert mode_information.magnitude_error([np.ones((2, 3)), np.full((2, 3), 0.5)]) == pytest.approx(0.5)


def test_overflow_is_reported_as_lost_samples():
    x, found = np.ones(4), np.array([1.0, np.nan, 1.0, 2.0])
    caption = mode_information._caption("psd", x, found, [np.ones((1, 2)), np.ones((1, 2))])
    assert "25% of the samples are lost because values overflow the dtype." in caption
    assert mode_information.error_level(x, found) == pytest.approx(10 * np.log10(1 / 3))
