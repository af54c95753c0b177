"""PyTorch and JAX arrays: values of NumPy, and automatic differentiation that agrees with `vjp`."""

import numpy as np
import pytest

from specwidget import MFCC, MelSpectrogram
from tests.mel.cases import ARGUMENTS, CONVENTIONS

EVERY_CONVENTION = pytest.mark.parametrize("conventions", CONVENTIONS.values(), ids=CONVENTIONS)
EVERY_SHAPE = pytest.mark.parametrize("shape", [(301,), (2, 150, 2)], ids=str)


@pytest.fixture
def x64():
    """Switch float64 on in JAX, and off again."""
    import jax

    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


def make_case(conventions, shape, arguments="short window"):
    """A layer of float64, a signal and a cotangent."""
    rng = np.random.default_rng(9)
    layer = MelSpectrogram(**ARGUMENTS[arguments], conventions=conventions, dtype="float64")
    signal = rng.standard_normal(shape)
    return layer, signal, rng.standard_normal(layer.compute_output_shape(shape))


@EVERY_CONVENTION
@EVERY_SHAPE
@pytest.mark.parametrize("arguments", ["short window", "magnitude", "no logarithm"])
@pytest.mark.filterwarnings("ignore:`num_mel_bins` should")
def test_pytorch_gives_numpys_values_and_gradients(arguments, shape, conventions):
    import torch

    layer, signal, cotangent = make_case(conventions, shape, arguments)
    inputs = torch.tensor(signal, requires_grad=True)
    values = layer(inputs)
    np.testing.assert_allclose(values.detach().numpy(), layer(signal), rtol=1e-9, atol=1e-9)
    (values * torch.tensor(cotangent)).sum().backward()
    expected = layer.vjp(signal, cotangent)
    np.testing.assert_allclose(inputs.grad.numpy(), expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())
    closed = layer.vjp(torch.tensor(signal), cotangent).numpy()
    np.testing.assert_allclose(closed, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


@EVERY_CONVENTION
@pytest.mark.usefixtures("x64")
def test_jax_gives_numpys_values_and_gradients_under_jit(conventions):
    import jax

    layer, signal, cotangent = make_case(conventions, (2, 150, 2))
    values = jax.jit(layer)(jax.numpy.asarray(signal))
    np.testing.assert_allclose(np.asarray(values), layer(signal), rtol=1e-9, atol=1e-9)
    gradient = jax.jit(jax.grad(lambda inputs: (layer(inputs) * cotangent).sum()))(jax.numpy.asarray(signal))
    expected = layer.vjp(signal, cotangent)
    np.testing.assert_allclose(np.asarray(gradient), expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())


def test_silence_has_no_gradient_in_pytorch():
    import torch

    inputs = torch.zeros(200, requires_grad=True)
    MelSpectrogram(64, 24, num_mel_bins=5, mag_exp=1.0)(inputs).sum().backward()
    assert not inputs.grad.any()


def test_coefficients_of_tensors_are_numpys():
    import torch

    layer = MFCC(MelSpectrogram(**ARGUMENTS["short window"], dtype="float64"), 5, "kaldi", 22.0)
    signal = np.random.default_rng(1).standard_normal((2, 300, 2))
    inputs = torch.tensor(signal, requires_grad=True)
    values = layer(inputs)
    np.testing.assert_allclose(values.detach().numpy(), layer(signal), rtol=1e-9, atol=1e-9)
    cotangent = np.random.default_rng(2).standard_normal(values.shape)
    (values * torch.tensor(cotangent)).sum().backward()
    np.testing.assert_allclose(inputs.grad.numpy(), layer.vjp(signal, cotangent), rtol=1e-6, atol=1e-9)
