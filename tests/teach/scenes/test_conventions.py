"""Test the conventions by impulses: the samples of the first frame, and the phase origin."""

import librosa
import numpy as np
import pytest
import scipy.signal

from specwidget import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.teach.scenes.conventions import CONVENTIONS, frame_positions

N, N_FFT, L = 40, 64, 401
WINDOW = np.ones(N)


def by_layer(padding):
    def first(signal, step):
        layer = STFTSpectrogram("stft", N, step, N_FFT, window="boxcar", scaling=None, padding=padding, dtype="float64")
        values = layer(signal[None, :, None])[0, 0]
        return values[: N_FFT // 2 + 1] + 1j * values[N_FFT // 2 + 1 :]

    return first


def by_librosa(signal, step):
    return librosa.stft(signal, n_fft=N_FFT, hop_length=step, win_length=N, window=WINDOW)[:, 0]


def by_short_time_fft(signal, step):
    transform = scipy.signal.ShortTimeFFT(WINDOW, step, fs=1.0, mfft=N_FFT, phase_shift=0)
    return transform.stft(signal)[:, 0]


def by_spectrogram(signal, step):
    options = {"window": WINDOW, "nperseg": N, "noverlap": N - step, "nfft": N_FFT, "detrend": False}
    return scipy.signal.spectrogram(signal, mode="complex", **options)[2][:, 0]


PEERS = {
    "specwidget": by_layer("valid"),
    "specwidget_same": by_layer("same"),
    "librosa": by_librosa,
    "scipy": by_short_time_fft,
    "scipy_spectrogram": by_spectrogram,
}


@pytest.mark.parametrize("step", [16, 10, 20, 7])
@pytest.mark.parametrize("name", PEERS)
def test_first_frame_and_phase_origin_match_the_library(name, step):
    settings = STFTSettings(frame_length=N, frame_step=step, fft_length=N_FFT, window=None)
    _, window, origin, _ = frame_positions(CONVENTIONS[name], settings, L)
    frames = [PEERS[name](np.eye(1, L, at)[0], step) for at in range(N_FFT)]
    held = [at for at, frame in enumerate(frames) if np.abs(frame).max() > 1e-9]
    # The samples of a rectangular window within the signal.
    assert held == list(range(max(window, 0), window + N))
    # An impulse shifts the phase of bin 1 by 1 / n_fft of a cycle per sample from the origin.
    shift = -np.angle(frames[held[-1]][1]) * N_FFT / (2 * np.pi)
    assert (shift - (held[-1] - origin) + N_FFT / 2) % N_FFT - N_FFT / 2 == pytest.approx(0, abs=1e-4)


def test_torch_has_the_conventions_of_librosa():
    ours, theirs = CONVENTIONS["torch"], CONVENTIONS["librosa"]
    assert (ours.fft_start, ours.window_offset, ours.origin_offset) == (
        theirs.fft_start,
        theirs.window_offset,
        theirs.origin_offset,
    )
