"""The cross-check with each peer: it agrees, names what differs by convention, and finds what is wrong."""

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
from specwidget.codegen import to_code
from specwidget.codegen.snippet import CodeRequest
from specwidget.keras_differences import kernel_error_bound
from specwidget.peers import PEERS, CrosscheckCancelled, compare
from specwidget.peers.peer import FrameBlock, ShapeMismatchError
from specwidget.stft.settings import MODES
from tests.codegen.cases import run, share_of_tolerance
from tests.peers.cases import (
    LENGTHS,
    TESTED,
    conjugate,
    make_layer,
    make_signal,
    scale_by_one_percent,
    shift_by_one_sample,
    with_kernels,
)
from tests.selection import slow_but

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


def to_tensor(array):
    """Convert an array to PyTorch."""
    import torch

    return torch.from_numpy(array)


def to_host(values):
    """Convert an array or a tensor to NumPy."""
    return values.detach().numpy() if hasattr(values, "detach") else np.asarray(values)


def verdict_is_right(report):
    """Whether a peer agrees, or differs by a difference that it is known to have."""
    names = {difference.name for difference in report.differences}
    return report.agrees or (report.verdict == "differs by convention" and names <= EXPLAINED[report.peer])


@EVERY_PEER
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", slow_but(LENGTHS, LENGTHS[:2].__contains__))
def test_every_peer_agrees_or_differs_by_name(peer, mode, lengths):
    for (data_format, scaling, window, dtype), padding in itertools.product(LAYOUTS, ("valid", "same")):
        layer = make_layer(
            mode, lengths, window=window, scaling=scaling, padding=padding, data_format=data_format, dtype=dtype
        )
        report = crosscheck(layer, make_signal(layer, 800), [peer])[peer]
        if peer == "keras" and lengths == (1, 1, 1):
            assert report.reason == "it returns NaN for an FFT of one sample, as it divides by an FFT length of 0."
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
    layer = make_layer(mode)
    signal = make_signal(layer)
    output = with_kernels(make_layer(mode), change)(signal)
    report = crosscheck(layer, signal, [peer], output=output)[peer]
    assert report.verdict == "disagrees"
    assert "does not agree" in report.sentence


@pytest.mark.parametrize("peer", [name for name in TESTED if PEERS[name].prepare_kernels is None])
@pytest.mark.parametrize("mode", ["log", "real", "imag"])
def test_a_peer_that_cannot_hold_trained_kernels_is_not_compared(peer, mode):
    layer = with_kernels(make_layer(mode), scale_by_one_percent)
    report = crosscheck(layer, make_signal(layer), [peer])[peer]
    assert report.verdict == "trained kernels"
    assert not report.is_compared
    title = PEERS[peer].title
    assert report.sentence == f"{title} is not compared: the layer has trained kernels, which {title} can't hold."
    assert (report.code, report.errors) == ("", None)


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


FAULTS = {
    "the larger half of the zeros comes first": ("specwidget.stft.shapes.padding_amounts", lambda right: right[::-1]),
    "a window by name is periodic": ("specwidget.stft.settings.make_window", lambda right: np.roll(right, 1)),
    "the window is divided by less": ("specwidget.stft.settings.window_scale", lambda right: 0.99 * right),
}
"""What may be wrong in the transform's own modules: a function, and what becomes of its answer."""


@pytest.mark.parametrize("peer", [name for name in TESTED if name != "nnaudio"])
@pytest.mark.parametrize("wrong", FAULTS)
def test_no_peer_uses_the_layer_s_padding_window_or_scale(peer, wrong, monkeypatch):
    path, change = FAULTS[wrong]
    module, name = path.rsplit(".", 1)
    right = getattr(importlib.import_module(module), name)
    for used in ("specwidget.stft.frames", "specwidget.stft.settings", "specwidget.stft.shapes"):
        monkeypatch.setattr(f"{used}.{name}", lambda *given: change(right(*given)), raising=False)
    # Odd zeros, so that their halves differ.
    layer = make_layer("magnitude", (101, 50, None), padding="same")
    assert crosscheck(layer, make_signal(layer, 800), [peer])[peer].verdict == "disagrees"


@EVERY_PEER
@pytest.mark.parametrize("expand_dims", [False, True])
def test_a_wrong_order_of_channels_disagrees_with_every_peer(peer, expand_dims, monkeypatch):
    right = specwidget.stft.layout.from_output
    monkeypatch.setattr("specwidget.stft.pipeline.from_output", lambda *given: right(*given)[:, ::-1])
    monkeypatch.setattr("specwidget.stft.layout.from_output", lambda *given: right(*given)[:, ::-1])
    layer = make_layer("magnitude", expand_dims=expand_dims)
    assert crosscheck(layer, make_signal(layer, 800), [peer])[peer].verdict == "disagrees"


def test_a_missing_frame_is_reported_as_a_shape(monkeypatch):
    right = specwidget.stft.shapes.count_frames
    monkeypatch.setattr("specwidget.stft.shapes.count_frames", lambda *given: right(*given) - 1)
    layer = make_layer("magnitude")
    report = crosscheck(layer, make_signal(layer, 800), ["librosa"])["librosa"]
    assert report.verdict == "disagrees"
    assert report.reason == "a signal of 800 samples has 5 frames, the layer's 4."


@EVERY_PEER
def test_one_wrong_value_is_found_and_located(peer):
    layer = make_layer("magnitude", expand_dims=True)
    signal = make_signal(layer)
    output = layer(signal)
    output[1, 4, 17, 0] *= 1.5
    report = crosscheck(layer, signal, [peer], output=output)[peer]
    assert report.verdict == "disagrees"
    assert report.worst == (1, 0, 4, 17)
    assert "at frame 4, bin 17 (batch item 1, channel 0)" in report.sentence


def test_a_wrong_imaginary_part_is_located_at_its_bin():
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


CODE_NAMES = {"librosa": "librosa", "scipy-stft": "scipy", "torch": "torch", "keras": "keras"}
"""The peers whose code `to_code` writes, too, by its name there."""


@EVERY_PEER
@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_report_has_the_generated_code_for_its_input(peer, data_format):
    layer = make_layer("psd", (100, 37, 152), padding="same", data_format=data_format)
    signal = make_signal(layer, 800)
    code = crosscheck(layer, signal, [peer])[peer].code
    assert code == PEERS[peer].code_target.write(CodeRequest(layer.settings, signal.shape))
    if peer in CODE_NAMES:
        assert code == to_code(layer, signal.shape, CODE_NAMES[peer])


@EVERY_PEER
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("lengths", [(256, 128, None), (100, 37, 152), (400, 160, 512)])
def test_the_code_of_a_report_runs_and_gives_the_layer_s_values(peer, mode, lengths):
    for padding, scaling, window in (("valid", "density", "hann"), ("same", "spectrum", "flattop")):
        layer = make_layer(mode, lengths, padding=padding, scaling=scaling, window=window)
        signal = make_signal(layer)
        code = crosscheck(layer, signal, [peer])[peer].code
        x, y = map(to_host, run(code, to_tensor if peer in ("torch", "nnaudio") else None, signal))
        assert share_of_tolerance(x, y, layer.settings, kernel_error_bound(layer.settings)) <= 1


@pytest.mark.parametrize("peer", [name for name in ("librosa", "scipy-stft", "torch") if name in TESTED])
@pytest.mark.parametrize("lengths", [(100, 37, 152), (101, 37, 152)])
def test_a_peer_calls_its_library_as_the_code_does(peer, lengths):
    layer = make_layer("stft", lengths, window="flattop", scaling="spectrum", dtype="float64", expand_dims=True)
    signal = make_signal(layer).astype("float64")
    _, y = run(PEERS[peer].code(layer.settings, signal.shape), to_tensor if peer == "torch" else None, signal)
    transform = PEERS[peer].prepare(signal, layer.settings)
    values = transform(FrameBlock(1, 0, 0, y.shape[1], signal[1, :, 0]))
    np.testing.assert_allclose(to_host(y)[1, :, :, 0], values, rtol=0, atol=1e-14 * np.abs(values).max())


def test_differences_of_convention_are_named():
    report = crosscheck(make_layer("stft", (400, 160, 512), padding="same"), np.ones(1000, "float32"), ["librosa"])
    text = " ".join(report["librosa"].conventions)
    assert all(name in text for name in ("Window placement", "Window symmetry", "Scaling", "Padding"))
    assert "112 zeros were appended" in text


def test_no_difference_of_convention_is_named_where_there_is_none():
    layer = make_layer("stft", periodic=True, scaling=None)
    assert crosscheck(layer, np.ones(1000, "float32"), ["librosa"])["librosa"].conventions == ()


@pytest.mark.parametrize(("mode", "word"), [("log", "Floor"), ("magnitude", "Floor"), ("psd", "Sides"), ("angle", "")])
@pytest.mark.parametrize("peer", ["librosa", "scipy-stft", "torch", "nnaudio"])
def test_the_alignment_of_a_mode_is_named(peer, mode, word):
    told = PEERS[peer].conventions(make_layer(mode, scaling=None).settings)
    assert [sentence.split(":")[0] for sentence in told if sentence.startswith(("Floor", "Sides"))] == [word] * bool(
        word
    )


def test_the_report_explains_the_tolerance():
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
def test_a_window_of_zeros_is_not_comparable_with_peers_that_divide_by_its_scale(peer):
    layer = make_layer("magnitude", (2, 1, None), scaling=None)
    report = crosscheck(layer, np.ones(100, "float32"), [peer])[peer]
    assert "divides by the window's scale, which is zero here." in report.sentence


def test_an_empty_batch_is_not_compared():
    report = crosscheck(make_layer(), np.ones((0, 1000, 1), "float32"), ["librosa"])["librosa"]
    assert report.reason == "the batch is empty."


def test_a_peer_that_is_not_installed_has_a_report_that_says_how_to_install_it():
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


@pytest.mark.slow
def test_no_library_is_imported_that_is_not_compared_with():
    code = (
        "import sys, numpy, specwidget\n"
        "from specwidget.peers import PEERS\n"
        "specwidget.crosscheck(specwidget.STFTSpectrogram(), numpy.ones(500, 'float32'), ['scipy-stft'])\n"
        "print([name for name in ('librosa', 'torch', 'keras', 'nnAudio') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_unknown_peer_is_rejected():
    with pytest.raises(ValueError, match=r"`peers` must be among 'librosa', 'scipy-stft', .*; got 'matlab'"):
        crosscheck(make_layer(), np.ones(1000, "float32"), peers=["matlab"])


def test_an_output_of_another_shape_is_rejected():
    layer = make_layer()
    signal = make_signal(layer)
    with pytest.raises(
        ValueError, match=r"^`output` must have the shape \(2, 10, 258\) of the layer's output; got \(2, 3, 258\)\.$"
    ):
        crosscheck(layer, signal, ["librosa"], output=layer(signal)[:, :3])


def test_a_peer_whose_result_has_another_shape_does_not_agree():
    def prepare(_inputs, _settings):
        raise ShapeMismatchError("its result has the shape (2, 11, 258), the layer's (2, 10, 258).")

    layer = make_layer()
    signal = make_signal(layer)
    report = compare("librosa", replace(PEERS["librosa"], prepare=prepare), layer, signal, layer(signal))
    assert (report.verdict, report.share_of_tolerance, report.errors) == ("disagrees", np.inf, None)
    assert report.sentence.endswith("does not agree: its result has the shape (2, 11, 258), the layer's (2, 10, 258).")


def test_one_peer_may_be_named_without_a_list():
    assert list(crosscheck(make_layer(), np.ones(1000, "float32"), "scipy-stft")) == ["scipy-stft"]


def test_a_comparison_can_be_cancelled():
    with pytest.raises(CrosscheckCancelled):
        crosscheck(make_layer(), np.ones(1000, "float32"), ["librosa"], stop=lambda: True)


def test_frames_are_counted_across_blocks(monkeypatch):
    monkeypatch.setattr("specwidget.peers.comparison.BLOCK_VALUES", 5 * 256)
    layer = make_layer("magnitude")
    signal = make_signal(layer, n_samples=4000)
    output = layer(signal)
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].agrees
    output[1, 20, 129 + 3] += 1
    assert crosscheck(layer, signal, ["librosa"], output=output)["librosa"].worst == (1, 1, 20, 3)


def test_the_public_name_is_the_same():
    assert specwidget.crosscheck is crosscheck
    assert specwidget.STFTSpectrogram is STFTSpectrogram


def test_a_long_sound_is_compared_block_by_block():
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
