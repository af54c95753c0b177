"""What a device does for a call, counted on the stand-in: launches, waits, transfers and FFT plans."""

from contextlib import suppress

import numpy as np
import pytest

from specwidget import devices
from specwidget.stft import batch_splitting, device_blocks, pipeline
from specwidget.stft.settings import DTYPES, MODES
from tests.gpu import fake_cupy
from tests.layers import make_layer, make_matmul_layer, noise
from tests.selection import slow_but

SIZES = {"frame_length": 40, "frame_step": 16, "fft_length": 64}
BLOCK_FRAMES = 16


@pytest.fixture
def put(fake, monkeypatch):
    """Return the function that puts an array on the device, where blocks have 16 frames."""
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", BLOCK_FRAMES * 64 * 4)
    return fake.put


@pytest.fixture
def sent(monkeypatch):
    """Return the sizes of the arrays that are sent, of which none may be larger than 2000 bytes."""
    monkeypatch.setattr(batch_splitting, "MAX_PART_BYTES", 2000)
    sizes = []
    to_cupy = devices._to_cupy
    monkeypatch.setattr(devices, "_to_cupy", lambda array: sizes.append(array.nbytes) or to_cupy(array))
    return sizes


def count(call):
    """Return what the second call counts: the first one compiles, and sends what is constant."""
    call()
    fake_cupy.COUNTS.clear()
    call()
    return dict(fake_cupy.COUNTS)


@pytest.mark.parametrize(("make", "per_block"), [(make_layer, 3), (make_matmul_layer, 4)], ids=["fft", "matmul"])
@pytest.mark.parametrize("mode", MODES)
def test_a_block_is_at_most_four_launches_and_nothing_waits_or_is_sent(put, make, per_block, mode):
    # 3 x 2 channels of 10 frames: 4 blocks, of which 3 cross from one channel to the next.
    layer, inputs = make(mode=mode, padding="same", **SIZES), put(noise(3, 160, 2))
    counts = count(lambda: layer(inputs))
    if make is make_matmul_layer and mode in ("real", "imag"):
        per_block = 3
    counts.pop("bytes")
    assert counts == {"launches": 4 * per_block}


def test_many_short_sounds_take_no_more_launches_than_one_long_one(put):
    layer = make_layer(padding="same", **SIZES)
    short, long = put(noise(64, 80, 1)), put(noise(1, 64 * 80, 1))
    assert count(lambda: layer(short))["launches"] == count(lambda: layer(long))["launches"] == 20 * 3


@pytest.mark.slow
def test_256_sounds_of_one_second_are_one_block(fake, monkeypatch):
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**26)
    layer, inputs = make_layer(), fake.put(np.zeros((256, 16_000, 1), np.float32))
    counts = count(lambda: layer(inputs))
    assert (counts.pop("launches"), set(counts)) == (3, {"bytes"})


def test_each_value_of_a_block_is_moved_few_times(put):
    layer, inputs = make_layer(**SIZES), put(noise(1, 16 * 15 + 40, 1))
    frames, spectrum, values = 16 * 64 * 4, 16 * 33 * 8, 16 * 33 * 4
    # Each of the parts is counted, though they lie in the same spectrum.
    most = inputs.nbytes + 2 * frames + 3 * spectrum + values + 40 * 4
    assert count(lambda: layer(inputs))["bytes"] <= most


def test_four_plans_serve_all_lengths_up_to_twice_the_shortest(put):
    layer = make_layer(**SIZES)
    for n_samples in range(40, 2000, 16):
        layer(put(noise(1, n_samples, 1)))
    batches = sorted(batch for _, _, batch in fake_cupy.PLANS.plans)
    assert batches == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]
    assert batches[-1] == BLOCK_FRAMES


@pytest.mark.parametrize("n_block", [1, 7, 16, 8192])
def test_at_most_a_quarter_of_a_block_is_computed_in_vain(n_block):
    for remaining in range(1, 20_000):
        n_rows = device_blocks.rows_of_block(remaining, n_block)
        assert min(remaining, n_block) <= n_rows <= min(1.25 * remaining, n_block)


def test_the_plans_are_limited_once(put):
    make_layer(**SIZES)(put(noise(1, 100, 1)))
    assert fake_cupy.PLANS.get_memsize() == devices.MAX_PLAN_BYTES
    fake_cupy.PLANS.set_memsize(1000)
    make_layer(**SIZES)(put(noise(1, 100, 1)))
    assert fake_cupy.PLANS.get_memsize() == 1000


@pytest.mark.parametrize("dtype", DTYPES)
def test_the_window_is_sent_once_for_each_dtype(put, dtype):
    layer, inputs = make_layer(dtype=dtype, **SIZES), put(noise(1, 100, 1))
    layer(inputs)
    assert "transfers" not in count(lambda: make_layer(dtype=dtype, mode="psd", **SIZES)(inputs))


def test_arrays_that_are_held_do_not_grow_without_end(put, monkeypatch):
    monkeypatch.setattr(devices, "MAX_HELD", 3)
    for beta in range(1, 9):
        make_layer(window=("kaiser", float(beta)), **SIZES)(put(noise(1, 100, 1)))
        assert len(devices._held) <= 3


@pytest.mark.parametrize(("make", "per_block"), [(make_layer, 9), (make_matmul_layer, 8)], ids=["fft", "matmul"])
@pytest.mark.parametrize("mode", MODES)
def test_gradients_wait_for_nothing_and_take_as_many_launches_for_many_short_sounds(put, make, per_block, mode):
    layer = make(mode=mode, padding="same", **SIZES)
    if make is make_matmul_layer and mode in ("real", "imag"):
        per_block -= 1
    # Zeros for both gradients, and the kernels beside each other.
    once = 2 + (make is make_matmul_layer)
    for shape in ((16, 80, 1), (8, 80, 2), (1, 16 * 80, 1)):
        inputs = put(noise(*shape))
        cotangent = layer(inputs)
        counts = count(lambda: layer.vjp(inputs, cotangent))  # noqa: B023
        assert not {"waits", "transfers"} & set(counts)
        assert counts["launches"] == 5 * per_block + once
        counts = count(lambda: layer.vjp(inputs, cotangent, wrt_inputs=False))  # noqa: B023
        assert counts["launches"] < 5 * per_block


def test_an_inverse_waits_for_nothing_and_takes_as_many_launches_for_many_short_sounds(put):
    layer = make_layer(mode="stft", padding="same", **SIZES)
    for shape in ((16, 80, 1), (8, 80, 2), (1, 16 * 80, 1)):
        spectrum = layer(put(noise(*shape)))
        counts = count(lambda: layer.inverse(spectrum, shape[1]))  # noqa: B023
        assert not {"waits", "transfers"} & set(counts)
        # Marks, spectra, the FFT with its copy, overlap-add; and zeros before the first block.
        assert counts["launches"] == 5 * 5 + 1


def test_griffin_lim_waits_for_nothing_and_takes_as_many_launches_for_many_short_sounds(put):
    layer = make_layer(mode="magnitude", padding="same", **SIZES)
    found = []
    for shape in ((16, 80, 1), (1, 16 * 80, 1)):
        levels = layer(put(noise(*shape)))
        counts, more = (
            count(lambda: layer.reconstruct(levels, shape[1], n_iter))  # noqa: B023
            for n_iter in (2, 3)
        )
        # The phases are drawn on the device.
        assert not {"waits", "transfers"} & set(more)
        # Magnitudes, frames, the FFT, magnitudes of its result, the inverse FFT with its copy, overlap-add; zeros
        # before the first block, and the difference of two signals.
        assert more["launches"] - counts["launches"] == 5 * 7 + 1 + 2
        found.append(more["launches"])
    assert found[0] == found[1]


def test_a_result_with_its_time_is_waited_for(put):
    inputs = put(noise(1, 1000, 1))
    assert count(lambda: make_layer(**SIZES).spectrogram(inputs))["waits"] == 1


def test_numpy_input_is_sent_in_parts_of_bounded_size(put, sent):
    arguments = {"mode": "magnitude", "padding": "same", **SIZES}
    layer, inputs = make_layer(**arguments), noise(2, 3000, 1)
    np.testing.assert_allclose(layer(inputs), make_layer(backend="numpy", **arguments)(inputs), atol=1e-5)
    assert len(sent) > 10
    assert max(sent) <= 2000
    sent.clear()
    layer.frames(inputs, 0, 100)
    assert max(sent) <= 2000


def test_cupy_input_is_divided_where_a_block_does_not_fit(put, monkeypatch):
    arguments = {"mode": "magnitude", "padding": "same", **SIZES}
    inputs = noise(3, 300, 1)
    there = put(inputs)
    # The result has 57 frames of 132 bytes; the spectrum of 28 frames is as large, those of 64 and of 32 are larger.
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 57 * 132)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**20)
    fake_cupy.COUNTS.clear()
    actual = make_layer(**arguments)(there).get()
    np.testing.assert_allclose(actual, make_layer(backend="numpy", **arguments)(inputs), atol=1e-5)
    assert fake_cupy.COUNTS["freed"] == 2


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
def test_gradients_of_cupy_input_are_divided_where_a_block_does_not_fit(put, monkeypatch, make):
    arguments = {"mode": "log", "padding": "same", "dtype": "float64", **SIZES}
    inputs, layer = noise(3, 300, 1).astype("float64"), make(**arguments)
    cotangent = noise(*layer.compute_output_shape(inputs.shape)).astype("float64")
    expected = make(backend="numpy", **arguments).vjp(inputs, cotangent)
    there = put(inputs), put(cotangent)
    # The largest array that is needed beside the blocks: the gradients of both kernels.
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 40 * 66 * 8)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**20)
    fake_cupy.COUNTS.clear()
    actual = layer.vjp(*there)
    assert fake_cupy.COUNTS["freed"] >= 1
    for name in ("inputs", "real_kernel", "imag_kernel"):
        np.testing.assert_allclose(getattr(actual, name).get(), getattr(expected, name), rtol=1e-9, atol=1e-9)


def exhausted_places(monkeypatch):
    """Yield while the memory is exhausted once in a turn: at the first launch, in the next turn at the second, ..."""
    n_taken, limit = 0, 0

    def take():
        nonlocal n_taken
        n_taken += 1
        if n_taken == limit:
            raise fake_cupy.OutOfMemoryError("Out of memory allocating 1 bytes.")

    monkeypatch.setattr(fake_cupy, "take_memory", take)
    while n_taken >= limit:
        n_taken, limit = 0, limit + 1
        yield


def each_exhaustion(monkeypatch, call):
    """Yield the results of a call at each of the places where its memory may be exhausted.

    Errors outside a block are not caught, and yield nothing.
    """
    for _ in exhausted_places(monkeypatch):
        with suppress(MemoryError):
            yield call()


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
def test_gradients_are_the_same_wherever_a_block_runs_out_of_memory(put, monkeypatch, make):
    arguments = {"mode": "psd", "padding": "same", "dtype": "float64", **SIZES}
    inputs, layer = noise(2, 100, 1).astype("float64"), make(**arguments)
    cotangent = noise(*layer.compute_output_shape(inputs.shape)).astype("float64")
    expected = make(backend="numpy", **arguments).vjp(inputs, cotangent)
    there = put(inputs), put(cotangent)
    results = list(each_exhaustion(monkeypatch, lambda: layer.vjp(*there)))
    # The launches of two blocks, and the call to which nothing happens.
    assert len(results) > 2 * 8
    for actual in results:
        for name in ("inputs", "real_kernel", "imag_kernel"):
            np.testing.assert_allclose(getattr(actual, name).get(), getattr(expected, name), rtol=1e-9, atol=1e-9)


def test_an_inverse_and_griffin_lim_on_cupy_input_are_divided_where_a_block_does_not_fit(put, monkeypatch):
    arguments = {"padding": "same", "dtype": "float64", **SIZES}
    inputs = noise(3, 300, 1).astype("float64")
    spectrum = make_layer(mode="stft", backend="numpy", **arguments)(inputs)
    levels = make_layer(mode="log", backend="numpy", **arguments)(inputs)
    expected = make_layer(mode="log", backend="numpy", **arguments).reconstruct(levels, 300, 3)
    # Values of other types are not copied as a whole.
    there = put(spectrum.astype("float32")), put(levels)
    # The signal has 900 samples, and the values of 57 frames are larger.
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 900 * 8)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**20)
    fake_cupy.COUNTS.clear()
    signal = make_layer(mode="stft", **arguments).inverse(there[0], 300).signal
    np.testing.assert_allclose(signal.get(), inputs, atol=1e-5)
    assert fake_cupy.COUNTS.pop("freed") > 1
    actual = make_layer(mode="log", **arguments).reconstruct(there[1], 300, 3)
    np.testing.assert_allclose(actual.signal.get(), expected.signal, atol=1e-7)
    assert float(actual.convergence) == pytest.approx(expected.convergence, rel=1e-6)
    # The size that fits is found once and not in each iteration.
    assert 1 < fake_cupy.COUNTS["freed"] < 10


@pytest.mark.slow
def test_an_inverse_and_griffin_lim_are_the_same_wherever_a_block_runs_out_of_memory(put, monkeypatch):
    arguments = {"padding": "same", "dtype": "float64", **SIZES}
    parts, levels = (make_layer(mode=mode, **arguments) for mode in ("stft", "psd"))
    inputs = noise(2, 100, 1).astype("float64")
    powers = make_layer(mode="psd", backend="numpy", **arguments)(inputs)
    expected = make_layer(mode="psd", backend="numpy", **arguments).reconstruct(powers, 100, 2)
    there, spectrum = put(powers), parts(put(inputs))
    for result in each_exhaustion(monkeypatch, lambda: parts.inverse(spectrum, 100)):
        np.testing.assert_allclose(result.signal.get(), inputs, atol=1e-10)
    results = list(each_exhaustion(monkeypatch, lambda: levels.reconstruct(there, 100, 2)))
    # Three overlap-adds and the errors, in two blocks.
    assert len(results) > 2 * 4 * 5
    for result in results:
        np.testing.assert_allclose(result.signal.get(), expected.signal, atol=1e-7)
        assert float(result.convergence) == pytest.approx(expected.convergence, rel=1e-6)


LAYOUTS = [{}, {"padding": "same"}, {"data_format": "channels_first", "expand_dims": True, "padding": "same"}]


@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_gradients_of_numpy_input_are_computed_in_parts_of_bounded_size(put, sent, layout, dtype):
    arguments = {"mode": "psd", "dtype": dtype, **SIZES, **layout}
    layer, inputs = make_layer(**arguments), noise(2, 2, 700).astype(dtype)
    inputs = inputs if "data_format" in layout else inputs.swapaxes(1, 2)
    cotangent = noise(*layer.compute_output_shape(inputs.shape))
    expected, actual = make_layer(backend="numpy", **arguments).vjp(inputs, cotangent), layer.vjp(inputs, cotangent)
    assert len(sent) > 10
    assert max(sent) <= 2000
    for name in ("inputs", "real_kernel", "imag_kernel"):
        wanted = getattr(expected, name)
        error = {"rtol": 1e-4, "atol": 1e-5 * np.abs(wanted).max()}
        np.testing.assert_allclose(getattr(actual, name), wanted, **error, strict=True)
    assert layer.vjp(inputs, cotangent, wrt_inputs=False).inputs is None


@pytest.mark.parametrize("layout", slow_but(LAYOUTS, lambda layout: layout in LAYOUTS[:2]), ids=str)
@pytest.mark.parametrize("sizes", [SIZES, {"frame_length": 40, "frame_step": 7}, {"frame_length": 1}], ids=str)
@pytest.mark.parametrize("more", [0, 3])
def test_the_inverse_of_a_numpy_spectrum_is_computed_in_parts_of_bounded_size(put, sent, layout, sizes, more):
    arguments = {"mode": "stft", "window": "hamming", "dtype": "float64", **sizes, **layout}
    layer, host = make_layer(**arguments), make_layer(backend="numpy", **arguments)
    inputs = noise(2, 2, 600 + more).astype("float64")
    inputs = inputs if "data_format" in layout else inputs.swapaxes(1, 2)
    spectrum = host(inputs)
    expected, actual = host.inverse(spectrum, 600 + more), layer.inverse(spectrum, 600 + more)
    assert len(sent) > 5
    # Each part has the frames that reach into its first samples, too.
    n_carried = -(-layer.settings.frame_length // layer.settings.step) - 1
    assert max(sent) <= 2000 + 2 * n_carried * 2 * layer.settings.n_bins * 8
    assert actual.n_lost == expected.n_lost
    np.testing.assert_allclose(actual.signal, expected.signal, rtol=1e-10, atol=1e-12, strict=True)


def test_gradients_and_an_inverse_that_do_not_fit_are_computed_in_parts(put, monkeypatch):
    arguments = {"padding": "same", "dtype": "float64", **SIZES}
    inputs = noise(3, 900, 1).astype("float64")
    hosts = [make_layer(mode=mode, backend="numpy", **arguments) for mode in ("stft", "psd")]
    spectrum, powers = (host(inputs) for host in hosts)
    expected = hosts[1].vjp(inputs, powers)
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 40 * 66 * 8)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**11)
    signal = make_layer(mode="stft", backend="cupy", **arguments).inverse(spectrum, 900).signal
    np.testing.assert_allclose(signal, inputs, atol=1e-10)
    actual = make_layer(mode="psd", backend="cupy", **arguments).vjp(inputs, powers)
    np.testing.assert_allclose(actual.inputs, expected.inputs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(actual.real_kernel, expected.real_kernel, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("layout", LAYOUTS, ids=str)
@pytest.mark.parametrize("sizes", [SIZES, {"frame_length": 41, "frame_step": 7, "fft_length": 65}], ids=str)
@pytest.mark.parametrize("dtype", ["float16", "float64"])
def test_griffin_lim_is_computed_in_parts_of_bounded_size_where_the_spectrogram_does_not_fit(
    put, sent, monkeypatch, layout, sizes, dtype
):
    arguments = {"mode": "log", "dtype": dtype, **sizes, **layout}
    layer, host = make_layer(backend="cupy", **arguments), make_layer(backend="numpy", **arguments)
    inputs = noise(2, 2, 400).astype(dtype)
    levels = host(inputs if "data_format" in layout else inputs.swapaxes(1, 2))
    levels.reshape(2, -1)[1, 5] = np.nan
    expected = host.reconstruct(levels, 400, 3, seed=2)
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", levels.nbytes - 1)
    actual = layer.reconstruct(levels, 400, 3, seed=2)
    # The first one is the whole.
    assert len(sent) > 4 * 4
    n_carried = -(-layer.settings.frame_length // layer.settings.step) - 1
    assert max(sent[1:]) <= 2000 + 2 * n_carried * layer.settings.n_bins * levels.itemsize
    assert actual.n_lost == expected.n_lost
    error = {"rtol": 2e-3, "atol": 2e-3} if dtype == "float16" else {"atol": 1e-7}
    np.testing.assert_allclose(actual.signal, expected.signal, **error, strict=True)
    assert actual.convergence == pytest.approx(expected.convergence, rel=1e-3 if dtype == "float16" else 1e-6)


def test_griffin_lim_in_parts_falls_back_to_numpy_where_a_frame_does_not_fit(put, monkeypatch):
    layer = make_layer(mode="magnitude", padding="same", **SIZES)
    host = make_layer(mode="magnitude", padding="same", backend="numpy", **SIZES)
    levels = host(noise(1, 200, 1))
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 100)
    np.testing.assert_array_equal(layer.reconstruct(levels, 200, 2).signal, host.reconstruct(levels, 200, 2).signal)


def test_what_griffin_lim_needs_at_once_is_not_sent_through_page_locked_memory(put, monkeypatch):
    monkeypatch.setattr(devices, "MAX_PAGE_LOCKED", 2000)
    layer = make_layer(mode="magnitude", padding="same", **SIZES)
    levels = make_layer(mode="magnitude", padding="same", backend="numpy", **SIZES)(noise(1, 900, 1))
    monkeypatch.setattr(fake_cupy, "CALLS", set())
    expected = make_layer(mode="magnitude", padding="same", backend="numpy", **SIZES).reconstruct(levels, 900, 2)
    np.testing.assert_allclose(layer.reconstruct(levels, 900, 2).signal, expected.signal, atol=1e-4)
    assert ("asarray", 1, ()) not in fake_cupy.CALLS


def test_a_single_frame_that_does_not_fit_is_cupys_error(put, monkeypatch):
    there = put(noise(1, 40, 1))
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 200)
    with pytest.raises(MemoryError, match="Out of memory allocating"):
        make_layer(**SIZES)(there)
