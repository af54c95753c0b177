"""Banks that are estimated from how bands vary over time."""

import numpy as np

from specwidget.matching.bank_estimate import fit_most


def test_the_line_that_most_points_are_on_is_found_among_many_that_are_not():
    rng = np.random.default_rng(0)
    numbers = np.arange(1.0, 101.0)
    centres = 100 + 20 * numbers
    wrong = rng.random(100) < 0.6
    centres[wrong] = rng.uniform(0, 2100, np.count_nonzero(wrong))
    slope, offset = fit_most(numbers, centres)
    assert abs(slope - 20) < 0.5
    assert abs(offset - 100) < 20


def test_bands_whose_centres_fall_have_no_line():
    assert fit_most(np.arange(1.0, 21.0), np.linspace(1000, 100, 20)) is None
