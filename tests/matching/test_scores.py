"""Scores: 0 for the right powers, whatever logarithm, normalization or floor followed."""

import numpy as np
import pytest

from specwidget.matching.scores import Target

POWER = np.exp(np.random.default_rng(5).normal(-4, 3, (80, 30)))

TAILS = {
    "ln": np.log,
    "power": lambda p: p,
    "magnitude": np.sqrt,
    "floor": lambda p: np.log(np.maximum(p, 1e-4)),
}


def normalize(values):
    return (values - values.mean(axis=0)) / values.std(axis=0)


@pytest.mark.parametrize("name", TAILS)
@pytest.mark.parametrize("by_band", ["all", "centred", "scaled"])
def test_the_right_powers_have_a_score_of_zero(name, by_band):
    values = TAILS[name](POWER)
    gain = np.ones(30) if by_band == "all" else np.linspace(0.5, 3, 30)
    if by_band == "scaled":
        values, gain = normalize(values), np.ones(30)
    target = Target(values, 24, 0.5, by_band)
    assert target.score(gain * POWER[target.indices]) < 1e-12
    assert target.score(POWER[target.indices[::-1]]) > 0.1


def test_each_normalized_band_has_a_floor_of_its_own():
    power = POWER * np.exp(np.linspace(-4, 4, 30))
    target = Target(normalize(np.log(np.maximum(power, 1e-2))), 24, 0.5, "scaled")
    assert target.score(power[target.indices]) < 1e-12


def test_a_score_of_normalized_bands_says_what_was_normalized():
    target = Target(normalize(np.sqrt(POWER)), 24, 0.5, "scaled")
    assert target.kinds[int(target.scores(POWER[target.indices]).argmin())] == "root"
