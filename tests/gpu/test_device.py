"""The transform on a CUDA device: the same numbers as on the host, without implicit transfers."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from specwidget import STFTSpectrogram, devices, training
from specwidget.stft import pipeline
from specwidget.stft.layout import from_output, to_output
from specwidget.stft.settings import DTYPES, MODES
from tests.gpu import fake_cupy
from tests.layers import make_layer, make_matmul_layer, noise
from tests.reference import reference_spectrogram
from tests.tolerances import allowed_error, assert_within

BOTH_PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
ALL_MODES = pytest.mark.parametrize("mode", MODES)
LAYOUTS = [
    {},
    {"data_format": "channels_first"},
    {"expand_dims": True, "padding": "same"},
    {"data_format": "channels_first", "expand_dims": True, "padding": "same"},
]
SIZES = {"frame_length": 40, "frame_step": 16, "fft_length": 64}


def inputs_for(layout):
    return noise(2, 3, 170) if layout.get("data_format") else noise(2, 170, 3)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_the_output_is_on_the_device_and_equals_the_reference(device, make, mode, layout, dtype):
    arguments = {"mode": mode, "dtype": dtype, **SIZES, **layout}
    inputs = inputs_for(layout)
    output = device.get(make(**arguments)(device.put(inputs)))
    assert output.dtype == dtype
    assert_within(output, reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments), mode)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("nonfinite", [np.nan, np.inf])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_a_nonfinite_sample_affects_only_its_frames(device, make, mode, nonfinite):
    inputs = noise(1, 170, 1)
    inputs[0, 50, 0] = nonfinite
    output = device.get(make(mode=mode, frame_length=40, frame_step=40)(device.put(inputs)))
    assert np.isnan(output[0, 1]).all()
    assert np.isfinite(np.delete(output, 1, axis=1)).all()


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_gradients_equal_those_on_the_host(device, make, mode, padding):
    layer = make(mode=mode, padding=padding, dtype="float64", **SIZES)
    inputs = inputs_for({}).astype("float64")
    cotangent = np.random.default_rng(1).standard_normal(layer.compute_output_shape(inputs.shape))
    expected, actual = layer.vjp(inputs, cotangent), layer.vjp(device.put(inputs), device.put(cotangent))
    for name in ("inputs", "real_kernel", "imag_kernel"):
        wanted = getattr(expected, name)
        if wanted is None:
            assert getattr(actual, name) is None
        else:
            peak = np.abs(wanted).max() + 1e-300
            np.testing.assert_allclose(device.get(getattr(actual, name)), wanted, rtol=1e-9, atol=1e-11 * peak)


def assert_gradients_equal(device, actual, expected, relative):
    """Compare gradients within a share of the largest one."""
    for name in ("inputs", "real_kernel", "imag_kernel"):
        wanted, got = getattr(expected, name), getattr(actual, name)
        assert (got is None) == (wanted is None)
        if wanted is not None:
            assert (got.shape, got.dtype) == (wanted.shape, wanted.dtype)
            error = relative * np.abs(wanted[np.isfinite(wanted)]).max(initial=1e-300)
            np.testing.assert_allclose(device.get(got), wanted, rtol=relative, atol=error)


@BOTH_PATHS
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_block", [1, 7])
def test_gradients_in_any_layout_dtype_and_block_equal_those_on_the_host(
    device, monkeypatch, make, layout, dtype, n_block
):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", n_block * 64 * 8)
    layer, inputs = make(mode="psd", dtype=dtype, **SIZES, **layout), inputs_for(layout)
    cotangent = noise(*layer.compute_output_shape(inputs.shape), seed=1)
    expected, actual = layer.vjp(inputs, cotangent), layer.vjp(device.put(inputs), device.put(cotangent))
    assert_gradients_equal(device, actual, expected, 1e-9 if dtype == "float64" and inputs.dtype == dtype else 1e-5)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("nonfinite", [np.nan, np.inf])
def test_the_gradient_of_a_nonfinite_sample_is_nan_where_it_is_on_the_host(device, make, mode, nonfinite):
    inputs = noise(2, 170, 1)
    # Also at the first sample of a frame.
    inputs[1, 16, 0] = inputs[1, 83, 0] = nonfinite
    layer = make(mode=mode, **SIZES)
    cotangent = noise(*layer.compute_output_shape(inputs.shape), seed=1)
    with np.errstate(all="ignore"):
        expected, actual = layer.vjp(inputs, cotangent), layer.vjp(device.put(inputs), device.put(cotangent))
    np.testing.assert_array_equal(np.isnan(device.get(actual.inputs)), np.isnan(expected.inputs))
    finite = np.isfinite(expected.inputs)
    np.testing.assert_allclose(device.get(actual.inputs)[finite], expected.inputs[finite], rtol=1e-3, atol=1e-4)


@BOTH_PATHS
@pytest.mark.parametrize("mode", ["log", "magnitude", "angle"])
@pytest.mark.parametrize("level", [0.0, 1e-30, 1e-10, 1e10, 1e30])
def test_gradients_at_the_floor_and_at_extreme_levels_equal_those_on_the_host(device, make, mode, level):
    # Silence, half of the bins at the floor, and powers beyond the range of float32.
    layer = make(mode=mode, epsilon=min(max((8 * level) ** 2 / 10, 1e-44), 1e38), **SIZES)
    inputs = (level * noise(1, 170, 1)).astype("float32")
    cotangent = noise(*layer.compute_output_shape(inputs.shape), seed=1)
    expected, actual = layer.vjp(inputs, cotangent), layer.vjp(device.put(inputs), device.put(cotangent))
    assert_gradients_equal(device, actual, expected, 1e-4)


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n_block", [1, 7])
@pytest.mark.parametrize("is_complex", [False, True])
def test_the_inverse_in_any_layout_dtype_and_block_equals_that_on_the_host(
    device, monkeypatch, layout, dtype, n_block, is_complex
):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", n_block * 64 * 8)
    layer, inputs = make_layer(mode="stft", dtype=dtype, **SIZES, **layout), inputs_for(layout)
    spectrum = layer(inputs)
    if is_complex:
        parts = from_output(spectrum.astype("float32"), layer.settings)
        spectrum = to_output(parts[..., :33] + np.complex64(1j) * parts[..., 33:], layer.settings)
    # One value that is not finite, in the first channel of the second item.
    spectrum.reshape(2, -1)[1, 5] = np.nan
    expected, actual = layer.inverse(spectrum, 170), layer.inverse(device.put(spectrum), 170)
    assert (actual.n_lost, actual.signal.dtype) == (expected.n_lost, expected.signal.dtype)
    assert np.isnan(expected.signal).any()
    bound = 1e-2 if dtype == "float16" else 1e-4
    np.testing.assert_allclose(device.get(actual.signal), expected.signal, rtol=bound, atol=bound)


@pytest.mark.parametrize("n_samples", [44, 60, 169])
def test_the_inverse_of_few_frames_equals_that_on_the_host(device, n_samples):
    # The ends overlap, and samples after the last frame are lost.
    layer = make_layer(mode="stft", frame_length=40, frame_step=7, dtype="float64")
    inputs = noise(2, n_samples, 2).astype("float64")
    expected, actual = layer.inverse(layer(inputs), n_samples), layer.inverse(layer(device.put(inputs)), n_samples)
    assert actual.n_lost == expected.n_lost
    np.testing.assert_allclose(device.get(actual.signal), expected.signal, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("n_block", [7, 100])
def test_reconstruction_in_any_layout_and_block_equals_that_on_the_host(device, monkeypatch, padding, layout, n_block):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", n_block * 64 * 8)
    layer = make_layer(mode="log", dtype="float64", **{**SIZES, **layout, "padding": padding})
    levels = layer(inputs_for(layout).astype("float64"))
    levels.reshape(2, -1)[1, 5] = np.nan
    expected, actual = (layer.reconstruct(given, 170, n_iter=4) for given in (levels, device.put(levels)))
    np.testing.assert_allclose(device.get(actual.signal), expected.signal, atol=1e-8)
    np.testing.assert_allclose(np.asarray(actual.convergence.get()), expected.convergence, rtol=1e-6)


def test_a_batch_of_0_is_computed_without_a_launch(device):
    inputs = device.put(np.zeros((0, 170, 2), np.float32))
    for make in (make_layer, make_matmul_layer):
        layer = make(mode="psd", **SIZES)
        output = layer(inputs)
        assert output.shape == layer.compute_output_shape((0, 170, 2))
        assert not device.get(layer.vjp(inputs, output).real_kernel).any()
    parts, levels = (make_layer(mode=mode, padding="same", **SIZES) for mode in ("stft", "magnitude"))
    assert parts.inverse(parts(inputs), 170).signal.shape == (0, 170, 2)
    assert levels.reconstruct(levels(inputs), 170, n_iter=1).signal.shape == (0, 170, 2)


def test_a_reconstruction_in_float16_is_rounded_once(device):
    layer = make_layer(mode="magnitude", dtype="float16", padding="same", **SIZES)
    levels = layer(noise(1, 170, 1))
    expected, actual = (layer.reconstruct(given, 170, n_iter=2) for given in (levels, device.put(levels)))
    assert actual.signal.dtype == np.float16
    np.testing.assert_allclose(device.get(actual.signal), expected.signal, rtol=2e-3, atol=2e-3)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("layout", LAYOUTS[:2], ids=str)
def test_the_inverse_equals_that_on_the_host(device, padding, layout):
    layer = make_layer(mode="stft", dtype="float64", periodic=True, **{**SIZES, **layout, "padding": padding})
    inputs = inputs_for(layout).astype("float64")
    result = layer.inverse(layer(device.put(inputs)), length=None if padding == "valid" else 170)
    expected = layer.inverse(layer(inputs), length=None if padding == "valid" else 170)
    assert result.n_lost == expected.n_lost
    np.testing.assert_allclose(device.get(result.signal), expected.signal, atol=1e-12)


def test_reconstruction_equals_that_on_the_host(device):
    layer = make_layer(mode="magnitude", dtype="float64", padding="same", **SIZES)
    levels = layer(noise(1, 170, 1).astype("float64"))
    expected, actual = (layer.reconstruct(given, length=170, n_iter=4) for given in (levels, device.put(levels)))
    np.testing.assert_allclose(device.get(actual.signal), expected.signal, atol=1e-8)
    np.testing.assert_allclose(np.asarray(actual.convergence.get()), expected.convergence, rtol=1e-6)


def test_custom_kernels_are_copied_to_the_device_once(device):
    layer = make_matmul_layer(mode="psd", **SIZES)
    inputs = device.put(inputs_for({}))
    layer(inputs)
    (placed,) = layer._device_kernels.values()
    layer(inputs)
    assert list(layer._device_kernels.values()) == [placed]


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
def test_the_input_is_not_modified(device, make):
    inputs = inputs_for({})
    on_device = device.put(inputs)
    make(**SIZES)(on_device)
    np.testing.assert_array_equal(device.get(on_device), inputs)


def test_the_block_size_changes_values_by_rounding_only(device, monkeypatch):
    layer, inputs = make_layer(mode="log", **SIZES), noise(2, 900, 2)
    whole = device.get(layer(device.put(inputs)))
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 7 * 64 * 4)
    np.testing.assert_allclose(device.get(layer(device.put(inputs))), whole, rtol=1e-5, atol=1e-6)


@BOTH_PATHS
def test_a_block_writes_its_own_frames_only(device, monkeypatch, make):
    from specwidget.stft import device_blocks

    def last_block_first(total, n_block, compute):
        for first in reversed(range(0, total, n_block)):
            compute(first, n_block)

    monkeypatch.setattr(device_blocks, "for_each_block", last_block_first)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 3 * 64 * 4)
    layer, inputs = make(mode="psd", **SIZES), noise(2, 170, 2)
    np.testing.assert_allclose(device.get(layer(device.put(inputs))), layer(inputs), rtol=1e-4, atol=1e-4)


def test_training_on_the_device_reduces_the_loss(device):
    target = STFTSpectrogram("magnitude", dtype="float64", **{**SIZES, "fft_length": None, "frame_length": 64})
    student = STFTSpectrogram.from_settings(target.settings)
    student.set_weights([kernel * 0.5 for kernel in target.get_weights()])
    inputs = noise(2, 300, 1).astype("float64")
    batches = [(device.put(inputs), device.put(target(inputs)))] * 20
    _, history = training.fit(student, training.mean_squared_error, batches, steps=20, progress=False)
    assert history.losses[-1] < 0.5 * history.losses[0]


def test_numpy_input_is_computed_on_the_device_and_returned_as_numpy(device):
    inputs = noise(3, 5000, 2)
    result = STFTSpectrogram(backend="cupy").spectrogram(inputs)
    assert isinstance(result.values, np.ndarray)
    assert result.library == "CuPy"
    expected = STFTSpectrogram(backend="numpy")(inputs)
    np.testing.assert_allclose(result.values, expected, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@ALL_MODES
@pytest.mark.parametrize("n_fft", [1, 2, 7, 15, 101, 400, 1021])
def test_fft_lengths_that_are_odd_or_prime(device, mode, n_fft):
    arguments = {"mode": mode, "frame_length": n_fft, "frame_step": max(1, n_fft // 3), "fft_length": n_fft}
    arguments |= {"window": "boxcar", "padding": "same"}
    inputs = noise(1, n_fft + 30, 1)
    output = device.get(make_layer(**arguments)(device.put(inputs)))
    assert_within(output, reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments), mode)


@BOTH_PATHS
def test_the_angle_of_silence_is_zero_and_not_pi(device, make):
    layer = make(mode="angle", frame_length=16)
    for zero in (0.0, -0.0):
        angles = device.get(layer(device.put(np.full((1, 64, 1), zero, np.float32))))
        np.testing.assert_array_equal(angles, 0)
        assert not np.signbit(angles).any()


def test_a_second_thread_computes_the_same(device):
    layer, inputs = make_layer(**SIZES), device.put(noise(2, 900, 1))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: device.get(layer(inputs)), range(6)))
    for result in results:
        np.testing.assert_array_equal(result, device.get(layer(inputs)))


def test_a_signal_of_any_stride_and_dtype_is_read(device):
    layer, inputs = make_layer(**SIZES), noise(4, 340, 6)
    for strided in (lambda x: x[::2, ::2, ::3], lambda x: x[::-1, ::-1], lambda x: x.astype("float64")[:, 5:300]):
        actual = device.get(layer(strided(device.put(inputs))))
        np.testing.assert_allclose(actual, layer(strided(inputs)), rtol=1e-4, atol=1e-4)


def test_the_explorer_shows_a_signal_on_the_device(device):
    pytest.importorskip("anywidget")
    from specwidget.explorer.state.explorer_state import ExplorerState
    from specwidget.sounds import as_sound

    inputs = noise(1, 8000, 1)
    states = [ExplorerState(as_sound(samples, 8000)) for samples in (inputs, device.put(inputs))]
    try:
        for state in states:
            state.flush()
        libraries = [state.current.library for state in states]
        pictures = [state.picture for state in states]
    finally:
        for state in states:
            state.close()
    assert libraries[1] == "CuPy"
    host, there = ((picture.codes - 1.0) * (picture.high - picture.low) / 65534 for picture in pictures)
    np.testing.assert_allclose(there + pictures[1].low, host + pictures[0].low, atol=1e-3)


def test_the_explorer_says_where_each_part_was_computed(fake, monkeypatch):
    pytest.importorskip("anywidget")
    from specwidget.explorer.state.computation import Computation
    from specwidget.sounds import as_sound

    monkeypatch.setattr(devices, "MIN_GPU_VALUES", 2000)
    layer = STFTSpectrogram()
    computation = Computation(layer.settings, as_sound(noise(8000), 8000), layer)
    assert (computation.library, computation.note) == ("CuPy", "")
    channel = computation.channel((0, 0))
    channel.frames(0, 3)
    assert computation.library == "NumPy"
    assert "fewer than 2000 values" in computation.note
    channel.frames(0, 60)
    channel.frames_at(np.arange(2))
    assert computation.library == "CuPy and NumPy"


@pytest.fixture
def imported_librosa():
    """Import librosa with its modules before the stand-in is there, which imports of CuPy's own modules do not find."""
    return pytest.importorskip("librosa").stft


@pytest.mark.slow
def test_the_cross_check_compares_a_signal_on_the_device(imported_librosa, device):
    from specwidget import crosscheck

    reports = crosscheck(STFTSpectrogram("magnitude"), device.put(noise(1, 3000, 1)), ["scipy-stft", "librosa"])
    assert {report.verdict for report in reports.values()} == {"agrees"}


def limit_memory(request, n_bytes):
    """Limit the memory that CuPy takes beside what is used, until the test ends."""
    pool = sys.modules["cupy"].get_default_memory_pool()
    devices.release_memory()
    before = pool.get_limit()
    request.addfinalizer(lambda: pool.set_limit(size=before))
    pool.set_limit(size=pool.used_bytes() + n_bytes)


@pytest.mark.parametrize("n_bytes", [2**16, 2**21, 2**24])
def test_numpy_input_is_divided_until_it_fits(request, device, n_bytes):
    inputs, layer = noise(4, 60_000, 1), STFTSpectrogram("magnitude")
    limit_memory(request, n_bytes)
    result = layer.spectrogram(inputs)
    np.testing.assert_allclose(result.values, STFTSpectrogram("magnitude", backend="numpy")(inputs), atol=1e-4)
    assert result.library in ("CuPy", "NumPy")


def test_cupy_input_is_divided_until_it_fits(request, device):
    inputs, layer = noise(1, 60_000, 1), STFTSpectrogram("magnitude")
    there = device.put(inputs)
    # The result takes 236 KiB, the spectrum of a small block twice as much.
    limit_memory(request, 2**19)
    actual = device.get(layer(there))
    np.testing.assert_allclose(actual, STFTSpectrogram("magnitude", backend="numpy")(inputs), atol=1e-4)


BUSY = """
extern "C" __global__ void busy(long long cycles) {
    const long long start = clock64();
    while (clock64() - start < cycles) {}
}
"""


@pytest.mark.gpu
def test_the_host_does_not_wait_for_a_device_that_is_busy(cupy_device):
    cupy, inputs = cupy_device.module, cupy_device.put(noise(3, 900, 2))
    layers = [make(mode=mode, **SIZES) for mode in MODES for make in (make_layer, make_matmul_layer)]
    # The first call compiles, and sends what is constant.
    for layer in layers:
        layer(inputs)
    stream = cupy.cuda.get_current_stream()
    # Some seconds at the clock of any device; the calls take milliseconds.
    cupy.RawKernel(BUSY, "busy")((1,), (1,), (np.int64(8 * 10**9),))
    for layer in layers:
        layer(inputs)
    assert not stream.done
    stream.synchronize()


@pytest.mark.gpu
def test_a_call_after_the_first_takes_no_memory_but_its_result(cupy_device):
    layer, inputs = make_layer(), cupy_device.put(noise(1, 500_000, 1))
    pool = cupy_device.module.get_default_memory_pool()
    held = layer(inputs)
    taken = pool.total_bytes()
    results = [layer(inputs) for _ in range(4)]
    # Blocks of the pool are multiples of 512 bytes.
    assert pool.total_bytes() <= taken + 4 * (held.nbytes + 2**20)
    del results


LAYOUTS_OF_A_BATCH = [
    {},
    {"data_format": "channels_first", "expand_dims": True, "padding": "same"},
    {"mode": "stft", "padding": "same"},
]


@pytest.mark.parametrize("max_bytes", [3000, 12_000, 40_000])
@pytest.mark.parametrize("layout", LAYOUTS_OF_A_BATCH, ids=str)
def test_a_batch_that_does_not_fit_is_split_on_the_device(fake, monkeypatch, max_bytes, layout):
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", max_bytes)
    inputs = noise(3, 2, 2500) if layout.get("data_format") else noise(3, 2500, 2)
    result = make_layer(backend="auto", **SIZES, **layout).spectrogram(inputs)
    assert result.library == "CuPy"
    expected = make_layer(backend="numpy", **SIZES, **layout)(inputs)
    np.testing.assert_allclose(result.values, expected, rtol=2e-5, atol=2e-6)


def test_a_frame_that_does_not_fit_is_computed_on_the_host(fake, monkeypatch):
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 100)
    result = make_layer(backend="auto").spectrogram(noise(1, 600, 1))
    assert result.library == "NumPy"
    assert result.note == "Computed with NumPy: the CUDA device ran out of memory."
