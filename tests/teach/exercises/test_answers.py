"""Test the reading of answers, in the notations of people."""

import math

import pytest

from specwidget.teach.exercises import draw, judge
from specwidget.teach.exercises.answers import readings
from specwidget.teach.exercises.case import Case
from specwidget.teach.exercises.judgement import read_number, read_shape

MINUS_SIGNS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"


@pytest.mark.parametrize("sign", MINUS_SIGNS)
def test_every_minus_sign_is_read(sign):
    assert readings(f"{sign}0.707") == readings(f"{sign} 0,707") == [-0.707]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,125", 0.125),
        (",5", 0.5),
        ("1 249", 1249),
        ("1\u202f249,5", 1249.5),
        ("1,249.5", 1249.5),
        ("1.249,5", 1249.5),
        ("1,249,000", 1_249_000),
        ("1'249", 1249),
        ("-\u221a2/2", -math.sqrt(0.5)),
        ("\u221a\u00bd", math.sqrt(0.5)),
        ("1/sqrt(2)", math.sqrt(0.5)),
        ("1\u00bd", 1.5),
        ("1 1/2", 1.5),
        ("3/8", 0.375),
        ("2\u221a2", math.sqrt(8)),
        ("1,5\u00d710\u00b3", 1500),
        ("2^-3", 0.125),
        ("3\u03c0/4", 0.75 * math.pi),
        ("12,5 %", 0.125),
        ("re = 0.5", 0.5),
        ("\u2248 80.", 80),
        ("007", 7),
    ],
)
def test_a_number_is_read_as_it_is_written(text, value):
    assert readings(text) == [pytest.approx(value, rel=1e-15)]


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1.5 kHz", "Hz", 1500),
        ("62,5hz", "Hz", 62.5),
        ("28 frames", "frames", 28),
        ("34 Samples.", "samples", 34),
        ("270\u00b0", "degrees", 270),
        ("3\u03c0/2 rad", "degrees", 270),
        ("\u22126,02 dB", "dB", -6.02),
    ],
)
def test_a_unit_is_read_with_its_factor(text, unit, value):
    assert readings(text, unit) == [pytest.approx(value, rel=1e-15)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "many", "1, 2", "1 24", "270 Hz", "1/0", "9**9**9", "\u221a(-1)", "1e999", "True", "abs(2)", "(" * 3000),
        *("(-8)^(1/3)", "0^-1", "1+" * 50 + "1", "+".join(["1,249"] * 5)),
    ],
)
def test_what_is_no_number_has_no_reading(text):
    assert readings(text, "degrees") == []


def test_at_most_four_numbers_may_have_two_meanings():
    assert readings("1,249+1,249+1,249+1,249")[:2] == pytest.approx([4 * 1249, 3 * 1249 + 1.249])
    # This many would take a minute.
    assert readings("+".join(["1,249"] * 16)) == []


def test_an_answer_with_two_readings_is_asked_about_and_not_judged():
    case = draw("frame_count", 3)
    judged = judge(case, "1,249")
    assert judged.right is None
    assert "got '1,249', which is 1249 or 1.249. Write one of these." in judged.reasoning
    assert readings("1/2\u221a2") == pytest.approx([math.sqrt(0.5), math.sqrt(1 / 8)])


def test_a_point_before_three_digits_separates_thousands_only_in_whole_numbers():
    decimal = Case("", 0, "", (), "number", 1.125, "", "", tolerance=0.01)
    assert read_number("1.125", decimal) == 1.125
    with pytest.raises(ValueError, match=r"which is 1125 or 1\.125"):
        read_number("1.125", Case("", 0, "", (), "number", 1125, "", ""))


@pytest.mark.parametrize(
    "text", ["3, 1249, 257", "(3,1249,257)", "[3; 1249; 257]", "3 x 1249 x 257", "torch.Size([3, 1249, 257])"]
)
def test_a_shape_is_read_in_the_usual_notations(text):
    assert read_shape(text, draw("output_shape", 0)) == (3, 1249, 257)


def test_a_shape_with_spaces_between_digits_and_commas_is_asked_about():
    assert judge(draw("output_shape", 0), "3, 1 249, 257").right is None
