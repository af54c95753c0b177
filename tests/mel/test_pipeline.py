"""The mel spectrogram against a direct computation, in every layout and library, and its memory."""

import tracemalloc

import array_api_strict
import numpy as np
import pytest

from specwidget import MFCC, MelConventions, MelSpectrogram
from specwidget.mel import pipeline as mel_pipeline
from specwidget.mel.pipeline import compute_mel
from specwidget.mel.settings import MelSettings
from specwidget.stft import pipeline
from tests.mel.cases import ARGUMENTS, CONVENTIONS
from tests.mel.reference import reference_mel


def noise(*shape):
    return np.random.default_rng(3).standard_normal(shape)


@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_values_are_those_of_a_direct_computation(arguments, conventions):
    signal = noise(331)
    layer = MelSpectrogram(**arguments, conventions=conventions, dtype="float64")
    expected = reference_mel(signal, conventions, **arguments)
    values = layer(signal)
    assert values.shape == expected.shape == layer.compute_output_shape((331,))
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("n_samples", [1, 2, 20, 33, 63, 64, 65])
def test_short_signals_are_reflected_as_often_as_needed(n_samples):
    signal = noise(n_samples)
    arguments = {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 4}
    values = compute_mel(signal, MelSettings(**arguments, dtype="float64"))
    np.testing.assert_allclose(values, reference_mel(signal, **arguments), rtol=1e-9)


def test_channels_are_computed_one_by_one_in_both_layouts():
    signal = noise(2, 200, 3).astype("float32")
    arguments = {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 5}
    last = MelSpectrogram(**arguments)(signal)
    first = MelSpectrogram(**arguments, data_format="channels_first")(signal.transpose(0, 2, 1))
    assert last.shape == (2, 13, 15)
    assert first.shape == (2, 15, 13)
    for batch in range(2):
        for channel in range(3):
            expected = compute_mel(signal[batch, :, channel].copy(), MelSettings(**arguments))
            np.testing.assert_array_equal(last[batch, :, 5 * channel : 5 * channel + 5].T, expected)
            np.testing.assert_array_equal(first[batch, 5 * channel : 5 * channel + 5], expected)


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("shape", [(331,), (2, 331), (2, 331, 3)])
def test_the_path_of_other_libraries_gives_the_same_values(shape, conventions):
    signal = noise(*shape)
    settings = MelSettings(**ARGUMENTS["short window"], conventions=conventions, dtype="float64")
    strict = compute_mel(array_api_strict.asarray(signal), settings)
    np.testing.assert_allclose(np.asarray(strict), compute_mel(signal, settings), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
def test_blocks_and_threads_change_only_the_rounding(conventions, monkeypatch):
    signal = noise(3, 5000)
    settings = MelSettings(**ARGUMENTS["short window"], conventions=conventions, dtype="float64")
    expected = compute_mel(signal, settings)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", 3 * 64 * 8)
    monkeypatch.setattr(pipeline, "MIN_THREAD_SAMPLES", 100)
    monkeypatch.setattr(pipeline, "MIN_CHUNK_SAMPLES", 1000)
    np.testing.assert_allclose(compute_mel(signal, settings), expected, rtol=1e-9, atol=1e-9)


def test_a_nan_makes_its_frames_nan_and_leaves_the_others_alone():
    signal = noise(2, 400)
    layer = MelSpectrogram(32, 32, num_mel_bins=4, conventions=MelConventions(normalization="band"), dtype="float64")
    signal[1, 160] = np.nan
    values = layer(signal)
    assert np.isnan(values[1, :, 5]).all()
    assert np.isfinite(np.delete(values[1], 5, axis=1)).all()
    np.testing.assert_array_equal(values[0], layer(signal[0]))


@pytest.mark.parametrize("wrap", [np.asarray, array_api_strict.asarray])
def test_the_top_is_the_largest_finite_value(wrap):
    signal = noise(400)
    layer = MelSpectrogram(32, 32, num_mel_bins=4, top_db=6.0, dtype="float64")
    expected = layer(signal)
    frame = (int(expected.max(axis=0).argmax()) + 3) % 13
    signal[32 * frame] = np.nan
    values = np.asarray(layer(wrap(signal)))
    np.testing.assert_allclose(np.delete(values, frame, axis=1), np.delete(expected, frame, axis=1))


def test_the_top_is_that_of_each_recording_and_channel():
    signal = noise(2, 4000) * np.array([[1.0], [1e-3]])
    layer = MelSpectrogram(256, 128, num_mel_bins=20, top_db=20.0, dtype="float64")
    together = layer(signal)
    np.testing.assert_array_equal(together[1], layer(signal[1]))
    assert together[1].max() - together[1].min() == pytest.approx(20.0, abs=1e-9)


def test_float16_is_computed_in_float32_and_rounded_once():
    signal = noise(1000).astype("float16")
    arguments = {"fft_length": 64, "sequence_stride": 16, "num_mel_bins": 8}
    exact = reference_mel(signal, **arguments)
    values = MelSpectrogram(**arguments, dtype="float16")(signal)
    assert values.dtype == np.float16
    np.testing.assert_allclose(values, exact, rtol=6e-4)


@pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
@pytest.mark.parametrize("make", [MelSpectrogram, lambda **arguments: MFCC(MelSpectrogram(**arguments), 5)])
def test_values_that_are_computed_again_are_those_that_are_stored(make, conventions, monkeypatch):
    signal = noise(2, 3000)
    layer = make(**ARGUMENTS["short window"], conventions=conventions, dtype="float64")
    expected = layer(signal)
    cotangent = noise(*expected.shape)
    gradient = layer.vjp(signal, cotangent)
    monkeypatch.setattr(mel_pipeline, "STORED_VALUES", 0)
    monkeypatch.setattr(mel_pipeline, "CHUNK_VALUES", 7 * 30)
    np.testing.assert_allclose(layer(signal), expected, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(layer.vjp(signal, cotangent), gradient, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("wrap", [np.asarray, array_api_strict.asarray])
def test_a_band_that_does_not_vary_is_normalized_to_0(wrap):
    # The sum of the logarithms of many frames is rounded in float32, and their deviation from the mean with it.
    silence = np.zeros(200_000, "float32")
    conventions = MelConventions(normalization="band", deviation_epsilon=1e-5, logarithm="ln")
    layer = MelSpectrogram(64, 64, num_mel_bins=4, min_power=1.37e-10, conventions=conventions)
    values = np.asarray(layer(wrap(silence)))
    assert values.shape == (4, 3126)
    assert not values.any()


@pytest.mark.slow
@pytest.mark.parametrize("conventions", [MelConventions(), MelConventions(normalization="band")])
def test_memory_is_the_result_and_little_more(conventions):
    signal = noise(2**21).astype("float32")
    layer = MelSpectrogram(256, 32, num_mel_bins=64, conventions=conventions)
    cotangent = np.ones((64, 2**16 + 1), "float32")
    calls = [layer, MFCC(layer, 5), lambda samples: layer.vjp(samples, cotangent)]
    for call in calls:
        tracemalloc.start()
        values = call(signal)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < values.nbytes + 2**26


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((), r"must have axes \(time,\), \(batch, time\) or \(batch, time, channels\); got shape \(\)"),
        ((1, 2, 3, 4), r"got shape \(1, 2, 3, 4\)"),
        ((0,), "must have at least 1 sample"),
        ((2, 100, 0), "at least 1, in"),
    ],
)
def test_shapes_that_are_no_signal_are_refused(shape, message):
    with pytest.raises(ValueError, match=message):
        compute_mel(np.zeros(shape), MelSettings())


def test_too_few_samples_for_a_frame_are_refused():
    conventions = MelConventions(ends=None, placement="left")
    with pytest.raises(ValueError, match="at least 400 samples for one frame; got 399"):
        compute_mel(np.zeros(399), MelSettings(512, 160, 400, conventions=conventions))


@pytest.mark.parametrize("dtype", ["int16", "complex64"])
def test_other_types_are_refused(dtype):
    with pytest.raises(TypeError, match="`inputs` must have dtype"):
        compute_mel(np.zeros(4000, dtype), MelSettings())
