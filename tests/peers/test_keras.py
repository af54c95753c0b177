"""Every named difference from Keras, demonstrated on Keras itself: these tests fail when Keras changes."""

import json
import os
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import torch

from specwidget import crosscheck
from specwidget.keras_differences import KERAS_DIFFERENCES, KERAS_EPSILON, KERNEL_ACCURACY
from specwidget.peers import PEERS
from specwidget.peers.keras import configured_backend, import_keras, installed_backend, kernel_accuracy
from specwidget.stft.settings import MODES, STFTSettings
from specwidget.stft.windows import NAMED_WINDOWS
from tests.layers import noise
from tests.peers.cases import make_layer


def keras_layer(mode="log", frame_length=256, **settings):
    """Keras's own layer, without the warning about the FFT's length."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`fft_length`")
        return keras.layers.STFTSpectrogram(mode, frame_length, **settings)


def host(tensor):
    """A tensor as a NumPy array."""
    return keras.ops.convert_to_numpy(keras.ops.stop_gradient(tensor))


def cosines(frame_length, n_fft):
    """Exact cosines of an n_fft-point DFT, for the bins of the layer."""
    turns = np.outer(np.arange(frame_length), np.arange(frame_length // 2 + 1)) % n_fft / n_fft
    return np.cos(2 * np.pi * turns)


def keras_cosines(frame_length, dtype="float32"):
    """The cosines in Keras's kernel."""
    layer = keras_layer("real", frame_length, fft_length=frame_length, window=None, scaling=None, dtype=dtype)
    layer.build((None, 10_000, 1))
    return host(layer.real_kernel)[:, 0]


def check(layer, shape=(2, 1000, 2)):
    """The report on Keras, for noise."""
    return crosscheck(layer, noise(*shape), ["keras"])["keras"]


def names_of(report):
    """Names of the differences of a report."""
    return [difference.name for difference in report.differences]


@pytest.mark.parametrize("n_fft", [9, 255, 715])
def test_an_odd_fft_length_has_the_kernels_of_one_point_less(n_fft):
    made = keras_cosines(n_fft, "float64")
    assert np.abs(made - cosines(n_fft, n_fft - 1)).max() < 1e-11
    assert np.abs(made - cosines(n_fft, n_fft)).max() > 0.5


def test_a_result_at_an_odd_fft_length_is_off_by_most_of_its_norm():
    layer = make_layer("stft", (715, None, 715))
    signal = noise(1, 40_000, 1)
    ours, theirs = layer(signal), host(keras_layer("stft", 715, fft_length=715)(signal))
    share = np.linalg.norm(theirs - ours) / np.linalg.norm(ours)
    assert f"a relative error of {share:.1f}" in KERAS_DIFFERENCES[0].sentence
    report = check(layer)
    assert report.verdict == "differs by convention"
    assert "odd fft_length" in report.sentence


def test_the_last_bin_of_an_odd_psd_is_not_doubled():
    signal = noise(1, 3000, 1).astype("float64")
    settings = {"fft_length": 151, "window": "boxcar", "scaling": None, "dtype": "float64"}
    power = host(keras_layer("psd", 100, **settings)(signal))
    parts = host(keras_layer("stft", 100, **settings)(signal))
    doubled = power / (parts[..., :76] ** 2 + parts[..., 76:] ** 2)
    np.testing.assert_allclose(doubled[..., [0, 1, -2, -1]], np.broadcast_to([1, 2, 2, 1], (1, 59, 4)), rtol=1e-9)
    assert names_of(check(make_layer("psd", (100, 37, 151)))) == ["odd fft_length", "psd's last bin", "kernel accuracy"]


@pytest.mark.parametrize(("frame_length", "low", "high"), [(256, 4e-5, 6e-5), (4096, 7e-4, 9e-4)])
def test_the_phases_of_kernels_are_float32(frame_length, low, high):
    error = np.abs(keras_cosines(frame_length) - cosines(frame_length, frame_length)).max()
    ours = make_layer("real", (frame_length, None, None), window=None, scaling=None).real_kernel[:, 0]
    assert low < error < high
    assert f"{error:.0e}".replace("e-0", "e-") in KERNEL_ACCURACY.sentence
    assert np.abs(ours - cosines(frame_length, frame_length)).max() < 1e-6
    bound = 2 * float(np.finfo("float32").eps) * np.pi * frame_length
    assert error < bound
    assert f"{bound:.1e}" in kernel_accuracy(STFTSettings(frame_length=frame_length)).sentence


@pytest.mark.parametrize("mode", MODES)
def test_a_long_frame_differs_by_kernel_accuracy(mode):
    report = check(make_layer(mode, (4096, 1024, None)), (1, 6000, 1))
    assert report.verdict == "differs by convention"
    assert names_of(report) == ["kernel accuracy"]


@pytest.mark.parametrize("peer", ["keras", "nnaudio"])
@pytest.mark.parametrize("period", [1, 2])
def test_a_sum_of_samples_of_one_sign_is_rounded_more_and_no_disagreement(peer, period):
    """Each product of a constant, or of its alternation, is rounded the same way, so errors add up and don't cancel."""
    layer = make_layer("stft", (1024, None, None), window="boxcar", dtype="float64")
    signal = 0.3 * np.cos(2 * np.pi * np.arange(2048) / period)[None, :, None]
    report = crosscheck(layer, signal, [peer])[peer]
    assert report.verdict == "differs by convention"
    signal[0, 700] += 1e-9
    assert crosscheck(layer, signal, [peer], output=layer(signal - 1e-9))[peer].verdict == "disagrees"


def test_kernel_accuracy_excuses_nothing_else():
    layer = make_layer("stft", (4096, 1024, None))
    signal = noise(1, 6000, 1)
    output = layer(signal)
    output[0, 1, 100] += 20 * np.abs(output).max() * np.finfo("float32").eps * 64
    assert crosscheck(layer, signal, ["keras"], output=output)["keras"].verdict == "disagrees"


def test_a_window_of_zeros_gives_nan_in_silence():
    assert np.isnan(host(keras_layer("log", 2)(noise(1, 100, 1)))).all()
    with pytest.raises(ValueError, match="`window` must not be zero everywhere"):
        make_layer("log", (2, None, None))


def test_a_window_tuple_is_an_error():
    with pytest.raises(ValueError, match="too many dimensions"):
        keras_layer(window=("kaiser", 8.6)).build((None, 1000, 1))
    report = check(make_layer("log", (64, 16, None), window=("kaiser", 8.6)))
    assert report.agrees
    assert "Window: Keras does not accept a (name, parameter...) tuple" in report.conventions[0]


def test_a_window_array_is_checked_late_shared_and_not_loaded():
    with pytest.raises(ValueError, match="must be equal to"):
        keras_layer("real", 8, window=np.ones(5)).build((None, 100, 1))
    window = np.ones(8)
    layer = keras_layer("real", 8, window=window, scaling=None)
    window *= 3
    layer.build((None, 100, 1))
    assert host(layer.real_kernel)[0, 0, 0] == 3
    with pytest.raises(ValueError, match="Invalid dtype: object"):
        keras.layers.deserialize(json.loads(json.dumps(keras.layers.serialize(layer))))


def test_an_fft_of_one_sample_is_nan_and_a_frame_of_one_has_no_step():
    assert np.isnan(host(keras_layer("real", 1, frame_step=1, fft_length=1)(noise(1, 100, 1)))).all()
    assert keras_layer("real", 1)._frame_step == 0
    assert check(make_layer("real", (1, 1, 1))).verdict == "not comparable"
    assert check(make_layer("real", (1, 1, 2))).agrees


@pytest.mark.parametrize("mode", MODES)
def test_some_modes_of_float64_are_float32(mode):
    result = host(keras_layer(mode, dtype="float64")(noise(1, 1000, 1).astype("float64")))
    assert result.dtype == ("float32" if mode in ("log", "magnitude", "angle") else "float64")
    assert ("dtype float64" in names_of(check(make_layer(mode, dtype="float64")))) == (result.dtype == "float32")


def test_the_floor_is_one_for_all_layers():
    assert keras.config.epsilon() == KERAS_EPSILON
    report = check(make_layer("magnitude", epsilon=1e-2))
    assert report.verdict == "differs by convention"
    assert names_of(report) == ["floor", "kernel accuracy"]
    assert check(make_layer("magnitude", (64, 16, None))).agrees


def test_the_gradient_of_angle_on_silence_is_nan_on_jax():
    code = """
import jax, keras, numpy
layer = keras.layers.STFTSpectrogram("angle")
layer.build((1, 1000, 1))
values = [weight.value for weight in layer.trainable_variables]
total = lambda inputs: layer.stateless_call(values, [], inputs)[0].sum()
print(bool(numpy.isnan(jax.grad(total)(jax.numpy.zeros((1, 1000, 1)))).any()))
"""
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    printed = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == "True"
    ours = make_layer("angle").vjp(np.zeros((1, 1000, 1), "float32"), np.ones((1, 6, 129), "float32"))
    assert not ours.inputs.any()


@pytest.mark.parametrize("window", [*NAMED_WINDOWS, None])
@pytest.mark.parametrize("periodic", [False, True])
def test_windows_are_given_as_they_are(window, periodic):
    report = check(make_layer("psd", (64, 16, None), window=window, periodic=periodic))
    assert report.agrees
    assert report.conventions == ()


def test_a_result_of_another_shape_is_reported(monkeypatch):
    monkeypatch.setattr("specwidget.peers.keras.output_shape", lambda shape, settings: (2, 5, 258))
    report = check(make_layer())
    assert report.verdict == "disagrees"
    assert report.reason == "its result has the shape (2, 6, 258), the layer's (2, 5, 258)."


def test_the_gradient_of_angle_on_silence_is_0_on_pytorch():
    layer = keras_layer("angle")
    inputs = torch.zeros((1, 1000, 1), requires_grad=True)
    layer(inputs).sum().backward()
    assert not inputs.grad.any()


@pytest.mark.parametrize(("name", "wrong"), [("step", 8), ("n_fft", 128)])
def test_a_wrong_default_is_a_disagreement(name, wrong, monkeypatch):
    monkeypatch.setattr(STFTSettings, name, wrong)
    report = check(make_layer("psd", (64, None, None)))
    assert report.verdict == "disagrees"
    assert report.reason.startswith("its result has the shape (2, ")


def test_an_imported_keras_is_used():
    assert import_keras() is keras


@pytest.mark.parametrize(
    ("named", "file", "installed", "expected"),
    [
        (None, None, {"torch"}, "torch"),
        (None, None, {"torch", "tensorflow"}, None),
        (None, "tensorflow", {"jax"}, "jax"),
        (None, "jax", {"torch", "jax"}, None),
        ("jax", None, {"torch", "jax"}, "jax"),
        ("jax", "torch", {"torch"}, "torch"),
        ("my_own", None, {"torch"}, "my_own"),
    ],
)
def test_the_backend_is_the_configured_one_or_one_that_is_installed(
    monkeypatch, tmp_path, named, file, installed, expected
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("specwidget.peers.keras.is_installed", installed.__contains__)
    if file:
        (tmp_path / "keras.json").write_text(json.dumps({"backend": file}))
    monkeypatch.delenv("KERAS_BACKEND")
    if named:
        monkeypatch.setenv("KERAS_BACKEND", named)
    with installed_backend():
        assert os.environ.get("KERAS_BACKEND") == expected
    assert os.environ.get("KERAS_BACKEND") == named


def test_a_damaged_configuration_file_is_no_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.delenv("KERAS_BACKEND")
    (tmp_path / "keras.json").write_text("{")
    assert configured_backend() == "tensorflow"


def test_kernels_that_would_not_fit_are_not_made():
    layer = make_layer("real", (32_768, None, None))
    report = crosscheck(layer, noise(1, 40_000, 1), ["keras", "nnaudio"])
    assert "each kernel of Keras would have 536,903,680 values" in report["keras"].reason
    assert "each kernel of nnAudio would have 536,903,680 values" in report["nnaudio"].reason


def test_nnaudio_accepts_windows_by_name_only():
    report = crosscheck(make_layer(window=np.hanning(256)), noise(1, 1000, 1), ["nnaudio"])["nnaudio"]
    assert report.sentence == (
        "nnAudio is not comparable: it only accepts windows by a name that SciPy knows, and this window has none."
    )


@pytest.mark.parametrize("window", NAMED_WINDOWS)
@pytest.mark.parametrize("periodic", [False, True])
def test_nnaudio_is_given_symmetric_windows_by_name(window, periodic):
    report = crosscheck(
        make_layer("stft", (64, 16, 100), window=window, periodic=periodic), noise(1, 500, 1), ["nnaudio"]
    )
    assert report["nnaudio"].agrees


DEMONSTRATIONS = {
    "odd fft_length": test_a_result_at_an_odd_fft_length_is_off_by_most_of_its_norm,
    "psd's last bin": test_the_last_bin_of_an_odd_psd_is_not_doubled,
    "kernel accuracy": test_the_phases_of_kernels_are_float32,
    "window of zeros": test_a_window_of_zeros_gives_nan_in_silence,
    "window parameters": test_a_window_tuple_is_an_error,
    "window array": test_a_window_array_is_checked_late_shared_and_not_loaded,
    "single samples": test_an_fft_of_one_sample_is_nan_and_a_frame_of_one_has_no_step,
    "dtype float64": test_some_modes_of_float64_are_float32,
    "gradient of angle on silence": test_the_gradient_of_angle_on_silence_is_nan_on_jax,
    "floor": test_the_floor_is_one_for_all_layers,
}
"""The test of each difference."""


def test_every_difference_from_keras_has_a_test_here():
    assert list(DEMONSTRATIONS) == [difference.name for difference in KERAS_DIFFERENCES]
    assert PEERS["keras"].title == "Keras"
