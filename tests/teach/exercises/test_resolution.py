"""Test the exercise about resolution against the dip between two sines."""

from specwidget.stft.windows import make_window
from specwidget.teach.exercises import draw
from specwidget.teach.exercises.resolution import WINDOWS
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_sines


def test_the_frame_of_the_solution_resolves_the_sines_and_one_of_a_third_does_not():
    seen = set()
    for seed in range(60):
        case = draw("resolution", seed)
        facts = dict(case.facts)
        gap, rate = (int(facts[name].split()[0]) for name in ("sines", "sample rate"))
        dips = []
        for length in (round(1.02 * case.solution), round(case.solution / 3)):
            dips.append(dip_between_sines(make_window(facts["window"], length, True), gap * length / rate))
        assert dips[0] >= MIN_DIP_DB > dips[1], case
        seen.add(facts["window"])
    assert seen == set(WINDOWS)
