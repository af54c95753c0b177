"""Moves from a recipe to those next to it."""

import pytest
import scipy.signal

from specwidget.matching.moves import bank_window_moves, named_moves, near_moves, noise_bandwidth
from specwidget.matching.recipe import Bank, Recipe


def test_beside_a_step_of_one_sample_there_is_none_of_zero():
    recipe = Recipe(64, 64, 1, -32)
    assert all(each.step >= 1 for each in named_moves(recipe, n_samples=300, n_frames=301, rate=None))


def test_a_shorter_and_later_window_is_next_to_a_recipe_that_is_nearly_right():
    recipe = Recipe(400, 397, 160, 610)
    assert Recipe(400, 400, 160, 608) in list(near_moves(recipe, objective=lambda _: 1e-4))
    assert not list(near_moves(recipe, objective=lambda _: 0.5))


def test_windows_of_other_shapes_are_tried_where_they_are_as_wide():
    # Of a Hann window 1.5 bins, of a Blackman window 1.7268: its textbook value.
    assert noise_bandwidth("hann") == pytest.approx(1.5)
    values = scipy.signal.get_window("blackman", 1024)
    assert noise_bandwidth("blackman") == pytest.approx(1024 * (values**2).sum() / values.sum() ** 2)
    recipe = Recipe(512, 361, 64, -116, window="blackman", bank=Bank(44_100.0, 80, 20.0, 20_900.0))
    lengths = {each.frame_length: each.start for each in bank_window_moves(recipe) if each.window == "hann"}
    # 1.5 / 1.7268 of 361, in the middle of it.
    assert lengths[314] == -116 + (361 - 314) // 2
