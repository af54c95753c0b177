"""The vector-Jacobian product against central differences."""

import array_api_strict
import numpy as np
import pytest

from specwidget import MelConventions, MelSpectrogram
from specwidget.mel import framing
from tests.mel.cases import ARGUMENTS, CONVENTIONS


def check(layer, signal, seed=0, rtol=1e-6):
    """Compare the gradient along a direction with central differences, in float64."""
    rng = np.random.default_rng(seed)
    cotangent, direction, h = rng.standard_normal(layer(signal).shape), rng.standard_normal(signal.shape), 1e-6
    numeric = ((layer(signal + h * direction) - layer(signal - h * direction)) / (2 * h) * cotangent).sum()
    assert (layer.vjp(signal, cotangent) * direction).sum() == pytest.approx(numeric, rel=rtol, abs=1e-6)


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_the_gradient_is_that_of_central_differences(arguments, conventions):
    signal = np.random.default_rng(4).standard_normal(150)
    check(MelSpectrogram(**arguments, conventions=conventions, dtype="float64"), signal)


@pytest.mark.parametrize("shape", [(150,), (2, 150), (2, 150, 3), (1, 20), (1, 1)])
def test_the_gradient_has_the_shape_of_the_input(shape):
    signal = np.random.default_rng(5).standard_normal(shape)
    check(MelSpectrogram(64, 24, num_mel_bins=5, dtype="float64", top_db=10.0), signal)


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
def test_the_path_of_other_libraries_gives_the_same_gradient(conventions):
    rng = np.random.default_rng(6)
    signal = rng.standard_normal((2, 301))
    layer = MelSpectrogram(**ARGUMENTS["short window"], conventions=conventions, dtype="float64")
    cotangent = rng.standard_normal(layer(signal).shape)
    strict = layer.vjp(array_api_strict.asarray(signal), cotangent)
    np.testing.assert_allclose(np.asarray(strict), layer.vjp(signal, cotangent), rtol=1e-9, atol=1e-12)


def test_a_long_row_is_processed_in_parts(monkeypatch):
    signal = np.random.default_rng(10).standard_normal(301)
    layer = MelSpectrogram(**ARGUMENTS["short window"], conventions=CONVENTIONS["whole signal"], dtype="float64")
    cotangent = np.random.default_rng(11).standard_normal(layer(signal).shape)
    expected = layer.vjp(signal, cotangent)
    monkeypatch.setattr(framing, "CHUNK_SAMPLES", 7)
    np.testing.assert_allclose(layer.vjp(signal, cotangent), expected, rtol=1e-12)


def test_silence_at_the_floor_has_no_gradient():
    layer = MelSpectrogram(64, 24, num_mel_bins=5, mag_exp=1.0)
    assert not layer.vjp(np.zeros(100, "float32"), np.ones((5, 5))).any()


@pytest.mark.parametrize("wrap", [np.asarray, array_api_strict.asarray])
def test_values_at_the_floor_have_no_gradient(wrap):
    signal = 1e-3 * np.random.default_rng(8).standard_normal(200)
    layer = MelSpectrogram(64, 24, num_mel_bins=5, min_power=1.0, top_db=None, dtype="float64")
    assert (layer(signal) == 0).all()
    assert not np.asarray(layer.vjp(wrap(signal), np.ones((5, 9)))).any()


def test_a_nan_makes_the_gradient_nan_in_its_frames_only():
    signal = np.random.default_rng(7).standard_normal(320)
    signal[160] = np.nan
    layer = MelSpectrogram(32, 32, num_mel_bins=4, top_db=None, conventions=MelConventions(ends=None))
    gradient = layer.vjp(signal, np.ones((4, 10)))
    assert np.isnan(gradient[160:192]).all()
    assert np.isfinite(np.delete(gradient, np.s_[160:192])).all()


def test_a_cotangent_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"must have the result's shape \(128, 9\); got \(9, 128\)"):
        MelSpectrogram().vjp(np.zeros(4096), np.zeros((9, 128)))
