"""Test the exercise about bands without a bin against the frequencies of the bins."""

import re

import numpy as np

from specwidget.teach.exercises import draw


def test_the_solution_is_that_of_the_frequencies():
    answers = set()
    for seed in range(100):
        case = draw("empty_band", seed)
        low, high = map(float, re.findall(r"([\d.]+) Hz", case.prompt))
        bins = np.fft.rfftfreq(int(dict(case.facts)["fft_length"]), 1 / 16_000)
        assert case.solution == ("yes" if ((bins > low) & (bins < high)).any() else "no")
        answers.add(case.solution)
    assert answers == {"yes", "no"}
