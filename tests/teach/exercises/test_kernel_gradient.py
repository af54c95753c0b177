"""The derivative by a kernel: against differences of the value itself."""

import math

import pytest

from specwidget.teach.exercises import draw

VALUES = {"magnitude": math.sqrt, "log": lambda power: math.log(power) / 2, "psd": lambda power: 2 * power}


def test_a_derivative_is_what_the_value_changes_by():
    step = 1e-6
    for seed in range(200):
        case = draw("kernel_gradient", seed)
        mode, _, parts, sample = (fact for _, fact in case.facts)
        value = complex(*map(float, parts.split(" and ")))
        moved = step * float(sample) * (1 if "real_kernel" in case.prompt else 1j)
        ends = [VALUES[mode](abs(value + sign * moved) ** 2) for sign in (1, -1)]
        assert case.solution == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-6)
