"""Columns computed block by block: the same bits as the whole reduced, whatever the blocks."""

import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from specwidget.raster import columns as columns_module
from specwidget.raster.columns import Cancelled, Channel, compute_columns, count_floor, preview_columns
from specwidget.raster.picture import REDUCTIONS, colour_map_kind, make_picture, picture_from_columns
from specwidget.raster.region import make_grid
from specwidget.stft.settings import MODES
from tests.layers import make_layer, make_matmul_layer

NOISE = np.random.default_rng(3).standard_normal((1, 6000, 1)).astype("float32")
NOISE[0, 3000:4000] = 0
NOISE[0, 5000, 0] = np.nan
SHORT = NOISE[:, ::4]
N_SHORT = SHORT.shape[1]


@pytest.fixture
def blocks(monkeypatch):
    """Set the bytes of a block, so that nothing is computed at once."""

    def set_bytes(n_bytes):
        monkeypatch.setattr(columns_module, "ONE_BLOCK", 0)
        monkeypatch.setitem(columns_module.BLOCK_BYTES, "NumPy", n_bytes)

    return set_bytes


def whole(channel):
    """Return the values of all frames."""
    return channel.frames(0, channel.n_frames)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mode=st.sampled_from(MODES),
    step=st.integers(1, 64),
    padding=st.sampled_from(["valid", "same"]),
    dtype=st.sampled_from(["float16", "float32", "float64"]),
    n_columns=st.integers(1, 300),
    block=st.sampled_from([1, 3000, 40_000]),
    ends=st.one_of(st.none(), st.tuples(st.integers(0, 749), st.integers(751, N_SHORT))),
)
def test_columns_have_the_bits_of_the_whole_reduced(blocks, mode, step, padding, dtype, n_columns, block, ends):
    blocks(block)
    layer = make_layer(mode=mode, frame_length=64, frame_step=step, padding=padding, dtype=dtype)
    channel = Channel(layer, SHORT)
    visible = None if ends is None else (*ends, 0.0, 1.0)
    grid = make_grid(layer.settings, N_SHORT, 8000, n_columns=n_columns, visible=visible)
    columns, n_on_floor = compute_columns(channel, grid)
    first, last = grid.frames
    values = whole(channel)[first:last]
    expected = REDUCTIONS[colour_map_kind(layer.settings)](values, grid.column_starts - first)
    np.testing.assert_array_equal(columns.values, expected, strict=True)
    assert columns.is_exact
    floor = {"log": np.log(1e-7) / 2, "magnitude": 1e-7**0.5}.get(mode, np.nan)
    assert n_on_floor == np.isclose(values.astype(float), floor, rtol=np.finfo(dtype).eps, atol=0).sum()


@pytest.mark.parametrize("mode", MODES)
def test_a_part_of_a_streamed_picture_is_that_of_the_result(blocks, mode):
    blocks(5000)
    layer = make_layer(mode=mode, frame_length=64, frame_step=5, padding="same")
    result = layer.spectrogram(NOISE, 8000)
    for visible in (None, (100.0, 2000.0, 0.0, 1.0), (900.0, 5500.0, 0.2, 0.7)):
        for axis in ("linear", "log", "mel"):
            grid = make_grid(layer.settings, 6000, 8000, axis=axis, n_columns=40, n_rows=12, visible=visible)
            columns, _ = compute_columns(Channel(layer, NOISE), grid)
            drawn = picture_from_columns(columns, grid, layer.settings, 6000, 8000)
            expected = make_picture(result, axis=axis, n_columns=40, n_rows=12 * len(drawn.panels), visible=visible)
            assert np.array_equal(drawn.codes, expected.codes)
            assert (drawn.low, drawn.high, drawn.automatic) == (expected.low, expected.high, expected.automatic)


@pytest.mark.parametrize("mode", ["log", "stft", "angle"])
def test_columns_that_would_be_much_are_reduced_to_rows_and_show_the_same(blocks, monkeypatch, mode):
    blocks(5000)
    layer = make_layer(mode=mode, frame_length=64, frame_step=5)
    grid = make_grid(layer.settings, 6000, 8000, n_columns=40, n_rows=10, visible=(100.0, 2000.0, 0.2, 0.7))
    plain, _ = compute_columns(Channel(layer, NOISE), grid)
    monkeypatch.setattr(columns_module, "COLUMN_BYTES", 0)
    reduced, _ = compute_columns(Channel(layer, NOISE), grid)
    assert reduced.values.shape[1] < plain.values.shape[1]
    sketch = preview_columns(Channel(layer, NOISE), grid, 10**6)
    codes = [picture_from_columns(each, grid, layer.settings, 6000, 8000).codes for each in (plain, reduced, sketch)]
    assert np.array_equal(codes[0], codes[1])
    assert np.array_equal(codes[0], codes[2])


def test_trained_kernels_are_streamed_too(blocks):
    blocks(5000)
    layer = make_matmul_layer(mode="magnitude", frame_length=64, frame_step=5, dtype="float64")
    samples = np.nan_to_num(NOISE).astype("float64")
    grid = make_grid(layer.settings, 6000, n_columns=30)
    columns, _ = compute_columns(Channel(layer, samples), grid)
    values = layer(samples)[0]
    expected = np.stack([part.max(axis=0) for part in np.split(values, grid.column_starts[1:-1])])
    np.testing.assert_allclose(columns.values, expected, rtol=1e-9)


def test_a_sketch_looks_at_frames_of_each_column_and_no_others():
    layer = make_layer(mode="magnitude", frame_length=64, frame_step=5)
    samples = np.nan_to_num(NOISE)
    channel, grid = Channel(layer, samples), make_grid(layer.settings, 6000, n_columns=50)
    sketch, (exact, _) = preview_columns(channel, grid, 200), compute_columns(channel, grid)
    assert not sketch.is_exact
    assert np.array_equal(sketch.starts, exact.starts)
    assert (sketch.values <= exact.values).all()
    frames = np.split(whole(channel), grid.column_starts[1:-1])
    assert all((column[None] == part).any(axis=0).all() for column, part in zip(sketch.values, frames, strict=True))


def test_a_sketch_of_all_frames_is_exact():
    layer = make_layer(mode="magnitude", frame_length=64, frame_step=5)
    channel, grid = Channel(layer, NOISE), make_grid(layer.settings, 6000, n_columns=50)
    sketch, (exact, _) = preview_columns(channel, grid, 10**5), compute_columns(channel, grid)
    assert sketch.is_exact
    assert np.array_equal(sketch.values, exact.values, equal_nan=True)


def test_a_sketch_of_very_few_frames_joins_columns(monkeypatch):
    monkeypatch.setattr(columns_module, "MIN_PREVIEW_COLUMNS", 4)
    layer = make_layer(frame_length=64, frame_step=5)
    grid = make_grid(layer.settings, 6000, n_columns=50)
    sketch = preview_columns(Channel(layer, NOISE), grid, 8)
    assert 4 <= len(sketch.values) <= 8
    assert (sketch.starts[0], sketch.starts[-1]) == (0, grid.n_frames)
    assert set(sketch.starts) <= set(grid.column_starts)


def test_work_that_is_no_longer_asked_for_is_abandoned(blocks):
    blocks(5000)
    asked = []
    layer = make_layer(frame_length=64, frame_step=5)
    channel, grid = Channel(layer, NOISE), make_grid(layer.settings, 6000, n_columns=50)

    def stop():
        asked.append(True)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        compute_columns(channel, grid, stop)
    with pytest.raises(Cancelled):
        count_floor(channel, stop)
    assert len(asked) < 12


@pytest.mark.parametrize("question", range(1, 12, 2))
def test_work_that_was_abandoned_once_is_abandoned(blocks, question):
    blocks(3000)
    channel = Channel(make_layer(frame_length=64, frame_step=4), NOISE)
    for work in (
        lambda stop: compute_columns(channel, make_grid(channel.settings, 6000, 8000, n_columns=9), stop),
        lambda stop: count_floor(channel, stop),
    ):
        asked = count(1)
        with pytest.raises(Cancelled):
            work(lambda asked=asked: next(asked) == question)


def test_the_floor_is_counted_in_every_frame(blocks):
    blocks(5000)
    layer = make_layer(frame_length=64, frame_step=5)
    result = layer.spectrogram(NOISE)
    assert count_floor(Channel(layer, NOISE)) / result.values.size == result.floor_share() > 0


LONG = """
import tracemalloc
import numpy as np
from specwidget import STFTSpectrogram
from specwidget.raster.picture import picture_from_columns
from specwidget.raster.region import make_grid
from specwidget.raster.columns import Channel, compute_columns, preview_columns
samples = np.random.default_rng(0).standard_normal((1, 2**22, 1)).astype("float32")
layer = STFTSpectrogram(frame_length=512, frame_step=32)
channel = Channel(layer, samples)
grid = make_grid(layer.settings, 2**22, 44_100, n_columns=1800, n_rows=600)
channel.frames(0, 2)
tracemalloc.start()
preview_columns(channel, grid, 4000)
columns, _ = compute_columns(channel, grid)
picture_from_columns(columns, grid, layer.settings, 2**22, 44_100)
print(tracemalloc.get_traced_memory()[1], channel.n_frames * 257 * 4)
"""


@pytest.mark.slow
def test_nothing_of_the_whole_is_held():
    run = subprocess.run([sys.executable, "-c", LONG], capture_output=True, text=True, timeout=120, check=True)
    peak, whole_bytes = map(int, run.stdout.split())
    assert whole_bytes > 128 * 2**20
    assert peak < 24 * 2**20
