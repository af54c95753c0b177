"""Test the one-standard-error rule by applying it to the displayed scores."""

import re

from specwidget.teach.exercises import draw


def test_the_solution_is_the_shortest_within_its_standard_error():
    seen = set()
    for seed in range(200):
        case = draw("one_standard_error", seed)
        pairs = {length: re.findall(r"[\d.]+", text) for length, text in case.facts}
        fit = [length for length, found in pairs.items() if not found or float(found[0]) <= float(found[1])]
        assert case.solution == fit[0]
        seen.add(case.solution)
    assert seen == {"256", "512", "1024", "2048", "4096", "8192"}
