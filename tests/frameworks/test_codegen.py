"""Generated code for PyTorch, Keras and nnAudio: every snippet runs as it stands and gives the layer's values."""

from dataclasses import replace

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.codegen import to_code
from specwidget.keras_differences import KERAS_EPSILON, kernel_error_bound
from specwidget.stft.settings import MODES, STFTSettings
from specwidget.training import save_kernels
from tests.codegen.cases import GRID, can_compute, run, run_case, share_of_tolerance
from tests.layers import make_layer

EVERY_MODE = pytest.mark.parametrize("mode", MODES)


@pytest.fixture(autouse=True)
def one_thread():
    """Let PyTorch compute these small signals in one thread, without waking others for each."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def keras():
    """Return Keras, with its own epsilon before and after."""
    import keras

    before = keras.config.epsilon()
    assert before == KERAS_EPSILON
    yield keras
    keras.config.set_epsilon(before)


def to_numpy(values):
    """Return a tensor or an array as NumPy's."""
    import torch

    return values.detach().cpu().numpy() if isinstance(values, torch.Tensor) else np.asarray(values)


@EVERY_MODE
@pytest.mark.parametrize("target", ["torch", "torch_conv1d"])
def test_a_snippet_of_pytorch_gives_the_layer_s_values(target, mode):
    import torch

    for case in GRID:
        if case.settings.mode == mode:
            x, y = run_case(case, target, torch.from_numpy, to_numpy)
            assert y.dtype == case.settings.result_dtype, case
            assert share_of_tolerance(x, y, case.settings) <= 1, case


@EVERY_MODE
def test_a_snippet_of_nnaudio_gives_the_layer_s_values(mode):
    import torch

    cases = [case for case in GRID if case.settings.mode == mode and can_compute(case, "nnaudio")]
    assert len(cases) > 70
    for case in cases:
        x, y = run_case(case, "nnaudio", torch.from_numpy, to_numpy)
        assert y.dtype == case.settings.result_dtype, case
        # It rounds its kernels to float32: a cosine, a window's value, and their product.
        assert share_of_tolerance(x, y, case.settings, 1.5 * float(np.finfo("float32").eps)) <= 1, case


@EVERY_MODE
def test_a_snippet_of_keras_gives_the_layer_s_values(mode, keras):
    for case in GRID:
        if case.settings.mode == mode:
            keras.config.set_epsilon(KERAS_EPSILON)
            x, y = run_case(case, "keras", to_numpy=to_numpy)
            # Of the other DFT the kernels are made in the snippet, of float64 phases.
            error = kernel_error_bound(case.settings) if case.settings.n_fft % 2 == 0 else 0.0
            # Some modes are computed in float32, which the snippet says.
            settings = replace(case.settings, dtype=str(y.dtype))
            assert share_of_tolerance(x, y, settings, error) <= 1, case


@pytest.mark.parametrize("target", ["torch_conv1d", "keras"])
@pytest.mark.parametrize("n_fft", [12, 13])
@EVERY_MODE
@pytest.mark.usefixtures("keras")
def test_the_layer_s_own_kernels_are_read_from_a_file(mode, n_fft, target, tmp_path, monkeypatch):
    layer = make_layer(mode=mode, frame_length=12, fft_length=n_fft, dtype="float64", padding="same")
    rng = np.random.default_rng(3)
    layer.set_weights([rng.standard_normal(weight.shape) for weight in layer.weights])
    save_kernels(layer, tmp_path / "kernels.npz")
    monkeypatch.chdir(tmp_path)
    x, y = map(to_numpy, run(to_code(layer, (2, 50, 2), target)))
    room = 1e-10 if y.dtype == "float64" else 2e-5
    np.testing.assert_allclose(y, layer(x), rtol=room, atol=room)


@pytest.mark.parametrize("target", ["torch", "torch_conv1d", "keras"])
def test_a_long_window_of_values_is_read_from_a_file(target, tmp_path, monkeypatch):
    window = np.random.default_rng(4).random(600)
    np.savetxt(tmp_path / "window.txt", window)
    monkeypatch.chdir(tmp_path)
    settings = STFTSettings("stft", 600, window=window, dtype="float64")
    x, y = map(to_numpy, run(to_code(settings, (1, 2000, 1), target)))
    assert share_of_tolerance(x, y, settings, kernel_error_bound(settings)) <= 1


@pytest.mark.parametrize(("level", "epsilon"), [(1e20, 1e-7), (1e-21, 1e-44)])
@pytest.mark.parametrize("mode", ["log", "magnitude"])
@pytest.mark.parametrize("target", ["torch", "torch_conv1d"])
def test_a_level_whose_power_is_out_of_range_is_computed(target, mode, level, epsilon):
    import torch

    settings = STFTSettings(mode, 32, 8, epsilon=epsilon)
    x = (level * np.random.default_rng(0).standard_normal((1, 200, 1))).astype("float32")
    _, y = run(to_code(settings, x.shape, target), torch.from_numpy, x)
    expected = STFTSpectrogram.from_settings(replace(settings, dtype="float64"))(x.astype("float64"))
    np.testing.assert_allclose(to_numpy(y), expected, rtol=1e-3)


@pytest.mark.parametrize("mode", ["log", "magnitude"])
def test_the_gradient_of_the_kernels_of_conv1d_is_0_on_silence(mode):
    import torch

    names = {"x": torch.zeros(1, 200, 1)}
    code = to_code(STFTSettings(mode, 32, trainable=True), (1, 200, 1), "torch_conv1d")
    exec(code.replace("x = torch.randn(1, 200, 1)", ""), names)
    names["y"].sum().backward()
    assert not names["kernels"].grad.any()


@pytest.mark.parametrize("trainable", [True, False])
def test_the_kernels_of_conv1d_are_trained_where_they_are_trainable(trainable):
    import torch

    settings = STFTSettings(frame_length=32, trainable=trainable)
    _, y = run(to_code(settings, (1, 200, 1), "torch_conv1d"))
    assert isinstance(y, torch.Tensor)
    assert y.requires_grad == trainable


@pytest.mark.parametrize("trainable", [True, False])
def test_the_layer_of_keras_is_trained_where_it_is_trainable(trainable, keras):
    names = {}
    exec(to_code(STFTSettings(frame_length=32, trainable=trainable), (1, 200, 1), "keras"), names)
    assert len(names["layer"].trainable_weights) == (2 if trainable else 0)


@pytest.mark.parametrize("target", ["torch", "torch_conv1d", "keras"])
def test_the_padding_follows_the_signal_s_length(target):
    import torch

    settings = STFTSettings("stft", 40, 16, padding="same")
    code = to_code(settings, (1, 160, 1), target)
    for n_samples in (1, 39, 161, 175):
        x = np.random.default_rng(2).standard_normal((2, n_samples, 1)).astype("float32")
        used, y = run(code, torch.from_numpy if target != "keras" else None, x)
        assert share_of_tolerance(to_numpy(used), to_numpy(y), settings, kernel_error_bound(settings)) <= 1
