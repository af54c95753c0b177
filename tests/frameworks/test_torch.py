"""PyTorch tensors go in and come out, and its own autograd runs through the same functions."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from benchmarks import gpu, tensors
from benchmarks.cases import MODES as MODES_MEASURED
from benchmarks.cases import Case
from benchmarks.fft_backends import TorchFFT, by_backend
from specwidget import STFTSpectrogram, arrays, devices, gpu_check
from specwidget.fft_backend import find_fft_backend
from specwidget.stft import autograd, pipeline
from specwidget.stft.settings import MODES
from tests.gpu import fake_cupy
from tests.gpu.conftest import installed_fake_cupy
from tests.gpu.test_counts import count, exhausted_places
from tests.layers import make_layer, make_matmul_layer

PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
EVERY_MODE = pytest.mark.parametrize("mode", MODES)
SETTINGS = {"frame_length": 64, "frame_step": 20, "fft_length": 128, "padding": "same"}


def make_case(make, mode, **settings):
    """A layer of float64, a signal and a cotangent."""
    rng = np.random.default_rng(6)
    layer = make(mode=mode, dtype="float64", **SETTINGS | settings)
    signal = rng.standard_normal((2, 500, 2))
    return layer, signal, rng.standard_normal(layer.compute_output_shape(signal.shape))


@EVERY_MODE
@PATHS
def test_a_tensor_comes_out_with_numpy_s_values(make, mode):
    import torch

    layer, signal, _ = make_case(make, mode)
    found = layer(torch.tensor(signal))
    assert isinstance(found, torch.Tensor)
    np.testing.assert_allclose(found.numpy(), layer(signal), rtol=0, atol=1e-11)


@EVERY_MODE
@PATHS
def test_autograd_agrees_with_vjp(make, mode):
    import torch

    layer, signal, cotangent = make_case(make, mode)
    inputs = torch.tensor(signal, requires_grad=True)
    layer(inputs).backward(torch.tensor(cotangent))
    expected = layer.vjp(signal, cotangent).inputs
    np.testing.assert_allclose(inputs.grad.numpy(), expected, rtol=0, atol=1e-11 * np.abs(expected).max())
    by_us = layer.vjp(torch.tensor(signal), torch.tensor(cotangent)).inputs
    np.testing.assert_allclose(by_us.numpy(), expected, rtol=0, atol=1e-11 * np.abs(expected).max())


def test_kernels_that_inference_put_on_the_device_serve_autograd():
    import torch

    layer, signal, cotangent = make_case(make_matmul_layer, "log")
    inputs = torch.tensor(signal, requires_grad=True)
    with torch.inference_mode():
        layer(inputs)
    layer(inputs).backward(torch.tensor(cotangent))
    expected = layer.vjp(signal, cotangent).inputs
    np.testing.assert_allclose(inputs.grad.numpy(), expected, rtol=0, atol=1e-11 * np.abs(expected).max())


@EVERY_MODE
def test_autograd_by_the_kernels_agrees_with_vjp(mode):
    import torch

    from specwidget.stft.kernels import Kernels, kernel_names
    from specwidget.stft.pipeline import compute_spectrogram

    layer, signal, cotangent = make_case(make_layer, mode)
    parts = {name: getattr(layer, f"{name}_kernel") for name in kernel_names(layer.settings)}
    tensors = {name: torch.tensor(part.copy(), requires_grad=True) for name, part in parts.items()}
    kernels = Kernels(tensors.get("real"), tensors.get("imag"))
    compute_spectrogram(torch.tensor(signal), layer.settings, kernels).backward(torch.tensor(cotangent))
    gradients = layer.vjp(signal, cotangent)
    for name, tensor in tensors.items():
        expected = getattr(gradients, f"{name}_kernel")
        # Bins whose imaginary kernel is zero but for rounding have angles that turn without measure.
        np.testing.assert_allclose(tensor.grad.numpy(), expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("mode", ["angle", "log", "magnitude"])
def test_silence_has_gradient_zero(mode):
    import torch

    silence = torch.zeros((1, 1000, 1), requires_grad=True)
    STFTSpectrogram(mode)(silence).sum().backward()
    assert not silence.grad.any()


@EVERY_MODE
@PATHS
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_frames_with_a_bad_sample_have_gradient_nan_and_no_other(make, mode, bad):
    import torch

    layer = make(mode=mode, frame_length=16, frame_step=8, window="hamming", dtype="float64")
    clean = torch.tensor(np.random.default_rng(3).standard_normal((1, 64, 1)), requires_grad=True)
    spoiled = clean.detach().clone()
    spoiled[0, 30, 0] = bad
    spoiled.requires_grad_()
    for signal in (clean, spoiled):
        layer(signal).sum().backward()
    expected = clean.grad.numpy().copy()
    expected[0, 16:40] = np.nan  # frames 2 and 3 hold sample 30
    np.testing.assert_allclose(spoiled.grad.numpy(), expected, rtol=1e-9, atol=1e-12)


@PATHS
@pytest.mark.parametrize(("mode", "size"), [("angle", 1e-19), ("angle", 1e-20), ("angle", 1e-22), ("magnitude", 1e20)])
def test_autograd_agrees_with_vjp_where_the_power_has_no_reciprocal(make, mode, size):
    import torch

    rng = np.random.default_rng(6)
    layer = make(mode=mode, window="hamming", **SETTINGS)
    signal = (size * rng.standard_normal((1, 300, 1))).astype("float32")
    cotangent = rng.standard_normal(layer.compute_output_shape(signal.shape)).astype("float32")
    inputs = torch.tensor(signal, requires_grad=True)
    layer(inputs).backward(torch.tensor(cotangent))
    expected = layer.vjp(signal, cotangent).inputs
    assert np.isfinite(expected).all()
    np.testing.assert_allclose(inputs.grad.numpy(), expected, rtol=0, atol=1e-3 * np.abs(expected).max())


@EVERY_MODE
@PATHS
def test_a_batch_of_0_gives_an_empty_result(make, mode):
    import torch

    layer, inputs = make(mode=mode, **SETTINGS), torch.zeros((0, 500, 2), requires_grad=True)
    found = layer(inputs)
    assert tuple(found.shape) == layer.compute_output_shape((0, 500, 2))
    found.sum().backward()
    assert inputs.grad.shape == inputs.shape
    gradients = layer.vjp(inputs.detach(), found.detach())
    kernel = gradients.imag_kernel if mode == "imag" else gradients.real_kernel
    assert gradients.inputs.shape == inputs.shape
    assert not kernel.any()


def test_a_batch_of_0_comes_back_as_an_empty_signal():
    import torch

    layer = STFTSpectrogram("stft", **SETTINGS)
    found = layer.inverse(layer(torch.zeros((0, 500, 2))), length=500)
    assert found.signal.shape == (0, 500, 2)
    layer = STFTSpectrogram("magnitude", **SETTINGS)
    assert layer.reconstruct(layer(torch.zeros((0, 500, 2))), length=500, n_iter=2).signal.shape == (0, 500, 2)


@EVERY_MODE
def test_gradients_of_float16_are_taken_at_the_rounded_signal(mode):
    import torch

    rng = np.random.default_rng(6)
    signal = rng.standard_normal((1, 300, 1)).astype("float32")
    types = ("float16", "float32")
    layer, exact = (STFTSpectrogram(mode, window="hamming", dtype=dtype, **SETTINGS) for dtype in types)
    cotangent = rng.standard_normal(layer.compute_output_shape(signal.shape)).astype("float32")
    expected = exact.vjp(signal.astype("float16").astype("float32"), cotangent)
    for found in (layer.vjp(signal, cotangent), layer.vjp(torch.tensor(signal), torch.tensor(cotangent))):
        for name in ("inputs", "imag_kernel" if mode == "imag" else "real_kernel"):
            values = getattr(expected, name)
            np.testing.assert_allclose(getattr(found, name), values, rtol=0, atol=1e-5 * np.abs(values).max())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_result_has_the_layer_s_type(dtype):
    import torch

    signal = np.random.default_rng(7).standard_normal((1, 1000, 1)).astype("float32")
    layer = STFTSpectrogram(dtype=dtype)
    found = layer(torch.tensor(signal))
    assert found.dtype == getattr(torch, dtype)
    np.testing.assert_allclose(found.to(torch.float64), layer(signal).astype(float), rtol=0, atol=0.01)


# The tracer reports each cached function that it looks through, and hides what the cache would do.
@pytest.mark.filterwarnings("ignore:Dynamo detected a call")
def test_torch_compile_passes():
    import torch

    layer, signal, _ = make_case(make_layer, "log")
    compiled = torch.compile(layer, backend="eager")
    np.testing.assert_allclose(compiled(torch.tensor(signal)).numpy(), layer(signal), rtol=0, atol=1e-11)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_signal_comes_back(padding):
    import torch

    layer, signal, _ = make_case(make_layer, "stft", padding=padding)
    length = signal.shape[1]
    found = layer.inverse(layer(torch.tensor(signal)), length=length)
    expected = layer.inverse(layer(signal), length=length)
    assert int(found.n_lost) == expected.n_lost
    np.testing.assert_allclose(found.signal.numpy(), expected.signal, rtol=0, atol=1e-9)


@contextlib.contextmanager
def every_step_recorded():
    """Let PyTorch differentiate by its own rules, step by step."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(autograd, "differentiated_device", lambda _: "")
        yield


def plain_tensors():
    """Tensors whose memory NumPy can share, each with the context in which it is computed."""
    import torch

    signal = torch.tensor(np.random.default_rng(8).standard_normal((4, 600, 3)), dtype=torch.float32)
    nothing = contextlib.nullcontext()
    return {
        "contiguous": (signal, nothing),
        "strided": (signal[::2, 100:, 1:], nothing),
        "expanded": (signal[:1].expand(3, -1, -1), nothing),
        "transposed": (signal.swapaxes(1, 2).contiguous().swapaxes(1, 2), nothing),
        "float64": (signal.double(), nothing),
        "with a gradient that is not asked for": (signal.clone().requires_grad_(), torch.no_grad()),
        "inference": (signal, torch.inference_mode()),
    }


@PATHS
@pytest.mark.parametrize(
    "name",
    [
        "contiguous",
        "strided",
        "expanded",
        "transposed",
        "float64",
        "with a gradient that is not asked for",
        "inference",
    ],
)
def test_a_tensor_that_nothing_records_is_computed_as_a_numpy_array(make, name, monkeypatch):
    import torch

    layer = make(mode="stft", **SETTINGS)
    tensor, context = plain_tensors()[name]
    values = tensor.detach().numpy()
    monkeypatch.setattr(pipeline, "compute_unblocked", None)
    with context:
        found = layer(tensor)
        part = layer.frames(tensor, 3, 7)
        changed = layer(tensor).clamp_(max=-100)
        libraries = {layer.spectrogram(tensor).library, layer.backend_for(tensor)[0]}
    assert type(found) is torch.Tensor
    assert not found.requires_grad
    # Another FFT, but the same matrix product.
    bound = 1e-6 if layer.path == "fft" else 0
    assert libraries == {"PyTorch and NumPy" if layer.path == "fft" else "NumPy"}
    np.testing.assert_allclose(found.numpy(), layer(values), rtol=0, atol=bound)
    np.testing.assert_allclose(part.numpy(), layer.frames(values, 3, 7), rtol=0, atol=bound)
    # Nobody else holds the memory of a result.
    assert (changed == -100).all()


@pytest.fixture
def on_a_device(monkeypatch):
    """Let the stand-in for CuPy be installed, and tensors be on its device."""
    found = {name: getattr(arrays, name) for name in ("unrecorded_device", "differentiated_device")}
    for module, name in product((arrays, devices, autograd), found):
        if hasattr(module, name):
            tell = found[name]
            monkeypatch.setattr(module, name, lambda array, tell=tell: tell(array).replace("cpu", "cuda"))
    with installed_fake_cupy():
        yield


@EVERY_MODE
@PATHS
def test_a_tensor_on_a_device_is_computed_by_cupy_in_its_memory(on_a_device, make, mode, monkeypatch):
    import torch

    layer = make(mode=mode, dtype="float64", **SETTINGS)
    tensor = torch.tensor(np.random.default_rng(8).standard_normal((4, 600, 3)))[::2, 100:, 1:]
    with every_step_recorded():
        recorded = layer(tensor.clone().requires_grad_())
    assert recorded.requires_grad
    monkeypatch.setattr(pipeline, "compute_unblocked", None)
    counts = count(lambda: layer(tensor))
    assert set(counts) == {"launches", "bytes"}
    found = layer(tensor)
    assert (type(found), found.dtype, found.shape) == (torch.Tensor, recorded.dtype, recorded.shape)
    np.testing.assert_allclose(found.numpy(), recorded.detach().numpy(), rtol=0, atol=1e-9)


def gradient_of(layer, signal):
    """The gradient of a random combination of the values with respect to a signal."""
    import torch

    inputs = signal.clone().requires_grad_()
    values = layer(inputs)
    cotangent = torch.tensor(np.random.default_rng(9).standard_normal(tuple(values.shape)), dtype=values.dtype)
    values.backward(cotangent)
    return inputs.grad


@EVERY_MODE
def test_the_gradient_of_a_tensor_on_a_device_is_computed_by_cupy_in_its_memory(on_a_device, mode, monkeypatch):
    import torch

    layer = make_layer(mode=mode, dtype="float64", **SETTINGS)
    signal = torch.tensor(np.random.default_rng(8).standard_normal((4, 600, 3)))[::2, 100:, 1:]
    with every_step_recorded():
        expected = gradient_of(layer, signal).numpy()
    assert layer.backend_for(signal.clone().requires_grad_())[0] == "CuPy"
    monkeypatch.setattr(pipeline, "compute_unblocked", None)
    monkeypatch.setattr(autograd, "compute_unblocked", None)
    # Beside the launches there is no transfer, and no matrix product for the gradients of kernels.
    monkeypatch.setattr(fake_cupy.NAMESPACE, "matmul", None, raising=False)
    assert set(count(lambda: gradient_of(layer, signal))) == {"launches", "bytes"}
    found = gradient_of(layer, signal).numpy()
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("result", ["float16", "float32", "float64"])
@pytest.mark.parametrize("layout", [{}, {"data_format": "channels_first", "expand_dims": True}], ids=str)
def test_the_gradient_on_a_device_has_the_dtype_of_the_signal_in_any_layout(on_a_device, dtype, result, layout):
    import torch

    layer = make_layer(mode="psd", dtype=result, **SETTINGS, **layout)
    shape = (2, 3, 500) if layout else (2, 500, 3)
    signal = torch.tensor(np.random.default_rng(8).standard_normal(shape), dtype=getattr(torch, dtype))
    with every_step_recorded():
        expected = gradient_of(layer, signal)
    found = gradient_of(layer, signal)
    assert (found.dtype, found.shape) == (signal.dtype, signal.shape)
    coarsest = max(torch.finfo(each).eps for each in (signal.dtype, getattr(torch, result)))
    error = (found.double() - expected.double()).abs().max() / expected.double().abs().max()
    assert error <= 8 * coarsest


@EVERY_MODE
def test_the_gradient_on_a_device_of_a_bad_sample_an_expanded_cotangent_and_twice(on_a_device, mode):
    import torch

    layer = make_layer(mode=mode, dtype="float64", **SETTINGS)
    signal = torch.tensor(np.random.default_rng(8).standard_normal((2, 600, 1)))
    signal[1, 300, 0] = float("nan")

    def differentiate():
        inputs = signal.clone().requires_grad_()
        total = layer(inputs).sum()
        total.backward(retain_graph=True)
        total.backward()
        return inputs.grad.numpy()

    found = differentiate()
    with every_step_recorded():
        expected = differentiate()
    assert 0 < np.isnan(found).sum() < 200
    assert not np.isnan(found[0]).any()
    is_finite = np.isfinite(found)
    np.testing.assert_allclose(found[is_finite], expected[is_finite], rtol=0, atol=1e-9 * np.nanmax(np.abs(expected)))


def test_memory_that_is_exhausted_once_is_freed_wherever_that_is(on_a_device, monkeypatch):
    import torch

    layer = make_layer(mode="log", dtype="float64", **SETTINGS)
    signal = torch.tensor(np.random.default_rng(8).standard_normal((2, 600, 1)))
    expected = gradient_of(layer, signal).numpy()
    found = [gradient_of(layer, signal).numpy() for _ in exhausted_places(monkeypatch)]
    assert len(found) > 15
    for gradient in found:
        np.testing.assert_allclose(gradient, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("mode", ["log", "stft"])
def test_a_gradient_of_a_gradient_is_recorded_on_a_device_too(on_a_device, mode):
    import torch

    layer = make_layer(mode=mode, dtype="float64", **SETTINGS)
    inputs = torch.tensor(np.random.default_rng(8).standard_normal((1, 300, 1)), requires_grad=True)

    def differentiate_twice():
        (first,) = torch.autograd.grad((layer(inputs) ** 2).sum(), inputs, create_graph=True)
        return torch.autograd.grad((first**2).sum(), inputs)[0].numpy()

    with every_step_recorded():
        expected = differentiate_twice()
    np.testing.assert_allclose(differentiate_twice(), expected, rtol=0, atol=1e-9 * np.abs(expected).max())


def test_without_cupy_a_tensor_on_a_device_stays_with_pytorch(on_a_device, monkeypatch):
    import torch

    layer, signal, _ = make_case(make_layer, "magnitude")
    monkeypatch.setattr(devices, "_has_driver", lambda: False)
    devices.forget_devices()
    monkeypatch.setattr(pipeline, "compute_on_device", None)
    np.testing.assert_allclose(layer(torch.tensor(signal)).numpy(), layer(signal), rtol=0, atol=1e-9)


@EVERY_MODE
@PATHS
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_both_ways_to_compute_a_tensor_agree(make, mode, dtype):
    import torch

    layer = make(mode=mode, dtype=dtype, **SETTINGS)
    signal = np.random.default_rng(9).standard_normal((2, 500, 2)).astype("float32")
    signal[1, 200, 1] = np.nan
    shared = layer(torch.tensor(signal))
    with every_step_recorded():
        recorded = layer(torch.tensor(signal, requires_grad=True))
    assert recorded.requires_grad
    assert (shared.dtype, shared.shape) == (recorded.dtype, recorded.shape)
    bound = 1e-9 if dtype == "float64" else 5e-3 if dtype == "float16" else 1e-4
    expected = recorded.detach().double().numpy()
    if mode == "angle":
        # Beside the cut of the angle.
        expected = np.where(np.abs(np.abs(expected) - np.pi) < 0.01, shared.double().numpy(), expected)
    np.testing.assert_allclose(shared.double().numpy(), expected, rtol=bound, atol=bound)


@pytest.mark.parametrize("way", ["vmap", "compile", "trace", "make_fx", "export"])
@pytest.mark.filterwarnings("ignore:Dynamo detected a call", "ignore:`torch.jit.trace", "ignore:Converting a tensor")
def test_what_records_the_calls_is_given_calls_and_no_numbers(way):
    import torch
    from torch.fx.experimental.proxy_tensor import make_fx

    layer, signal, _ = make_case(make_layer, "magnitude")
    # Makes the window, under a lock of Python 3.11 that its compiler does not take.
    layer(signal)
    first, other = torch.tensor(signal), torch.tensor(signal[:, ::-1].copy())

    class Module(torch.nn.Module):
        def forward(self, inputs):
            return layer(inputs)

    made = {
        "vmap": lambda: torch.vmap(lambda one: layer(one[None])[0]),
        "compile": lambda: torch.compile(layer, backend="eager", fullgraph=True),
        "trace": lambda: torch.jit.trace(Module(), first),
        "make_fx": lambda: make_fx(layer)(first),
        "export": lambda: torch.export.export(Module(), (first,)).module(),
    }[way]()
    # A number that was recorded as a constant would be that of the first signal.
    made(first)
    np.testing.assert_allclose(made(other).numpy(), layer(other.numpy()), rtol=0, atol=1e-11)


@pytest.mark.parametrize("way", ["grad", "jacrev", "jvp", "forward mode", "double backward"])
# PyTorch's own, where it differentiates forward.
@pytest.mark.filterwarnings("ignore:`torch.jit.script")
def test_derivatives_of_every_kind_are_those_of_vjp(way):
    import torch

    layer, signal, cotangent = make_case(make_layer, "psd", window="hamming")
    inputs, weights = torch.tensor(signal), torch.tensor(cotangent)
    direction = torch.tensor(np.random.default_rng(3).standard_normal(signal.shape))
    expected = torch.tensor(layer.vjp(signal, cotangent).inputs)

    def loss(inputs):
        return (layer(inputs) * weights).sum()

    if way == "grad":
        found = torch.func.grad(loss)(inputs)
    elif way == "jacrev":
        found = torch.func.jacrev(loss)(inputs)
    elif way == "jvp":
        found, expected = torch.func.jvp(loss, (inputs,), (direction,))[1], (expected * direction).sum()
    elif way == "forward mode":
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(inputs, direction)
            found = torch.autograd.forward_ad.unpack_dual(loss(dual)).tangent
        expected = (expected * direction).sum()
    else:
        # Of a quadratic form x A x the gradient is 2 A x, and the product of its Hessian with x as well.
        found = torch.autograd.functional.hvp(loss, inputs, inputs)[1]
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@EVERY_MODE
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("layout", [{}, {"data_format": "channels_first"}, {"expand_dims": True, "padding": "valid"}])
def test_the_gradient_is_that_of_every_step_recorded(mode, dtype, layout):
    import torch

    layer = make_layer(mode=mode, window="hamming", dtype=dtype, **SETTINGS | layout)
    rng = np.random.default_rng(9)
    signal = rng.standard_normal((2, 3, 500) if "data_format" in layout else (2, 500, 3)).astype("float32")
    signal[1, 1, 1] = np.nan
    cotangent = torch.tensor(rng.standard_normal(layer.compute_output_shape(signal.shape))).to(getattr(torch, dtype))

    def gradient():
        inputs = torch.tensor(signal, requires_grad=True)
        values = layer(inputs)
        values.backward(cotangent)
        return type(values.grad_fn).__name__, inputs.grad

    name, found = gradient()
    with every_step_recorded():
        other_name, expected = gradient()
    assert name == "SpectrogramFunctionBackward" != other_name
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    bound = {"float16": 1e-2, "float32": 1e-4, "float64": 1e-5}[dtype] * expected.nan_to_num().abs().max().item()
    torch.testing.assert_close(found, expected, rtol=0, atol=bound, equal_nan=True)


def test_one_step_keeps_its_input_alone():
    import torch

    kept = []
    inputs = torch.zeros((1, 1000, 1), requires_grad=True)
    with torch.autograd.graph.saved_tensors_hooks(lambda tensor: kept.append(tensor) or tensor, lambda tensor: tensor):
        values = STFTSpectrogram("magnitude")(inputs)
    assert [tensor.data_ptr() for tensor in kept] == [inputs.data_ptr()]
    # Nothing of the result is kept, so that it may be overwritten.
    values.clamp_(max=1).sum().backward()
    assert inputs.grad.shape == inputs.shape


@EVERY_MODE
def test_a_gradient_has_a_gradient(mode):
    import torch

    layer, signal, cotangent = make_case(make_layer, mode, window="hamming")
    direction = torch.tensor(np.random.default_rng(3).standard_normal(signal.shape))

    def second():
        inputs, weights = torch.tensor(signal, requires_grad=True), torch.tensor(cotangent, requires_grad=True)
        (first,) = torch.autograd.grad(layer(inputs), inputs, weights, create_graph=True)
        return torch.autograd.grad(first, (inputs, weights), direction, allow_unused=True, materialize_grads=True)

    found = second()
    with every_step_recorded():
        expected = second()
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=1e-8 * max(1.0, other.abs().max().item()))


def test_many_gradients_are_computed_at_once():
    import torch

    layer, signal, _ = make_case(make_layer, "psd", window="hamming")
    inputs = torch.tensor(signal, requires_grad=True)
    values = layer(inputs)
    cotangents = torch.tensor(np.random.default_rng(3).standard_normal((3, *values.shape)))
    (found,) = torch.autograd.grad(values, inputs, cotangents, is_grads_batched=True, retain_graph=True)
    for gradient, cotangent in zip(found, cotangents, strict=True):
        (expected,) = torch.autograd.grad(values, inputs, cotangent, retain_graph=True)
        torch.testing.assert_close(gradient, expected, rtol=1e-9, atol=1e-9)


def test_pytorch_has_as_many_threads_as_before(monkeypatch):
    import torch

    monkeypatch.setattr(pipeline, "_count_threads", lambda *_: 2)
    # As for a long signal, which is computed on our threads.
    monkeypatch.setattr(pipeline, "MIN_TENSOR_SAMPLES", 0)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        layer, inputs = STFTSpectrogram("stft"), torch.randn((1, 5000, 1), requires_grad=True)
        values = layer(inputs)
        values.sum().backward()
        assert torch.get_num_threads() == 3
        np.testing.assert_allclose(values.detach(), layer(inputs.detach().numpy()), rtol=0, atol=1e-6)
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(torch.get_num_threads).result() == 3
    finally:
        torch.set_num_threads(before)


def test_without_intel_s_library_the_fft_is_scipy_s(monkeypatch):
    import torch

    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: False)
    layer, signal, _ = make_case(make_layer, "stft")
    tensor = torch.tensor(signal)
    np.testing.assert_array_equal(layer(tensor).numpy(), layer(signal))
    assert layer.backend_for(tensor) == ("NumPy", "")


def test_a_tensor_without_numbers_has_its_shape():
    import torch
    from torch._subclasses import FakeTensorMode

    layer = make_layer(mode="log", **SETTINGS)
    expected = layer.compute_output_shape((2, 500, 2))
    assert tuple(layer(torch.zeros((2, 500, 2), device="meta")).shape) == expected
    with FakeTensorMode():
        assert tuple(layer(torch.zeros((2, 500, 2))).shape) == expected


def test_a_tensor_that_stands_for_its_negative_is_not_misread():
    import torch

    layer = make_layer(mode="real", dtype="float64", **SETTINGS)
    lazy = torch.complex(torch.zeros(1, 500, 1).double(), torch.ones(1, 500, 1).double()).conj().imag
    assert lazy.is_neg()
    np.testing.assert_allclose(layer(lazy).numpy(), layer(-np.ones((1, 500, 1))), rtol=0, atol=1e-12)


def test_a_device_is_checked_with_tensors(on_a_device, monkeypatch):
    import torch

    monkeypatch.setattr(gpu_check, "_torch", lambda: torch)
    # As PyTorch takes them: on the CPU of the tests, which has no streams.
    monkeypatch.setattr(gpu_check, "TORCH_DEVICE", "cpu")
    monkeypatch.setattr(torch.cuda, "Stream", lambda: None)
    monkeypatch.setattr(torch.cuda, "stream", contextlib.nullcontext)
    rows = list(gpu_check.tensors())
    assert [row.name for row in rows] == ["computed by", "tensors", "gradients of tensors", "in another stream"]
    assert all(row.is_right for row in rows), rows
    monkeypatch.setattr(autograd, "vjp_on_device", lambda inputs, *_, **__: (2 * inputs, None))
    assert [row.is_right for row in gpu_check.tensors()] == [True, True, False, False]


def test_the_table_of_a_cuda_device_stands_beside_the_peers(on_a_device, monkeypatch):
    monkeypatch.setattr(gpu, "COPIED", 2**12)
    monkeypatch.setattr("benchmarks.measure.EXACT_SECONDS", 0.1)
    case = Case("short", "0.1 s at 16 kHz, 64/32", 0.1, 16_000, 64, 32)
    # As PyTorch takes them: on the CPU of the tests.
    rows = gpu.measure_gpu(1, cases=[case], device="cpu")
    for mode in MODES_MEASURED:
        found = {row["engine"].partition(", at ")[0]: row for row in rows if row["mode"] == mode}
        forward = ["torch.stft", "nnAudio STFT", gpu.CUPY, gpu.TENSOR, "the FFTs alone", "the bytes moved"]
        assert list(found) == [*forward, "torch.stft, forward and backward", tensors.OURS_BACKWARD]
        # Nobody's result is wrong.
        assert all(row["ratio"] is not None for row in found.values()), found
        assert found["torch.stft"]["ratio"] == 1


@EVERY_MODE
def test_pytorch_s_fft_can_be_the_backend_of_scipy(mode):
    layer, signal, _ = make_case(make_layer, mode)
    named = by_backend(TorchFFT, find_fft_backend)
    assert (find_fft_backend(), named()) == ("", "TorchFFT")
    np.testing.assert_allclose(by_backend(TorchFFT, lambda: layer(signal))(), layer(signal), rtol=0, atol=1e-9)


def test_what_pytorch_s_fft_does_not_compute_is_scipy_s():
    import scipy.fft

    transform = by_backend(TorchFFT, lambda: scipy.fft.dct(np.arange(8.0)))
    np.testing.assert_array_equal(transform(), scipy.fft.dct(np.arange(8.0)))
