"""PyTorch tensors and JAX arrays as sounds."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.sounds import as_sound, make_synthetic

TONE = make_synthetic("sine_on_bin", seconds=0.25).samples[0, :, 0]


def with_grad(values):
    import torch

    return torch.tensor(values, requires_grad=True)


def with_rate(values):
    import torch

    return torch.tensor(values), torch.tensor(16000)


def with_rate_first(values):
    import torch

    return [torch.tensor(16000.0), torch.tensor(values)]


def jax_array(values):
    import jax.numpy as jnp

    return jnp.asarray(values)


@pytest.mark.parametrize("convert", [with_grad, with_rate, with_rate_first, jax_array])
def test_it_is_taken_with_its_values(convert):
    sound = as_sound(convert(TONE), 16000)
    np.testing.assert_array_equal(sound.samples[0, :, 0], TONE)
    assert type(sound.samples) is np.ndarray


def test_a_copy_of_a_tensor_shares_no_memory():
    import torch

    samples = TONE.copy()
    assert not np.shares_memory(as_sound(torch.from_numpy(samples), copy=True).samples, samples)


@pytest.mark.parametrize("dtype", ["int16", "uint8"])
def test_the_advice_for_a_tensor_is_what_the_explorer_does(dtype):
    import torch

    inputs = torch.arange(100).to(getattr(torch, dtype))[None, :, None]
    with pytest.raises(TypeError, match="Convert it with ") as error:
        STFTSpectrogram()(inputs)
    line = str(error.value).partition("Convert it with ")[2].rstrip(".")
    np.testing.assert_array_equal(eval(line).numpy(), as_sound(inputs).samples)


@pytest.mark.parametrize(
    ("dtype", "advice"),
    [("bfloat16", r"with signal\.float\(\)\."), ("complex64", "ShortTimeFFT"), ("int64", r"signal\.float\(\) / 32768")],
)
def test_a_tensor_that_is_complex_or_of_a_type_that_numpy_lacks_is_refused(dtype, advice):
    import torch

    with pytest.raises(TypeError, match=rf"^`signal` must have one of the dtypes .+ got {dtype}\. .*{advice}"):
        as_sound(torch.zeros(10, dtype=getattr(torch, dtype)))
