"""Parts of a signal: which samples remain, from frames alone."""

import numpy as np
import pytest

from specwidget.matching.budget import Budget
from specwidget.matching.cuts import find_cut
from specwidget.matching.objectives import Polish
from specwidget.matching.recipe import Recipe, Samples
from specwidget.matching.tails import Tail

SIGNAL = np.random.default_rng(5).standard_normal(4000)


@pytest.mark.parametrize("ends", ["constant", "reflect"])
@pytest.mark.parametrize("last", [3333, 3334])
def test_the_ends_of_a_part_are_found_by_the_frames_that_reach_beyond_them(ends, last):
    padded = np.pad(SIGNAL[321:last], 64, mode=ends)
    frames = np.lib.stride_tricks.sliding_window_view(padded, 128)[::32] * np.hanning(129)[:128]
    power = np.abs(np.fft.rfft(frames)) ** 2
    polish = Polish(Samples(SIGNAL), power, ("linear",), Budget(100.0), is_normalized=False, dtype=None)
    part, recipe = find_cut(polish, Recipe(128, 128, 32, 321 - 64), Tail("linear", 1.0))
    assert part.part == (321, last)
    assert (recipe.start, recipe.ends) == (-64, "zeros" if ends == "constant" else ends)


def test_of_the_lengths_with_these_frames_the_longest_is_taken():
    # 50 complete frames, the last one of samples 1889 to 2016; from 31 samples more there would be another.
    frames = np.lib.stride_tricks.sliding_window_view(SIGNAL[321:], 128)[: 50 * 32 : 32] * np.hanning(129)[:128]
    power = np.abs(np.fft.rfft(frames)) ** 2
    polish = Polish(Samples(SIGNAL), power, ("linear",), Budget(100.0), is_normalized=False, dtype=None)
    part, _ = find_cut(polish, Recipe(128, 128, 32, 321), Tail("linear", 1.0))
    assert part.part == (321, 2017 + 31)


def test_frames_before_the_signal_are_of_no_part():
    polish = Polish(Samples(SIGNAL), np.ones((5, 65)), ("linear",), Budget(100.0), is_normalized=False, dtype=None)
    recipe = Recipe(128, 128, 32, -500)
    part, same = find_cut(polish, recipe, Tail("linear", 1.0))
    assert (part.part, same) == (None, recipe)
