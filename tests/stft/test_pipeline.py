"""The forward transform: blocks and threads, dtypes and memory layouts, and samples that are not finite."""

import os
import subprocess
import sys
import threading
import time
import tracemalloc
import warnings
from concurrent.futures import ThreadPoolExecutor
from itertools import count, pairwise

import numpy as np
import pytest

from specwidget.stft import pipeline
from specwidget.stft.settings import DTYPES, MODES, STFTSettings
from tests.layers import make_layer, make_matmul_layer
from tests.reference import DEFAULTS, reference_frames, reference_spectrogram
from tests.tolerances import allowed_error, assert_within

BOTH_PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
ALL_MODES = pytest.mark.parametrize("mode", MODES)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.fixture
def set_blocks(monkeypatch):
    """Set the size of a block and the number of threads."""

    def set_size(block_bytes, threads):
        monkeypatch.setitem(pipeline.BLOCK_BYTES, "NumPy", block_bytes)
        monkeypatch.setattr(pipeline, "_count_threads", lambda *_: threads)

    return set_size


@ALL_MODES
@pytest.mark.parametrize("layout", [{}, {"data_format": "channels_first"}, {"expand_dims": True}])
@pytest.mark.parametrize("dtype", DTYPES)
def test_blocks_and_threads_do_not_change_a_bit_of_the_fft_path(set_blocks, mode, layout, dtype):
    layer = make_layer(mode=mode, frame_length=50, frame_step=7, padding="same", dtype=dtype, **layout)
    inputs = noise(2, 3, 401) if layout.get("data_format") else noise(2, 401, 3)
    set_blocks(2**30, 1)
    expected = layer(inputs)
    for block_bytes, threads in ((1, 1), (5 * 64 * 4, 1), (2**14, 2), (2**30, 3), (1, 8)):
        set_blocks(block_bytes, threads)
        np.testing.assert_array_equal(layer(inputs), expected, strict=True)


@pytest.mark.parametrize("frame_length", [13, 256, 1000])
@pytest.mark.filterwarnings("ignore:`fft_length`")
def test_blocks_do_not_change_a_bit_of_an_fft_of_any_length(set_blocks, frame_length):
    layer = make_layer(mode="stft", frame_length=frame_length, fft_length=frame_length, window="hamming")
    set_blocks(2**30, 1)
    expected = layer(noise(1, 9000, 1))
    for block_bytes, threads in ((1, 1), (3 * frame_length * 4, 2), (2**30, 4)):
        set_blocks(block_bytes, threads)
        np.testing.assert_array_equal(layer(noise(1, 9000, 1)), expected)


def test_a_single_batch_item_has_the_same_bits_as_in_its_batch():
    layer, inputs = make_layer(mode="stft", expand_dims=True), noise(3, 5000, 2)
    whole = layer(inputs)
    np.testing.assert_array_equal(layer(inputs[1:2, :, 1:])[..., 0], whole[1:2, ..., 1])


def test_the_matmul_path_is_deterministic():
    layer, inputs = make_matmul_layer(mode="stft"), noise(2, 3000, 2)
    np.testing.assert_array_equal(layer(inputs), layer(inputs))


def test_more_threads_than_frames_are_allowed(set_blocks):
    set_blocks(2**20, 64)
    assert make_layer()(noise(1, 300, 1)).shape == (1, 1, 129)


def test_a_delayed_thread_leaves_its_chunks_to_the_others(set_blocks):
    set_blocks(2**20, 2)
    settings, done, all_others = STFTSettings(fft_length=1024), [], threading.Event()

    def compute(first, last):
        if threading.current_thread() is not threading.main_thread():
            assert all_others.wait(20)
        done.append((first, last))
        if sum(last - first for first, last in done) >= 10_000 - 10_000 // 8:
            all_others.set()

    pipeline.parallel_for(compute, 10_000, np.zeros(0), settings)
    assert len(done) > 8
    assert sorted(done)[0][0] == 0
    assert sorted(done)[-1][1] == 10_000
    assert all(end == begin for (_, end), (begin, _) in pairwise(sorted(done)))


def test_an_exception_in_a_chunk_is_raised_and_no_further_chunk_starts(set_blocks):
    set_blocks(2**20, 2)
    elsewhere, begun = [], threading.Event()

    def compute(first, _last):
        if threading.current_thread() is threading.main_thread():
            assert begun.wait(20)
            raise MemoryError
        elsewhere.append(first)
        begun.set()
        time.sleep(0.05)

    with pytest.raises(MemoryError):
        pipeline.parallel_for(compute, 10_000, np.zeros(0), STFTSettings(fft_length=1024))
    assert len(elsewhere) <= 2


@pytest.mark.parametrize("n_started", [0, 1])
def test_where_no_thread_starts_the_calling_thread_does_the_work(set_blocks, monkeypatch, n_started):
    with ThreadPoolExecutor(1) as pool:

        class Full:
            """A pool at Python's exit: it starts so many jobs, and no more."""

            left = n_started

            def submit(self, *job):
                if not self.left:
                    raise RuntimeError("cannot schedule new futures after shutdown")
                self.left -= 1
                return pool.submit(*job)

        pool_at_exit = Full()
        monkeypatch.setattr(pipeline, "_thread_pool", lambda: pool_at_exit)
        set_blocks(2**16, 3)
        done = []
        pipeline.parallel_for(lambda *part: done.append(part), 10_000, np.zeros(0), STFTSettings(fft_length=1024))
    assert sorted(number for first, last in done for number in range(first, last)) == list(range(10_000))


def test_all_threads_have_stopped_when_an_exception_is_raised(set_blocks, monkeypatch):
    set_blocks(2**20, 4)
    numbers, at_work, all_begun = count(1), set(), threading.Event()

    def compute(first, _last):
        if threading.current_thread() is threading.main_thread():
            assert all_begun.wait(20)
            return
        number = next(numbers)
        at_work.add(first)
        if number == 3:
            all_begun.set()
        assert all_begun.wait(20)
        if number > 1:
            time.sleep(0.2)
        at_work.discard(first)
        if number == 1:
            raise MemoryError

    with ThreadPoolExecutor(3) as pool:
        monkeypatch.setattr(pipeline, "_thread_pool", lambda: pool)
        with pytest.raises(MemoryError):
            pipeline.parallel_for(compute, 10_000, np.zeros(0), STFTSettings(fft_length=1024))
        assert not at_work


def test_a_layer_may_be_called_from_many_threads_at_once():
    layer, inputs = make_layer(mode="stft"), [noise(1, 70_000, 2, seed=seed) for seed in range(6)]
    expected = [layer(one) for one in inputs]
    with ThreadPoolExecutor(6) as pool:
        for actual, one in zip(pool.map(layer, inputs), expected, strict=True):
            np.testing.assert_array_equal(actual, one)


FORK = """
import os, signal, sys, time
import numpy as np
from specwidget import STFTSpectrogram
layer, inputs = STFTSpectrogram(), np.ones((1, 400_000, 1), np.float32)
expected = layer(inputs)
child = os.fork()
if not child:
    os._exit(0 if np.array_equal(layer(inputs), expected) else 1)
for _ in range(200):
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        sys.exit(status)
    time.sleep(0.05)
os.kill(child, signal.SIGKILL)
sys.exit("the child hangs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_computes_like_its_parent():
    # Data loaders fork after the parent has computed, and threads do not survive a fork.
    run = subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize("layout", [{}, {"expand_dims": True}, {"data_format": "channels_first"}])
def test_memory_is_the_result_and_a_few_mebibytes(layout):
    layer = make_layer(frame_length=2048, frame_step=512, mode="stft", **layout)
    inputs = np.zeros((1, 1, 2**20) if layout.get("data_format") else (1, 2**20, 1), np.float32)
    layer(inputs)
    tracemalloc.start()
    output = layer(inputs)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Without blocks, windowed frames and spectrum alone would be 32 MiB.
    assert peak - output.nbytes < 12 * 2**20


@pytest.mark.parametrize("threads", [1, 2])
def test_the_input_is_not_modified(set_blocks, threads):
    set_blocks(2**12, threads)
    inputs = noise(2, 2000, 2)
    before = inputs.copy()
    inputs.flags.writeable = False
    for mode in MODES:
        make_layer(mode=mode)(inputs)
        make_matmul_layer(mode=mode)(inputs)
    np.testing.assert_array_equal(inputs, before)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("input_dtype", DTYPES)
def test_every_float_dtype_is_accepted_and_the_output_has_the_layers_dtype(make, mode, dtype, input_dtype):
    arguments = {"mode": mode, "frame_length": 16, "dtype": dtype}
    inputs = noise(2, 100, 2).astype(input_dtype)
    actual = make(**arguments)(inputs)
    assert actual.dtype == dtype
    assert_within(actual, reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments), mode)


@BOTH_PATHS
@pytest.mark.parametrize(
    "disguise",
    [
        lambda x: x.astype(x.dtype.newbyteorder(">")),
        np.asfortranarray,
        lambda x: np.repeat(np.repeat(x, 2, axis=1), 3, axis=2)[:, ::2, ::3],
        lambda x: x[::-1, ::-1, ::-1].copy()[::-1, ::-1, ::-1],
        lambda x: x.transpose(2, 0, 1).copy().transpose(1, 2, 0),
        lambda x: np.frombuffer(x.tobytes(), x.dtype).reshape(x.shape),
    ],
    ids=["big-endian", "fortran", "strided", "reversed", "transposed", "read-only"],
)
def test_the_memory_layout_changes_no_bit(make, disguise):
    inputs, layer = noise(2, 500, 3), make(mode="stft", frame_length=32, padding="same")
    for dtype in DTYPES:
        plain = inputs.astype(dtype)
        np.testing.assert_array_equal(layer(disguise(plain)), layer(plain), strict=True)


def test_an_input_with_a_stride_of_0_is_accepted():
    inputs = np.broadcast_to(noise(1, 300, 1), (2, 300, 3))
    np.testing.assert_array_equal(make_layer()(inputs), make_layer()(inputs.copy()))


def test_the_result_shares_no_memory():
    inputs = noise(1, 64, 1)
    output = make_layer(mode="real", frame_length=1, frame_step=1, window=None)(inputs)
    assert not np.shares_memory(output, inputs)
    assert output.flags.writeable
    assert output.flags.c_contiguous


@BOTH_PATHS
@pytest.mark.parametrize("layout", [{}, {"expand_dims": True}])
def test_an_empty_batch_gives_an_empty_result(make, layout):
    layer = make(frame_length=16, mode="stft", **layout)
    output = layer(np.zeros((0, 100, 2), np.float32))
    assert output.shape == layer.compute_output_shape((0, 100, 2))
    assert output.dtype == np.float32


@pytest.mark.parametrize("dtype", [int, np.int16, bool, complex, object, np.longdouble, "U1"])
def test_any_other_dtype_is_a_type_error(dtype):
    name = np.dtype(dtype).name
    with pytest.raises(TypeError, match=rf"^`inputs` must have dtype float16, float32 or float64; got {name}"):
        make_layer()(np.zeros((1, 300, 1), dtype))


@pytest.mark.parametrize("inputs", [[[[0.0]] * 300], None, 3.0, "noise.wav"])
def test_anything_but_an_array_is_a_type_error(inputs):
    with pytest.raises(TypeError, match=r"^`inputs` must be an array; got"):
        make_layer()(inputs)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((300,), r"must have 3 axes \(batch, time, channels\); got shape \(300,\)"),
        ((1, 0, 1), "must have at least 1 sample"),
        ((1, 300, 0), "must have at least 1 channel"),
        ((1, 100, 1), "must have at least frame_length=256 samples .*got 100"),
        ((1, 1, 300), "must have at least frame_length=256 samples .*got 1 .*axes look swapped"),
    ],
)
def test_a_wrong_shape_is_a_value_error(shape, message):
    with pytest.raises(ValueError, match=f"^`inputs` {message}"):
        make_layer()(np.zeros(shape, np.float32))


@pytest.mark.parametrize("n_samples", [1, 2, 15, 16])
def test_same_padding_accepts_a_signal_shorter_than_a_frame(n_samples):
    arguments = {"mode": "stft", "frame_length": 16, "frame_step": 5, "padding": "same", "dtype": "float64"}
    inputs = noise(1, n_samples, 2)
    expected, allowed = reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments)
    for make in (make_layer, make_matmul_layer):
        assert_within(make(**arguments)(inputs), expected, allowed, "stft")


@pytest.mark.parametrize(("frame_length", "fft_length"), [(1, None), (1, 1), (1, 2), (2, None), (3, 3)])
@pytest.mark.filterwarnings("ignore:`fft_length`")
def test_the_smallest_frames_work_in_every_mode(frame_length, fft_length):
    for mode in MODES:
        arguments = {"mode": mode, "frame_length": frame_length, "fft_length": fft_length, "window": "hamming"}
        inputs = noise(2, 9, 2)
        expected, allowed = reference_spectrogram(inputs, **arguments), allowed_error(inputs, **arguments)
        assert_within(make_layer(**arguments)(inputs), expected, allowed, mode)


def test_float16_is_computed_in_float32_and_rounded_at_the_end():
    inputs = noise(1, 2000, 1).astype(np.float16)
    half, single = (make_layer(mode="stft", dtype=dtype)(inputs) for dtype in ("float16", "float32"))
    np.testing.assert_array_equal(half, single.astype(np.float16), strict=True)


def test_input_is_rounded_to_float16_where_that_is_the_layers_dtype():
    inputs = noise(1, 300, 1)
    layer = make_layer(dtype="float16", mode="stft", scaling=None)
    np.testing.assert_array_equal(layer(inputs), layer(inputs.astype(np.float16)))


@BOTH_PATHS
@ALL_MODES
def test_float16_overflows_to_infinity_without_a_warning(make, mode):
    loud = np.full((1, 300, 1), 6e4, np.float16)
    layer = make(mode=mode, frame_length=256, window="boxcar", scaling=None, dtype="float16")
    first = layer(loud)[0, 0, 0]
    assert first == {"imag": 0, "angle": 0, "log": np.float16(np.log(6e4 * 256))}.get(mode, np.inf)


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("nonfinite", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_nonfinite_sample_gives_nan_in_every_bin_of_its_frames_only(make, mode, nonfinite, padding):
    # The Hann window is 0 at its ends, where 0 * inf must not become 0; an FFT alone leaves some bins finite.
    arguments = {"mode": mode, "frame_length": 16, "frame_step": 6, "padding": padding, "expand_dims": True}
    layer = make(**arguments)
    inputs = noise(2, 75, 2)
    inputs[1, 40, 0] = nonfinite
    output = layer(inputs)
    frames = reference_frames(inputs.transpose(0, 2, 1), DEFAULTS | arguments)
    touched = ~np.isfinite(frames).all(axis=-1).transpose(0, 2, 1)
    assert 2 <= touched.sum() <= 3
    np.testing.assert_array_equal(np.isnan(output), np.broadcast_to(touched[:, :, None, :], output.shape))
    assert np.isfinite(output[~np.isnan(output)]).all()


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("n", range(8))
def test_a_nonfinite_sample_is_detected_at_any_position_in_the_frame(make, mode, n):
    inputs = np.zeros((1, 8, 1))
    inputs[0, n] = np.inf
    assert np.isnan(make(mode=mode, frame_length=8, fft_length=32)(inputs)).all()


@BOTH_PATHS
def test_samples_that_overflow_the_layers_dtype_make_their_frames_nan(make):
    inputs = np.zeros((1, 64, 1))
    inputs[0, 40] = 1e300
    output = make(frame_length=16, frame_step=16)(inputs)
    np.testing.assert_array_equal(np.isnan(output[0]).all(axis=-1), [False, False, True, False])


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "imag"])
def test_finite_samples_whose_sum_overflows_give_the_same_on_both_paths(mode):
    # Mode "imag" has no kernel that sums the samples, so the matmul path can't detect the overflow.
    inputs = np.full((1, 16, 1), 3e38, np.float32)
    arguments = {"mode": mode, "frame_length": 16, "window": "boxcar", "scaling": None}
    np.testing.assert_array_equal(*(np.isfinite(make(**arguments)(inputs)) for make in (make_layer, make_matmul_layer)))


@BOTH_PATHS
@ALL_MODES
@pytest.mark.parametrize("dtype", DTYPES)
def test_nonfinite_and_extreme_samples_cause_no_warning(make, mode, dtype):
    layer = make(mode=mode, frame_length=16, dtype=dtype)
    inputs = noise(1, 64, 1).astype(np.float64)
    inputs[0, :8, 0] = [np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300, 5e-324, 0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        layer(inputs)


@ALL_MODES
def test_linear_modes_are_linear_and_the_others_follow_from_them(mode):
    first, second = noise(1, 200, 1, seed=1).astype(float), noise(1, 200, 1, seed=2).astype(float)
    layer = make_layer(mode="stft", frame_length=32, dtype="float64")
    np.testing.assert_allclose(layer(2 * first - second), 2 * layer(first) - layer(second), rtol=0, atol=1e-13)
    doubled = make_layer(mode=mode, frame_length=32, dtype="float64", epsilon=1e-30)
    factor = {"psd": 4, "angle": 1, "log": 1}.get(mode, 2)
    expected = factor * doubled(first) + (np.log(2) if mode == "log" else 0)
    np.testing.assert_allclose(doubled(2 * first), expected, rtol=1e-12, atol=1e-12)


@ALL_MODES
def test_a_shift_by_one_step_shifts_the_frames_by_one(mode):
    inputs, layer = noise(1, 1000, 1), make_layer(mode=mode, frame_length=64, frame_step=24)
    np.testing.assert_array_equal(layer(inputs[:, 24:]), layer(inputs)[:, 1:])
