"""Fourier kernels: windowed cosines and sines, computed from float64 phases."""

import tracemalloc

import numpy as np
import pytest

from specwidget.stft.kernels import count_kernel_values, make_kernel_block, make_kernels
from specwidget.stft.settings import MODES, STFTSettings
from tests.reference import DEFAULTS, reference_phases, reference_window

pytestmark = pytest.mark.filterwarnings("ignore:`fft_length`")

SIZES = [(1, 1), (1, 2), (2, 2), (3, 3), (4, 4), (5, 7), (12, 20), (16, 16), (255, 715), (256, 256), (400, 1000)]


def make_both(frame_length, n_fft, **arguments):
    """Real and imaginary kernels, (frame_length, F)."""
    made = make_kernels(STFTSettings(frame_length=frame_length, fft_length=n_fft, **arguments))
    return made.real[:, 0], made.imag[:, 0]


@pytest.mark.parametrize(("frame_length", "n_fft"), SIZES)
@pytest.mark.parametrize("scaling", ["density", "spectrum", None])
def test_kernels_are_windowed_cosines_and_negative_sines(frame_length, n_fft, scaling):
    arguments = {"window": "hamming", "scaling": scaling, "dtype": "float64"}
    real, imag = make_both(frame_length, n_fft, **arguments)
    window = reference_window(DEFAULTS | arguments | {"frame_length": frame_length})[:, None]
    phases = reference_phases(frame_length, n_fft)
    eps = 8 * np.finfo("float64").eps
    np.testing.assert_allclose(real, np.cos(phases) * window, rtol=0, atol=eps * np.abs(window).max())
    np.testing.assert_allclose(imag, -np.sin(phases) * window, rtol=0, atol=eps * np.abs(window).max())


@pytest.mark.slow
@pytest.mark.parametrize("frame_length", [256, 1000, 4096])
def test_float32_kernels_are_rounded_only_once(frame_length):
    # Phases in float32 would be off by 5e-5 at 256 and 8e-4 at 4096.
    real, imag = make_both(frame_length, 4096, window=None)
    phases = reference_phases(frame_length, 4096)
    assert real.dtype == imag.dtype == np.float32
    np.testing.assert_allclose(real, np.cos(phases), rtol=0, atol=np.finfo("float32").eps)
    np.testing.assert_allclose(imag, -np.sin(phases), rtol=0, atol=np.finfo("float32").eps)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("frame_length", "n_fft"), SIZES)
def test_entries_that_are_mathematically_zero_are_exactly_zero(frame_length, n_fft, dtype):
    real, imag = make_both(frame_length, n_fft, window=None, dtype=dtype)
    turns = np.outer(np.arange(frame_length), np.arange(n_fft // 2 + 1))
    np.testing.assert_array_equal(real == 0, (4 * turns) % (2 * n_fft) == n_fft)
    np.testing.assert_array_equal(imag == 0, (2 * turns) % n_fft == 0)


@pytest.mark.parametrize(("frame_length", "n_fft"), SIZES)
def test_entries_that_are_mathematically_one_are_exactly_one(frame_length, n_fft):
    real, _ = make_both(frame_length, n_fft, window=None, dtype="float64")
    turns = np.outer(np.arange(frame_length), np.arange(n_fft // 2 + 1))
    np.testing.assert_array_equal(real == 1, turns % n_fft == 0)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_has_only_the_kernels_it_needs(mode):
    settings = STFTSettings(mode=mode, frame_length=8, fft_length=16)
    made = make_kernels(settings)
    present = {name for name in ("real", "imag") if getattr(made, name) is not None}
    assert present == ({mode} if mode in ("real", "imag") else {"real", "imag"})
    assert all(getattr(made, name).shape == (8, 1, 9) for name in present)
    assert count_kernel_values(settings) == len(present) * 8 * 9


def test_kernels_cannot_be_written_to():
    made = make_kernels(STFTSettings(frame_length=8))
    for kernel in (made.real, made.imag):
        with pytest.raises(ValueError, match="read-only"):
            kernel[0] = 0


def test_an_odd_fft_has_the_bins_of_its_own_length():
    real, imag = make_both(5, 5, window=None, dtype="float64")
    spectrum = np.fft.rfft(np.eye(5))
    np.testing.assert_allclose(real + 1j * imag, spectrum, rtol=0, atol=1e-15)


def test_making_kernels_needs_little_more_memory_than_the_kernels():
    settings = STFTSettings(frame_length=1024)
    settings.scaled_window  # noqa: B018  (made once, before counting)
    tracemalloc.start()
    made = make_kernels(settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * (made.real.nbytes + made.imag.nbytes)


@pytest.mark.parametrize("frame_length", [1, 7, 64, 100])
@pytest.mark.parametrize("mode", ["stft", "real", "imag"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_block_of_the_kernels_has_the_same_bits(frame_length, mode, dtype):
    settings = STFTSettings(mode, frame_length=frame_length, window="hamming", dtype=dtype)
    rng = np.random.default_rng(frame_length)
    for n_chosen in (1, 3, 40):
        samples, bins = rng.integers(0, frame_length, n_chosen), rng.integers(0, settings.n_bins, n_chosen)
        part, whole = make_kernel_block(settings, samples, bins), make_kernels(settings)
        for name in ("real", "imag"):
            if getattr(whole, name) is None:
                assert getattr(part, name) is None
            else:
                chosen = getattr(whole, name)[samples][:, :, bins]
                np.testing.assert_array_equal(getattr(part, name), chosen)
                assert getattr(part, name).dtype == chosen.dtype
