"""Test every exercise on many cases: the right answer and wrong ones near it."""

import math
from functools import cache

import pytest

from specwidget.teach.exercises import EXERCISES, check, draw, judge

SEEDS = range(200)


@cache
def cases_of(kind):
    """Draw the cases of an exercise that all tests look at, once."""
    return [draw(kind, seed) for seed in SEEDS]


def neighbours(case):
    """List wrong answers near the right one."""
    if case.form == "number":
        apart = max(3 * case.tolerance, 1.0 if float(case.solution).is_integer() else 0.1 * abs(case.solution))
        return [case.solution + apart, case.solution - apart]
    if case.form == "shape":
        return [(*case.solution[:-1], case.solution[-1] + 1), case.solution[:-1], case.solution[::-1] + (1,)]
    return [choice for choice in case.choices if choice != case.solution]


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_solution_is_right_and_its_neighbours_are_wrong(kind):
    for seed, case in enumerate(cases_of(kind)):
        assert judge(case, case.solution).right is True
        assert judge(case, str(case.solution)).right is True
        for wrong in neighbours(case):
            assert judge(case, wrong).right is False, (seed, wrong)


@pytest.mark.parametrize("kind", EXERCISES)
def test_typical_mistakes_are_wrong_and_explained(kind):
    for case in cases_of(kind):
        for value, sentence in case.mistakes:
            judged = judge(case, value)
            if value != case.solution:
                assert not judged.right
                assert any(judged.reasoning.startswith(text) for _, text in case.mistakes)
            assert sentence.endswith(".")


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_reasoning_contains_the_solution(kind):
    for seed, case in enumerate(cases_of(kind)):
        reasoning = judge(case, case.solution).reasoning
        assert reasoning.endswith(".")
        if case.form == "number":
            assert f"{case.solution:g}" in reasoning or f"{case.solution:.3g}" in reasoning, (
                seed,
                reasoning,
                case.solution,
            )
        else:
            assert str(case.solution) in reasoning, (seed, reasoning)


@pytest.mark.parametrize("kind", EXERCISES)
def test_a_seed_determines_the_case(kind):
    assert draw(kind, 7) == draw(kind, 7)
    cases = {(draw(kind, seed).facts, draw(kind, seed).solution) for seed in range(40)}
    assert len(cases) > 8 or all(draw(kind, seed).scene for seed in range(5))


@pytest.mark.parametrize("kind", EXERCISES)
def test_an_unreadable_answer_is_told_the_expected_form(kind):
    judged = check(kind, 0, "what?")
    assert judged.right is None
    assert judged.reasoning.startswith("`answer` must be ")
    assert check(kind, 0, "").right is None


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_solution_of_a_choice_is_one_of_the_choices(kind):
    for case in cases_of(kind):
        assert (case.form == "choice") == bool(case.choices)
        assert case.form != "choice" or case.solution in case.choices
        assert case.form != "number" or math.isfinite(case.solution)


def test_the_error_for_an_unknown_exercise_lists_the_exercises():
    with pytest.raises(ValueError, match=r"`kind` must be one of 'output_shape', .*; got 'frames'"):
        draw("frames", 0)
