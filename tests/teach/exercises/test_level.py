"""Test the levels by the mean power of noise."""

import numpy as np
import pytest

from specwidget.teach.exercises import draw


def test_the_solution_is_ten_times_the_logarithm_of_the_ratio_of_mean_powers():
    noise = np.random.default_rng(0).standard_normal(1000)
    for seed in range(60):
        case = draw("level", seed)
        ratio = float(case.facts[0][1])
        scaled = noise * (ratio if "amplitude of" in case.prompt else np.sqrt(ratio))
        assert case.solution == pytest.approx(10 * np.log10(np.mean(scaled**2) / np.mean(noise**2)))
