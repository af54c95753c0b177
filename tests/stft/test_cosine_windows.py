"""General cosine windows: bit-identical to SciPy's."""

import numpy as np
import pytest
import scipy.signal

from specwidget.stft.cosine_windows import COSINE_WINDOWS, make_cosine_window

LENGTHS = [*range(1, 300), 400, 511, 512, 1000, 2047, 2048, 44_100, 65_536]


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("name", COSINE_WINDOWS)
def test_cosine_windows_have_the_bits_of_scipys(name, periodic):
    for length in LENGTHS:
        expected = scipy.signal.get_window(name, length, fftbins=periodic)
        made = make_cosine_window(COSINE_WINDOWS[name], length, periodic=periodic)
        np.testing.assert_array_equal(made, expected, strict=True, err_msg=str(length))
