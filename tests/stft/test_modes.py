"""Modes: functions of the real and imaginary parts, including floors and the first and last bin."""

import array_api_strict
import numpy as np
import pytest
import scipy.fft
import scipy.signal

from specwidget.stft.modes import OUTPUTS, floor_value
from specwidget.stft.settings import MODES, STFTSettings
from specwidget.stft.transform import RealImag
from tests.layers import make_layer, make_matmul_layer

BOTH_PATHS = pytest.mark.parametrize("make", [make_layer, make_matmul_layer], ids=["fft", "matmul"])
SMALLEST = {"float32": 2.0**-149, "float64": 2.0**-1074}


def of_mode(mode, real, imag, **arguments):
    """The mode's values for parts given as lists along the bins."""
    real, imag = (np.array(part, dtype=np.float64) for part in (real, imag))
    settings = STFTSettings(mode=mode, dtype="float64", window=None, **arguments)
    return OUTPUTS[mode](RealImag(real, imag), settings)


def test_there_is_one_output_for_each_mode():
    assert set(OUTPUTS) == set(MODES)


def test_each_mode_equals_its_formula():
    sizes = {"frame_length": 4, "fft_length": 4}
    real, imag = [3.0, -1.0, 0.0], [4.0, 1.0, -2.0]
    expected = {
        "real": real,
        "imag": imag,
        "stft": [3, -1, 0, 4, 1, -2],
        "psd": [25, 2 * 2, 4],
        "magnitude": [5, np.sqrt(2), 2],
        "log": [np.log(5), np.log(2) / 2, np.log(2)],
        "angle": [np.arctan2(4, 3), 3 * np.pi / 4, -np.pi / 2],
    }
    for mode, values in expected.items():
        np.testing.assert_allclose(of_mode(mode, real, imag, **sizes), values, rtol=1e-15)


@pytest.mark.parametrize(
    ("frame_length", "sides"),
    [(1, [1]), (2, [1, 1]), (3, [1, 2]), (4, [1, 2, 1]), (5, [1, 2, 2]), (6, [1, 2, 2, 1]), (7, [1, 2, 2, 2])],
)
@pytest.mark.filterwarnings("ignore:`fft_length`")
def test_psd_doubles_every_bin_but_the_first_and_the_nyquist_bin_of_an_even_fft(frame_length, sides):
    ones = np.ones(len(sides))
    psd = of_mode("psd", ones, 0 * ones, frame_length=frame_length, fft_length=frame_length)
    np.testing.assert_array_equal(psd, sides)


@pytest.mark.parametrize("epsilon", [1e-7, 1e-3, 1.0, 4.0])
def test_the_floor_is_the_root_of_epsilon_and_half_its_logarithm(epsilon):
    sizes = {"frame_length": 2, "epsilon": epsilon}
    np.testing.assert_allclose(of_mode("magnitude", [0, 0], [0, 0], **sizes), np.sqrt(epsilon), rtol=1e-15)
    np.testing.assert_allclose(of_mode("log", [0, 0], [0, 0], **sizes), np.log(epsilon) / 2, rtol=1e-15)
    settings = {mode: STFTSettings(mode=mode, epsilon=epsilon) for mode in MODES}
    assert floor_value(settings["magnitude"]) == pytest.approx(np.sqrt(epsilon))
    assert floor_value(settings["log"]) == pytest.approx(np.log(epsilon) / 2)
    assert {floor_value(settings[mode]) for mode in MODES if mode not in ("log", "magnitude")} == {None}


@BOTH_PATHS
def test_silence_has_the_documented_floor_value(make):
    silence = np.zeros((1, 512, 1), np.float32)
    np.testing.assert_allclose(make(mode="magnitude")(silence), 3.16e-4, rtol=1e-3)
    np.testing.assert_allclose(make(mode="log")(silence), -8.059, atol=1e-3)
    for mode in ("psd", "real", "imag", "angle", "stft"):
        np.testing.assert_array_equal(make(mode=mode)(silence), 0)


def test_the_floor_changes_only_values_below_it():
    powers = np.array([0, 0.5e-7, 1e-7, 2e-7])
    magnitude = of_mode("magnitude", np.sqrt(powers), 0 * powers, frame_length=6)
    np.testing.assert_allclose(magnitude**2, [1e-7, 1e-7, 1e-7, 2e-7], rtol=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("parts", [(np.nan, np.nan), (np.nan, 1.0), (1.0, np.nan)])
def test_the_floor_keeps_nan(mode, parts):
    values = of_mode(mode, [parts[0]] * 2, [parts[1]] * 2, frame_length=2)
    expected = {"real": [parts[0]] * 2, "imag": [parts[1]] * 2, "stft": np.repeat(parts, 2)}.get(mode, [np.nan] * 2)
    np.testing.assert_array_equal(values, expected)


@BOTH_PATHS
def test_a_unit_sine_on_a_bin_has_magnitude_one_half_with_spectrum_scaling(make):
    sine = np.sin(2 * np.pi * 20 / 256 * np.arange(1024))[None, :, None]
    arguments = {"periodic": True, "scaling": "spectrum", "dtype": "float64"}
    for window in ("hann", "boxcar", "hamming", ("kaiser", 14.0)):
        magnitude = make(mode="magnitude", window=window, **arguments)(sine)
        psd = make(mode="psd", window=window, **arguments)(sine)
        np.testing.assert_allclose(magnitude[0, :, 20], 0.5, rtol=1e-6)
        np.testing.assert_allclose(psd[0, :, 20], 0.5, rtol=1e-6)
        assert (magnitude[0].argmax(axis=-1) == 20).all()


@BOTH_PATHS
@pytest.mark.parametrize("window", ["hann", "boxcar", "flattop"])
def test_the_psd_of_white_noise_is_twice_its_variance_inside_and_once_at_the_ends(make, window):
    noise = 3 * np.random.default_rng(1).standard_normal((1, 200_000, 1))
    psd = make(mode="psd", frame_length=64, frame_step=64, window=window, dtype="float64")(noise)[0].mean(axis=0)
    # The mean of 3125 exponential variables has a standard deviation of 1.8 %; at the ends, with one square, 2.6 %.
    np.testing.assert_allclose(psd[2:-2], 18, rtol=5 * 0.018)
    np.testing.assert_allclose(psd[[0, -1]], 9, rtol=5 * 0.026)


def test_log_is_the_natural_logarithm_of_the_magnitude():
    noise = np.random.default_rng(2).standard_normal((1, 600, 1))
    log, magnitude = (make_layer(mode=mode, dtype="float64")(noise) for mode in ("log", "magnitude"))
    np.testing.assert_allclose(log, np.log(magnitude), rtol=0, atol=1e-14)


# The factors by which a signal is multiplied; the power of the first and last is beyond the range of the dtype.
SIZES = {"float32": [1e-30, 3e-22, 1e-19, 1.0, 1e15, 3e19, 1e30], "float64": [1e-200, 3e-160, 1.0, 1e100, 1e200]}


@BOTH_PATHS
@pytest.mark.parametrize("library", [np, array_api_strict], ids=["numpy", "array_api"])
@pytest.mark.parametrize("dtype", SIZES)
@pytest.mark.parametrize("mode", ["magnitude", "log"])
def test_the_magnitude_of_a_power_out_of_range_is_accurate(make, library, dtype, mode):
    layer = make(mode=mode, frame_length=16, window="hamming", scaling=None, dtype=dtype, epsilon=SMALLEST[dtype])
    for size in SIZES[dtype]:
        signal = (size * np.random.default_rng(1).standard_normal((1, 100, 1))).astype(dtype)
        frames = np.lib.stride_tricks.sliding_window_view(signal[0, :, 0].astype(np.longdouble), 16)[::8]
        spectrum = scipy.fft.rfft(frames * scipy.signal.get_window("hamming", 16, fftbins=False), axis=-1)
        expected = np.maximum(np.hypot(spectrum.real, spectrum.imag), np.sqrt(np.longdouble(SMALLEST[dtype])))
        error = np.finfo(dtype).eps * (20 * np.abs(frames).sum(axis=-1, keepdims=True) + expected)
        values = np.asarray(layer(library.asarray(signal)))[0]
        if mode == "magnitude":
            assert (np.abs(values - expected) <= error).all(), size
        else:
            rounding = 4 * np.finfo(dtype).eps * np.abs(np.log(expected))
            assert (np.abs(values - np.log(expected)) <= error / expected + rounding).all(), size


@BOTH_PATHS
@pytest.mark.parametrize("library", [np, array_api_strict], ids=["numpy", "array_api"])
@pytest.mark.parametrize("mode", ["magnitude", "log"])
@pytest.mark.parametrize("size", [1e-21, 1e-3, 3e19])
def test_the_gradient_of_a_magnitude_whose_power_is_out_of_range_is_that_of_float64(make, library, mode, size):
    arguments = {"mode": mode, "frame_length": 16, "window": "hamming", "scaling": None}
    layer = make(**arguments, epsilon=SMALLEST["float32"])
    exact = make_layer(**arguments, dtype="float64", epsilon=SMALLEST["float32"])
    signal = (size * np.random.default_rng(1).standard_normal((1, 100, 1))).astype("float32")
    cotangent = np.random.default_rng(2).standard_normal(layer.compute_output_shape(signal.shape))
    expected = exact.vjp(signal.astype("float64"), cotangent).inputs
    found = np.asarray(layer.vjp(library.asarray(signal), library.asarray(cotangent.astype("float32"))).inputs)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.abs(expected).max())


def test_the_power_itself_overflows():
    signal = np.full((1, 16, 1), 1e20, np.float32)
    assert np.isinf(make_layer(mode="psd", frame_length=16, scaling=None)(signal)[0, 0, 0])


@BOTH_PATHS
@pytest.mark.parametrize("n_fft", [16, 20])
@pytest.mark.filterwarnings("ignore:`fft_length`")
def test_the_angle_of_a_bin_without_a_sine_is_zero_or_plus_pi(make, n_fft):
    # -pi is the same direction, but differs by 2 pi in every plot and every comparison of paths.
    noise = np.random.default_rng(3).standard_normal((4, 400, 2)).astype(np.float32)
    layer = make(mode="angle", frame_length=16, fft_length=n_fft, window="flattop", scaling=None, expand_dims=True)
    angles = layer(noise)[:, :, [0, -1]]
    np.testing.assert_array_equal(np.unique(angles), np.float32([0, np.pi]))


@BOTH_PATHS
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_angle_of_a_constant_is_zero_or_plus_pi(make, sign):
    constant = np.full((1, 64, 1), sign, np.float32)
    angles = make(mode="angle", frame_length=16, window="hamming")(constant)[0]
    np.testing.assert_array_equal(angles[:, 0], np.float32(0 if sign > 0 else np.pi))


@BOTH_PATHS
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_the_angle_of_silence_is_zero_and_not_minus_zero_or_pi(make, zero):
    angles = make(mode="angle", frame_length=16)(np.full((1, 64, 1), zero))
    np.testing.assert_array_equal(angles, 0)
    assert not np.signbit(angles).any()
