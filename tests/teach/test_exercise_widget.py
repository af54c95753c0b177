"""A question without a browser: what counts, and what is written."""

import pytest

from specwidget.teach.exercise_widget import ExerciseWidget
from specwidget.teach.score import Score


@pytest.fixture
def question():
    """Return a question with a score of its own."""
    question = ExerciseWidget("frame_count", 3, Score())
    yield question
    question.close()


def test_a_wrong_answer_gets_a_hint_and_a_second_try(question):
    assert question.answer("1").reasoning.endswith("Try again.")
    assert question.answer(str(question.current.solution)).right is True
    assert question.score_text == "1 of 1 right"


def test_a_second_wrong_answer_gets_the_solution_and_ends_the_case(question):
    question.answer("1")
    assert question.answer("2").reasoning.endswith(question.current.reasoning)
    assert question.answer(str(question.current.solution)).right is True
    assert question.score_text == "0 of 1 right"


def test_the_same_case_in_another_cell_goes_on_where_it_was(question):
    question.answer("1")
    again = ExerciseWidget("frame_count", 3, question._score)
    assert again.answer("2").reasoning.endswith(again.current.reasoning)
    assert again.answer(str(again.current.solution)).right is True
    assert again.score_text == "0 of 1 right"
    again.close()


def test_what_cannot_be_read_does_not_count(question):
    assert question.answer("many").right is None
    assert question.score_text == "no answers yet"
    question.answer(question.current.solution)
    assert question.score_text == "1 of 1 right"


def test_a_new_case_has_the_next_seed_and_no_verdict(question):
    question.answer("1")
    before = question.case
    assert question.next_case().seed == 4
    assert question.verdict == {}
    assert question.case != before


def test_without_widgets_the_question_and_the_way_to_answer_stand_as_text(question):
    text = question._repr_mimebundle_()[0]["text/plain"]
    assert text.startswith("How many frames T does this signal have?\n  samples: 7903\n")
    assert text.endswith('Answer with specwidget.teach.check("frame_count", 3, answer).')
