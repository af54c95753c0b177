"""Test the sum of windows by adding shifted windows."""

import numpy as np
import pytest
import scipy.signal

from specwidget.teach.exercises import draw


def test_shifted_windows_add_up_to_the_solution():
    for seed in range(100):
        case = draw("overlap_sum", seed)
        facts = dict(case.facts)
        n, step = int(facts["frame_length"]), int(facts["frame_step"])
        window = scipy.signal.get_window(facts["window"].partition(",")[0], n)
        shape = window**2 if "w²" in case.prompt else window
        total = np.zeros(5 * n)
        for start in range(0, 4 * n + 1, step):
            total[start : start + n] += shape
        assert total[2 * n : 3 * n] == pytest.approx(np.full(n, case.solution))
