"""Test the value index exercise against the layout of the transform."""

import re

import numpy as np

from specwidget.stft.layout import to_output
from specwidget.stft.settings import STFTSettings
from specwidget.teach.exercises import draw


def test_the_solution_is_the_index_in_the_layout():
    for seed in range(200):
        case = draw("value_index", seed)
        facts = dict(case.facts)
        settings = STFTSettings(mode=facts["mode"], frame_length=int(facts["fft_length"]))
        channel, k = map(int, re.search(r"channel (\d+), bin (\d+)", case.prompt).groups())
        values = np.zeros((1, int(facts["channels C"][0]), 1, settings.n_outputs))
        values[0, channel, 0, k + settings.n_bins * ("imaginary" in case.prompt)] = 1
        assert np.flatnonzero(to_output(values, settings)[0, 0]) == [case.solution]
