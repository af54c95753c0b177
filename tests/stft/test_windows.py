"""Windows: SciPy's values under SciPy's names, or validated copies of the caller's values."""

import numpy as np
import pytest
import scipy.signal
from scipy.signal import windows

from specwidget import STFTSpectrogram
from specwidget.stft.settings import STFTSettings
from specwidget.stft.windows import NAMED_WINDOWS, PARAMETRIC_WINDOWS, make_window


def scipy_names(*, alone):
    """Names in scipy.signal.windows that `get_window` accepts without (or only with) parameters."""

    def makes(name):
        try:
            scipy.signal.get_window(name, 16)
        except (ValueError, TypeError):
            return False
        return True

    return {name for name in windows.__all__ if name != "get_window" and makes(name) == alone}


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("name", NAMED_WINDOWS)
def test_a_named_window_equals_scipys(name, periodic):
    values = STFTSettings(frame_length=33, window=name, periodic=periodic).window_values
    np.testing.assert_array_equal(values, scipy.signal.get_window(name, 33, fftbins=periodic))


@pytest.mark.parametrize("periodic", [False, True])
@pytest.mark.parametrize("name", PARAMETRIC_WINDOWS)
def test_a_parametric_window_equals_scipys_at_its_default(name, periodic):
    window = (name, *(parameter.default for parameter in PARAMETRIC_WINDOWS[name]))
    if name == "kaiser_bessel_derived" and periodic:
        with pytest.raises(ValueError, match=r"^`window` must .*symmetric"):
            STFTSettings(frame_length=32, window=window, periodic=True)
        return
    values = STFTSettings(frame_length=32, window=window, periodic=periodic).window_values
    np.testing.assert_array_equal(values, scipy.signal.get_window(window, 32, fftbins=periodic))


@pytest.mark.parametrize("name", PARAMETRIC_WINDOWS)
def test_the_bounds_of_a_window_parameter_are_valid_and_include_its_default(name):
    parameters = PARAMETRIC_WINDOWS[name]
    assert all(parameter.low <= parameter.default <= parameter.high for parameter in parameters)
    for end in ("low", "high"):
        STFTSettings(frame_length=64, window=(name, *(getattr(parameter, end) for parameter in parameters)))


def test_every_window_without_parameters_is_listed():
    assert set(NAMED_WINDOWS) == scipy_names(alone=True)


def test_every_window_with_parameters_is_listed():
    # The weights of general_cosine are a list, which is no number; the tuple with a list still works as a window.
    assert scipy_names(alone=False) - {"general_cosine"} <= set(PARAMETRIC_WINDOWS)
    STFTSettings(frame_length=16, window=("general_cosine", [0.5, 0.3, 0.2]))


@pytest.mark.parametrize("alias", ["han", "hamm", "tri", "black", "rect", "halfcosine"])
def test_scipys_other_names_are_accepted(alias):
    values = STFTSettings(frame_length=16, window=alias).window_values
    np.testing.assert_array_equal(values, scipy.signal.get_window(alias, 16, fftbins=False))


def test_the_default_window_is_symmetric_and_periodic_is_not():
    symmetric, periodic = make_window("hann", 8, False), make_window("hann", 8, True)
    np.testing.assert_allclose(symmetric, symmetric[::-1], atol=1e-15)
    np.testing.assert_allclose(periodic, make_window("hann", 9, False)[:8], atol=1e-15)


@pytest.mark.parametrize("window", [("exponential", None, 3.0), ("exponential", 4, 3.0), ("taylor", 4, 30.0, False)])
def test_a_window_tuple_accepts_the_parameters_that_scipy_accepts(window):
    values = STFTSettings(frame_length=16, window=window, periodic=True).window_values
    np.testing.assert_array_equal(values, scipy.signal.get_window(window, 16, fftbins=True))


def test_periodic_does_not_change_a_window_given_as_values():
    values = [0.0, 1.0, 3.0, 2.0]
    np.testing.assert_array_equal(STFTSettings(frame_length=4, window=values, periodic=True).window_values, values)


@pytest.mark.parametrize("kind", [list, tuple, np.array, lambda v: np.array(v, np.float32), lambda v: np.array(v, int)])
def test_window_values_may_be_any_array_like(kind):
    np.testing.assert_array_equal(STFTSettings(frame_length=3, window=kind([1, 2, 4])).window_values, [1, 2, 4])


def test_a_window_array_is_copied_at_construction():
    values = np.array([1.0, 2.0, 3.0, 4.0])
    layer = STFTSpectrogram(mode="magnitude", frame_length=4, window=values)
    before = layer(np.ones((1, 4, 1)))
    values[:] = 0
    np.testing.assert_array_equal(layer(np.ones((1, 4, 1))), before)
    np.testing.assert_array_equal(layer.window, [1, 2, 3, 4])


def test_the_callers_window_array_stays_writable():
    values = np.ones(4)
    STFTSpectrogram(frame_length=4, window=values)
    values[0] = 2


def test_no_window_means_no_scaling_either():
    scales = {STFTSettings(frame_length=8, window=None, scaling=scaling).kernel_scale for scaling in ("density", None)}
    assert scales == {1.0}
    assert STFTSettings(frame_length=8, window="boxcar", scaling="spectrum").kernel_scale == 8


def test_the_scale_is_the_root_of_the_energy_the_sum_or_1():
    window = [1.0, -2.0, 2.0]
    scales = [
        STFTSettings(frame_length=3, window=window, scaling=s).kernel_scale for s in ("density", "spectrum", None)
    ]
    assert scales == [3.0, 5.0, 1.0]


@pytest.mark.parametrize("scaling", ["density", "spectrum"])
@pytest.mark.parametrize("window", ["hann", [0.0, 0.0], np.zeros(2)])
def test_a_window_of_zeros_cannot_be_scaled(window, scaling):
    with pytest.raises(ValueError, match=r"`window` must not be zero everywhere.*; got"):
        STFTSettings(frame_length=2, window=window, scaling=scaling)


COSINES = ("general_cosine", (0.42, 0.5, 0.08))


@pytest.mark.parametrize("scaling", ["density", "spectrum"])
@pytest.mark.parametrize("window", ["blackman", "lanczos", COSINES, ("lanczos",)])
def test_a_window_of_zeros_but_for_rounding_cannot_be_scaled(window, scaling):
    with pytest.raises(ValueError, match=r"`window` must not be zero everywhere.*; got"):
        STFTSettings(frame_length=2, window=window, scaling=scaling)
    assert STFTSettings(frame_length=2, window=window, scaling=None).kernel_scale == 1
    assert STFTSettings(frame_length=3, window=window, scaling=scaling).kernel_scale > 0.1


@pytest.mark.parametrize("window", [[1e-17, 1e-17], ("gaussian", 0.05), ("general_cosine", (1e-20,))])
def test_a_window_that_is_small_by_its_parameters_is_scaled(window):
    values = STFTSettings(frame_length=2, window=window).scaled_window
    np.testing.assert_allclose(values, np.sqrt(0.5), rtol=1e-12)


@pytest.mark.parametrize(("size", "what"), [(1e-300, "underflow to 0"), (1e300, "overflow")])
def test_a_window_whose_squares_overflow_or_underflow_is_an_error(size, what):
    with pytest.raises(ValueError, match=rf"`window` must not have values whose squares {what} with scaling='density'"):
        STFTSettings(frame_length=2, window=[size, size])
    assert STFTSettings(frame_length=2, window=[size, size], scaling="spectrum").kernel_scale == 2 * size


def test_a_window_that_overflows_the_compute_dtype_is_an_error():
    with pytest.raises(ValueError, match=r"`window` must have values of at most 3\.4e\+38, the largest float32"):
        STFTSettings(frame_length=2, window=[1.0, 1e39], scaling=None)
    assert STFTSettings(frame_length=2, window=[1.0, 1e39], scaling=None, dtype="float64").kernel_scale == 1.0


def test_a_window_of_zeros_is_allowed_without_scaling():
    layer = STFTSpectrogram(mode="psd", frame_length=2, window="hann", scaling=None)
    np.testing.assert_array_equal(layer(np.ones((1, 4, 1))), np.zeros((1, 3, 2)))
    assert STFTSettings(frame_length=2, window="hann", periodic=True).kernel_scale == 1.0


def test_a_window_of_small_values_is_scaled():
    loud = STFTSpectrogram(mode="psd", frame_length=4, window=[1.0, 2.0, 2.0, 1.0])
    for faint in (1e-100, 1e100):
        layer = STFTSpectrogram(mode="psd", frame_length=4, window=faint * np.array([1.0, 2.0, 2.0, 1.0]))
        np.testing.assert_allclose(layer(np.ones((1, 8, 1))), loud(np.ones((1, 8, 1))), rtol=1e-5)


@pytest.mark.parametrize(
    ("window", "error", "rule"),
    [
        ("hunn", ValueError, "SciPy"),
        ("", ValueError, "SciPy"),
        ("kaiser", ValueError, "SciPy"),
        (("kaiser",), ValueError, "SciPy"),
        (("kaiser", 8.6, 1.0, 2.0), ValueError, "SciPy"),
        (("kaiser", "8.6"), ValueError, "number"),
        (("kaiser", np.nan), ValueError, "number"),
        (("kaiser", 10**400), ValueError, "number"),
        (("kaiser", 1e6), ValueError, "finite"),
        (("gaussian", 0.0), ValueError, "zero everywhere"),
        ([1.0, 2.0, 3.0], ValueError, r"frame_length=4.*\(3,\)"),
        ([], ValueError, r"frame_length=4.*\(0,\)"),
        (np.ones((4, 1)), ValueError, r"frame_length=4.*\(4, 1\)"),
        ([1.0, np.nan, 1.0, 1.0], ValueError, "finite"),
        ([1.0, np.inf, 1.0, 1.0], ValueError, "finite"),
        (8.6, TypeError, "SciPy window name"),
        (np.ones(4, complex), TypeError, "complex128"),
        ([True, True, True, True], TypeError, "bool"),
        ({"hann": 1}, TypeError, "SciPy window name"),
        ([1.0, None, 1.0, 1.0], TypeError, "numbers"),
        ([[1.0], [1.0, 2.0]], TypeError, "numbers"),
    ],
)
def test_an_invalid_window_is_an_error_at_construction(window, error, rule):
    with pytest.raises(error, match=rf"(?s)^`window` must .*{rule}") as excinfo:
        STFTSettings(frame_length=4, window=window)
    assert "; got " in str(excinfo.value)


def test_the_error_of_a_long_window_is_short():
    with pytest.raises(ValueError, match=r"^`window` must") as excinfo:
        STFTSettings(frame_length=5000, window=np.full(5000, np.nan))
    assert len(str(excinfo.value)) < 300


def test_a_window_that_would_exhaust_memory_is_an_error():
    with pytest.raises(ValueError, match=r"^`frame_length` must be at most 4194304 .*; got 1000000000\. .*window=None"):
        STFTSpectrogram(frame_length=10**9)
    assert STFTSpectrogram(frame_length=10**9, window=None).settings.n_bins == 2**29 + 1


@pytest.mark.slow
def test_a_sum_of_a_million_cosines_is_an_error():
    with pytest.raises(
        ValueError, match=r"^`window` must have at most 500 terms; got 'general_cosine' with 1000000\.$"
    ):
        STFTSpectrogram(window=("general_cosine", [1] * 10**6))


def test_scipys_message_is_truncated_and_ends_with_a_period():
    with pytest.raises(ValueError, match=r"got 'kaiser'\. SciPy: 'kaiser' must have parameters, but [^!]*\.$"):
        STFTSpectrogram(window="kaiser")
    with pytest.raises(ValueError, match="SciPy: ") as excinfo:
        STFTSpectrogram(window="k" * 10**6)
    assert len(str(excinfo.value)) < 500


def test_a_taylor_window_that_would_take_minutes_is_an_error():
    with pytest.raises(ValueError, match=r"`window` must have at most 500 .*got \('taylor', 99999, 30\)"):
        STFTSpectrogram(window=("taylor", 99999, 30))


@pytest.mark.parametrize("window", ["hann", "kaiser_bessel_derived", ("kaiser", 8.6)])
@pytest.mark.parametrize("frame_length", [-5, 4.5])
def test_an_invalid_length_is_an_error_for_every_window(window, frame_length):
    with pytest.raises(ValueError, match=r"^`window` must be a window that SciPy makes with frame_length="):
        make_window(window, frame_length, True)
