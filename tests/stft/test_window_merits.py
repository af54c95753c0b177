"""Figures of merit of windows against published tables, theory and direct sums."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from specwidget.stft.window_merits import MAX_SAMPLES, OVERSAMPLING, window_merits, window_response
from specwidget.stft.windows import NAMED_WINDOWS, make_window
from tests.selection import slow_but

LENGTH = 4096
KAISER_2, KAISER_3 = ("kaiser", 2 * math.pi), ("kaiser", 3 * math.pi)
SR785 = ("general_cosine", (1.0, 1.93, 1.29, 0.388, 0.028))

# G. Heinzel, A. Ruediger, R. Schilling (2002): noise bandwidth, 3 dB width (bins), side lobe and scalloping loss (dB).
HEINZEL = {
    "boxcar": (1.0000, 0.8845, -13.3, 3.9224),
    "bartlett": (1.3333, 1.2736, -26.5, 1.8242),
    "hann": (1.5000, 1.4382, -31.5, 1.4236),
    "hamming": (1.3628, 1.3008, -42.7, 1.7514),
    "blackmanharris": (2.0044, 1.8962, -92.0, 0.8256),
    SR785: (3.7702, 3.7274, -76.6, 0.0156),
    KAISER_3: (1.7952, 1.7025, -69.6, 1.0226),
}

# F. J. Harris (1978), table 1: coherent gain, noise bandwidth, highest side lobe in whole dB, scalloping loss.
HARRIS = {
    "boxcar": (1.00, 1.00, -13, 3.92),
    "hann": (0.50, 1.50, -32, 1.42),
    "blackman": (0.42, 1.73, -58, 1.10),
    "blackmanharris": (0.36, 2.00, -92, 0.83),
    KAISER_2: (0.49, 1.50, -46, 1.46),
    KAISER_3: (0.40, 1.80, -69, 1.02),
}


@pytest.mark.parametrize("window", HEINZEL, ids=str)
def test_the_merits_equal_heinzels_table(window):
    noise, width, side_lobe, scalloping = HEINZEL[window]
    merits = window_merits(make_window(window, LENGTH, True))
    assert merits.noise_bandwidth == pytest.approx(noise, abs=1e-4)
    assert merits.width_3db == pytest.approx(width, abs=1e-4)
    assert merits.highest_side_lobe == pytest.approx(side_lobe, abs=0.06)
    assert merits.scalloping_loss == pytest.approx(scalloping, abs=1e-4)


@pytest.mark.parametrize("window", HARRIS, ids=str)
def test_the_merits_equal_harriss_table(window):
    gain, noise, side_lobe, scalloping = HARRIS[window]
    merits = window_merits(make_window(window, LENGTH, True))
    assert merits.coherent_gain == pytest.approx(gain, abs=0.006)
    assert merits.noise_bandwidth == pytest.approx(noise, abs=0.006)
    assert merits.highest_side_lobe == pytest.approx(side_lobe, abs=1)
    assert merits.scalloping_loss == pytest.approx(scalloping, abs=0.01)


@pytest.mark.parametrize(
    ("window", "bins"),
    [
        ("boxcar", 2),
        ("hann", 4),
        ("blackman", 6),
        ("blackmanharris", 8),
        ("flattop", 10),
        (KAISER_2, 2 * math.sqrt(5)),
        (KAISER_3, 2 * math.sqrt(10)),
    ],
)
def test_the_first_nulls_equal_theory(window, bins):
    assert window_merits(make_window(window, LENGTH, True)).null_width == pytest.approx(bins, abs=2e-5)


def test_the_noise_bandwidth_of_the_flat_top_follows_from_its_cosines():
    weights = np.array([0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368])
    expected = 1 + (weights[1:] ** 2).sum() / (2 * weights[0] ** 2)
    assert window_merits(make_window("flattop", LENGTH, True)).noise_bandwidth == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("attenuation", [50.0, 60.0, 100.0])
def test_the_side_lobes_of_a_chebyshev_window_have_the_specified_level(attenuation):
    merits = window_merits(make_window(("chebwin", attenuation), 255, False))
    assert merits.highest_side_lobe == pytest.approx(-attenuation, abs=1e-4)


@pytest.mark.parametrize("periodic", slow_but([False, True], lambda periodic: not periodic))
@pytest.mark.parametrize("name", [name for name in NAMED_WINDOWS if name != "exponential"])
def test_widths_equal_those_of_a_direct_sum(name, periodic):
    window = make_window(name, 61, periodic)
    merits = window_merits(window)
    n = np.arange(61)
    for level, width in ((-3, merits.width_3db), (-6, merits.width_6db)):
        there = abs(np.sum(window * np.exp(-2j * np.pi * n * (width / 2) / 61)))
        assert 20 * np.log10(there / window.sum()) == pytest.approx(level, abs=1e-9)
    places = np.arange(merits.null_width / 2, 30.5, 1e-3)
    beyond = np.abs(np.exp(-2j * np.pi * np.outer(places, n) / 61) @ window).max()
    assert merits.highest_side_lobe == pytest.approx(20 * np.log10(beyond / window.sum()), abs=1e-3)


@given(st.lists(st.floats(0.1, 3), min_size=1, max_size=40), st.floats(1e-200, 1e100))
def test_only_the_coherent_gain_depends_on_the_scale_of_a_window(values, factor):
    merits, scaled = window_merits(np.array(values)), window_merits(factor * np.array(values))
    assert scaled.coherent_gain == pytest.approx(factor * merits.coherent_gain)
    assert scaled.noise_bandwidth == pytest.approx(merits.noise_bandwidth)
    assert scaled.scalloping_loss == pytest.approx(merits.scalloping_loss, abs=1e-9)
    assert scaled.width_3db == pytest.approx(merits.width_3db, nan_ok=True)


def dense_response(window, last):
    """Frequencies in bins to `last`, 1024 in a bin, and magnitudes: a direct sum of longdouble about the centre."""
    n = np.arange(len(window), dtype=np.longdouble) - np.longdouble(len(window) - 1) / 2
    bins = np.arange(0, last, 1 / 1024)
    angles = np.outer(bins, 2 * np.arccos(np.longdouble(-1)) / len(window) * n)
    return bins, np.hypot(np.cos(angles) @ window, np.sin(angles) @ window)


def dense_null_width(window, last):
    """Twice the frequency of the first minimum below -3 dB."""
    bins, sizes = dense_response(window, last)
    sizes = sizes[bins < len(window) / 2]
    first = np.flatnonzero(sizes < 10**-0.15 * sizes[0])[0]
    inside = sizes[first:-1]
    return 2 * bins[first + np.flatnonzero((inside < sizes[first - 1 : -2]) & (inside <= sizes[first + 1 :]))[0]]


NULLS = [name for name in NAMED_WINDOWS if name != "exponential"] + [KAISER_2, ("chebwin", 60.0), ("dpss", 2.5)]


@pytest.mark.parametrize("window", slow_but(NULLS, ("hann", "boxcar", "triang", KAISER_2).__contains__), ids=str)
def test_the_first_null_is_the_first_minimum_of_a_dense_response(window):
    for frame_length, periodic in ((27, False), (27, True), (51, True)):
        values = make_window(window, frame_length, periodic)
        expected = dense_null_width(values, min(6.5, frame_length / 2))
        assert window_merits(values).null_width == pytest.approx(expected, abs=4e-3), (frame_length, periodic)


@pytest.mark.parametrize(
    ("window", "frame_length", "periodic", "bins"),
    [("triang", 51, True, 3.8223), ("nuttall", 27, False, 8.6904), ("bartlett", 100, False, 4.0)],
)
def test_a_shallow_first_null_between_grid_points_is_found(window, frame_length, periodic, bins):
    values = make_window(window, frame_length, periodic)
    merits = window_merits(values)
    assert merits.null_width == pytest.approx(bins, abs=1e-3)
    places, sizes = dense_response(values, 8)
    highest = sizes[places >= merits.null_width / 2].max() / sizes[0]
    assert merits.highest_side_lobe == pytest.approx(float(20 * np.log10(highest)), abs=2e-3)


def test_zero_padding_keeps_the_lobe_and_reduces_scalloping():
    window = make_window("hann", 256, True)
    plain, padded = window_merits(window), window_merits(window, n_fft=1024)
    assert padded.width_3db == plain.width_3db
    quarter = abs(np.sum(window * np.exp(-2j * np.pi * np.arange(256) / 2048)))
    assert padded.scalloping_loss == pytest.approx(-20 * np.log10(quarter / window.sum()))


@pytest.mark.parametrize(("values", "gain"), [([1.0, -1.0], 0), ([0.0] * 4, 0), ([1.0, 2.0, -3.0], 0)])
def test_a_window_with_sum_0_has_no_merits(values, gain):
    merits = window_merits(np.array(values))
    assert merits.coherent_gain == gain
    assert all(math.isnan(value) for name, value in vars(merits).items() if name != "coherent_gain")


def test_a_single_sample_has_no_lobes():
    merits = window_merits(np.ones(1))
    assert (merits.coherent_gain, merits.noise_bandwidth, merits.scalloping_loss) == (1, 1, 0)
    assert math.isnan(merits.width_3db)
    assert math.isnan(merits.null_width)
    assert math.isnan(merits.highest_side_lobe)


def test_a_window_without_a_null_has_a_null_width_of_nan():
    merits = window_merits(make_window("exponential", 255, False))
    assert merits.width_3db > 50
    assert math.isnan(merits.null_width)
    assert math.isnan(merits.highest_side_lobe)


def test_side_lobes_below_rounding_are_minus_infinity():
    assert window_merits(make_window(("gaussian", 20.0), 2048, False)).highest_side_lobe == -math.inf


def test_lobes_at_the_end_of_the_axis_are_included():
    # Two samples have their null there, three their side lobe: 1 + 1 - 1 of 3.
    assert window_merits(np.ones(2)).null_width == pytest.approx(2)
    assert window_merits(np.ones(3)).highest_side_lobe == pytest.approx(20 * math.log10(1 / 3))


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=30))
def test_the_response_is_the_magnitude_of_the_transform(values):
    bins = np.arange(len(values) * OVERSAMPLING // 2 + 1) / OVERSAMPLING
    n = np.arange(len(values))
    direct = np.abs(np.exp(-2j * np.pi * np.outer(bins, n) / len(values)) @ np.array(values))
    np.testing.assert_allclose(window_response(np.array(values)), direct, atol=1e-11)


@pytest.mark.parametrize("function", [window_merits, window_response])
def test_invalid_window_values_are_an_error(function):
    with pytest.raises(ValueError, match=rf"`values` must have at most {MAX_SAMPLES} samples; got {2**21}"):
        function(np.ones(2**21))
    with pytest.raises(ValueError, match=r"`values` must be a 1-D array of finite numbers; got shape \(2, 2\)"):
        function(np.ones((2, 2)))
