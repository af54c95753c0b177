"""Test the figure of framing by cutting the frames directly."""

import pytest

from specwidget.charts.scene import Band, Points
from specwidget.teach.scenes.frames import FIGURE, MAX_ROWS


def bars(scene):
    """First and last sample of each frame's bar."""
    shown = [item for item in scene.axes[1].items if isinstance(item, Band) and item.y]
    return [(round(band.x[0] + 0.5), round(band.x[1] - 0.5)) for band in shown]


@pytest.mark.parametrize(
    ("n_samples", "frame_length", "frame_step"), [(43, 16, 8), (64, 16, 16), (9, 10, 3), (160, 5, 2)]
)
def test_the_bars_are_the_frames_that_fit(n_samples, frame_length, frame_step):
    scene = FIGURE.scene(n_samples=n_samples, frame_length=frame_length, frame_step=frame_step)
    starts = [start for start in range(0, n_samples, frame_step) if start + frame_length <= n_samples]
    assert bars(scene) == [(start, start + frame_length - 1) for start in starts]


def test_same_padding_draws_one_frame_per_step_and_the_zeros():
    scene = FIGURE.scene(n_samples=41, frame_length=16, frame_step=8, padding="same")
    assert len(bars(scene)) == 6
    # 5 * 8 + 16 - 41 = 15 zeros, the smaller half before the signal.
    assert bars(scene)[0] == (-7, 8)
    assert bars(scene)[-1] == (33, 48)
    zeros = [item.x for item in scene.axes[0].items if isinstance(item, Band)]
    assert sorted(zeros) == [(-7.5, -0.5), (40.5, 48.5)]


def test_the_dropped_tail_is_marked_and_in_the_caption():
    scene = FIGURE.scene(n_samples=43, frame_length=16, frame_step=8)
    tail = next(item for item in scene.axes[0].items if isinstance(item, Band))
    assert (tail.x, tail.label) == ((39.5, 42.5), "dropped tail: 3 samples")
    assert "(43 - 16) % 8 = 3 samples is dropped" in scene.caption


def test_more_samples_move_the_first_frame_with_same():
    centres = [FIGURE.scene(n_samples=n, padding="same").caption.rpartition("; ")[2] for n in (40, 41)]
    assert centres == ["its centre, 4, is between samples 3 and 4.", "its centre, 1, is between samples 0 and 1."]


def test_row_numbers_wrap_at_the_maximum():
    scene = FIGURE.scene(n_samples=160, frame_length=4, frame_step=2)
    marks = [item for item in scene.axes[1].items if isinstance(item, Points)]
    assert len(marks) > MAX_ROWS
    assert marks[MAX_ROWS].y == marks[0].y
    assert all(0 < mark.y[0] < MAX_ROWS for mark in marks)
