"""Real and imaginary parts by matrix product and by FFT, against a direct sum."""

from typing import ClassVar

import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.kernels import make_kernels
from specwidget.stft.settings import STFTSettings
from specwidget.stft.transform import scaled_window, transform_matmul, transform_rfft

pytestmark = pytest.mark.filterwarnings("ignore:`fft_length`")


def both_ways(frames, settings):
    """Complex spectra of frames (..., frame_length), by matmul and by FFT."""
    conv = transform_matmul(frames, make_kernels(settings))
    fft = transform_rfft(frames, scaled_window(settings, like=frames), settings.n_fft)
    return [np.asarray(real) + 1j * np.asarray(imag) for real, imag, _ in (conv, fft)]


def direct_sum(frames, settings):
    """The definition, in complex128: sum over n of x[n] w[n] / s exp(-2 pi i n k / N)."""
    n, k = np.arange(settings.frame_length), np.arange(settings.n_fft // 2 + 1)
    turns = np.exp(-2j * np.pi * (np.outer(n, k) % settings.n_fft) / settings.n_fft)
    return (frames.astype(np.float64) * settings.window_values / settings.kernel_scale) @ turns


def rounding(frames, settings):
    """The tolerance of tests/tolerances.py: (..., 1), from the size of the sum, eps and frame_length."""
    size = np.abs(frames * settings.window_values / settings.kernel_scale).sum(axis=-1, keepdims=True)
    return np.sqrt(2) * size * np.finfo(settings.compute_dtype).eps * (4 + np.sqrt(settings.frame_length))


SIZES = [
    (1, 1),
    (2, 2),
    (3, 4),
    (3, 3),
    (7, 16),
    (25, 26),
    (64, 64),
    (100, 715),
    (400, 512),
    (1024, 1024),
    (1500, 2048),
]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("frame_length", "n_fft"), SIZES)
def test_matmul_and_fft_equal_the_direct_sum(frame_length, n_fft, dtype):
    settings = STFTSettings(frame_length=frame_length, fft_length=n_fft, window="hamming", dtype=dtype)
    frames = np.random.default_rng(frame_length).standard_normal((3, frame_length)).astype(dtype)
    expected, allowed = direct_sum(frames, settings), rounding(frames, settings)
    for spectrum in both_ways(frames, settings):
        assert (np.abs(spectrum - expected) <= allowed).all()


@given(st.integers(1, 80), st.integers(0, 80), st.sampled_from(["boxcar", "hamming", "flattop"]), st.integers(0, 99))
def test_matmul_equals_fft(frame_length, extra, window, seed):
    settings = STFTSettings(frame_length=frame_length, fft_length=frame_length + extra, window=window, dtype="float64")
    frames = np.random.default_rng(seed).standard_normal((2, frame_length))
    conv, fft = both_ways(frames, settings)
    assert (np.abs(conv - fft) <= rounding(frames, settings)).all()


def test_the_frame_is_at_the_start_of_the_fft():
    settings = STFTSettings(frame_length=4, fft_length=16, window="boxcar", scaling=None, dtype="float64")
    frames = np.array([[1.0, 2.0, 3.0, 4.0]])
    for spectrum in both_ways(frames, settings):
        np.testing.assert_allclose(spectrum, np.fft.rfft(frames, 16), rtol=0, atol=1e-14)


def test_a_click_has_a_phase_counted_from_the_first_sample_of_its_frame():
    settings = STFTSettings(frame_length=16, window="boxcar", scaling=None, dtype="float64")
    for n in range(16):
        for spectrum in both_ways(np.eye(16)[n : n + 1], settings):
            np.testing.assert_allclose(spectrum[0], np.exp(-2j * np.pi * n * np.arange(9) / 16), rtol=0, atol=1e-14)


@pytest.mark.parametrize("n_fft", [16, 20, 21])
def test_parsevals_theorem_holds_for_a_frame(n_fft):
    settings = STFTSettings(frame_length=16, fft_length=n_fft, window="boxcar", scaling=None, dtype="float64")
    frames = np.random.default_rng(5).standard_normal((4, 16))
    sides = np.full(n_fft // 2 + 1, 2.0)
    sides[0] = 1
    sides[-1] = 1 if n_fft % 2 == 0 else 2
    for spectrum in both_ways(frames, settings):
        np.testing.assert_allclose((sides * np.abs(spectrum) ** 2).sum(-1) / n_fft, (frames**2).sum(-1), rtol=1e-13)


@pytest.mark.parametrize("nonfinite", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n_fft", [16, 17, 64])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_nonfinite_sample_makes_every_bin_of_its_frame_nan_only(n_fft, nonfinite):
    settings = STFTSettings(frame_length=16, fft_length=n_fft)
    for n in range(16):
        frames = np.random.default_rng(n).standard_normal((5, 16)).astype(np.float32)
        frames[2, n] = nonfinite
        for spectrum in both_ways(frames, settings):
            touched = np.isnan(spectrum.real) & np.isnan(spectrum.imag)
            assert touched[2].all()
            assert np.isfinite(np.delete(spectrum, 2, axis=0)).all()


def test_matmul_uses_custom_kernels():
    frames = np.random.default_rng(0).standard_normal((3, 8))
    made = make_kernels(STFTSettings(frame_length=8, dtype="float64"))
    changed = type(made)(real=2 * made.real, imag=made.imag[::-1])
    real, imag, _ = transform_matmul(frames, changed)
    np.testing.assert_allclose(real, 2 * frames @ made.real[:, 0], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(imag, frames @ made.imag[::-1, 0], rtol=1e-13, atol=1e-15)


def test_scipys_fft_backend_is_used():
    class Counting:
        __ua_domain__ = "numpy.scipy.fft"
        asked: ClassVar[list[str]] = []

        @classmethod
        def __ua_function__(cls, method, args, kwargs):
            cls.asked.append(method.__name__)
            return NotImplemented

    settings = STFTSettings(frame_length=64)
    with scipy.fft.set_backend(Counting):
        transform_rfft(np.ones((3, 64)), scaled_window(settings, like=np.ones(1)), 64)
    assert Counting.asked == ["rfft"]
