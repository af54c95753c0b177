"""Test the exercise about the frequency of a band against a bank."""

import numpy as np
import pytest

from specwidget.mel.banks import make_bank
from specwidget.teach.exercises import draw


def test_the_solution_is_the_peak_of_the_bank():
    for seed in range(30):
        case = draw("band_centre", seed)
        facts = dict(case.facts)
        rate, n_bands = int(facts["sample rate"].split()[0]), int(facts["bands"])
        band = int(case.prompt.split("band ")[1].split(",")[0])
        bank = make_bank(2**15, rate, n_bands, 0, rate // 2)
        peak = bank.frequencies[np.argmax(bank.weights[:, band])]
        assert case.solution == pytest.approx(peak, abs=rate / 2**15)
