"""Test the gradient exercise against central differences."""

import math

import pytest

from specwidget.teach.exercises import draw

VALUES = {"magnitude": math.sqrt, "log": lambda power: math.log(power) / 2, "psd": lambda power: 2 * power}


def test_the_solution_equals_a_central_difference():
    step = 1e-6
    for seed in range(200):
        case = draw("kernel_gradient", seed)
        mode, _, parts, sample = (fact for _, fact in case.facts)
        value = complex(*map(float, parts.split(" and ")))
        change = step * float(sample) * (1 if "real_kernel" in case.prompt else 1j)
        ends = [VALUES[mode](abs(value + sign * change) ** 2) for sign in (1, -1)]
        assert case.solution == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)
