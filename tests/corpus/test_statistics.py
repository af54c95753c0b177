"""Statistics of blocks that are merged, against those of everything at once."""

import numpy as np
import pytest

from specwidget.corpus.statistics import Histogram, Moments, SampleStatistics


@pytest.fixture
def values():
    return np.random.default_rng(0).normal(100.0, [[[0.01, 5.0, 0.0]]], (2, 500, 3)).astype("float32")


def test_moments_are_those_of_float64(values):
    frames = values.reshape(-1, 3).astype("float64")
    moments = Moments.of(values)
    assert moments.count == 1000
    np.testing.assert_allclose(moments.mean, frames.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(moments.std, frames.std(axis=0), rtol=1e-6, atol=1e-12)


def test_moments_of_parts_are_merged_to_those_of_the_whole(values):
    parts = [Moments.of(values[:, first:last]) for first, last in ((0, 1), (1, 7), (7, 400), (400, 500))]
    merged, whole = sum(parts[1:], parts[0]), Moments.of(values)
    assert merged.count == whole.count
    np.testing.assert_allclose(merged.mean, whole.mean, rtol=1e-13)
    np.testing.assert_allclose(merged.squares, whole.squares, rtol=1e-6, atol=1e-9)


def test_pooled_moments_are_those_over_all_bins(values):
    mean, deviation = Moments.of(values).pooled()
    assert mean == pytest.approx(values.astype("float64").mean(), rel=1e-12)
    assert deviation == pytest.approx(values.astype("float64").std(), rel=1e-6)


def test_a_frame_that_is_not_finite_is_left_out(values):
    values[1, 3, 0] = np.nan
    assert Moments.of(values).count == 999
    assert np.isfinite(Moments.of(values).mean).all()
    empty = Moments.of(values[:, :0])
    assert (empty + empty).count == 0
    assert (empty + Moments.of(values)).count == 999


def test_a_histogram_counts_as_numpy_does(values):
    histogram = Histogram.of(values, 0.5)
    expected, _ = np.histogram(values, histogram.edges)
    np.testing.assert_array_equal(histogram.counts, expected)
    assert histogram.counts.sum() == values.size


def test_histograms_of_parts_are_merged_to_that_of_the_whole(values):
    whole, merged = Histogram.of(values, 0.5), Histogram(0.5)
    for part in (values[:, :3], values[:, 3:3], values[:, 3:]):
        merged = merged + Histogram.of(part, 0.5)
    assert merged.first == whole.first
    np.testing.assert_array_equal(merged.counts, whole.counts)


def test_shares_and_levels_are_inverse():
    histogram = Histogram.of(np.linspace(0, 100, 100_001), 0.5)
    assert histogram.share_below(25.0) == pytest.approx(0.25, abs=1e-4)
    assert histogram.level_below(0.25) == pytest.approx(25.0, abs=0.01)
    assert Histogram(0.5).share_below(1.0) == 0.0


def test_values_beyond_the_limits_count_and_nan_does_not():
    histogram = Histogram.of(np.array([-np.inf, -1e9, 0.0, 1e20, np.nan], "float32"), 0.5)
    assert (histogram.counts[0], histogram.counts[-1], histogram.counts.sum()) == (2, 1, 4)
    assert (histogram.edges[0], histogram.edges[-1]) == (-1e4, 1e4 + 0.5)


def test_moments_of_large_values_do_not_overflow():
    values = np.array([-3e38, 3e38, 1e38], "float32").reshape(1, 3, 1)
    moments = Moments.of(values)
    assert moments.mean == pytest.approx(values.mean(dtype="float64"))
    assert moments.std == pytest.approx(values.std(dtype="float64"))


def test_statistics_of_samples():
    samples = np.zeros((2500, 2), "float32")
    samples[0, 1], samples[1030:1034, 0] = -0.5, 1.0
    statistics = SampleStatistics()
    for first in range(0, 2500, 1024):
        statistics.add(samples[first : first + 1024])
    assert (statistics.size, statistics.peak, statistics.n_clipped) == (5000, 1.0, 4)
    # The last segment, of 452 samples, is the silent one.
    assert (statistics.n_silent, statistics.n_not_finite) == (2 * 452, 0)


def test_samples_that_are_not_finite_are_counted_and_left_out():
    samples = np.full((100, 1), 0.25, "float32")
    samples[3], samples[5] = np.nan, np.inf
    statistics = SampleStatistics()
    statistics.add(samples)
    assert (statistics.size, statistics.peak, statistics.n_not_finite) == (100, 0.25, 2)
