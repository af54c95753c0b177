"""Display choices: their defaults, their check, and which of them make a new picture necessary."""

from dataclasses import fields, replace

import numpy as np
import pytest

from specwidget.sounds import as_sound
from specwidget.summary.controls import DISPLAY_CONTROLS
from specwidget.summary.display import CHECKS, DISPLAY_DEFAULTS, SET_BY_VIEW, DisplayChoices, check_display

SOUND = as_sound(np.zeros((4000, 2)), 8000)


def test_each_choice_has_a_control_or_is_set_by_the_view():
    names = {field.name for field in fields(DisplayChoices)}
    assert names == {control.name for control in DISPLAY_CONTROLS} | set(SET_BY_VIEW)
    assert set(CHECKS) == names - {"canvas_size"}


def test_valid_choices_are_returned_as_they_are():
    requested = {**DISPLAY_DEFAULTS, "channel": 1, "value_range": (-60, 0), "visible": [0, 100, 0, 1]}
    choices, errors = check_display(requested, SOUND)
    assert errors == {}
    assert (choices.channel, choices.value_range, choices.visible) == (1, (-60, 0), (0.0, 100.0, 0.0, 1.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("channel", 2),
        ("batch_item", True),
        ("colour_map", "jet"),
        ("value_range", (1, 1)),
        ("decibels", 1),
        ("frequency_axis", np.array(["linear"])),
        ("time_axis", "minutes"),
        ("visible", (0, 5000, 0, 1)),
        ("unit", None),
        ("unit", "dB"),
        ("unit", "V\n"),
        ("unit", " V"),
        ("unit", 21 * "m"),
    ],
)
def test_an_invalid_choice_has_a_message_and_its_default(name, value):
    choices, errors = check_display({name: value}, SOUND)
    assert list(errors) == [name]
    assert errors[name].startswith(f"`{name}` must be")
    assert choices == DisplayChoices()


@pytest.mark.parametrize("axis", ["mel", "notes"])
def test_an_axis_in_hertz_needs_a_sample_rate(axis):
    _, errors = check_display({"frequency_axis": axis}, as_sound(np.zeros(100)))
    assert "without a sample rate" in errors["frequency_axis"]


def test_the_browser_applies_colours_and_time_axis_to_the_same_picture():
    choices = DisplayChoices()
    same = replace(choices, colour_map="viridis", value_range=(0.0, 1.0), time_axis="frames")
    assert same.picture == choices.picture
    for change in (
        {"channel": 1},
        {"decibels": False},
        {"unit": "V"},
        {"visible": (0, 9, 0, 1)},
        {"canvas_size": (100, 50)},
    ):
        assert replace(choices, **change).picture != choices.picture
