"""Which of SciPy's FFT backends computes, as the readout says."""

import cProfile
import sys
from contextlib import contextmanager
from types import ModuleType

import numpy as np
import pytest
import scipy.fft

from specwidget import STFTSpectrogram
from specwidget.fft_backend import find_fft_backend
from specwidget.summary.readouts import result_rows


class TwiceAsLoud:
    """A backend whose results show that it computed them."""

    __ua_domain__ = "numpy.scipy.fft"

    @staticmethod
    def __ua_function__(method, args, keywords):
        if method is not scipy.fft.rfft:
            return NotImplemented
        # By another FFT of SciPy, as a backend may.
        with scipy.fft.set_backend("scipy"):
            return 2 * scipy.fft.fft(*args, **keywords)[..., : args[0].shape[-1] // 2 + 1]


class Unwilling:
    """A backend that computes nothing."""

    __ua_domain__ = "numpy.scipy.fft"

    @staticmethod
    def __ua_function__(method, args, keywords):
        return NotImplemented


@contextmanager
def global_backend(backend):
    """Set a backend for all threads."""
    scipy.fft.set_global_backend(backend)
    try:
        yield
    finally:
        scipy.fft.set_global_backend("scipy")


@pytest.fixture
def module():
    """Return a module that is a backend, as pyfftw's and mkl_fft's are."""
    module = ModuleType("fastfft.interfaces.scipy_fft")
    exec("def __ua_function__(method, args, keywords): return args[0].astype('complex64')", vars(module))
    module.__ua_domain__ = "numpy.scipy.fft"
    return module


def test_scipy_s_own_fft_has_no_name():
    assert find_fft_backend() == ""


def test_a_backend_is_named_by_its_class():
    with scipy.fft.set_backend(TwiceAsLoud):
        assert find_fft_backend() == "TwiceAsLoud"
    with global_backend(TwiceAsLoud):
        assert find_fft_backend() == "TwiceAsLoud"
    assert find_fft_backend() == ""


def test_a_backend_is_named_by_its_package(module):
    with global_backend(module):
        assert find_fft_backend() == "fastfft"


def test_a_backend_that_does_not_compute_is_not_named():
    with global_backend(TwiceAsLoud), scipy.fft.set_backend(Unwilling):
        assert find_fft_backend() == "TwiceAsLoud"
    with scipy.fft.set_backend(Unwilling):
        assert find_fft_backend() == ""


def test_a_profiler_goes_on():
    profile = cProfile.Profile()
    profile.enable()
    try:
        with scipy.fft.set_backend(TwiceAsLoud):
            assert find_fft_backend() == ""
        assert sys.getprofile() is profile
    finally:
        profile.disable()
    assert sys.getprofile() is None
    with scipy.fft.set_backend(TwiceAsLoud):
        assert find_fft_backend() == "TwiceAsLoud"
    assert sys.getprofile() is None


def test_the_readout_names_the_backend_that_computed():
    signal = np.random.default_rng(0).standard_normal((1, 2000, 1), dtype="float32")
    layer = STFTSpectrogram("magnitude", backend="numpy")

    def computed_by(result):
        return next(row.value for row in result_rows(result) if row.name == "computed by")

    own = layer.spectrogram(signal)
    with global_backend(TwiceAsLoud):
        louder = layer.spectrogram(signal)
        assert layer.backend_for(signal)[0] == "TwiceAsLoud and NumPy"
    above = own.values > 0.01
    np.testing.assert_array_equal(louder.values[above], 2 * own.values[above])
    # That of the time of the computation, not of the reading.
    assert (computed_by(own), computed_by(louder)) == ("NumPy, fft", "TwiceAsLoud and NumPy, fft")


def test_the_explorer_names_the_backend_that_computed(state):
    with global_backend(TwiceAsLoud):
        state.update(frame_length=400)
        state.flush()
    row = next(row for row in state.results if row.name == "computed by")
    assert row.value == "TwiceAsLoud and NumPy, fft"
