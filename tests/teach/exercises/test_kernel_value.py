"""Test the kernel value exercise against the complex exponential of the DFT."""

import re

import numpy as np
import pytest

from specwidget.teach.exercises import draw


def test_the_solution_is_a_part_of_the_complex_exponential():
    for seed in range(200):
        case = draw("kernel_value", seed)
        name, n, k = re.search(r"(real|imag)_kernel\[(\d+), 0, (\d+)\]", case.prompt).groups()
        factor = np.exp(-2j * np.pi * int(n) * int(k) / int(dict(case.facts)["fft_length"]))
        assert case.solution == pytest.approx(getattr(factor, name), abs=1e-12)
