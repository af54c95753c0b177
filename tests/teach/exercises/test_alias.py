"""Test the frequency of an alias by sampling the tone."""

import re

import numpy as np

from specwidget.teach.exercises import draw


def test_the_solution_is_where_the_samples_of_the_tone_have_their_peak():
    for seed in range(60):
        case = draw("alias", seed)
        frequency, rate = (int(re.search(r"(\d+) Hz", text)[1]) for text in (case.prompt, case.facts[0][1]))
        samples = np.sin(2 * np.pi * frequency * np.arange(rate) / rate + 0.3)
        assert np.argmax(abs(np.fft.rfft(samples))) == case.solution
