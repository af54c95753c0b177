"""Settings in words."""

import math

import numpy as np
import pytest

from specwidget.matching.layouts import Layout
from specwidget.matching.model import Model
from specwidget.matching.recipe import Recipe
from specwidget.matching.tails import Tail
from specwidget.matching.wording import list_settings, read_constant


def model(tail):
    layout = Layout(np.zeros((3, 257)), (3, 257), True, "", np.dtype("float32"))
    return Model(Recipe(512, 400, 160, 0), tail, layout, None, 8000, 3)


@pytest.mark.parametrize(
    ("tail", "words"),
    [
        (Tail("log", 10 / math.log(10)), "10 log10(P)"),
        (Tail("log", 1 / math.log(10), 0.5), "log10(P) + 0.5"),
        (Tail("log", 1.0, -4e-8), "ln(P)"),
        (Tail("log", 0.5, -2.0), "0.5 ln(P) - 2"),
        (Tail("linear", 0.5, scale=2.0), "2 P^0.5"),
    ],
)
def test_logarithms_have_their_names(tail, words):
    assert dict(list_settings(model(tail)))["values"] == words


def test_a_constant_is_read_aloud():
    assert read_constant(model(Tail("linear", 1.0, scale=2.0**30))).endswith("2^30, the scale of 16-bit integers")
    assert read_constant(model(Tail("linear", 1.0))) == ""
