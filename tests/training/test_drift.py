"""Drift against closed forms for known windows, and against numerical integrals."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.stft.settings import MODES
from specwidget.training import drift as drift_module
from specwidget.training import measure_drift


def random_layer(mode="stft", seed=0, **settings):
    layer = STFTSpectrogram(mode, 16, dtype="float64", **settings)
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.standard_normal(weight.shape) for weight in layer.weights])
    return layer


@pytest.mark.parametrize("mode", MODES)
def test_fourier_kernels_have_no_drift(mode):
    assert not measure_drift(STFTSpectrogram(mode, 32)).distance.any()


def test_fourier_kernels_have_the_centre_of_their_bin_and_the_bandwidth_of_the_window():
    drift = measure_drift(STFTSpectrogram(frame_length=256, periodic=True, dtype="float64"))
    inner = slice(16, -16)
    np.testing.assert_array_equal(drift.frequencies, np.arange(129) / 256)
    np.testing.assert_allclose(drift.centre[inner], drift.frequencies[inner], atol=1e-5)
    # The integral of w'^2 over that of w^2 is 4/3 (pi/N)^2; over (2 pi)^2 it is the variance, 1 / (3 N^2).
    np.testing.assert_allclose(drift.bandwidth[inner], 1 / (np.sqrt(3) * 256), rtol=0.01)


def test_a_gaussian_tone_has_the_gaussian_s_bandwidth_at_the_tone():
    layer = STFTSpectrogram("stft", 256, dtype="float64")
    n, width = np.arange(256)[:, None, None] - 127.5, 12.0
    tones = np.full(129, 0.2)
    tones[5] = 0.31
    envelope = np.exp(-(n**2) / (2 * width**2))
    layer.set_weights([envelope * np.cos(2 * np.pi * tones * n), envelope * np.sin(2 * np.pi * tones * n)])
    drift = measure_drift(layer, sample_rate=8000)
    np.testing.assert_allclose(drift.centre, tones * 8000, rtol=1e-9)
    np.testing.assert_allclose(drift.bandwidth, 8000 / (2 * np.sqrt(2) * np.pi * width), rtol=1e-6)


@pytest.mark.parametrize("mode", ["real", "imag", "psd"])
def test_centre_and_bandwidth_equal_their_integrals(mode):
    layer = random_layer(mode)
    f = (np.arange(20_000) + 0.5) / 40_000  # midpoints of 0 to 1/2
    turns = np.exp(-2j * np.pi * f[:, None] * np.arange(16))
    power = sum(np.abs(turns @ weight[:, 0, :]) ** 2 for weight in layer.weights)
    centre = (f[:, None] * power).sum(0) / power.sum(0)
    variance = ((f[:, None] - centre) ** 2 * power).sum(0) / power.sum(0)
    drift = measure_drift(layer)
    np.testing.assert_allclose(drift.centre, centre, rtol=1e-7)
    np.testing.assert_allclose(drift.bandwidth, np.sqrt(variance), rtol=1e-7)


def test_distance_is_relative_to_the_norm_of_both_fourier_kernels():
    layer = STFTSpectrogram("stft", 16, window="hamming", scaling=None, dtype="float64")
    n, k = np.arange(16)[:, None], np.arange(9)
    fourier = np.exp(-2j * np.pi * n * k / 16) * np.hamming(16)[:, None]
    shift = np.random.default_rng(0).standard_normal((2, 16, 9))
    shift[:, :, 3] = 0
    layer.set_weights([weight + change[:, None, :] for weight, change in zip(layer.weights, shift, strict=True)])
    moved = np.abs(shift[0] + 1j * shift[1])
    expected = np.sqrt((moved**2).sum(0) / (np.abs(fourier) ** 2).sum(0))
    drift = measure_drift(layer)
    np.testing.assert_allclose(drift.distance, expected, rtol=1e-12)
    assert drift.distance[3] == 0


def test_kernels_of_zeros_have_no_centre():
    drift = measure_drift(STFTSpectrogram("imag", 16))
    assert np.isnan(drift.centre[[0, -1]]).all()
    assert np.isnan(drift.bandwidth[[0, -1]]).all()
    assert np.isfinite(drift.centre[1:-1]).all()


def test_with_a_window_of_zeros_the_distance_is_absolute():
    layer = STFTSpectrogram("real", 4, window=np.zeros(4), scaling=None, dtype="float64")
    layer.set_weights([np.full((4, 1, 3), 0.5)])
    np.testing.assert_array_equal(measure_drift(layer).distance, [1.0, 1.0, 1.0])


def test_the_block_size_does_not_change_drift(monkeypatch):
    layer = random_layer()
    whole = measure_drift(layer)
    monkeypatch.setattr(drift_module, "BLOCK_SIZE", 2 * 2 * 16)
    np.testing.assert_allclose(measure_drift(layer).centre, whole.centre, rtol=1e-12)


def test_a_frame_of_one_sample_has_the_moments_of_a_flat_spectrum():
    drift = measure_drift(STFTSpectrogram("real", 1, window=None, dtype="float64"))
    np.testing.assert_allclose([drift.centre, drift.bandwidth], [[0.25], [0.5 / np.sqrt(12)]])


@pytest.mark.parametrize(
    ("rate", "error", "message"),
    [(0, ValueError, "finite and above 0; got 0"), ("CD", TypeError, "a number; got 'CD'")],
)
def test_an_invalid_sample_rate_is_an_error(rate, error, message):
    with pytest.raises(error, match=rf"^`sample_rate` must be {message}\.$"):
        measure_drift(STFTSpectrogram("real", 4), sample_rate=rate)
