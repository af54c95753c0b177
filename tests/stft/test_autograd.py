"""The gradient with respect to the inputs alone, block by block; tests/frameworks has PyTorch's side of it."""

import numpy as np
import pytest

from specwidget.stft import pipeline
from specwidget.stft.autograd import input_vjp_blocked
from specwidget.stft.settings import DTYPES, MODES
from tests.layers import make_layer, noise

LAYOUTS = [{}, {"data_format": "channels_first"}, {"expand_dims": True}]


def make_case(n_samples=401, **settings):
    """A layer, a signal of 2 items and 3 channels, and a cotangent."""
    layer = make_layer(**{"frame_length": 50, "frame_step": 7, "window": "hamming", "padding": "same"} | settings)
    signal = noise(2, 3, n_samples) if "data_format" in settings else noise(2, n_samples, 3)
    return layer, signal, noise(*layer.compute_output_shape(signal.shape), seed=1)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("framing", [{}, {"padding": "valid"}, {"frame_step": 50, "fft_length": 64}])
def test_it_is_that_of_the_whole_gradient(mode, layout, dtype, framing):
    layer, signal, cotangent = make_case(mode=mode, dtype=dtype, **layout | framing)
    found, expected = input_vjp_blocked(signal, cotangent, layer.settings), layer.vjp(signal, cotangent).inputs
    assert (found.dtype, found.shape) == (signal.dtype, signal.shape)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2e-5 * np.abs(expected).max())


@pytest.mark.parametrize("mode", MODES)
def test_a_bad_sample_spoils_its_frames_and_leaves_the_cotangent_alone(mode):
    layer, signal, cotangent = make_case(mode=mode)
    signal[1, 200, 2] = np.inf
    before = cotangent.copy()
    found, expected = input_vjp_blocked(signal, cotangent, layer.settings), layer.vjp(signal, before).inputs
    assert np.isnan(found).sum() > 50
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    np.testing.assert_array_equal(cotangent, before)


@pytest.mark.parametrize("mode", ["log", "stft"])
def test_blocks_and_threads_do_not_change_a_bit(mode, monkeypatch):
    layer, signal, cotangent = make_case(mode=mode)
    expected = input_vjp_blocked(signal, cotangent, layer.settings)
    for block_bytes, threads in ((1, 1), (5 * 64 * 4, 2), (2**14, 3)):
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", block_bytes)
        monkeypatch.setattr(pipeline, "_count_threads", lambda *_, n=threads: n)
        np.testing.assert_array_equal(input_vjp_blocked(signal, cotangent, layer.settings), expected)


def test_samples_after_the_last_frame_have_gradient_0():
    layer, signal, cotangent = make_case(n_samples=403, padding="valid")
    found = input_vjp_blocked(signal, cotangent, layer.settings)
    assert found[:, :400].any()
    assert not found[:, 400:].any()
