"""Overlapping windows: the conditions NOLA and COLA."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.overlap import check_cola, check_nola, nola_threshold, overlap_sums
from specwidget.stft.windows import NAMED_WINDOWS, make_window

STEPS = (1, 2, 3, 5, 8, 10, 15, 16, 20, 25, 30, 31, 32)
GRID = [(name, periodic) for name in NAMED_WINDOWS for periodic in (False, True)]


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30), st.data())
def test_overlap_sums_equal_a_direct_sum(values, data):
    step = data.draw(st.integers(1, len(values)))
    line = np.zeros(5 * len(values))
    for start in range(0, 4 * len(values), step):
        line[start : start + len(values)] += values
    middle = 2 * len(values) // step * step
    np.testing.assert_allclose(overlap_sums(values, step), line[middle : middle + step], atol=1e-12)


@pytest.mark.parametrize(("name", "periodic"), GRID)
@pytest.mark.parametrize("frame_length", [31, 32])
def test_nola_and_cola_agree_with_scipy(name, periodic, frame_length):
    window = make_window(name, frame_length, periodic)
    for step in STEPS:
        if step <= frame_length:
            expected = (
                scipy.signal.check_NOLA(window, frame_length, frame_length - step),
                scipy.signal.check_COLA(window, frame_length, frame_length - step),
            )
            assert (check_nola(window, step, threshold=1e-10).holds, check_cola(window, step).holds) == expected, step


def test_the_grid_has_both_results_of_both_checks():
    found = {
        (check.__name__, check(make_window(name, 32, periodic), step).holds)
        for name, periodic in GRID
        for step in STEPS
        for check in (check_nola, check_cola)
    }
    assert len(found) == 4


@pytest.mark.parametrize("check", [check_nola, check_cola])
@pytest.mark.parametrize("scale", [1e-180, 1e-9, -1.0, 1e150])
def test_result_and_margin_do_not_depend_on_the_scale(check, scale):
    for step in (8, 10, 32):
        window = make_window("hann", 32, True)
        one, other = check(window, step), check(scale * window, step)
        assert one.holds == other.holds
        assert one.margin == pytest.approx(other.margin, abs=1e-13)


def test_the_margin_of_nola_is_the_smallest_sum_over_the_largest():
    assert check_nola([1.0, 2.0, 3.0, 1.0], 2).margin == pytest.approx(5 / 10)
    assert check_nola([1.0, 0.0, 3.0, 0.0], 2).margin == 0
    assert not check_nola([0.0, 0.0], 1).holds
    assert not check_nola([1.0, 0.0], 2, threshold=0.0).holds


def test_the_margin_of_cola_decreases_with_the_deviation_from_the_median():
    assert check_cola([1.0, 2.0, 3.0, 2.0], 2).margin == 1
    # Sums 4, 2 and 2: one is twice the median.
    assert check_cola([1.0, 2.0, 2.0, 3.0], 3).margin == pytest.approx(0)
    assert check_cola([1.0, -1.0], 1) == check_cola([0.0, 0.0], 1)
    assert check_cola([0.0, 0.0], 1).margin == -np.inf


def test_the_threshold_is_the_eps_of_the_dtype():
    for dtype, eps in (("float16", 2**-10), ("float32", 2**-23), ("float64", 2**-52)):
        assert nola_threshold(dtype) == eps
    assert check_nola([1.0, 2.0**-11], 2).holds
    assert not check_nola([1.0, 2.0**-12], 2).holds
    assert check_nola([1.0, 2.0**-12], 2, nola_threshold("float64")).holds


def test_threshold_and_tolerance_are_relative():
    assert check_nola([1.0, 0.1], 2, threshold=0.009).holds
    assert not check_nola([1.0, 0.1], 2, threshold=0.011).holds
    assert check_cola([1.0, 1.0, 1.1], 3, tolerance=0.11).holds
    assert not check_cola([1.0, 1.0, 1.1], 3, tolerance=0.09).holds


@pytest.mark.parametrize("check", [overlap_sums, check_nola, check_cola])
def test_invalid_window_values_are_an_error(check):
    for step in (0, 4, -1):
        with pytest.raises(ValueError, match=rf"^`step` must be between 1 and frame_length=3; got {step}\.$"):
            check(np.ones(3), step)
    for values in ([], [[1.0]], [1.0, np.nan], [np.inf]):
        with pytest.raises(ValueError, match=r"^`values` must be a 1-D array of finite numbers; got"):
            check(values, 1)
