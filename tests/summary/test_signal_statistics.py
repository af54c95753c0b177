"""Statistics of a signal: from blocks they are those of the whole, whatever it holds."""

import tracemalloc

import numpy as np
import pytest

from specwidget.summary.signal_statistics import BLOCK, signal_statistics


@pytest.mark.parametrize("n_samples", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 17])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_they_are_those_of_the_whole_channel(n_samples, dtype):
    rng = np.random.default_rng(n_samples)
    samples = (5 + np.linspace(-1, 1, n_samples) + rng.standard_normal(n_samples)).astype(dtype)
    found = signal_statistics(samples.reshape(1, -1, 1))
    exact = samples.astype(np.longdouble)
    assert (found.size, found.n_not_finite, found.peak) == (n_samples, 0, abs(samples).max())
    assert found.mean == pytest.approx(float(exact.mean()), rel=1e-13)
    assert found.deviation == pytest.approx(float(exact.std()), rel=1e-12)


def test_samples_that_are_not_finite_count_for_nothing_else():
    samples = np.random.default_rng(0).standard_normal((2, 3 * BLOCK, 2))
    samples[0, 5, 0], samples[0, BLOCK : 2 * BLOCK, 1], samples[1, -1, 1] = np.inf, np.nan, -np.inf
    found = signal_statistics(samples)
    kept = samples[np.isfinite(samples)]
    assert (found.n_not_finite, found.peak) == (BLOCK + 2, abs(kept).max())
    channels = [samples[i, :, j][np.isfinite(samples[i, :, j])] for i in (0, 1) for j in (0, 1)]
    largest = max(channels, key=lambda each: abs(each.mean()) / each.std())
    assert (found.mean, found.deviation) == pytest.approx((largest.mean(), largest.std()), rel=1e-9)
    assert found.gaps.keys() == {(0, 0), (0, 1), (1, 1)}


def test_a_signal_without_a_finite_sample_has_no_peak():
    found = signal_statistics(np.full((1, 10, 1), np.nan))
    assert (found.n_not_finite, found.peak, found.mean, found.deviation) == (10, 0, 0, 0)


def test_a_long_signal_takes_no_memory_of_its_length():
    samples = np.ones((1, 2**22, 1), np.float32)
    tracemalloc.start()
    try:
        signal_statistics(samples)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**21
