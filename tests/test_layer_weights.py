"""The layer's kernels as weights: names, get and set, and their effect on the output."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from specwidget import STFTSpectrogram
from specwidget.stft.settings import DTYPES, MODES
from tests.layers import make_layer, make_matmul_layer, noise

ALL_MODES = pytest.mark.parametrize("mode", MODES)


@ALL_MODES
def test_weights_are_the_modes_kernels_real_before_imaginary(mode):
    layer = STFTSpectrogram(mode=mode, frame_length=16, fft_length=32)
    names = [f"{mode}_kernel"] if mode in ("real", "imag") else ["real_kernel", "imag_kernel"]
    kernels = [getattr(layer, name) for name in names]
    assert len(layer.weights) == len(names)
    for weight, copied, kernel in zip(layer.weights, layer.get_weights(), kernels, strict=True):
        assert weight.shape == (16, 1, 17)
        np.testing.assert_array_equal(weight, kernel, strict=True)
        np.testing.assert_array_equal(copied, kernel, strict=True)


@pytest.mark.parametrize(("mode", "absent"), [("real", "imag_kernel"), ("imag", "real_kernel")])
def test_a_mode_of_one_part_has_no_kernel_of_the_other(mode, absent):
    assert getattr(STFTSpectrogram(mode=mode), absent, None) is None


def test_trainable_decides_which_list_has_the_weights():
    trained, fixed = (STFTSpectrogram(frame_length=8, trainable=trainable) for trainable in (True, False))
    assert [len(trained.trainable_weights), len(trained.non_trainable_weights)] == [2, 0]
    assert [len(fixed.trainable_weights), len(fixed.non_trainable_weights)] == [0, 2]


@ALL_MODES
def test_trainable_never_changes_a_bit(mode):
    inputs = noise(2, 900, 2)
    for make in (make_layer, make_matmul_layer):
        trained, fixed = (make(mode=mode, trainable=trainable)(inputs) for trainable in (True, False))
        np.testing.assert_array_equal(trained, fixed, strict=True)


@ALL_MODES
def test_setting_the_fourier_kernels_keeps_the_same_bits(mode):
    inputs, layer = noise(1, 2000, 1), STFTSpectrogram(mode=mode)
    before = layer(inputs)
    layer.set_weights(layer.get_weights())
    np.testing.assert_array_equal(layer(inputs), before, strict=True)
    assert layer.spectrogram(inputs).path == "fft"


def test_reading_the_kernels_changes_no_bit():
    inputs, layer = noise(1, 2000, 1), STFTSpectrogram()
    before = layer(inputs)
    _ = layer.real_kernel, layer.weights, layer.get_weights()
    np.testing.assert_array_equal(layer(inputs), before)


def test_custom_kernels_use_matmul_and_fourier_kernels_the_fft():
    inputs, layer = noise(1, 2000, 1), STFTSpectrogram(mode="stft")
    before, fourier = layer(inputs), layer.get_weights()
    layer.set_weights([2 * kernel for kernel in fourier])
    assert layer.spectrogram(inputs).path == "matmul"
    np.testing.assert_allclose(layer(inputs), 2 * before, rtol=0, atol=1e-5)
    layer.set_weights(fourier)
    np.testing.assert_array_equal(layer(inputs), before)


def test_the_smallest_change_of_one_kernel_value_is_detected():
    layer = STFTSpectrogram(frame_length=16)
    real, imag = layer.get_weights()
    imag[15, 0, 8] = np.nextafter(imag[15, 0, 8], np.float32(1))
    layer.set_weights([real, imag])
    np.testing.assert_array_equal(layer.imag_kernel, imag)
    assert layer.spectrogram(noise(1, 32, 1)).path == "matmul"


@ALL_MODES
def test_one_changed_kernel_changes_its_bin_only(mode):
    inputs, layer = noise(1, 100, 1).astype(float), STFTSpectrogram(mode=mode, frame_length=16, dtype="float64")
    before, weights = layer(inputs), layer.get_weights()
    weights[0][:, 0, 3] *= 1.01
    weights[0][:, 0, 3] += 0.01
    layer.set_weights(weights)
    moved = np.abs(layer(inputs) - before).max(axis=(0, 1)) > 1e-9
    assert list(np.flatnonzero(moved)) == [3]


def test_weights_can_be_copied_from_layer_to_layer():
    inputs = noise(1, 300, 1)
    source, other = STFTSpectrogram(frame_length=64), STFTSpectrogram(frame_length=64, window="boxcar")
    other.set_weights(source.get_weights())
    np.testing.assert_allclose(other(inputs), source(inputs), rtol=0, atol=2e-4)
    assert other.window == "boxcar"


def test_kernels_are_read_only_and_copies_are_writable():
    layer = STFTSpectrogram(frame_length=8)
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    for kernel in (layer.real_kernel, layer.imag_kernel, *layer.weights, *layer.trainable_weights):
        with pytest.raises(ValueError, match="read-only"):
            kernel[0] = 0
    before = layer.get_weights()[0]
    layer.get_weights()[0][:] = 0
    np.testing.assert_array_equal(layer.real_kernel, before)


def test_weights_are_copied_when_they_are_set():
    layer = STFTSpectrogram(frame_length=8)
    weights = [2 * kernel for kernel in layer.get_weights()]
    layer.set_weights(weights)
    kept = layer.real_kernel.copy()
    weights[0][:] = 0
    np.testing.assert_array_equal(layer.real_kernel, kept)


def test_weights_may_have_any_memory_layout():
    inputs, layer = noise(1, 100, 1), STFTSpectrogram(frame_length=16, mode="stft")
    doubled = [2 * kernel for kernel in layer.get_weights()]
    layer.set_weights(doubled)
    expected = layer(inputs)
    layer.set_weights([np.asfortranarray(kernel) for kernel in doubled])
    np.testing.assert_array_equal(layer(inputs), expected)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda real, imag: [], ValueError, "2 kernels in mode 'log'.*got 0"),
        (lambda real, imag: [real], ValueError, "2 kernels in mode 'log'.*got 1"),
        (lambda real, imag: [real, imag, imag], ValueError, "2 kernels in mode 'log'.*got 3"),
        (lambda real, imag: [real[:, 0], imag], ValueError, r"\(8, 1, 5\).*got \(8, 5\)"),
        (lambda real, imag: [real, imag[:-1]], ValueError, r"\(8, 1, 5\).*got \(7, 1, 5\)"),
        (lambda real, imag: [real, imag.T], ValueError, r"\(8, 1, 5\).*got \(5, 1, 8\)"),
        (lambda real, imag: [real.astype("f8"), imag], TypeError, "float32.*got float64"),
        (lambda real, imag: [real, imag.astype("f2")], TypeError, "float32.*got float16"),
        (lambda real, imag: [real.astype(int), imag], TypeError, "float32.*got int64"),
        (lambda real, imag: [real + 0j, imag], TypeError, "float32.*got complex64"),
        (lambda real, imag: [real * np.nan, imag], ValueError, "finite values in the real kernel; got 40 that are NaN"),
        (lambda real, imag: [real, np.where(imag == 0, np.inf, imag)], ValueError, "finite values in the imag kernel"),
    ],
)
def test_wrong_weights_are_an_error_and_the_old_ones_stay(change, error, message):
    layer, inputs = STFTSpectrogram(frame_length=8), noise(1, 50, 1)
    before = layer(inputs)
    with pytest.raises(error, match=f"^`weights` must have .*{message}"):
        layer.set_weights(change(*layer.get_weights()))
    np.testing.assert_array_equal(layer(inputs), before)


@pytest.mark.parametrize("dtype", DTYPES)
def test_weights_can_be_got_and_set_in_every_dtype(dtype):
    layer = STFTSpectrogram(frame_length=8, dtype=dtype)
    layer.set_weights(layer.get_weights())
    layer.set_weights([2 * kernel for kernel in layer.get_weights()])
    assert layer(noise(1, 20, 1)).dtype == dtype


@ALL_MODES
def test_parameters_are_counted_without_creating_kernels(mode):
    parts = 1 if mode in ("real", "imag") else 2
    layer = STFTSpectrogram(mode=mode, frame_length=16, fft_length=32)
    assert layer.count_params() == parts * 16 * 17 == sum(weight.size for weight in layer.weights)
    # 2^17 samples make 2^17 x 65537 values in a kernel, 32 GiB.
    assert STFTSpectrogram(mode=mode, frame_length=2**17).count_params() == parts * 2**17 * 65537


def test_a_long_frame_is_computed_without_kernels():
    assert STFTSpectrogram(frame_length=2**17)(noise(1, 2**17, 1)).shape == (1, 1, 65537)


def test_weights_may_be_set_while_another_thread_computes():
    inputs, layer = noise(1, 20_000, 1), STFTSpectrogram(mode="stft", frame_length=64)
    fourier = layer.get_weights()
    doubled = [2 * kernel for kernel in fourier]
    single, double = layer(inputs), 2 * layer(inputs)
    with ThreadPoolExecutor(2) as pool:
        setting = pool.submit(lambda: [layer.set_weights(doubled if i % 2 else fourier) for i in range(60)])
        outputs = [layer(inputs) for _ in range(30)]
        setting.result()
    for output in outputs:
        assert min(np.abs(output - single).max(), np.abs(output - double).max()) < 1e-5
