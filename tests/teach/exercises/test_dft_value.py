"""Test the magnitude of a bin against NumPy's FFT."""

import re

import numpy as np
import pytest

from specwidget.teach.exercises import draw


def test_the_solution_is_the_magnitude_of_the_fft():
    for seed in range(60):
        case = draw("dft_value", seed)
        n, k = int(case.facts[0][1]), int(re.search(r"bin (\d+)", case.prompt)[1])
        amplitude, cycles = map(float, re.findall(r"[\d.]+", case.facts[1][1])[:2])
        frame = amplitude * np.cos(2 * np.pi * cycles * np.arange(n) / n + 0.7)
        assert abs(np.fft.fft(frame)[k]) == pytest.approx(case.solution, abs=1e-9)
