"""Training tasks with a known solution."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.training import SGD, Adam, SoftmaxReadout, fit, mean_squared_error, measure_drift


def white_noise(n_batches, seed):
    return np.random.default_rng(seed).standard_normal((n_batches, 4, 512, 1)).astype(np.float32)


def imitate(teacher, student, optimizer, steps):
    batches = [(signal, teacher(signal)) for signal in white_noise(8, seed=1)]
    return fit(student, mean_squared_error, batches, optimizer, steps=steps, progress=False)


@pytest.mark.parametrize(("mode", "optimizer"), [("stft", Adam(0.01)), ("real", Adam(0.01)), ("stft", SGD(1.0))])
def test_kernels_with_noise_are_trained_back_to_fourier_kernels(mode, optimizer):
    teacher, student = STFTSpectrogram(mode, 32), STFTSpectrogram(mode, 32)
    rng = np.random.default_rng(0)
    student.set_weights([0.1 * rng.standard_normal(weight.shape).astype(np.float32) for weight in teacher.weights])
    assert measure_drift(student).distance.min() > 0.7
    trained, history = imitate(teacher, student, optimizer, steps=200)
    # The kernels converge to the Fourier kernels, not to others with the same output for these sounds.
    n, k = np.arange(32)[:, None], np.arange(17)
    window = np.hanning(32)[:, None] / np.sqrt((np.hanning(32) ** 2).sum())
    np.testing.assert_allclose(trained.real_kernel[:, 0, :], np.cos(2 * np.pi * n * k / 32) * window, atol=1e-3)
    assert measure_drift(trained).distance.max() < 1e-3
    assert history.drifts[-1].max() < 1e-3
    assert history.losses[-1] < 1e-7 * history.losses[0]


def test_kernels_of_a_wrong_window_are_trained_to_the_right_one():
    teacher, student = STFTSpectrogram("magnitude", 32), STFTSpectrogram("magnitude", 32, window="boxcar")
    trained, _ = imitate(teacher, student, Adam(0.01), steps=200)
    envelope = np.hypot(trained.real_kernel, trained.imag_kernel)[:, 0, 1:-1]
    hann = np.hanning(32) / np.sqrt((np.hanning(32) ** 2).sum())
    boxcar = np.full(32, 1 / np.sqrt(32))
    assert np.abs(boxcar - hann).max() > 0.1
    np.testing.assert_allclose(envelope, np.repeat(hann[:, None], 15, axis=1), atol=1e-3)


def sweeps(n_sounds, seed, n_samples=256):
    """Chirps in noise that start anywhere in the band: rising in class 0, and reversed in class 1."""
    rng = np.random.default_rng(seed)
    starts = rng.uniform(0, n_samples, (n_sounds, 1))
    frequencies = 0.05 + 0.4 * ((np.arange(n_samples) + starts) % n_samples) / n_samples
    sounds = np.cos(2 * np.pi * (np.cumsum(frequencies, axis=1) + rng.uniform(0, 1, (n_sounds, 1))))
    labels = np.arange(n_sounds) % 2
    sounds[labels == 1] = sounds[labels == 1, ::-1]
    sounds += 0.5 * rng.standard_normal(sounds.shape)
    return sounds[:, :, None].astype(np.float32), labels


def held_out_accuracy(layer, seen, unseen):
    """Test accuracy of the best linear classifier on mean magnitudes, fitted to the training sounds."""
    (seen_sounds, seen_labels), (sounds, labels) = seen, unseen
    features = layer(seen_sounds).mean(axis=1)
    mean, spread = features.mean(axis=0), features.std(axis=0)
    scaled = (features - mean) / spread
    gram = scaled.T @ scaled + 0.01 * len(scaled) * np.eye(scaled.shape[1])
    weights = np.linalg.solve(gram, scaled.T @ (2.0 * seen_labels - 1))
    return np.mean((((layer(sounds).mean(axis=1) - mean) / spread) @ weights > 0) == labels)


@pytest.mark.slow
def test_trained_kernels_separate_up_and_down_chirps_that_fourier_kernels_cannot():
    # With a symmetric window a sound and its reverse have equal magnitudes: frozen kernels reach 50 % by chance.
    seen, unseen = sweeps(256, seed=0), sweeps(1000, seed=1)
    frozen = STFTSpectrogram("magnitude", 32, 8)
    signs = np.where(np.arange(17) % 2, 1.0, -1.0)
    readout = SoftmaxReadout(np.stack([signs, -signs], axis=1))
    batches = [(seen[0][i : i + 32], seen[1][i : i + 32]) for i in range(0, 256, 32)]
    trained, _ = fit(frozen, readout, batches, Adam(0.003), steps=150, progress=False)
    assert held_out_accuracy(frozen, seen, unseen) < 0.56
    assert held_out_accuracy(trained, seen, unseen) > 0.95
    guesses = readout.logits(trained(unseen[0])).argmax(axis=1)
    assert np.mean(guesses == unseen[1]) > 0.95
