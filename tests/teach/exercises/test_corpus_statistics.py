"""Test the exercise about a corpus against NumPy, on frames that have the given means and deviations."""

import re

import numpy as np
import pytest

from specwidget.teach.exercises import draw


def test_the_solution_is_that_of_all_frames_together():
    for seed in range(100):
        case = draw("corpus_statistics", seed)
        recordings = [[int(each) for each in re.findall(r"-?\d+", text)] for _, text in case.facts]
        # Half of the frames above the mean by the deviation, and half below it.
        frames = [mean + deviation * np.tile([1, -1], n // 2) for n, mean, deviation in recordings]
        wanted = np.mean if "mean of" in case.prompt else np.std
        assert case.solution == pytest.approx(wanted(np.concatenate(frames)))
