"""Gradients in closed form against central differences along a random direction in float64, on both paths."""

import itertools

import array_api_strict as xp
import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.stft import pipeline
from specwidget.stft.frames import frame_signal, overlap_add
from specwidget.stft.settings import MODES, STFTSettings
from tests.layers import make_layer, make_matmul_layer

LAYOUTS = [(None, False), (None, True), ("channels_first", False), ("channels_first", True)]
LENGTHS = [(16, 8, None), (15, 4, 21), (5, 5, 8)]
H = 1e-6


def make_case(mode, lengths, padding, layout, path, n_samples=53):
    """A layer of float64, a signal, a cotangent and a direction."""
    frame_length, frame_step, fft_length = lengths
    data_format, expand_dims = layout
    make = make_layer if path == "fft" else make_matmul_layer
    layer = make(
        mode=mode,
        frame_length=frame_length,
        frame_step=frame_step,
        fft_length=fft_length,
        window="hamming",
        padding=padding,
        data_format=data_format,
        expand_dims=expand_dims,
        dtype="float64",
    )
    rng = np.random.default_rng(3)
    shape = (2, n_samples, 2) if data_format is None else (2, 2, n_samples)
    signal = rng.standard_normal(shape)
    cotangent = rng.standard_normal(layer.compute_output_shape(shape))
    return layer, signal, cotangent, rng.standard_normal(shape)


def angle_moves_smoothly(mode, high, low, cotangent):
    """The weighted change of the output; angles change by at most pi."""
    change = high - low
    if mode == "angle":
        change = (change + np.pi) % (2 * np.pi) - np.pi
    return (change * cotangent).sum() / (2 * H)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", ["fft", "matmul"])
def test_the_gradient_wrt_inputs_equals_central_differences(mode, path):
    for lengths, padding, layout in itertools.product(LENGTHS, ("valid", "same"), LAYOUTS):
        layer, signal, cotangent, direction = make_case(mode, lengths, padding, layout, path)
        high, low = layer(signal + H * direction), layer(signal - H * direction)
        slope = angle_moves_smoothly(mode, high, low, cotangent)
        assert (layer.vjp(signal, cotangent).inputs * direction).sum() == pytest.approx(slope, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_wrt_kernels_equals_central_differences(mode):
    for lengths, padding, layout in itertools.product(LENGTHS, ("valid", "same"), LAYOUTS):
        layer, signal, cotangent, _ = make_case(mode, lengths, padding, layout, "fft")
        rng = np.random.default_rng(4)
        kernels = layer.get_weights()
        directions = [rng.standard_normal(kernel.shape) for kernel in kernels]
        outputs = []
        for sign in (1, -1):
            shifted = STFTSpectrogram.from_settings(layer.settings)
            shifted.set_weights([k + sign * H * d for k, d in zip(kernels, directions, strict=True)])
            outputs.append(shifted(signal))
        slope = angle_moves_smoothly(mode, *outputs, cotangent)
        actual = layer.vjp(signal, cotangent)
        pairs = zip((g for g in (actual.real_kernel, actual.imag_kernel) if g is not None), directions, strict=True)
        # Bins near the floor have the largest derivatives, which change within the step of the difference.
        assert sum((g * d).sum() for g, d in pairs) == pytest.approx(slope, rel=1e-3, abs=1e-5)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_both_paths_give_the_same_gradients(mode, padding):
    layer, signal, cotangent, _ = make_case(mode, (15, 4, 21), padding, LAYOUTS[0], "fft")
    other = make_matmul_layer(**{**layer.get_config(), "name": None})
    for name in ("inputs", "real_kernel", "imag_kernel"):
        ours, theirs = getattr(layer.vjp(signal, cotangent), name), getattr(other.vjp(signal, cotangent), name)
        assert (ours is None) == (theirs is None)
        if ours is not None:
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize("mode", MODES)
def test_the_block_size_does_not_change_gradients(mode, monkeypatch):
    layer, signal, cotangent, _ = make_case(mode, (16, 8, None), "same", LAYOUTS[0], "matmul", n_samples=999)
    whole = layer.vjp(signal, cotangent)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", 7 * 16 * 8)
    blocks = layer.vjp(signal, cotangent)
    np.testing.assert_allclose(blocks.inputs, whole.inputs, rtol=1e-10, atol=1e-10)
    for name in ("real_kernel", "imag_kernel"):
        if getattr(whole, name) is not None:
            np.testing.assert_allclose(getattr(blocks, name), getattr(whole, name), rtol=1e-9, atol=1e-6)


def test_modes_without_a_kernel_have_no_gradient_for_it():
    signal = np.ones((1, 300, 1), "float32")
    assert STFTSpectrogram("real").vjp(signal, np.ones((1, 1, 129), "float32")).imag_kernel is None
    assert STFTSpectrogram("imag").vjp(signal, np.ones((1, 1, 129), "float32")).real_kernel is None


@pytest.mark.parametrize("mode", ["log", "magnitude", "angle"])
@pytest.mark.parametrize("path", ["fft", "matmul"])
def test_silence_has_gradient_zero(mode, path):
    layer, signal, cotangent, _ = make_case(mode, (16, 8, None), "valid", LAYOUTS[0], path)
    gradients = layer.vjp(np.zeros_like(signal), cotangent)
    assert not gradients.inputs.any()
    assert not gradients.real_kernel.any()


@pytest.mark.parametrize("path", ["fft", "matmul"])
@pytest.mark.parametrize("size", [1e-19, 1e-20])
def test_the_angle_has_a_gradient_where_the_power_is_subnormal(path, size):
    layer = (make_layer if path == "fft" else make_matmul_layer)(mode="angle", frame_length=16, window="hamming")
    rng = np.random.default_rng(8)
    signal = (size * rng.standard_normal(16)).astype("float32")
    cotangent = rng.standard_normal(layer.settings.n_bins).astype("float32")
    cosines, sines = layer.real_kernel[:, 0].astype(float), layer.imag_kernel[:, 0].astype(float)
    real, imag = signal.astype(float) @ cosines, signal.astype(float) @ sines
    turned = cotangent / (real**2 + imag**2)
    actual = layer.vjp(signal[None, :, None], cotangent[None, None, :])
    expected = {
        "inputs": sines @ (turned * real) - cosines @ (turned * imag),
        "real_kernel": -np.outer(signal, turned * imag),
        "imag_kernel": np.outer(signal, turned * real),
    }
    for name, values in expected.items():
        # A subnormal number has few digits, so the parts themselves are rounded coarsely.
        np.testing.assert_allclose(np.squeeze(getattr(actual, name)), values, rtol=0, atol=1e-4 * np.abs(values).max())


def test_a_log_above_a_subnormal_floor_has_a_finite_gradient():
    signal = (1e-19 * np.random.default_rng(8).standard_normal((1, 300, 1))).astype("float32")
    layer = STFTSpectrogram("log", 16, epsilon=1e-45)
    actual = layer.vjp(signal, np.ones(layer.compute_output_shape(signal.shape), "float32"))
    assert np.isfinite(actual.inputs).all()
    assert np.isfinite(actual.imag_kernel).all()


def test_a_magnitude_whose_power_overflows_has_no_gradient_nan():
    signal = np.full((1, 64, 1), 1e20, "float32")
    layer = STFTSpectrogram("magnitude", 16)
    actual = layer.vjp(signal, np.ones(layer.compute_output_shape(signal.shape), "float32"))
    assert np.isfinite(actual.inputs).all()


def test_a_gradient_that_overflows_the_input_dtype_is_infinite_without_a_warning():
    signal = np.full((1, 64, 1), 1000, "float16")
    layer = STFTSpectrogram("psd", 16)
    actual = layer.vjp(signal, np.full(layer.compute_output_shape(signal.shape), 1e4, "float32"))
    assert np.isinf(actual.inputs).any()


@pytest.mark.parametrize("mode", ["log", "magnitude"])
def test_below_the_floor_the_gradient_is_zero_and_above_it_is_not(mode):
    layer = STFTSpectrogram(mode, 16, window=None, epsilon=1e-2, dtype="float64")
    cotangent = np.ones((1, 1, 9))
    below, above = np.full((1, 16, 1), 0.09 / 16), np.full((1, 16, 1), 0.11 / 16)
    assert not layer.vjp(below, cotangent).inputs.any()
    assert layer.vjp(above, cotangent).inputs.any()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", ["fft", "matmul"])
@pytest.mark.parametrize("nonfinite", [np.nan, np.inf])
def test_only_frames_with_a_nonfinite_sample_have_gradient_nan(mode, path, nonfinite):
    layer, signal, cotangent, _ = make_case(mode, (16, 8, None), "valid", LAYOUTS[0], path, n_samples=64)
    clean = layer.vjp(signal, cotangent).inputs
    signal[0, 30, 0] = nonfinite
    actual = layer.vjp(signal, cotangent)
    is_nan = np.zeros(signal.shape, bool)
    is_nan[0, 16:40, 0] = True  # sample 30 is in frames 2 and 3
    np.testing.assert_array_equal(np.isnan(actual.inputs), is_nan)
    np.testing.assert_allclose(actual.inputs[~is_nan], clean[~is_nan], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_gradient_has_the_dtype_of_the_input(dtype):
    signal = np.random.default_rng(0).standard_normal((1, 100, 1)).astype(dtype)
    layer = STFTSpectrogram("psd", 16)
    gradients = layer.vjp(signal, np.ones(layer.compute_output_shape(signal.shape), "float32"))
    assert gradients.inputs.dtype == dtype
    assert gradients.inputs.shape == signal.shape
    assert gradients.real_kernel.dtype == "float32"


def test_samples_that_no_frame_covers_have_gradient_zero():
    layer = STFTSpectrogram("psd", 16, 8)
    signal = np.ones((1, 21, 1), "float32")
    assert not layer.vjp(signal, np.ones((1, 1, 9), "float32")).inputs[0, 16:].any()


def test_a_wrong_cotangent_is_an_error():
    layer, signal = STFTSpectrogram("psd", 16), np.ones((1, 100, 1), "float32")
    with pytest.raises(ValueError, match=r"`cotangent` must have the result's shape \(1, 11, 9\); got \(1, 9, 11\)"):
        layer.vjp(signal, np.ones((1, 9, 11), "float32"))
    with pytest.raises(TypeError, match="`cotangent` must be an array; got float"):
        layer.vjp(signal, 1.0)
    with pytest.raises(TypeError, match="`cotangent` must have a float dtype; got int64"):
        layer.vjp(signal, np.ones((1, 11, 9), "int64"))


@pytest.mark.parametrize(("frame_length", "step"), [(8, 8), (8, 3), (7, 1), (5, 2)])
def test_overlap_add_is_the_transpose_of_framing(frame_length, step):
    rng = np.random.default_rng(5)
    settings = STFTSettings(frame_length=frame_length, frame_step=step)
    signal = rng.standard_normal((2, 3 * step + frame_length))
    frames = frame_signal(signal, settings)
    other = rng.standard_normal(frames.shape)
    assert (frames * other).sum() == pytest.approx((signal * overlap_add(other, step)).sum())


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", ["fft", "matmul"])
def test_gradients_stay_on_the_device_and_equal_numpys(mode, path):
    device = xp.Device("device1")
    for padding, layout in itertools.product(("valid", "same"), LAYOUTS):
        layer, signal, cotangent, _ = make_case(mode, (15, 4, 21), padding, layout, path)
        expected = layer.vjp(signal, cotangent)
        actual = layer.vjp(xp.asarray(signal, device=device), xp.asarray(cotangent, device=device))
        for name in ("inputs", "real_kernel", "imag_kernel"):
            on_device, here = getattr(actual, name), getattr(expected, name)
            assert (on_device is None) == (here is None)
            if on_device is not None:
                assert on_device.device == device
                back = np.asarray(xp.asarray(on_device, device=xp.Device("CPU_DEVICE")))
                np.testing.assert_allclose(back, here, rtol=1e-9, atol=1e-9 * np.abs(here).max())


def test_a_numpy_cotangent_is_accepted_with_any_input():
    device = xp.Device("device1")
    layer, signal, cotangent, _ = make_case("log", (15, 4, 21), "same", LAYOUTS[0], "fft")
    on_device = xp.asarray(signal, device=device)
    actual = layer.vjp(on_device, cotangent).inputs
    assert actual.device == device
    assert xp.all(actual == layer.vjp(on_device, xp.asarray(cotangent, device=device)).inputs)


@pytest.mark.parametrize("path", ["fft", "matmul"])
def test_kernel_gradients_do_not_depend_on_wrt_inputs(path):
    layer, signal, cotangent, _ = make_case("magnitude", LENGTHS[0], "same", LAYOUTS[0], path)
    whole, part = layer.vjp(signal, cotangent), layer.vjp(signal, cotangent, wrt_inputs=False)
    assert part.inputs is None
    np.testing.assert_array_equal(part.real_kernel, whole.real_kernel)
    np.testing.assert_array_equal(part.imag_kernel, whole.imag_kernel)
    device = [xp.asarray(array, device=xp.Device("device1")) for array in (signal, cotangent)]
    assert layer.vjp(*device, wrt_inputs=False).inputs is None
