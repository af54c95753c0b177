"""What a device does for a call, counted on the stand-in: launches, waits, transfers and FFT plans."""

import numpy as np
import pytest

from specwidget import devices
from specwidget.stft import batch_splitting, device_blocks, pipeline
from specwidget.stft.settings import DTYPES, MODES
from tests.gpu import fake_cupy
from tests.layers import make_layer, make_matmul_layer, noise

SIZES = {"frame_length": 40, "frame_step": 16, "fft_length": 64}
BLOCK_FRAMES = 16


@pytest.fixture
def put(fake, monkeypatch):
    """Return the function that puts an array on the device, where blocks have 16 frames."""
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", BLOCK_FRAMES * 64 * 4)
    return fake.put


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
def test_256_sounds_of_one_second_are_one_block(fake):
    layer, inputs = make_layer(), fake.put(np.zeros((256, 16_000, 1), np.float32))
    counts = count(lambda: layer(inputs))
    assert (counts.pop("launches"), set(counts)) == (3, {"bytes"})


def test_each_value_of_a_block_is_moved_few_times(put):
    layer, inputs = make_layer(**SIZES), put(noise(1, 16 * 15 + 40, 1))
    frames, spectrum, values = 16 * 64 * 4, 16 * 33 * 8, 16 * 33 * 4
    # Each of the parts is counted, though they lie in the same spectrum.
    most = inputs.nbytes + 2 * frames + 3 * spectrum + values + 40 * 4
    assert count(lambda: layer(inputs))["bytes"] <= most


def test_two_plans_serve_every_length_of_signal(put):
    layer = make_layer(**SIZES)
    for n_samples in range(40, 2000, 90):
        layer(put(noise(1, n_samples, 1)))
    assert {batch for _, _, batch in fake_cupy.PLANS.plans} == {BLOCK_FRAMES, BLOCK_FRAMES // device_blocks.SMALL_BLOCK}


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


@pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
@pytest.mark.parametrize("mode", MODES)
def test_gradients_wait_for_nothing_and_nothing_is_sent_for_them(put, make, mode):
    layer, inputs = make(mode=mode, **SIZES), put(noise(2, 100, 1))
    cotangent = layer(inputs)
    assert not {"waits", "transfers"} & set(count(lambda: layer.vjp(inputs, cotangent)))


def test_the_phases_of_griffin_lim_are_drawn_on_the_device(put):
    layer = make_layer(mode="magnitude", padding="same", **SIZES)
    levels = layer(put(noise(2, 160, 1)))
    counts = count(lambda: layer.reconstruct(levels, length=160, n_iter=2))
    # What is sent has the length of a few frames: the windows and factors of the overlap-add.
    assert "waits" not in counts
    assert counts["transfers"] == 3


@pytest.mark.parametrize("shape", [(1, 1, 3, 3), (2, 1, 7, 129), (1, 3, 40, 33)])
def test_a_seed_gives_the_phases_of_the_host(fake, shape):
    from specwidget.stft import griffin_lim
    from specwidget.stft.settings import STFTSettings

    settings = STFTSettings("magnitude")
    magnitudes = np.abs(noise(*shape))
    spectrum = fake.put(np.zeros(shape, np.complex64))
    for seed in (0, 2**70 + 1):
        generators = [np.random.default_rng(seed) for _ in range(2)]
        expected = magnitudes * griffin_lim._random_phases(magnitudes, generators[0], settings)
        griffin_lim._write_random_phases(spectrum, fake.put(magnitudes), generators[1], settings)
        np.testing.assert_allclose(spectrum.get(), expected, rtol=1e-5, atol=1e-6)


def test_a_result_with_its_time_is_waited_for(put):
    inputs = put(noise(1, 1000, 1))
    assert count(lambda: make_layer(**SIZES).spectrogram(inputs))["waits"] == 1


def test_numpy_input_is_sent_in_parts_of_bounded_size(put, monkeypatch):
    monkeypatch.setattr(batch_splitting, "MAX_PART_BYTES", 2000)
    sent = []
    to_cupy = devices._to_cupy
    monkeypatch.setattr(devices, "_to_cupy", lambda array: sent.append(array.nbytes) or to_cupy(array))
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
    # The result has 57 frames of 132 bytes; the spectrum of 28 frames is as large, that of the first block much larger.
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 57 * 132)
    monkeypatch.setitem(pipeline.BLOCK_BYTES, "CuPy", 2**20)
    fake_cupy.COUNTS.clear()
    actual = make_layer(**arguments)(there).get()
    np.testing.assert_allclose(actual, make_layer(backend="numpy", **arguments)(inputs), atol=1e-5)
    assert fake_cupy.COUNTS["freed"] > 3


def test_a_single_frame_that_does_not_fit_is_cupys_error(put, monkeypatch):
    there = put(noise(1, 40, 1))
    monkeypatch.setattr(fake_cupy.ndarray, "max_bytes", 200)
    with pytest.raises(MemoryError, match="Out of memory allocating"):
        make_layer(**SIZES)(there)
