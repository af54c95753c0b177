"""Test the phase shift exercise against librosa and SciPy."""

import re

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSpectrogram
from specwidget.teach.exercises import draw


def value_by(title, signal, n, n_fft, k):
    """Compute bin k of the frame that starts at sample 0 with a library."""
    window, before = np.hanning(n), (n_fft - n) // 2
    if title == "scipy ShortTimeFFT":
        transform = scipy.signal.ShortTimeFFT(window, n // 2, fs=1, mfft=n_fft)
        return transform.stft(signal, k_offset=transform.m_num_mid)[k, -transform.p_min]
    padded = np.pad(signal, before)
    return librosa.stft(padded, n_fft=n_fft, win_length=n, window=window, center=False, dtype=np.complex128)[k, 0]


@pytest.mark.parametrize("seed", range(24))
def test_the_phase_shift_converts_the_value_of_a_library_to_ours(seed):
    case = draw("phase_shift", seed)
    n, n_fft, k = (int(dict(case.facts)[name]) for name in ("frame length", "FFT length", "bin k"))
    title = re.search(r"bin \d+ from (.+) be rotated", case.prompt)[1].replace("torch", "librosa")
    signal = np.random.default_rng(seed).standard_normal(2048)
    layer = STFTSpectrogram("stft", n, n // 2, n_fft, scaling=None, dtype="float64")
    ours = layer(signal[None, :, None])[0, 0]
    shifted = value_by(title, signal, n, n_fft, k) * np.exp(1j * np.deg2rad(case.solution))
    assert shifted == pytest.approx(complex(ours[k], ours[k + n_fft // 2 + 1]), abs=1e-9)
