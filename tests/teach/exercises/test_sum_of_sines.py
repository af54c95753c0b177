"""Test the sum of two sinusoids by adding their samples."""

import numpy as np
import pytest

from specwidget.teach.exercises import draw


def test_the_solution_is_the_peak_of_the_summed_samples():
    cycles = np.arange(100_000) / 100_000
    for seed in range(60):
        case = draw("sum_of_sines", seed)
        first, second = map(int, case.facts[1][1].split(" and "))
        apart = int(case.facts[2][1].removesuffix("\u00b0")) / 360
        total = first * np.sin(2 * np.pi * cycles) + second * np.sin(2 * np.pi * (cycles + apart))
        assert case.solution == pytest.approx(total.max(), rel=1e-6)
