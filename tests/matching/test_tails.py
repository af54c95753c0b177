"""Tails: what is fitted makes the values again, whatever logarithm, floor or normalization made them."""

import numpy as np
import pytest

from specwidget.matching.tails import fit_line, fit_normalized, fit_tail, is_band_normalized, name_reference, tail_error

POWER = np.exp(np.random.default_rng(3).normal(-4, 3, (60, 40)))


def clamped(values, distance):
    return np.maximum(values, values.max() - distance)


TAILS = {
    "ln": ("log", lambda p: np.log(p)),
    "decibels of 16-bit samples": ("log", lambda p: 10 * np.log10(p * 2.0**30)),
    "floor": ("log", lambda p: np.log10(np.maximum(p, 1e-3))),
    "added floor": ("log", lambda p: np.log(p + 1e-3)),
    "clamp": ("log", lambda p: clamped(10 * np.log10(p), 40)),
    "Whisper": ("log", lambda p: (clamped(np.log10(p), 4.0) + 4) / 4),
    "affine": ("log", lambda p: (np.log(p) + 4.2677) / 9.138),
    "power": ("linear", lambda p: 0.3 * p),
    "magnitude": ("linear", lambda p: np.sqrt(p)),
    "log1p": ("log1p", lambda p: np.log1p(p)),
}


@pytest.mark.parametrize("name", TAILS)
def test_a_fitted_tail_makes_the_values_again(name):
    kind, make = TAILS[name]
    values = make(POWER)
    assert tail_error(fit_tail(values, POWER, kind), values, POWER) < 1e-6


@pytest.mark.parametrize("name", TAILS)
def test_a_fitted_tail_makes_values_before_their_rounding(name):
    kind, make = TAILS[name]
    rounded = make(POWER).astype("float16").astype(float)
    tail = fit_tail(rounded, POWER, kind, np.float16)
    assert tail_error(tail, rounded, POWER, np.float16) < 2e-5
    # Rounding is no error; the same settings with a gain of a hundredth more are wrong.
    assert tail_error(tail, rounded, 1.01 * POWER, np.float16) > 1e-4
    assert (tail.floor, tail.top is None) == (
        fit_tail(make(POWER), POWER, kind).floor,
        name not in ("clamp", "Whisper"),
    )


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@pytest.mark.parametrize("kind", ["log", "linear", "log1p"])
def test_values_that_hardly_depend_on_the_power_have_a_tail_all_the_same(kind):
    values = 1.0 + 1e-3 * np.arange(POWER.size).reshape(POWER.shape) / POWER.size
    values[:3] = 0.5
    for power in (POWER, 1 / POWER, np.ones_like(POWER)):
        tail_error(fit_tail(values, power, kind), values, power)


def test_constants_are_read_back():
    tail = fit_tail(np.log(np.maximum(POWER, 1e-3)) + 1.5, POWER, "log")
    assert (tail.slope, tail.floor, tail.floor_power) == (1.0, "maximum", 1e-3)
    assert tail.offset == pytest.approx(1.5)
    assert fit_tail(clamped(10 * np.log10(POWER), 40), POWER, "log").top == pytest.approx(40)


def test_equal_values_that_rounding_makes_are_no_floor():
    # The largest is no round number of decibels above the floor.
    power = 3.7 * np.exp(np.random.default_rng(4).uniform(-20, 0, (400, 60)))
    values = np.log(power).astype("float16").astype(float)
    assert np.count_nonzero(values == values.min()) > 3
    assert fit_tail(values, power, "log", np.float16).floor is None
    floored = np.log(np.maximum(power, 1e-5)).astype("float16").astype(float)
    tail = fit_tail(floored, power, "log", np.float16)
    assert (tail.floor, tail.floor_power) == ("maximum", 1e-5)


def test_what_is_taken_from_the_recording_is_named():
    logs = np.log(POWER)
    made = {
        "max": logs - logs.max(),
        "all": (logs - logs.mean()) / logs.std(),
        "minmax": (logs - logs.min()) / np.ptp(logs),
    }
    for reference, values in made.items():
        assert name_reference(fit_tail(values, POWER, "log"), values).reference == reference
    assert name_reference(fit_tail(POWER / POWER.max(), POWER, "linear"), POWER / POWER.max()).reference == "peak"


def test_normalized_bands_are_seen_and_made_again():
    logs = np.log(POWER + 1e-3)
    values = (logs - logs.mean(axis=0)) / logs.std(axis=0, ddof=1)
    assert is_band_normalized(values)
    assert not is_band_normalized(logs)
    tail = fit_normalized(values, POWER)[0]
    assert (tail.floor, tail.floor_power, tail.ddof) == ("add", 1e-3, 1)
    assert tail_error(tail, values, POWER) < 1e-6


@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value)")
def test_numbers_beyond_the_largest_have_no_line():
    _, offset = fit_line(np.array([1.0, 2.0, np.inf]), np.arange(3.0))
    assert not np.isfinite(offset)
