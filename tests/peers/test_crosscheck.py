"""The cross-check with librosa: it agrees over a grid of settings, and it is able to disagree."""

import itertools
import warnings
from dataclasses import replace

import numpy as np
import pytest

import specwidget
from specwidget import STFTSpectrogram, crosscheck
from specwidget.peers import PEERS, Stopped, compare
from specwidget.stft.settings import MODES

LENGTHS = [(256, 128, None), (100, 37, 151), (400, 160, 512), (63, 5, 64), (7, 7, 7), (1, 1, 1)]
LAYOUTS = [(None, "density", "hamming"), ("channels_first", "spectrum", ("kaiser", 8.6)), (None, None, None)]


def make_layer(mode="log", lengths=(256, 128, None), **settings):
    """A layer of three lengths, without the warning about the FFT's length."""
    frame_length, frame_step, fft_length = lengths
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`fft_length`")
        return STFTSpectrogram(mode, frame_length, frame_step, fft_length, **settings)


def make_signal(layer, n_samples=1500, level=1.0):
    """Two items of two channels of noise, in the layer's layout."""
    signal = np.random.default_rng(1).standard_normal((2, n_samples, 2)).astype("float32") * np.float32(level)
    return signal if layer.settings.channels_last else signal.swapaxes(1, 2)


def through_kernels(layer, change=lambda weights: weights):
    """The layer with changed kernels of its own."""
    layer.set_weights(change(layer.get_weights()))
    return layer


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", LENGTHS)
def test_librosa_agrees_in_every_mode(mode, lengths):
    for (data_format, scaling, window), padding, dtype in itertools.product(
        LAYOUTS, ("valid", "same"), ("float16", "float32", "float64")
    ):
        layer = make_layer(
            mode, lengths, window=window, scaling=scaling, padding=padding, data_format=data_format, dtype=dtype
        )
        report = crosscheck(layer, make_signal(layer))["librosa"]
        assert report.agrees, (layer, report.sentence)


@pytest.mark.parametrize("level", [1e-6, 1e-3, 1e3])
def test_librosa_agrees_near_the_floor_and_far_above(level):
    layer = make_layer("log")
    assert crosscheck(layer, make_signal(layer, level=level))["librosa"].agrees


def scale_by_one_percent(weights):
    """Kernels 1 % too large."""
    return [kernel * np.float32(1.01) for kernel in weights]


def shift_by_one_sample(weights):
    """Kernels one sample late."""
    return [np.roll(kernel, 1, axis=0) for kernel in weights]


def conjugate(weights):
    """Kernels that turn the other way."""
    return [weights[0], -weights[1]]


@pytest.mark.parametrize(
    ("mode", "change"),
    [
        *((mode, scale_by_one_percent) for mode in MODES if mode != "angle"),
        ("stft", shift_by_one_sample),
        ("angle", shift_by_one_sample),
        ("magnitude", shift_by_one_sample),
        ("angle", conjugate),
        ("stft", conjugate),
    ],
)
def test_changed_kernels_do_not_agree(mode, change):
    layer = through_kernels(make_layer(mode), change)
    report = crosscheck(layer, make_signal(layer))["librosa"]
    assert report.verdict == "disagrees"
    assert "does not agree" in report.sentence


def test_a_psd_without_its_doubled_bins_does_not_agree():
    layer = make_layer("psd")
    signal = make_signal(layer)
    output = layer(signal)
    output[..., 1:128] /= 2
    assert crosscheck(layer, signal, output=output)["librosa"].verdict == "disagrees"


def test_a_step_that_is_off_by_one_does_not_agree():
    layer, other = make_layer("magnitude", (256, 128, None)), make_layer("magnitude", (256, 127, None))
    signal = make_signal(layer)
    output = other(signal)[:, : layer.compute_output_shape(signal.shape)[1]]
    assert crosscheck(layer, signal, output=output)["librosa"].verdict == "disagrees"


def test_one_wrong_value_is_found_and_its_place_is_told():
    layer = make_layer("magnitude", expand_dims=True)
    signal = make_signal(layer)
    output = layer(signal)
    output[1, 4, 17, 0] *= 1.5
    report = crosscheck(layer, signal, output=output)["librosa"]
    assert report.worst == (1, 0, 4, 17)
    assert "at frame 4, bin 17 (batch item 1, channel 0)" in report.sentence


def test_silence_turned_into_nan_does_not_agree():
    layer = make_layer("magnitude")
    signal = make_signal(layer)
    output = layer(signal)
    output[0, 0, 0] = np.nan
    report = crosscheck(layer, signal, output=output)["librosa"]
    assert report.verdict == "disagrees"
    assert report.max_abs_error == np.inf


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", [(256, 128, None), (100, 37, 151), (400, 160, 512)])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_the_call_runs_as_it_stands_and_gives_the_layer_s_values(mode, lengths, padding):
    layer = make_layer(mode, lengths, padding=padding, dtype="float64")
    x = np.random.default_rng(2).standard_normal(1500)
    names = {"x": x}
    exec(crosscheck(layer, x)["librosa"].call, names)
    expected, actual = names["values"], layer(x[None, :, None])[0]
    difference = np.abs(actual - expected)
    if mode == "angle":
        difference = np.minimum(difference, 2 * np.pi - difference)
    assert difference.max() < 1e-9


def test_differences_of_convention_are_named():
    report = crosscheck(make_layer("stft", (400, 160, 512), padding="same"), np.ones(1000, "float32"))["librosa"]
    text = " ".join(report.conventions)
    assert all(name in text for name in ("Window placement", "Window symmetry", "Scaling", "Padding"))
    assert "padded by (56, 56)" in text


def test_nothing_is_named_where_nothing_differs():
    report = crosscheck(make_layer(periodic=True, scaling=None), np.ones(1000, "float32"))["librosa"]
    assert report.conventions == ()


def test_the_tolerance_is_told_with_its_origin():
    report = crosscheck(make_layer(), np.ones(1000, "float32"))["librosa"]
    assert "8 eps √frame_length = 1.5e-05" in report.tolerance


def test_a_signal_with_nan_is_not_compared():
    report = crosscheck(make_layer(), np.full(1000, np.nan, "float32"))["librosa"]
    assert report.verdict == "not comparable"
    assert report.sentence == "librosa is not comparable: librosa does not take samples that are NaN or infinite."


def test_a_peer_that_is_missing_costs_nothing_but_a_line():
    layer = make_layer()
    signal = make_signal(layer)
    missing = replace(PEERS["librosa"], name="no_such_library")
    report = compare(missing, layer, signal, layer(signal))
    assert report.verdict == "not installed"
    assert "pip install no_such_library" in report.sentence


def test_an_unknown_peer_is_refused():
    with pytest.raises(ValueError, match=r"`peers` must be among 'librosa'; got 'matlab'"):
        crosscheck(make_layer(), np.ones(1000, "float32"), peers=["matlab"])


def test_a_comparison_can_be_stopped():
    with pytest.raises(Stopped):
        crosscheck(make_layer(), np.ones(1000, "float32"), stop=lambda: True)


def test_pieces_of_a_long_signal_are_counted_on(monkeypatch):
    monkeypatch.setattr("specwidget.peers.comparison.PIECE_VALUES", 5 * 256)
    layer = make_layer("magnitude")
    signal = make_signal(layer, n_samples=4000)
    output = layer(signal)
    assert crosscheck(layer, signal, output=output)["librosa"].agrees
    output[1, 20, 129 + 3] += 1
    assert crosscheck(layer, signal, output=output)["librosa"].worst == (1, 1, 20, 3)


def test_the_public_name_is_the_same():
    assert specwidget.crosscheck is crosscheck
