"""JAX arrays go in and come out; `jit` and `grad` pass through the same functions."""

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.stft import jax_blocks
from specwidget.stft.settings import MODES
from tests.layers import make_layer, make_matmul_layer

PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
EVERY_MODE = pytest.mark.parametrize("mode", MODES)
SETTINGS = {"frame_length": 64, "frame_step": 20, "fft_length": 128, "padding": "same"}


@pytest.fixture
def x64():
    """Switch float64 on, and off again."""
    import jax

    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", False)


@pytest.fixture
def small_blocks(monkeypatch):
    """Compute in blocks of 7 of the 25 frames of each signal, of which the last begins earlier."""
    import jax

    monkeypatch.setattr(jax_blocks, "UNBLOCKED_BYTES", 0)
    monkeypatch.setattr(jax_blocks, "BLOCK_BYTES", 7 * 4 * 128 * 8)
    # What is compiled already has other blocks.
    jax.clear_caches()
    yield
    jax.clear_caches()


@pytest.fixture(params=["at once", "blocks"])
def any_blocks(request):
    """Compute all frames at once, and in blocks."""
    if request.param == "blocks":
        request.getfixturevalue("small_blocks")


def make_case(make, mode):
    """A layer of float64, a signal and a cotangent."""
    rng = np.random.default_rng(6)
    layer = make(mode=mode, dtype="float64", **SETTINGS)
    signal = rng.standard_normal((2, 500, 2))
    return layer, signal, rng.standard_normal(layer.compute_output_shape(signal.shape))


@EVERY_MODE
@PATHS
@pytest.mark.usefixtures("x64")
def test_jit_gives_numpy_s_values(make, mode, any_blocks):
    import jax

    layer, signal, _ = make_case(make, mode)
    found = jax.jit(layer)(jax.numpy.asarray(signal))
    assert isinstance(found, jax.Array)
    np.testing.assert_allclose(found, layer(signal), rtol=0, atol=1e-11)


@EVERY_MODE
@PATHS
@pytest.mark.usefixtures("x64")
def test_grad_agrees_with_vjp(make, mode):
    check_gradient(make, mode)


@EVERY_MODE
@PATHS
@pytest.mark.usefixtures("x64", "small_blocks")
def test_derivatives_of_what_is_computed_in_blocks(make, mode):
    check_gradient(make, mode)


def check_gradient(make, mode):
    """Check the gradient of JAX against the product with a vector of the layer."""
    import jax

    layer, signal, cotangent = make_case(make, mode)
    found = jax.grad(lambda inputs: (layer(inputs) * cotangent).sum())(jax.numpy.asarray(signal))
    expected = layer.vjp(signal, cotangent).inputs
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.abs(expected).max())


@pytest.mark.parametrize("mode", ["angle", "log", "magnitude"])
def test_silence_has_gradient_zero(mode):
    import jax

    layer = STFTSpectrogram(mode)
    found = jax.grad(lambda inputs: layer(inputs).sum())(jax.numpy.zeros((1, 1000, 1)))
    assert not found.any()


@EVERY_MODE
@PATHS
@pytest.mark.usefixtures("x64")
def test_jit_passes_through_the_gradients_in_closed_form(make, mode):
    import jax

    layer, signal, cotangent = make_case(make, mode)
    arrays = jax.numpy.asarray(signal), jax.numpy.asarray(cotangent)
    found = jax.jit(lambda *arrays: layer.vjp(*arrays).inputs)(*arrays)
    (expected,) = jax.vjp(layer, arrays[0])[1](arrays[1])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-11 * np.abs(expected).max())


@pytest.mark.usefixtures("x64")
def test_kernels_that_a_trace_put_on_the_device_serve_later_calls():
    import jax

    layer, signal, _ = make_case(make_matmul_layer, "log")
    expected, inputs = layer(signal), jax.numpy.asarray(signal)
    for compute in (jax.jit(layer), jax.jit(lambda inputs: layer(inputs) + 0), layer):
        np.testing.assert_allclose(compute(inputs), expected, rtol=0, atol=1e-11)


@EVERY_MODE
@PATHS
@pytest.mark.usefixtures("x64")
def test_frames_with_a_bad_sample_have_gradient_nan_and_no_other(make, mode):
    import jax

    layer = make(mode=mode, frame_length=16, frame_step=8, window="hamming", dtype="float64")
    signal = np.random.default_rng(3).standard_normal((1, 64, 1))
    slope = jax.grad(lambda inputs: layer(inputs).sum())
    expected = np.array(slope(jax.numpy.asarray(signal)))
    expected[0, 16:40] = np.nan  # frames 2 and 3 hold sample 30
    signal[0, 30, 0] = np.nan
    np.testing.assert_allclose(slope(jax.numpy.asarray(signal)), expected, rtol=1e-9, atol=1e-12)


def test_one_call_compiles_for_all_of_its_shape(caplog):
    import jax

    layer, inputs = make_layer(mode="log", **SETTINGS), jax.numpy.ones((1, 700, 1))
    layer(inputs)
    with jax.log_compiles(), caplog.at_level("WARNING"):
        layer(inputs + 0)
        make_layer(mode="log", **SETTINGS)(inputs)
        assert "compute_spectrogram_of_jax" not in caplog.text
        layer(inputs[:, :600])
        assert "compute_spectrogram_of_jax" in caplog.text


@pytest.mark.parametrize("way", ["forward mode", "second derivative", "vmap"])
@pytest.mark.usefixtures("x64")
def test_jax_transforms_what_is_compiled(way, any_blocks):
    import jax

    layer, signal, cotangent = make_case(make_layer, "psd")
    inputs = jax.numpy.asarray(signal)

    def loss(inputs):
        return (layer(inputs) * cotangent).sum()

    if way == "forward mode":
        found, expected = jax.jvp(loss, (inputs,), (inputs,))[1], (layer.vjp(signal, cotangent).inputs * signal).sum()
    elif way == "second derivative":
        # Of a quadratic form, the product of its second derivative with the signal is its gradient.
        found = jax.jvp(jax.grad(loss), (inputs,), (inputs,))[1]
        expected = layer.vjp(signal, cotangent).inputs
    else:
        found, expected = jax.vmap(lambda one: layer(one[None])[0])(inputs), layer(signal)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("mode", ["magnitude", "stft"])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_long_signal_takes_no_more_temporary_memory(mode, channels):
    import jax

    def temporary_bytes(n_samples):
        layer = make_layer(mode=mode, frame_length=512, frame_step=128)
        compiled = jax.jit(layer).lower(jax.ShapeDtypeStruct((1, n_samples, channels), "float32")).compile()
        # What interleaves channels is copied once.
        return compiled.memory_analysis().temp_size_in_bytes - (4 * n_samples * channels if channels > 1 else 0)

    assert temporary_bytes(10_000_000) == temporary_bytes(2_000_000) < 2**24


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_result_has_the_layer_s_type(dtype):
    import jax

    found = STFTSpectrogram(dtype=dtype)(jax.numpy.ones((1, 1000, 1)))
    assert found.dtype == dtype


def test_float64_without_x64_is_refused_not_rounded():
    import jax

    with pytest.raises(TypeError, match=r"`dtype` must be 'float16' or 'float32' for JAX arrays.*got 'float64'"):
        STFTSpectrogram(dtype="float64")(jax.numpy.ones((1, 1000, 1)))


def test_a_batch_of_unknown_size_is_exported():
    import jax

    layer = make_layer(mode="magnitude")
    shape = jax.export.symbolic_shape("b, 500, 1")
    exported = jax.export.export(jax.jit(layer))(jax.ShapeDtypeStruct(shape, "float32"))
    signal = np.random.default_rng(7).standard_normal((3, 500, 1)).astype("float32")
    np.testing.assert_allclose(exported.call(signal), layer(signal), rtol=0, atol=1e-5)
