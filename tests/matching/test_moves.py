"""Moves from a recipe to those next to it."""

from specwidget.matching.moves import named_moves
from specwidget.matching.recipe import Recipe


def test_beside_a_step_of_one_sample_there_is_none_of_zero():
    recipe = Recipe(64, 64, 1, -32)
    assert all(each.step >= 1 for each in named_moves(recipe, n_samples=300, n_frames=301, rate=None))
