"""Conventions are checked when they are made."""

import pytest

from specwidget import MelConventions
from specwidget.mel.conventions import CHOICES


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_must_be_one_of_its_values(name):
    with pytest.raises(ValueError, match=f"`{name}` must be one of"):
        MelConventions(**{name: "other"})


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"periodic": 1}, TypeError, "`periodic` must be True or False; got 1"),
        ({"gain": 0}, ValueError, "`gain` must not be 0"),
        ({"deviation": 0.0}, ValueError, "`deviation` must not be 0"),
        ({"gain": float("inf")}, ValueError, "`gain` must be finite; got inf"),
        ({"power_offset": -1.0}, ValueError, "`power_offset` must be finite and at least 0; got -1.0"),
        ({"ddof": 2}, ValueError, "`ddof` must be 0 or 1; got 2"),
        ({"mean": "0"}, TypeError, "`mean` must be a number"),
        ({"center": True}, TypeError, "must have only the arguments"),
    ],
)
def test_values_out_of_bounds_are_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        MelConventions(**arguments)
