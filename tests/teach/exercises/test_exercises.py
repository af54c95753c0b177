"""Every exercise: many cases, the right answer and its neighbours."""

import math

import pytest

from specwidget.teach.exercises import EXERCISES, check, draw, judge

SEEDS = range(200)


def neighbours(case):
    """Return wrong answers near the right one."""
    if case.form == "number":
        apart = max(3 * case.tolerance, 1.0 if float(case.solution).is_integer() else 0.1 * abs(case.solution))
        return [case.solution + apart, case.solution - apart]
    if case.form == "shape":
        return [(*case.solution[:-1], case.solution[-1] + 1), case.solution[:-1], case.solution[::-1] + (1,)]
    return [choice for choice in case.choices if choice != case.solution]


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_right_answer_is_right_and_its_neighbours_are_not(kind):
    for seed in SEEDS:
        case = draw(kind, seed)
        assert judge(case, case.solution).right is True
        assert judge(case, str(case.solution)).right is True
        for wrong in neighbours(case):
            assert judge(case, wrong).right is False, (seed, wrong)


@pytest.mark.parametrize("kind", EXERCISES)
def test_known_mistakes_are_wrong_and_told(kind):
    for seed in SEEDS:
        case = draw(kind, seed)
        for value, sentence in case.mistakes:
            judged = judge(case, value)
            if value != case.solution:
                assert not judged.right
                assert any(judged.reasoning.startswith(told) for _, told in case.mistakes)
            assert sentence.endswith(".")


@pytest.mark.parametrize("kind", EXERCISES)
def test_the_reasoning_tells_the_answer_of_this_case(kind):
    for seed in SEEDS:
        case = draw(kind, seed)
        told = judge(case, case.solution).reasoning
        assert told.endswith(".")
        if case.form == "number":
            assert f"{case.solution:g}" in told or f"{case.solution:.3g}" in told, (seed, told, case.solution)
        else:
            assert str(case.solution) in told, (seed, told)


@pytest.mark.parametrize("kind", EXERCISES)
def test_a_seed_draws_the_same_case_and_seeds_draw_different_ones(kind):
    assert draw(kind, 7) == draw(kind, 7)
    cases = {(draw(kind, seed).facts, draw(kind, seed).solution) for seed in range(40)}
    assert len(cases) > 8 or all(draw(kind, seed).scene for seed in range(5))


@pytest.mark.parametrize("kind", EXERCISES)
def test_an_answer_of_another_form_is_told_what_is_wanted(kind):
    judged = check(kind, 0, "what?")
    assert judged.right is None
    assert judged.reasoning.startswith("`answer` must be ")
    assert check(kind, 0, "").right is None


@pytest.mark.parametrize("kind", EXERCISES)
def test_solutions_of_a_choice_are_among_the_choices(kind):
    for seed in SEEDS:
        case = draw(kind, seed)
        assert (case.form == "choice") == bool(case.choices)
        assert case.form != "choice" or case.solution in case.choices
        assert case.form != "number" or math.isfinite(case.solution)


def test_an_unknown_exercise_names_those_there_are():
    with pytest.raises(ValueError, match=r"`kind` must be one of 'output_shape', .*; got 'frames'"):
        draw("frames", 0)
