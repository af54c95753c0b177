"""Powers of recipes, computed with NumPy alone."""

import numpy as np
import pytest

from specwidget.matching.recipe import Recipe, Samples, reduce_power

SIGNAL = np.random.default_rng(4).standard_normal(3000)


@pytest.mark.parametrize("frame_length", [100, 300, 384])
def test_some_bins_of_folded_frames_are_those_of_the_whole_ones(frame_length):
    recipe = Recipe(384, frame_length, 50, 0)
    starts = np.arange(5) * 50
    whole, some = (Samples(SIGNAL).squares(recipe, starts, every) for every in (1, 4))
    np.testing.assert_allclose(some, whole[:, ::4], rtol=1e-9, atol=1e-9)


def test_a_second_side_doubles_power_or_magnitude():
    spectrum = np.fft.rfft(SIGNAL[:64] * np.hanning(65)[:64])
    for sides, factor in (("one", 1), ("doubled", np.sqrt(2)), ("quadrupled", 2)):
        expected = np.abs(np.r_[spectrum[0], factor * spectrum[1:-1], spectrum[-1]]) ** 2
        power = reduce_power(np.abs(spectrum) ** 2, Recipe(64, 64, 32, 0, sides=sides))
        np.testing.assert_allclose(power, expected)


def test_a_part_of_a_signal_has_its_own_ends():
    recipe = Recipe(64, 64, 32, -32)
    part, alone = Samples(SIGNAL, (100, 400)), Samples(SIGNAL[100:400])
    np.testing.assert_array_equal(part.power(recipe, np.arange(5)), alone.power(recipe, np.arange(5)))
    assert (len(part), part.part, alone.part) == (300, (100, 400), None)
