"""Test the exercise on switches: the given numbers decide it, by rules that share no code with it."""

import re

from specwidget.teach.exercises import draw


def numbers(text):
    return [float(each) for each in re.findall(r"-?\d+\.?\d*", text)]


def decide(facts):
    """Name the switch by the signs of each, from the displayed numbers alone."""
    frames, noise, bands, ratio, silence = (numbers(value) for _, value in facts)
    if frames[0] != frames[1]:
        return "ends"
    if abs(ratio[0] - 2.3026) < 1e-3 and abs(ratio[1] - 2.3026) < 1e-3:
        return "logarithm"
    if noise[1] == 0:
        return "gain" if noise[0] else "clamp" if silence[0] else None
    return "mel scale" if bands[1] - bands[0] > 0.05 else "symmetry of the window"


def test_the_displayed_numbers_decide_every_case():
    seen = set()
    for seed in range(60):
        case = draw("which_switch", seed)
        assert decide(case.facts) == case.solution, (seed, case.facts)
        seen.add(case.solution)
    assert seen == set(draw("which_switch", 0).choices)
