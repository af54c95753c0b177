"""Test the score: what counts, and the file that is handed in."""

import json

import pytest

from specwidget.teach.exercises import draw
from specwidget.teach.score import Score, read_score, save_score


@pytest.fixture
def score():
    """Return a score with a case right at the second try, and one wrong."""
    score = Score()
    for answer in ("79", "80", "1", "2", "3"):
        score.record("frame_count", 3 if answer in ("79", "80") else 4, answer)
    return score


def test_a_case_is_right_if_one_of_its_tries_is(score):
    assert score.answers == {("frame_count", 3): ["79", "80"], ("frame_count", 4): ["1", "2"]}
    assert score.to_text() == "1 of 2 right"


def test_a_case_that_is_asked_again_counts_nothing(score):
    score.record("frame_count", 4, draw("frame_count", 4).solution)
    score.record("frame_count", 3, "1")
    assert score.to_text() == "1 of 2 right"


def test_few_choices_have_one_try():
    score, case = Score(), draw("nola_cola", 4)
    for answer in ("only COLA", case.solution):
        score.record("nola_cola", 4, answer)
    assert score.to_text("nola_cola") == "0 of 1 right"


def test_what_cannot_be_read_or_in_two_ways_counts_nothing():
    score = Score()
    for answer in ("many", "1,249"):
        score.record("frame_count", 3, answer)
    assert score.to_text() == "no answers yet"


def test_exercises_are_scored_apart_and_together(score):
    score.record("value_index", 1, draw("value_index", 1).solution)
    texts = [score.to_text(name) for name in ("frame_count", "value_index", None)]
    assert texts == ["1 of 2 right", "1 of 1 right", "2 of 3 right"]


def test_a_saved_score_is_read_and_judged_again(score, tmp_path):
    path = tmp_path / "ada.json"
    assert save_score(" Ada ", path, score) == "Ada: 1 of 2 right"
    assert read_score(path) == ("Ada", score)
    assert path.stat().st_size < 400
    content = json.loads(path.read_text(encoding="utf-8"))
    content["cases"][1]["answers"] = [str(draw("frame_count", 4).solution)] * 9
    path.write_text(json.dumps(content), encoding="utf-8")
    assert read_score(path)[1].answers["frame_count", 4] == [str(draw("frame_count", 4).solution)]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"specwidget_score": 2, "person": "Ada", "cases": []}', '{"person": 1}']
)
def test_a_file_without_a_score_is_refused(text, tmp_path):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"`path` must be a file of `save_score`; 'other\.json' holds no score\."):
        read_score(path)


def test_a_score_has_a_name(tmp_path):
    with pytest.raises(ValueError, match="`person` must be a name"):
        save_score(" ", tmp_path / "x.json", Score())
