"""A figure and an exercise of the course in JupyterLab. All of them: `test_course_figures.py`."""

import pytest
from playwright.sync_api import expect

from specwidget.teach.exercises import draw
from tests.browser.lesson import check_figure, check_nothing_went_wrong, lesson

pytestmark = pytest.mark.slow

# With a sound, with a slider of a length, with several charts, and with what takes long.
SHOWN = [(0, "leakage", {}), (1, "sinusoid", {}), (2, "griffin_lim", {})]
ASKED = [("frame_count", 3), ("frame_count", 5)]


@pytest.fixture(scope="module")
def course(browser, server, folder):
    """Return a notebook with figures and questions; all cells have run."""
    with lesson((browser, server, folder), "lesson.ipynb", SHOWN, ASKED) as opened:
        yield opened


@pytest.fixture
def question(course):
    """Return the first question."""
    return course.page.locator(".specwidget-question").first


@pytest.mark.parametrize(("place", "name", "values"), SHOWN)
def test_a_figure_is_painted_and_follows_its_slider(course, place, name, values):
    check_figure(course.page, place, name, values)


def test_what_a_figure_sounds_like_is_fetched_and_played(course):
    root = course.page.locator(".specwidget-live").nth(0)
    button = root.locator(".specwidget-players button")
    button.press("Enter")
    expect(button).to_have_text("■ Stop")
    button.click()
    expect(button).to_have_text("▶ Play the sine")


def test_a_question_is_answered_from_the_keyboard_alone(course, question):
    field = question.locator('input[type="text"]')
    field.focus()
    course.page.keyboard.type("81")
    course.page.keyboard.press("Enter")
    verdict = question.locator(".specwidget-verdict-text")
    expect(verdict).to_have_text(f"Not right. {draw('frame_count', 3).hint} Try again.")
    course.page.keyboard.press("Enter")
    expect(verdict).to_have_text("Not right. With 'same' there is one frame per step: T = ceil(7903 / 100) = 80.")
    for key in ("Tab", "Tab", "Enter"):
        course.page.keyboard.press(key)
    expect(verdict).to_have_text("")
    expect(field).to_be_focused()
    expect(question.locator(".specwidget-score")).to_have_text("0 of 1 right")


def test_the_score_is_written_into_the_notebook(course):
    second = course.page.locator(".specwidget-question").last
    solution = course.run_code("from specwidget.teach.exercises import draw; print(draw('frame_count', 5).solution)")
    second.locator('input[type="text"]').fill(solution)
    second.locator('input[type="text"]').press("Enter")
    expect(second.locator(".specwidget-verdict-text strong")).to_have_text("Right.")
    written = course.page.locator(".jp-OutputArea-output pre", has_text="Score, Count the frames").last
    expect(written).to_contain_text(" right")
    saved = course.page.evaluate("() => JSON.stringify(jupyterapp.shell.currentWidget.context.model.toJSON())")
    assert "Score, Count the frames: " + written.inner_text().strip().rpartition(": ")[2] in saved


def test_nothing_went_wrong_in_the_page(course):
    check_nothing_went_wrong(course)
