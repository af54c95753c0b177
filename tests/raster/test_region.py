"""Regions: which frames are seen, how they are grouped, and that a part of a picture is a part of the whole."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import make_picture
from specwidget.raster.region import frames_between, make_grid
from specwidget.raster.scales import FREQUENCY_AXES
from specwidget.stft.settings import MODES, STFTSettings
from specwidget.stft.shapes import count_frames, frame_centre


@given(
    n_samples=st.integers(300, 5000),
    frame_length=st.integers(1, 300),
    step=st.integers(1, 300),
    padding=st.sampled_from(["valid", "same"]),
    ends=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_frames_between_two_samples_are_those_whose_columns_touch_them(
    n_samples, frame_length, step, padding, ends
):
    settings = STFTSettings(frame_length=frame_length, frame_step=min(step, frame_length), window=None, padding=padding)
    low, high = sorted(end * n_samples for end in ends)
    centres = [frame_centre(t, n_samples, settings) for t in range(count_frames(n_samples, settings))]
    half = settings.step / 2
    touching = [t for t, centre in enumerate(centres) if centre - half < high and centre + half > low]
    first, last = frames_between(low, high, n_samples, settings)
    assert 0 <= first < last <= len(centres)
    assert set(touching) <= set(range(first, last))
    assert last - first <= max(1, len(touching) + 2)


@given(
    n_samples=st.integers(300, 20_000),
    step=st.integers(1, 64),
    axis=st.sampled_from(FREQUENCY_AXES),
    n_columns=st.integers(1, 200),
    n_rows=st.integers(1, 100),
    time=st.tuples(st.floats(0, 1), st.floats(0, 1)).filter(lambda ends: ends[0] != ends[1]),
    height=st.tuples(st.floats(0, 1), st.floats(0, 1)).filter(lambda ends: abs(ends[0] - ends[1]) > 1e-3),
)
def test_a_grid_holds_what_is_visible_in_no_more_cells_than_asked_for(
    n_samples, step, axis, n_columns, n_rows, time, height
):
    settings = STFTSettings(frame_length=64, frame_step=step, fft_length=128)
    visible = (*sorted(end * n_samples for end in time), *sorted(height))
    grid = make_grid(settings, n_samples, 8000, axis=axis, n_columns=n_columns, n_rows=n_rows, visible=visible)
    shown = frames_between(visible[0], visible[1], n_samples, settings)
    assert grid.frames[0] <= shown[0] < shown[1] <= grid.frames[1] <= grid.n_frames
    seen = (grid.column_starts[:-1] < shown[1]) & (grid.column_starts[1:] > shown[0])
    assert seen.sum() <= n_columns + 1
    assert (np.diff(grid.column_starts) > 0).all()
    assert (np.diff(grid.row_starts) > 0).all()
    lowest, highest = grid.row_starts[0], grid.row_starts[-1]
    assert 0 <= lowest < highest <= grid.n_bins
    assert max(lowest - 0.5, 0) / 64 <= visible[2]
    assert highest == grid.n_bins or (highest - 0.5) / 64 >= visible[3]


@pytest.mark.slow
@pytest.mark.parametrize("mode", MODES)
@given(
    axis=st.sampled_from(FREQUENCY_AXES),
    begin=st.integers(0, 2500),
    width=st.integers(10, 500),
    bottom=st.floats(0, 0.8),
    height=st.floats(0.05, 0.2),
)
def test_the_cells_of_a_part_are_those_of_a_whole_picture_of_the_same_size(mode, axis, begin, width, bottom, height):
    result = RESULTS[mode]
    visible = (begin, begin + width, bottom, bottom + height)
    part = make_picture(result, visible=visible, axis=axis, n_columns=15, n_rows=16, decibels=False)
    size = int(np.diff(part.column_starts).max())
    whole = values_by_hand(result, size, part.row_starts, part.quantity.kind)
    first = int(part.column_starts[0]) // size
    step = (part.high - part.low) / 65_534
    shown = part.low + (part.codes.astype(float) - 1) * step
    expected = whole[:, first : first + part.codes.shape[1]]
    np.testing.assert_allclose(shown, expected, rtol=0, atol=0.51 * step + 1e-6 * np.abs(expected).max())


def values_by_hand(result, size, row_starts, kind):
    """Reduce the whole result cell by cell, columns of `size` frames."""
    values, n_bins = result.channel_values(), result.settings.n_bins
    parts = []
    for begin in range(0, values.shape[1], n_bins):
        panel = values[:, begin : begin + n_bins]
        for low, high in pairwise(row_starts):
            row = []
            for first in range(0, len(panel), size):
                cell = panel[first : first + size, low:high]
                farthest = cell.max() if cell.max() >= -cell.min() else cell.min()
                middle = cell[(len(cell) - 1) // 2, (cell.shape[1] - 1) // 2]
                row.append({"sequential": cell.max(), "diverging": farthest, "cyclic": middle}[kind])
            parts.append(row)
    return np.array(parts)


NOISE = np.random.default_rng(5).standard_normal((1, 3000, 1)).astype("float32")
RESULTS = {
    mode: STFTSpectrogram(mode, frame_length=64, frame_step=16, padding="same").spectrogram(NOISE, 8000)
    for mode in MODES
}


def test_a_move_shows_the_same_columns_at_another_place():
    settings = STFTSettings(frame_length=64, frame_step=16)
    starts = [
        make_grid(settings, 500_000, visible=(begin, begin + 200_000, 0, 1), n_columns=100).column_starts
        for begin in (100_000, 100_100, 117_003)
    ]
    assert all(set((each[:-1] % 126).tolist()) == {0} for each in starts)


def test_frames_that_the_screen_has_room_for_keep_a_column_each():
    settings = STFTSettings(frame_length=64, frame_step=16)
    grid = make_grid(settings, 500_000, visible=(100_000, 101_600, 0, 1), n_columns=200)
    assert grid.column_size == 1
    assert not grid.is_whole
    assert 100 <= len(grid.column_starts) - 1 <= 210


def test_the_whole_is_whole():
    assert make_grid(STFTSettings(), 100_000, n_columns=50, n_rows=20).is_whole
    assert make_grid(STFTSettings(), 100_000, visible=(0, 100_000, 0, 1)).is_whole
