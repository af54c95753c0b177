"""Accuracy of the transform, measured against one in extended precision.

The expected values come from SciPy's FFT of `longdouble`, 64 bits of mantissa, on frames cut by slices.
"""

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft import pipeline
from specwidget.stft.accuracy import part_bound, sum_bound
from tests.layers import make_layer, make_matmul_layer
from tests.selection import slow_but

pytestmark = pytest.mark.filterwarnings("ignore:`fft_length`")

PARTS = {"real": np.real, "imag": np.imag, "stft": lambda s: np.concatenate((s.real, s.imag), axis=-1)}
WORST = {"float32": 2e-6, "float64": 1e-13}
SHORT = range(1, 130)
LONG = [191, 255, 256, 257, 400, 499, 512, 715, 1000, 1023, 1024, 1025, 1499, 2048, 3001, 4096, 5000, 8191, 8192, 9973]
LONGEST = [12_289, 16_381, 16_383, 16_384]


def exact(frames, frame_length, n_fft):
    """The transform of windowed and scaled frames (T, frame_length), complex of longdouble (T, F)."""
    window = scipy.signal.get_window("hann", frame_length, fftbins=True) if frame_length > 1 else np.ones(1)
    scale = np.sqrt(np.sum(window.astype(np.longdouble) ** 2))
    return scipy.fft.rfft(frames.astype(np.longdouble) * window / scale, n=n_fft)


def share_of_peak(make, mode, frame_length, n_fft, dtype, seed=0):
    """The largest error of three frames of noise, relative to the largest value."""
    signal = np.random.default_rng(seed).standard_normal(3 * frame_length).astype(dtype)
    layer = make(
        mode=mode, frame_length=frame_length, frame_step=frame_length, fft_length=n_fft, periodic=True, dtype=dtype
    )
    spectrum = exact(signal.reshape(3, frame_length), frame_length, layer.settings.n_fft)
    expected = PARTS[mode](spectrum)
    error = np.abs(layer(signal[None, :, None])[0].astype(np.longdouble) - expected).max()
    # The imaginary part of one sample is 0, so its error is relative to the spectrum.
    return float(error / (np.abs(spectrum if frame_length == 1 else expected).max() or 1))


@pytest.mark.parametrize("dtype", WORST)
@pytest.mark.parametrize("mode", PARTS)
@pytest.mark.parametrize(
    "lengths", slow_but([SHORT, LONG, LONGEST], lambda lengths: lengths is SHORT), ids=["short", "long", "longest"]
)
def test_parts_are_within_rounding_at_every_frame_length(dtype, mode, lengths):
    for frame_length in lengths:
        for n_fft in (None, frame_length, 2 * frame_length + 1):
            share = share_of_peak(make_layer, mode, frame_length, n_fft, dtype)
            assert share < WORST[dtype], f"frame {frame_length}, FFT {n_fft}: {share:.2g} of the peak"


@pytest.mark.parametrize("dtype", WORST)
@pytest.mark.parametrize("mode", PARTS)
def test_parts_by_matmul_are_within_rounding_at_every_frame_length(dtype, mode):
    for frame_length in (*range(1, 20), 255, 256, 400, 715, 1024, 2048):
        share = share_of_peak(make_matmul_layer, mode, frame_length, None, dtype)
        assert share < WORST[dtype], f"frame {frame_length}: {share:.2g} of the peak"


@given(
    frame_length=st.integers(1, 16_384),
    more=st.integers(0, 300),
    mode=st.sampled_from(list(PARTS)),
    dtype=st.sampled_from(list(WORST)),
    seed=st.integers(0, 2**32 - 1),
)
def test_parts_are_within_rounding_for_random_lengths_and_noise(frame_length, more, mode, dtype, seed):
    assert share_of_peak(make_layer, mode, frame_length, frame_length + more, dtype, seed) < WORST[dtype]


@pytest.mark.parametrize("dtype", WORST)
def test_the_block_size_changes_a_matrix_product_by_rounding_only(monkeypatch, dtype):
    layer = make_matmul_layer(mode="stft", frame_length=300, frame_step=50, dtype=dtype)
    signal = np.random.default_rng(1).standard_normal((1, 20_000, 1)).astype(dtype)
    frames = np.lib.stride_tricks.sliding_window_view(signal[0, :, 0].astype(np.float64), 300)[::50]
    window = scipy.signal.get_window("hann", 300, fftbins=False)
    norms = np.linalg.norm(frames * window, axis=-1) / np.linalg.norm(window)
    expected = layer(signal)
    bound = 8 * np.finfo(dtype).eps * np.sqrt(300) * norms
    for n_bytes in (1, 2**14, 2**17, 2**30):
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", n_bytes)
        assert (np.abs(layer(signal) - expected)[0] <= bound[:, None]).all()


@pytest.mark.slow
@pytest.mark.parametrize("frame_length", [256, 4096])
def test_the_matrix_product_of_samples_of_one_sign_is_within_the_bound_of_sums(frame_length):
    layer = make_matmul_layer(mode="stft", frame_length=frame_length, window="boxcar")
    signal = np.full(3 * frame_length, 0.1, np.float32)
    kernels = np.concatenate([kernel[:, 0] for kernel in layer.get_weights()], axis=1).astype(np.longdouble)
    frame = signal[:frame_length].astype(np.longdouble)
    error = np.abs(layer(signal[None, :, None])[0] - frame @ kernels)
    assert (error <= sum_bound(np.asarray(np.abs(frame) @ np.abs(kernels), np.float64), layer.settings)).all()


def test_the_fft_of_samples_of_one_sign_is_within_the_bound_of_parts():
    layer = make_layer(mode="stft", frame_length=4096, window="boxcar")
    signal = np.full((1, 3 * 4096, 1), 0.1, np.float32)
    expected = np.zeros(2 * 2049)
    expected[0] = 64 * float(np.float32(0.1))
    bound = part_bound(np.array(float(np.float32(0.1))), layer.settings)
    assert np.abs(layer(signal)[0] - expected).max() <= bound
