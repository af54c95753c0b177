"""A PyTorch module with our kernels, there and back; the grid compares the numbers."""

import copy
import pickle

import numpy as np
import pytest
import torch

from specwidget import STFTSpectrogram
from specwidget.export import from_torch, to_torch
from specwidget.stft.settings import MODES, PADDINGS
from tests.layers import ARGUMENTS, make_layer, noise

EVERY_MODE = pytest.mark.parametrize("mode", MODES)
EVERY_PADDING = pytest.mark.parametrize("padding", PADDINGS)
SETTINGS = {"frame_length": 64, "frame_step": 20, "fft_length": 128}
SAMPLES = torch.from_numpy(noise(2, 500, 3))
OTHERS = torch.from_numpy(noise(5, 333, 3))


@EVERY_MODE
def test_the_state_holds_the_kernels_alone(mode):
    layer = make_layer(mode=mode, **SETTINGS)
    state = to_torch(layer).state_dict()
    assert list(state) == [
        f"{part}_kernel" for part in ("real", "imag") if getattr(layer, f"{part}_kernel") is not None
    ]
    for name, values in state.items():
        np.testing.assert_array_equal(values.numpy(), getattr(layer, name))


def test_a_state_goes_from_one_module_to_another():
    trained, fresh = to_torch(make_layer(window="hamming", **SETTINGS)), to_torch(make_layer(**SETTINGS))
    fresh.load_state_dict(trained.state_dict())
    assert torch.equal(fresh(SAMPLES), trained(SAMPLES))


# PyTorch deprecates TorchScript in favour of torch.export.
old_ways = pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning", "ignore:`torch.jit:FutureWarning")


@old_ways
@EVERY_MODE
@EVERY_PADDING
def test_it_is_scripted(mode, padding):
    module = to_torch(make_layer(mode=mode, padding=padding, **SETTINGS))
    assert torch.equal(torch.jit.script(module)(OTHERS), module(OTHERS))


@old_ways
@EVERY_MODE
@EVERY_PADDING
def test_it_is_traced_with_any_batch_and_time(mode, padding):
    module = to_torch(make_layer(mode=mode, padding=padding, **SETTINGS))
    assert torch.equal(torch.jit.trace(module, SAMPLES)(OTHERS), module(OTHERS))


EXPORTED = [(mode, padding, False) for mode in MODES for padding in PADDINGS]
EXPORTED += [("log", padding, True) for padding in PADDINGS]


@pytest.mark.parametrize(("mode", "padding", "strict"), EXPORTED)
def test_it_is_exported_with_any_batch_and_time(mode, padding, strict):
    module = to_torch(make_layer(mode=mode, padding=padding, **SETTINGS))
    dynamic = {0: torch.export.Dim("batch"), 1: torch.export.Dim("time", min=84)}  # two frames
    exported = torch.export.export(module, (SAMPLES,), dynamic_shapes=(dynamic,), strict=strict)
    assert torch.equal(exported.module()(OTHERS), module(OTHERS))


def test_it_is_compiled():
    module = to_torch(make_layer(padding="same", **SETTINGS))
    assert torch.equal(torch.compile(module, backend="eager")(SAMPLES), module(SAMPLES))


@EVERY_MODE
def test_gradients_by_signal_and_kernels_are_the_layer_s(mode):
    layer = make_layer(mode=mode, dtype="float64", padding="same", **SETTINGS)
    module, signal = to_torch(layer), np.random.default_rng(6).standard_normal((2, 300, 2))
    cotangent = np.random.default_rng(7).standard_normal(layer.compute_output_shape(signal.shape))
    inputs = torch.tensor(signal, requires_grad=True)
    module(inputs).backward(torch.tensor(cotangent))
    # The layer's own kernels, by the path that has a gradient for them.
    expected = layer.vjp(signal, cotangent)
    np.testing.assert_allclose(inputs.grad, expected.inputs, rtol=0, atol=1e-10 * np.abs(expected.inputs).max())
    for name, parameter in module.named_parameters():
        by_kernel = getattr(expected, name)
        np.testing.assert_allclose(parameter.grad, by_kernel, rtol=1e-6, atol=1e-9 * np.abs(by_kernel).max())


@pytest.mark.parametrize("mode", ["angle", "log", "magnitude"])
def test_silence_has_gradient_zero(mode):
    silence = torch.zeros((1, 1000, 1), requires_grad=True)
    to_torch(STFTSpectrogram(mode))(silence).sum().backward()
    assert not silence.grad.any()


@EVERY_MODE
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_only_frames_with_a_nonfinite_sample_are_nan(mode, bad):
    layer, inputs = make_layer(mode=mode, **SETTINGS), noise(1, 500, 1)
    inputs[0, 205, 0] = bad
    found = to_torch(layer)(torch.from_numpy(inputs)).detach().numpy()
    np.testing.assert_array_equal(np.isnan(found), np.isnan(layer(inputs)))


def test_settings_and_kernels_are_converted_back():
    layer = make_layer(**ARGUMENTS)
    back = from_torch(to_torch(layer))
    assert (back.settings, back.name, back.path) == (layer.settings, layer.name, "fft")


def test_trainable_is_requires_grad():
    module = to_torch(STFTSpectrogram(trainable=False))
    assert not any(parameter.requires_grad for parameter in module.parameters())
    module.requires_grad_(True)
    assert from_torch(module).trainable


@EVERY_MODE
def test_frozen_fourier_kernels_are_computed_by_fft(mode, monkeypatch):
    layer = make_layer(mode=mode, padding="same", trainable=False, **SETTINGS)
    module = to_torch(layer)
    by_kernels = to_torch(layer).requires_grad_(True)(OTHERS).detach()
    monkeypatch.setattr(type(module), "_compute", None)
    found = module(OTHERS)
    assert torch.equal(found, layer(OTHERS))
    if mode == "angle":
        # Beside the cut of the angle.
        by_kernels = torch.where((by_kernels.abs() - torch.pi).abs() < 0.01, found, by_kernels)
    torch.testing.assert_close(found, by_kernels, rtol=1e-3, atol=1e-3)


def change_in_place(module):
    with torch.no_grad():
        module.real_kernel.mul_(2)


def change_by_another_state(module):
    module.load_state_dict({name: 2 * values for name, values in module.state_dict().items()})


def change_by_data(module):
    module.real_kernel.data = 2 * module.real_kernel.data


def train_and_freeze(module):
    module.requires_grad_(True)
    module(SAMPLES).sum().backward()
    torch.optim.SGD(module.parameters(), 0.1).step()
    module.requires_grad_(False)


@pytest.mark.parametrize("change", [change_in_place, change_by_another_state, change_by_data, train_and_freeze])
def test_frozen_kernels_that_were_changed_are_used(change):
    module = to_torch(make_layer(mode="stft", trainable=False, **SETTINGS))
    before = module(SAMPLES)
    change(module)
    found = module(SAMPLES)
    assert torch.equal(found, module._compute(SAMPLES))
    assert not torch.allclose(found, before, atol=1e-3)


def test_kernels_that_are_fourier_kernels_again_are_computed_by_fft():
    layer = make_layer(mode="stft", trainable=False, **SETTINGS)
    module, fresh = to_torch(layer), to_torch(layer)
    change_in_place(module)
    module(SAMPLES)
    module.load_state_dict(fresh.state_dict())
    assert torch.equal(module(SAMPLES), layer(SAMPLES))


def test_many_sets_of_frozen_kernels_are_each_used():
    module = to_torch(make_layer(mode="stft", trainable=False, **SETTINGS))
    kernels = {name: torch.stack([values, 2 * values]) for name, values in module.state_dict().items()}
    found = torch.vmap(lambda one: torch.func.functional_call(module, one, (SAMPLES,)))(kernels)
    torch.testing.assert_close(found[1], 2 * found[0])


def test_it_computes_in_the_type_of_its_kernels():
    module = to_torch(STFTSpectrogram("psd")).double()
    assert module(SAMPLES).dtype == torch.float64
    assert from_torch(module).settings.result_dtype == "float64"


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
def test_half_precision_kernels_are_rejected(dtype):
    with pytest.raises(TypeError, match=rf"^`module` must have kernels of dtype float32 or float64; got {dtype}\."):
        from_torch(to_torch(STFTSpectrogram()).to(getattr(torch, dtype)))


def test_the_result_of_a_float16_layer_is_float16():
    layer = STFTSpectrogram("log", dtype="float16")
    found = to_torch(layer)(SAMPLES)
    assert found.dtype == torch.float16
    np.testing.assert_allclose(found.detach().float(), layer(SAMPLES.numpy()).astype("f4"), rtol=0, atol=0.01)


def test_autocasting_changes_nothing():
    module = to_torch(make_layer(**SETTINGS))
    expected = module(SAMPLES)
    with torch.autocast("cpu", torch.bfloat16):
        found = module(SAMPLES)
    assert found.dtype == torch.float32
    assert torch.equal(found, expected)


@pytest.mark.parametrize("again", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
def test_it_is_copied_and_pickled(again):
    module = to_torch(make_layer(**SETTINGS))
    assert torch.equal(again(module)(SAMPLES), module(SAMPLES))


def test_inputs_are_rejected_with_the_layer_s_message():
    with pytest.raises(ValueError, match=r"^`inputs` must have 3 axes"):
        to_torch(STFTSpectrogram())(torch.zeros(1000))
    with pytest.raises(ValueError, match=r"^`inputs` must have at least frame_length=256 samples"):
        to_torch(STFTSpectrogram())(torch.zeros(1, 100, 1))


def test_another_module_is_rejected():
    with pytest.raises(TypeError, match=r"^`module` must be a module from to_torch; got Linear"):
        from_torch(torch.nn.Linear(1, 1))


def test_it_shows_its_settings():
    assert repr(to_torch(STFTSpectrogram("psd", 64))) == (
        "SpectrogramModule(\n  mode='psd', frame_length=64, step=32\n  (output): Power()\n)"
    )


@old_ways
@pytest.mark.parametrize("mode", ["magnitude", "log"])
@pytest.mark.parametrize("size", [1e-20, 1e-3, 3e19])
def test_a_module_s_power_out_of_range_changes_neither_value_nor_gradient(mode, size):
    arguments = {"mode": mode, "frame_length": 16, "window": "hamming", "scaling": None}
    module = to_torch(make_layer(**arguments, epsilon=2.0**-149))
    exact = make_layer(**arguments, dtype="float64", epsilon=2.0**-149)
    signal = (size * np.random.default_rng(1).standard_normal((1, 100, 1))).astype("float32")
    inputs = torch.tensor(signal, requires_grad=True)
    values = module(inputs)
    expected = exact(signal.astype("float64"))
    np.testing.assert_allclose(values.detach().numpy(), expected, rtol=1e-4)
    cotangent = np.random.default_rng(2).standard_normal(expected.shape)
    values.backward(torch.tensor(cotangent, dtype=torch.float32))
    gradient = exact.vjp(signal.astype("float64"), cotangent).inputs
    np.testing.assert_allclose(inputs.grad.numpy(), gradient, rtol=0, atol=1e-4 * np.abs(gradient).max())
    np.testing.assert_array_equal(torch.jit.script(module)(inputs).detach(), values.detach())


def test_kernels_that_are_not_finite_are_refused():
    module = to_torch(make_layer(frame_length=16))
    with torch.no_grad():
        module.real_kernel[3, 0, 2] = torch.nan
    with pytest.raises(ValueError, match=r"^`weights` must have finite values in the real kernel; got 1 that"):
        from_torch(module)
