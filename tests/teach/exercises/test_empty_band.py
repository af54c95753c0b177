"""Test the exercise about bands without a bin against the frequencies of the bins."""

import numpy as np

from specwidget.teach.exercises import draw


def test_the_solution_is_the_only_band_between_two_bins():
    places = set()
    for seed in range(100):
        case = draw("empty_band", seed)
        facts = dict(case.facts)
        bins = np.fft.rfftfreq(int(facts["fft_length"]), 1 / int(facts["sample rate"].split()[0]))
        edges = {band: facts[f"band {band}"].removesuffix(" Hz").split(" to ") for band in case.choices}
        inside = {band: (bins > float(low)) & (bins < float(high)) for band, (low, high) in edges.items()}
        assert [band for band, held in inside.items() if not held.any()] == [case.solution]
        places.add(case.choices.index(case.solution))
    assert places == {1, 2, 3, 4, 5, 6}
