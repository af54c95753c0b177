"""The cross-check with each peer: it agrees where it should, says by name where it can't, and is able to disagree."""

import importlib
import itertools
import subprocess
import sys
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

import specwidget
from specwidget import STFTSpectrogram, crosscheck
from specwidget.peers import PEERS, Stopped, compare
from specwidget.peers.peer import OtherShape
from specwidget.stft.settings import MODES
from tests.peers.cases import (
    LENGTHS,
    TESTED,
    conjugate,
    make_layer,
    make_signal,
    scale_by_one_percent,
    shift_by_one_sample,
    through_kernels,
)

LAYOUTS = [
    (None, "density", "hamming", "float32"),
    ("channels_first", "spectrum", ("kaiser", 8.6), "float64"),
    (None, None, None, "float16"),
    (None, "spectrum", "flattop", "float32"),
]

EVERY_PEER = pytest.mark.parametrize("peer", TESTED)

EXPLAINED = {
    "nnaudio": {"kernel accuracy"},
    "keras": {"kernel accuracy", "odd fft_length", "psd's last bin", "dtype float64"},
}
"""The names of the differences that a peer may have over the settings tested here; the others have none."""


def verdict_is_right(report):
    """Whether a peer agrees, or differs by what it is known to differ by."""
    names = {difference.name for difference in report.differences}
    return report.agrees or (report.verdict == "differs by convention" and names <= EXPLAINED[report.peer])


@EVERY_PEER
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", LENGTHS)
def test_every_peer_agrees_or_differs_by_name(peer, mode, lengths):
    for (data_format, scaling, window, dtype), padding in itertools.product(LAYOUTS, ("valid", "same")):
        layer = make_layer(
            mode, lengths, window=window, scaling=scaling, padding=padding, data_format=data_format, dtype=dtype
        )
        report = crosscheck(layer, make_signal(layer, 800), [peer])[peer]
        if peer == "keras" and lengths == (1, 1, 1):
            assert report.reason == "it gives NaN where the FFT has one sample, as it divides by an FFT length of 0."
        else:
            assert verdict_is_right(report), (layer, report.sentence)


@pytest.mark.parametrize("peer", [name for name in TESTED if name not in EXPLAINED])
@pytest.mark.parametrize("level", [1e-6, 1e-3, 1e3])
def test_every_peer_agrees_near_the_floor_and_far_above(peer, level):
    layer = make_layer("log")
    assert crosscheck(layer, make_signal(layer, level=level), [peer])[peer].agrees


@EVERY_PEER
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
def test_changed_kernels_do_not_agree_with_any_peer(peer, mode, change):
    layer = through_kernels(make_layer(mode), change)
    report = crosscheck(layer, make_signal(layer), [peer])[peer]
    assert report.verdict == "disagrees"
    assert "does not agree" in report.sentence


@EVERY_PEER
@pytest.mark.parametrize("bins", [slice(1, 128), slice(1, 2), slice(127, 128)])
def test_a_psd_without_a_doubled_bin_does_not_agree_with_any_peer(peer, bins):
    layer = make_layer("psd")
    signal = make_signal(layer)
    output = layer(signal)
    output[..., bins] /= 2
    assert crosscheck(layer, signal, [peer], output=output)[peer].verdict == "disagrees"


@EVERY_PEER
def test_an_odd_psd_without_its_last_doubled_bin_does_not_agree_with_any_peer(peer):
    layer = make_layer("psd", (100, 37, 151))
    signal = make_signal(layer)
    output = layer(signal)
    output[..., 75] /= 2
    assert crosscheck(layer, signal, [peer], output=output)[peer].verdict == "disagrees"


@EVERY_PEER
@pytest.mark.parametrize("mode", ["magnitude", "stft", "psd"])
def test_a_step_that_is_off_by_one_does_not_agree_with_any_peer(peer, mode):
    layer, other = make_layer(mode, (256, 128, None)), make_layer(mode, (256, 127, None))
    signal = make_signal(layer)
    output = other(signal)[:, : layer.compute_output_shape(signal.shape)[1]]
    assert crosscheck(layer, signal, [peer], output=output)[peer].verdict == "disagrees"


WRONG_PLACES = {
    "the larger half of the zeros comes first": ("specwidget.stft.shapes.padding_amounts", lambda right: right[::-1]),
    "a window by name is periodic": ("specwidget.stft.settings.make_window", lambda right: np.roll(right, 1)),
    "the window is divided by less": ("specwidget.stft.settings.window_scale", lambda right: 0.99 * right),
}
"""What may be wrong in the transform's own modules: a function, and what becomes of its answer."""


@pytest.mark.parametrize("peer", [name for name in TESTED if name != "nnaudio"])
@pytest.mark.parametrize("wrong", WRONG_PLACES)
def test_no_peer_takes_padding_window_or_scale_from_what_it_judges(peer, wrong, monkeypatch):
    path, change = WRONG_PLACES[wrong]
    module, name = path.rsplit(".", 1)
    right = getattr(importlib.import_module(module), name)
    for used in ("specwidget.stft.frames", "specwidget.stft.settings", "specwidget.stft.shapes"):
        monkeypatch.setattr(f"{used}.{name}", lambda *given: change(right(*given)), raising=False)
    # Odd zeros, so that their halves differ.
    layer = make_layer("magnitude", (101, 50, None), padding="same")
    assert crosscheck(layer, make_signal(layer, 800), [peer])[peer].verdict == "disagrees"


@EVERY_PEER
@pytest.mark.parametrize("expand_dims", [False, True])
def test_no_peer_reads_channels_where_the_layer_wrongly_puts_them(peer, expand_dims, monkeypatch):
    right = specwidget.stft.layout.from_output
    monkeypatch.setattr("specwidget.stft.pipeline.from_output", lambda *given: right(*given)[:, ::-1])
    monkeypatch.setattr("specwidget.stft.layout.from_output", lambda *given: right(*given)[:, ::-1])
    layer = make_layer("magnitude", expand_dims=expand_dims)
    assert crosscheck(layer, make_signal(layer, 800), [peer])[peer].verdict == "disagrees"


def test_a_frame_too_few_is_told_as_a_shape(monkeypatch):
    right = specwidget.stft.shapes.count_frames
    monkeypatch.setattr("specwidget.stft.shapes.count_frames", lambda *given: right(*given) - 1)
    layer = make_layer("magnitude")
    report = crosscheck(layer, make_signal(layer, 800), ["librosa"])["librosa"]
    assert report.verdict == "disagrees"
    assert report.reason == "a signal of 800 samples has 5 frames, the layer's 4."


@EVERY_PEER
def test_one_wrong_value_is_found_and_its_place_is_told(peer):
    layer = make_layer("magnitude", expand_dims=True)
    signal = make_signal(layer)
    output = layer(signal)
    output[1, 4, 17, 0] *= 1.5
    report = crosscheck(layer, signal, [peer], output=output)[peer]
    assert report.verdict == "disagrees"
    assert report.worst == (1, 0, 4, 17)
    assert "at frame 4, bin 17 (batch item 1, channel 0)" in report.sentence


def test_a_wrong_imaginary_part_is_told_at_its_bin():
    layer = make_layer("stft", expand_dims=True)
    signal = make_signal(layer)
    output = layer(signal)
    output[0, 2, 129 + 5, 1] += 1
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].worst == (0, 1, 2, 5)


@pytest.mark.parametrize("value", [np.nan, np.inf])
@pytest.mark.parametrize("mode", ["magnitude", "angle"])
def test_silence_turned_into_nan_does_not_agree(mode, value):
    layer = make_layer(mode)
    signal = 0 * make_signal(layer)
    output = layer(signal)
    output[0, 0, 0] = value
    report = crosscheck(layer, signal, ["librosa"], output=output)["librosa"]
    assert report.verdict == "disagrees"
    assert report.max_abs_error == np.inf
    assert report.errors.shares[0, 0] == np.inf


def test_the_map_shows_where_values_are_wrong():
    layer = make_layer("magnitude", (256, 1, None))
    signal = make_signal(layer)
    output = layer(signal)
    output[1, 600, 129 + 40] += 1
    errors = crosscheck(layer, signal, ["librosa"], output=output)["librosa"].errors
    row, column = np.argwhere(errors.shares > 1)[0]
    assert (errors.shares > 1).sum() == 1
    assert errors.row_starts[row] <= 40 < errors.row_starts[row + 1]
    assert errors.column_starts[column] <= 600 < errors.column_starts[column + 1]
    assert errors.shares.shape[0] <= 128
    assert errors.shares.shape[1] <= 512


@EVERY_PEER
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", [(256, 128, None), (100, 37, 152), (400, 160, 512)])
@pytest.mark.parametrize(
    ("padding", "scaling", "window"),
    [
        ("valid", "density", "hann"),
        ("same", "spectrum", "flattop"),
        ("same", None, ("kaiser", 8.6)),
        ("valid", "density", None),
    ],
)
# A person who runs the call gets Keras's own advice.
@pytest.mark.filterwarnings("ignore:`fft_length` is recommended:UserWarning")
def test_the_call_runs_as_it_stands_and_gives_the_layer_s_values(peer, mode, lengths, padding, scaling, window):
    layer = make_layer(mode, lengths, padding=padding, scaling=scaling, window=window, dtype="float64")
    x = np.random.default_rng(2).standard_normal(1500)
    names = {"x": x}
    exec(crosscheck(layer, x, [peer])[peer].call, names)
    expected, actual = np.asarray(names["values"]), layer(x[None, :, None])[0]
    assert expected.shape == actual.shape
    difference = np.abs(actual - expected)
    if mode == "angle":
        difference = np.minimum(difference, 2 * np.pi - difference)
    # Two peers are no better than float32 in their kernels or modes; near a zero, that is no angle at all.
    close = {"keras": 2e-5, "nnaudio": 2e-5}.get(peer, 1e-9) * max(1.0, np.abs(expected).max())
    assert np.quantile(difference, 0.99) < close


def test_the_window_s_own_values_are_called_window_in_the_call():
    window = np.random.default_rng(3).uniform(-0.5, 1, 64)
    layer = make_layer("magnitude", (64, 16, None), window=window, dtype="float64")
    x = np.random.default_rng(2).standard_normal(500)
    for peer in ("librosa", "scipy-stft", "scipy-spectrogram"):
        names = {"x": x, "window": window}
        report = crosscheck(layer, x, [peer])[peer]
        assert report.agrees
        exec(report.call, names)
        assert np.abs(names["values"] - layer(x[None, :, None])[0]).max() < 1e-9


def test_differences_of_convention_are_named():
    report = crosscheck(make_layer("stft", (400, 160, 512), padding="same"), np.ones(1000, "float32"), ["librosa"])
    text = " ".join(report["librosa"].conventions)
    assert all(name in text for name in ("Window placement", "Window symmetry", "Scaling", "Padding"))
    assert "padded by (56, 56)" in text


def test_nothing_is_named_where_nothing_differs():
    layer = make_layer("stft", periodic=True, scaling=None)
    assert crosscheck(layer, np.ones(1000, "float32"), ["librosa"])["librosa"].conventions == ()


@pytest.mark.parametrize(("mode", "word"), [("log", "Floor"), ("magnitude", "Floor"), ("psd", "Sides"), ("angle", "")])
@pytest.mark.parametrize("peer", ["librosa", "scipy-stft", "torch", "nnaudio"])
def test_what_a_mode_needs_besides_is_named(peer, mode, word):
    told = PEERS[peer].conventions(make_layer(mode, scaling=None).settings)
    assert [sentence.split(":")[0] for sentence in told if sentence.startswith(("Floor", "Sides"))] == [word] * bool(
        word
    )


def test_the_tolerance_is_told_with_its_origin():
    report = crosscheck(make_layer(), np.ones(1000, "float32"), ["librosa"])["librosa"]
    assert "8 eps √frame_length = 1.5e-05" in report.tolerance


@EVERY_PEER
def test_a_signal_with_nan_is_not_compared(peer):
    report = crosscheck(make_layer(), np.full(1000, np.nan, "float32"), [peer])[peer]
    assert report.verdict == "not comparable"
    assert "samples are NaN or infinite" in report.sentence


def test_samples_that_overflow_float16_are_not_compared():
    report = crosscheck(make_layer(dtype="float16"), np.full(1000, 1e6, "float32"), ["librosa"])["librosa"]
    assert report.reason == "samples overflow in float16."


@pytest.mark.parametrize("peer", ["scipy-stft", "scipy-spectrogram"])
def test_a_window_of_zeros_is_not_compared_with_what_divides_by_it(peer):
    layer = make_layer("magnitude", (2, 1, None), scaling=None)
    report = crosscheck(layer, np.ones(100, "float32"), [peer])[peer]
    assert "divides by the size of the window, which is zero here." in report.sentence


def test_an_empty_batch_is_not_compared():
    report = crosscheck(make_layer(), np.ones((0, 1000, 1), "float32"), ["librosa"])["librosa"]
    assert report.reason == "the batch is empty."


def test_a_peer_that_is_missing_costs_nothing_but_a_line():
    layer = make_layer()
    signal = make_signal(layer)
    missing = replace(PEERS["librosa"], packages={"no_such_module": "no-such-library"})
    report = compare("other", missing, layer, signal, layer(signal))
    assert report.verdict == "not installed"
    assert report.sentence == "librosa is not installed: install it with: pip install no-such-library"


def test_keras_without_any_backend_names_one_to_install(monkeypatch):
    monkeypatch.setattr("specwidget.peers.peer.is_installed", lambda module: module == "keras")
    assert PEERS["keras"].missing == ("torch",)
    monkeypatch.setattr("specwidget.peers.peer.is_installed", lambda module: False)
    assert PEERS["keras"].missing == ("keras", "torch")
    assert PEERS["nnaudio"].missing == ("nnAudio", "torch")


def test_no_library_is_imported_that_is_not_compared_with():
    code = (
        "import sys, numpy, specwidget\n"
        "from specwidget.peers import PEERS\n"
        "specwidget.crosscheck(specwidget.STFTSpectrogram(), numpy.ones(500, 'float32'), ['scipy-stft'])\n"
        "print([name for name in ('librosa', 'torch', 'keras', 'nnAudio') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_peer_is_refused():
    with pytest.raises(ValueError, match=r"`peers` must be among 'librosa', 'scipy-stft', .*; got 'matlab'"):
        crosscheck(make_layer(), np.ones(1000, "float32"), peers=["matlab"])


def test_an_output_of_another_shape_is_refused():
    layer = make_layer()
    signal = make_signal(layer)
    with pytest.raises(ValueError, match=r"^`output` must have the shape \(2, 10, 258\) that .*; got \(2, 3, 258\)\.$"):
        crosscheck(layer, signal, ["librosa"], output=layer(signal)[:, :3])


def test_a_peer_whose_result_has_another_shape_does_not_agree():
    def prepare(_inputs, _settings):
        raise OtherShape("its result has the shape (2, 11, 258), the layer's (2, 10, 258).")

    layer = make_layer()
    signal = make_signal(layer)
    report = compare("librosa", replace(PEERS["librosa"], prepare=prepare), layer, signal, layer(signal))
    assert (report.verdict, report.share_of_tolerance, report.errors) == ("disagrees", np.inf, None)
    assert report.sentence.endswith("does not agree: its result has the shape (2, 11, 258), the layer's (2, 10, 258).")


def test_one_peer_may_be_named_without_a_list():
    assert list(crosscheck(make_layer(), np.ones(1000, "float32"), "scipy-stft")) == ["scipy-stft"]


def test_a_comparison_can_be_stopped():
    with pytest.raises(Stopped):
        crosscheck(make_layer(), np.ones(1000, "float32"), ["librosa"], stop=lambda: True)


def test_pieces_of_a_long_signal_are_counted_on(monkeypatch):
    monkeypatch.setattr("specwidget.peers.comparison.PIECE_VALUES", 5 * 256)
    layer = make_layer("magnitude")
    signal = make_signal(layer, n_samples=4000)
    output = layer(signal)
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].agrees
    output[1, 20, 129 + 3] += 1
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].worst == (1, 1, 20, 3)


def test_the_public_name_is_the_same():
    assert specwidget.crosscheck is crosscheck
    assert specwidget.STFTSpectrogram is STFTSpectrogram


def test_a_long_sound_is_compared_piece_by_piece():
    signal = np.random.default_rng(0).standard_normal((1, 2**20, 1)).astype("float32")
    layer = STFTSpectrogram(frame_length=1024, frame_step=256)
    output = layer(signal)
    crosscheck(layer, signal[:, :5000], ["librosa"])
    tracemalloc.start()
    report = crosscheck(layer, signal, ["librosa"], output=output)["librosa"]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.agrees
    # The signal in float64 alone would take 8 MiB, and the peer's values 64.
    assert peak < 24 * 2**20
