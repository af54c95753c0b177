"""Mel spectrograms on a device: the fake of CuPy, and CuPy itself with `-m gpu`."""

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram
from specwidget.mel.pipeline import compute_frames
from specwidget.stft import pipeline
from tests.gpu import fake_cupy
from tests.gpu.test_counts import count, each_exhaustion
from tests.layers import noise
from tests.mel.cases import ARGUMENTS, CONVENTIONS
from tests.selection import slow_but


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("name", slow_but(ARGUMENTS, "short window".__eq__))
@pytest.mark.parametrize("shape", [(331,), (2, 150, 2)])
@pytest.mark.parametrize("n_bytes", [2**13, 2**20])
def test_values_and_gradients_on_the_device_are_those_of_numpy(device, monkeypatch, n_bytes, shape, name, conventions):
    # A recording in several blocks, or all of them in one.
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", n_bytes)
    rng = np.random.default_rng(8)
    signal = rng.standard_normal(shape)
    layer = MelSpectrogram(**ARGUMENTS[name], conventions=conventions, dtype="float64")
    expected = layer(signal)
    values = layer(device.put(signal))
    np.testing.assert_allclose(device.get(values), expected, rtol=1e-8, atol=1e-8)
    cotangent = rng.standard_normal(expected.shape)
    gradient = device.get(layer.vjp(device.put(signal), device.put(cotangent)))
    np.testing.assert_allclose(gradient, layer.vjp(signal, cotangent), rtol=1e-6, atol=1e-8)


def test_coefficients_on_the_device_are_those_of_numpy(device):
    signal = np.random.default_rng(9).standard_normal((2, 400, 3))
    layer = MFCC(MelSpectrogram(**ARGUMENTS["short window"], dtype="float64"), 5, "kaldi", 22.0)
    np.testing.assert_allclose(device.get(layer(device.put(signal))), layer(signal), rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
def test_many_short_recordings_take_no_more_launches_than_a_few_and_nothing_waits_or_is_sent(
    fake, monkeypatch, conventions
):
    # A block has 60 frames, those of 5 or more recordings.
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 60 * 64 * 4)
    layer = MelSpectrogram(**ARGUMENTS["short window"], conventions=conventions)
    few, many, twice_as_many = (fake.put(noise(n, 250)) for n in (2, 5, 10))
    for call in (layer, lambda inputs: layer.vjp(inputs, layer(inputs))):
        counts = [count(lambda: call(inputs)) for inputs in (few, many, twice_as_many)]  # noqa: B023
        assert all(set(each) == {"launches", "bytes"} for each in counts)
        assert counts[0]["launches"] == counts[1]["launches"] < counts[2]["launches"] <= 2 * counts[1]["launches"]


def test_a_single_frame_that_does_not_fit_is_cupys_error(fake, monkeypatch):
    there = fake.put(noise(1, 100, 1))
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 200)
    with pytest.raises(MemoryError, match="Out of memory allocating"):
        MelSpectrogram(**ARGUMENTS["short window"])(there)


MEL = {**ARGUMENTS["short window"], "dtype": "float64"}


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("shape", [(2, 600, 1), (20, 60, 1)])
def test_recordings_and_then_frames_are_divided_where_a_block_does_not_fit(fake, monkeypatch, shape, conventions):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**20)
    signal, layer = noise(*shape).astype("float64"), MelSpectrogram(**MEL, conventions=conventions)
    expected = layer(signal)
    there, cotangent = fake.put(signal), fake.put(expected)
    # The gradient is as large as the signal. The spectrum of a frame has 528 bytes, that of 600 samples 13 KiB.
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", signal.nbytes)
    fake_cupy.COUNTS.clear()
    np.testing.assert_allclose(layer(there).get(), expected, rtol=1e-8, atol=1e-8)
    assert fake_cupy.COUNTS.pop("freed") > 3
    np.testing.assert_allclose(layer.vjp(there, cotangent).get(), layer.vjp(signal, expected), rtol=1e-6, atol=1e-8)
    assert fake_cupy.COUNTS["freed"] > 3


# Two blocks of a recording of 3 frames, or two recordings in a block.
@pytest.mark.slow
@pytest.mark.parametrize(("n_bytes", "n_recordings"), [(2**10, 1), (2**16, 2)])
def test_values_and_gradients_are_the_same_wherever_a_block_runs_out_of_memory(
    fake, monkeypatch, n_bytes, n_recordings
):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", n_bytes)
    signal = noise(n_recordings, 60, 1).astype("float64")
    layer = MelSpectrogram(**MEL)
    coefficients = MFCC(layer, 5)
    cotangent = layer(signal)
    there, d_there, row = fake.put(signal), fake.put(cotangent), fake.put(signal[0, :, 0])
    for call, expected in (
        (lambda: layer(there), cotangent),
        (lambda: layer.vjp(there, d_there), layer.vjp(signal, cotangent)),
        (lambda: coefficients(there), coefficients(signal)),
        (lambda: compute_frames(row, 0, 3, layer.settings), compute_frames(signal[0, :, 0], 0, 3, layer.settings)),
    ):
        results = list(each_exhaustion(monkeypatch, call))
        assert len(results) > 10
        for actual in results:
            np.testing.assert_allclose(actual.get(), expected, rtol=1e-8, atol=1e-8)
