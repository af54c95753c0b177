"""Samples beyond the ends: as `numpy.pad`, for any library, and the transpose."""

import numpy as np
import pytest

from specwidget.stft.extension import extend, fold, read_extended, reflected_indices

MODES = {"zeros": "constant", "reflect": "reflect"}


@pytest.mark.parametrize("extension", MODES)
@pytest.mark.parametrize("n_samples", [1, 2, 3, 7, 40])
@pytest.mark.parametrize(("left", "right"), [(0, 0), (3, 0), (0, 4), (5, 6), (25, 31)])
def test_an_extended_signal_is_that_of_numpy_pad(n_samples, left, right, extension):
    signal = np.random.default_rng(0).standard_normal((2, n_samples))
    expected = np.pad(signal, [(0, 0), (left, right)], mode=MODES[extension])
    np.testing.assert_array_equal(extend(signal, left, right, extension), expected)


@pytest.mark.parametrize("extension", MODES)
@pytest.mark.parametrize(("start", "stop"), [(-9, 20), (-9, -3), (0, 7), (2, 5), (-1, 8), (7, 15), (9, 12), (-30, 40)])
def test_any_range_of_an_extended_signal_is_read(start, stop, extension):
    signal = np.arange(1.0, 8.0)
    out = np.full(stop - start, np.nan)
    read_extended(lambda begin, end: signal[begin:end], 7, start, stop, extension, out)
    expected = np.pad(signal, 40, mode=MODES[extension])[40 + start : 40 + stop]
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("extension", MODES)
@pytest.mark.parametrize("n_samples", [1, 2, 5, 30])
@pytest.mark.parametrize(("left", "right"), [(0, 3), (2, 2), (11, 20)])
def test_folding_is_the_transpose_of_extending(n_samples, left, right, extension):
    rng = np.random.default_rng(1)
    signal, gradient = rng.standard_normal(n_samples), rng.standard_normal(left + n_samples + right)
    inner = extend(signal, left, right, extension) @ gradient
    assert inner == pytest.approx(signal @ fold(gradient, left, right, extension), rel=1e-12)


def test_the_samples_inside_are_themselves():
    np.testing.assert_array_equal(reflected_indices(np.arange(5), 5), np.arange(5))
