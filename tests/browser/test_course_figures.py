"""All figures and questions of the course in JupyterLab."""

import hashlib

import pytest
from playwright.sync_api import expect

from specwidget.charts.scene import COLOURS
from specwidget.teach.figures import FIGURES
from specwidget.widgets.pcm import encode_pcm
from tests.browser.canvas_text import DRAWN, LISTEN, cut, least_contrast, overlapping
from tests.browser.lab import settle
from tests.browser.lesson import check_figure, check_nothing_went_wrong, lesson
from tests.browser.notebooks import COURSE, calls
from tests.colour import LEAST_FOR_TEXT

pytestmark = pytest.mark.slow

SHOWN_WITH = {"mode_information": {"mode": "log"}}
"""What figures are shown with whose slider does nothing else: the floor is one of levels."""

CALLS = [call for path in COURSE for call in calls(path)]
SHOWN = [(name.removeprefix("figures."), values) for name, _, values in CALLS if name.startswith("figures.")]
SHOWN = [(name, values) for name, values in SHOWN if name in FIGURES]
SHOWN += [(name, {}) for name in FIGURES.keys() - dict(SHOWN).keys()]
SHOWN = [(place, name, values | SHOWN_WITH.get(name, {})) for place, (name, values) in enumerate(SHOWN)]
"""Every figure with the values that the course shows it with: its place in the notebook, its name, its values."""

ASKED = [(*given, *values.values()) for name, given, values in CALLS if name in ("ask", "teach.ask")]
"""Every question of the course."""

# What is made into an address to be played is kept.
KEEP_SOUNDS = """() => {
    if (window.keptSounds) return;
    window.keptSounds = [];
    const make = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
        window.keptSounds.push(blob);
        return make.call(URL, blob);
    };
}"""

DIGEST = """async () => {
    const wav = await window.keptSounds.at(-1).arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', wav.slice(44)));
    return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}"""


@pytest.fixture(scope="module")
def course(browser, server, folder):
    """Return a notebook with every figure and question of the course in it; all cells have run."""
    with lesson((browser, server, folder), "course.ipynb", SHOWN, ASKED) as opened:
        yield opened


@pytest.mark.parametrize(("place", "name", "values"), SHOWN)
def test_a_figure_is_painted_and_follows_its_slider(course, place, name, values):
    check_figure(course.page, place, name, values)


@pytest.mark.parametrize(("place", "name"), [(place, name) for place, name, _ in SHOWN if FIGURES[name].sounds])
def test_every_figure_has_buttons_that_play_what_it_shows(course, place, name):
    spec = FIGURES[name]
    course.run_code(f"Out[{place + 2}].set(**Out[{place + 2}].spec.defaults)")
    buttons = course.page.locator(".specwidget-live").nth(place).locator(".specwidget-players button")
    expect(buttons).to_have_text([f"▶ {text}" for text in spec.sounds])
    course.page.evaluate(KEEP_SOUNDS)
    for i, hear in enumerate(spec.sounds.values()):
        buttons.nth(i).press("Enter")
        expect(buttons.nth(i)).to_have_text("■ Stop")
        assert course.page.evaluate(DIGEST) == hashlib.sha256(encode_pcm(hear(**spec.defaults).samples)).hexdigest()
    buttons.last.click()


def test_every_question_of_the_course_is_asked(course):
    questions = course.page.locator(".specwidget-question")
    expect(questions).to_have_count(len(ASKED))
    for place in range(len(ASKED)):
        expect(questions.nth(place).locator("h3")).not_to_be_empty()


def test_in_a_narrow_window_no_figure_and_no_question_sticks_out(course):
    before = course.page.viewport_size
    course.page.set_viewport_size({"width": 600, "height": before["height"]})
    course.page.evaluate("() => jupyterapp.shell.collapseLeft()")
    sticking = """() => [...document.querySelectorAll('.specwidget-live, .specwidget-question')].flatMap((view) => {
        const end = view.closest('.jp-OutputArea-output').getBoundingClientRect().right;
        const parts = [...view.querySelectorAll('canvas, input, select, button, label, p, h3, h4, li')];
        return parts.filter((part) => part.getBoundingClientRect().right > end + 1).map((part) => part.outerHTML);
    })"""
    try:
        course.page.wait_for_function("() => document.querySelector('.specwidget-live canvas').clientWidth < 500")
        assert course.page.evaluate(sticking) == []
    finally:
        course.page.set_viewport_size(before)


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_what_the_figures_say_on_their_canvases_can_be_read(course, theme):
    page = course.page
    page.evaluate(LISTEN)
    page.evaluate("() => window.textsOf.clear()")
    # Another theme has everything drawn anew.
    page.evaluate("(theme) => jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
    page.wait_for_function(
        """(ink) => [...document.querySelectorAll('.specwidget-live .specwidget-figure')]
            .every(({ style }) => style.getPropertyValue('--sw-chart-ink') === ink)""",
        arg=COLOURS["ink"]["Dark" in theme],
    )
    page.wait_for_function("(least) => window.textsOf.size >= least", arg=len(SHOWN))
    settle(page)
    drawn = page.evaluate(DRAWN)
    assert len(drawn) >= len(SHOWN)
    faint = {(text["text"], round(least_contrast(text), 2)) for texts in drawn for text in texts}
    assert [each for each in faint if each[-1] < LEAST_FOR_TEXT] == []
    assert [text for texts in drawn for text in cut(texts)] == []
    assert [pair for texts in drawn for pair in overlapping(texts)] == []


def test_nothing_went_wrong_in_the_page(course):
    check_nothing_went_wrong(course)
