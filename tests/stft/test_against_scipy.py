"""Comparison with three of SciPy's transforms, with equivalent settings for the conventions of each."""

import numpy as np
import pytest
import scipy.signal

from tests.layers import make_layer, make_matmul_layer
from tests.tolerances import allowed_error

pytestmark = pytest.mark.filterwarnings("ignore:`fft_length`")
BOTH_PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])

# Each is frame_length, frame_step and fft_length.
SIZES = [(64, 16, 64), (50, 20, 64), (33, 33, 128), (20, 7, 45), (8, 1, 9)]


def noise(*shape):
    return np.random.default_rng(8).standard_normal(shape)


def compare(actual, expected, inputs, arguments):
    """Assert that output (B, C, T, F) equals SciPy's (B, C, F, T) within twice the tolerance, as both round."""
    assert actual.shape == expected.swapaxes(-1, -2).shape
    error = np.abs(actual - expected.swapaxes(-1, -2))
    assert (error <= 2 * allowed_error(inputs, **arguments)).all()


@BOTH_PATHS
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("scaling", ["density", "spectrum"])
@pytest.mark.parametrize("window", ["hann", "hamming", "boxcar", ("kaiser", 8.6)])
def test_psd_equals_scipys_spectrogram(make, sizes, scaling, window):
    frame_length, step, n_fft = sizes
    inputs = noise(2, 3, 301)
    arguments = {"frame_length": frame_length, "frame_step": step, "fft_length": n_fft, "window": window}
    arguments |= {"mode": "psd", "scaling": scaling, "periodic": True, "dtype": "float64"}
    arguments |= {"data_format": "channels_first", "expand_dims": True}
    expected = scipy.signal.spectrogram(
        inputs,
        window=window,
        nperseg=frame_length,
        noverlap=frame_length - step,
        nfft=n_fft,
        detrend=False,
        scaling=scaling,
    )[2]
    compare(make(**arguments)(inputs), expected, inputs, arguments)


@BOTH_PATHS
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("scaling", "theirs"), [("spectrum", "spectrum"), ("density", "psd")])
@pytest.mark.parametrize("mode", ["real", "imag"])
def test_real_and_imag_equal_scipys_stft(make, sizes, scaling, theirs, mode):
    frame_length, step, n_fft = sizes
    inputs = noise(1, 2, 301)
    arguments = {"frame_length": frame_length, "frame_step": step, "fft_length": n_fft, "window": "hamming"}
    arguments |= {"mode": mode, "scaling": scaling, "dtype": "float64"}
    arguments |= {"data_format": "channels_first", "expand_dims": True}
    expected = scipy.signal.stft(
        inputs,
        window=scipy.signal.get_window("hamming", frame_length, fftbins=False),
        nperseg=frame_length,
        noverlap=frame_length - step,
        nfft=n_fft,
        boundary=None,
        padded=False,
        scaling=theirs,
    )[2]
    compare(make(**arguments)(inputs), getattr(expected, mode), inputs, arguments)


def short_time_fft(inputs, window, step, n_fft, scale_to):
    """ShortTimeFFT of (B, C, L) with frames from sample 0 on: (B, C, F, T).

    SciPy centres its frames on multiples of the step. Zeros put before the signal make the frame of the first sample
    one of them, and `phase_shift=None` counts the phase from each frame's first sample.
    """
    transform = scipy.signal.ShortTimeFFT(window, step, fs=1.0, mfft=n_fft, scale_to=scale_to, phase_shift=None)
    middle = transform.m_num_mid
    zeros = -middle % step
    padded = np.concatenate([np.zeros((*inputs.shape[:-1], zeros)), inputs], axis=-1)
    first = (zeros + middle) // step
    n_frames = (inputs.shape[-1] - len(window)) // step + 1
    return transform.stft(padded, p0=first, p1=first + n_frames)


@BOTH_PATHS
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("scaling", "scale_to"), [("density", "psd"), ("spectrum", "magnitude"), (None, None)])
@pytest.mark.parametrize("mode", ["real", "imag", "magnitude", "log"])
def test_parts_and_magnitude_equal_scipys_short_time_fft(make, sizes, scaling, scale_to, mode):
    frame_length, step, n_fft = sizes
    inputs = noise(1, 2, 301)
    arguments = {"frame_length": frame_length, "frame_step": step, "fft_length": n_fft, "window": "blackman"}
    arguments |= {"mode": mode, "scaling": scaling, "dtype": "float64", "epsilon": 1e-12}
    arguments |= {"data_format": "channels_first", "expand_dims": True}
    window = scipy.signal.get_window("blackman", frame_length, fftbins=False)
    spectrum = short_time_fft(inputs, window, step, n_fft, scale_to)
    magnitude = np.maximum(np.abs(spectrum), 1e-6)
    expected = {"real": spectrum.real, "imag": spectrum.imag, "magnitude": magnitude, "log": np.log(magnitude)}
    compare(make(**arguments)(inputs), expected[mode], inputs, arguments)
