"""Test every exercise on many cases: the right answer and wrong ones near it."""

import math
from collections import Counter
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
        assert case.mistakes
        for value, sentence in case.mistakes:
            judged = judge(case, value, attempt=2)
            assert judged.right is False
            assert any(judged.reasoning.startswith(text) for _, text in case.mistakes)
            assert judged.reasoning.endswith(case.reasoning)
            assert sentence.endswith(".")


@pytest.mark.parametrize("kind", EXERCISES)
def test_a_first_wrong_answer_gets_a_hint_and_not_the_solution(kind):
    for case in cases_of(kind):
        for wrong in (*(value for value, _ in case.mistakes), *neighbours(case)):
            told = judge(case, wrong).reasoning
            if case.n_tries == 1:
                assert told.endswith(case.reasoning)
            else:
                assert told.endswith(" Try again.")
                assert case.reasoning not in told
        assert case.hint.endswith((".", "?"))
        # A number of the case may be in the hint, the solution only as a part of the question.
        assert str(case.solution) not in case.hint or case.form == "choice"


@pytest.mark.parametrize("kind", EXERCISES)
def test_guessing_passes_no_more_than_every_third_choice(kind):
    assert all(case.n_tries <= len(case.choices) / 3 for case in cases_of(kind) if case.choices)


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_same_answers_every_time_pass_few_cases(kind):
    counts = Counter(round(case.solution, 6) if case.form == "number" else case.solution for case in cases_of(kind))
    passed = sum(count for _, count in counts.most_common(cases_of(kind)[0].n_tries))
    assert passed <= 0.42 * len(SEEDS)


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
    with pytest.raises(ValueError, match=r"`name` must be one of 'sum_of_sines', .*; got 'frames'"):
        draw("frames", 0)


@pytest.mark.parametrize("swapped", [(3, "frame_count", "80"), ("frame_count", "80", 3), ("80", "frame_count", 3)])
def test_swapped_arguments_are_refused(swapped):
    with pytest.raises((TypeError, ValueError), match=r"`(seed|name)` must be"):
        check(*swapped)


def test_the_check_in_plain_python_gives_the_solution_at_the_second_try_only():
    assert str(check("frame_count", 3, 79)) == "Not right. Round up: the last step may be incomplete. Try again."
    assert "= 80." in str(check("frame_count", 3, 79, attempt=2))


def test_an_angle_is_right_modulo_a_turn():
    case = next(case for case in cases_of("phase_shift") if case.solution == 270)
    assert [judge(case, answer).right for answer in ("-90°", "3π/2 rad", "90", "630 degrees")] == [
        True,
        True,
        False,
        True,
    ]
