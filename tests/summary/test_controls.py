"""Controls: the values that they accept, and the messages of those that they refuse."""

import pytest

from specwidget.summary.controls import Control
from specwidget.teach.figure_spec import choice, length, slider, switch


@pytest.mark.parametrize(
    ("control", "value", "sentence"),
    [
        (length("n", 8, "", span=(1, 16)), 2.0, "`n` must be an integer; got 2.0."),
        (length("n", 8, "", span=(1, 16)), 17, "`n` must be between 1 and 16; got 17."),
        (slider("f", 0.5, "", span=(0, 1)), float("nan"), "`f` must be between 0 and 1; got nan."),
        (slider("f", 0.5, "", span=(0, 1)), "abc", "`f` must be a number; got 'abc'."),
        (switch("s", True, ""), 1, "`s` must be True or False; got 1."),
        (choice("c", "a", "", choices=("a", None)), "b", "`c` must be one of 'a', None; got 'b'."),
    ],
)
def test_a_control_refuses_what_it_cannot_be(control, value, sentence):
    with pytest.raises((ValueError, TypeError), match=r"^`") as caught:
        control.check(value)
    assert str(caught.value) == sentence


def test_a_whole_number_on_a_slider_stays_whole():
    assert Control("k", "K", "slider", "", value=3, span=(0, 9)).check(4) == 4
    assert slider("f", 3.0, "", span=(0, 9)).check(4) == 4.0
