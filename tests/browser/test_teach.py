"""The figures and exercises of the course in JupyterLab."""

import hashlib

import pytest
from playwright.sync_api import expect

from specwidget.charts.scene import COLOURS
from specwidget.teach.exercises import draw
from specwidget.teach.figures import FIGURES
from specwidget.widgets.pcm import encode_pcm
from tests.browser.canvas_text import DRAWN, LISTEN, cut, least_contrast, overlapping
from tests.browser.lab import PATIENCE, Notebook, open_page, settle
from tests.browser.notebooks import COURSE, calls, write
from tests.colour import LEAST_FOR_TEXT

# The first control of each figure that is a slider is dragged; the picture must be painted again, and differ.
DRAG = """async ({ place, label, patience }) => {
    const root = document.querySelectorAll('.specwidget-live')[place];
    const slider = root.querySelector('input[type="range"]');
    const stage = root.querySelector('.specwidget-figure');
    const charts = 'canvas:not(.specwidget-overlay)';
    const pixels = () => [...root.querySelectorAll(charts)].map((canvas) => canvas.toDataURL()).join();
    const before = pixels();
    const tooLate = (fail) => fail(new Error(`${label} was not painted again`));
    const late = new Promise((_, fail) => setTimeout(tooLate, patience, fail));
    const far = Number(slider.value) === Number(slider.max) ? Number(slider.min) : Number(slider.max);
    slider.value = String(Number(slider.value) + 0.35 * (far - Number(slider.value)));
    const painted = new Promise((done) => stage.addEventListener('specwidget-painted', done, { once: true }));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await Promise.race([painted, late]);
    const error = root.querySelector('.specwidget-error:not([hidden])')?.textContent ?? '';
    return { changed: pixels() !== before, error };
}"""

SHOWN_WITH = {"mode_information": {"mode": "log"}}
"""What figures are shown with whose slider does nothing else: the floor is one of levels."""

CALLS = [call for path in COURSE for call in calls(path)]
SHOWN = [(name.removeprefix("figures."), values) for name, _, values in CALLS if name.startswith("figures.")]
SHOWN = [(name, values) for name, values in SHOWN if name in FIGURES]
SHOWN += [(name, {}) for name in FIGURES.keys() - dict(SHOWN).keys()]
SHOWN = [(place, name, values | SHOWN_WITH.get(name, {})) for place, (name, values) in enumerate(SHOWN)]
"""Every figure with the values that the course shows it with: its place in the notebook, its name, its values."""

ASKED = [(*given, *values.values()) for name, given, values in CALLS if name in ("ask", "teach.ask")]
ASKED = [("frame_count", 3), *ASKED, ("frame_count", 5)]
"""Every question of the course, between two to be answered."""

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
    sources = ["from specwidget import teach\nfrom specwidget.teach import figures"]
    sources += [f"figures.{name}(**{values})" for _, name, values in SHOWN]
    sources += [f"teach.ask{question}" for question in ASKED]
    write(folder / "course.ipynb", *sources)
    page = open_page(browser)
    opened = Notebook(page, server, "course.ipynb")
    opened.problems = []
    page.on("pageerror", lambda error: opened.problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and opened.problems.append(message.text))
    opened.render_everything()
    opened.run_all()
    yield opened
    opened.close()


@pytest.fixture
def question(course):
    """Return the first question."""
    return course.page.locator(".specwidget-question").first


@pytest.mark.parametrize(("place", "name", "values"), SHOWN)
def test_a_figure_is_painted_and_follows_its_slider(course, place, name, values):
    root = course.page.locator(".specwidget-live").nth(place)
    scene = FIGURES[name].scene(**values)
    expect(root.locator("h3")).to_have_text(FIGURES[name].title)
    expect(root.locator(".specwidget-figure")).to_have_attribute("data-serial", "0")
    expect(root.locator(".specwidget-caption")).to_have_text(scene.caption)
    expect(root.locator("canvas:not(.specwidget-overlay)")).to_have_count(len(scene.axes))
    if any(control.kind in ("length", "slider") for control in FIGURES[name].controls):
        told = course.page.evaluate(DRAG, {"place": place, "label": name, "patience": 1000 * PATIENCE})
        assert told == {"changed": True, "error": ""}


@pytest.mark.slow
@pytest.mark.parametrize(("place", "name"), [(place, name) for place, name, _ in SHOWN])
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


def test_what_a_figure_sounds_like_is_fetched_and_played(course):
    root = course.page.locator(".specwidget-live").nth([name for _, name, _ in SHOWN].index("leakage"))
    button = root.locator(".specwidget-players button")
    button.press("Enter")
    expect(button).to_have_text("■ Stop")
    button.click()
    expect(button).to_have_text("▶ Play the sine")


def test_every_question_of_the_course_is_asked(course):
    questions = course.page.locator(".specwidget-question")
    expect(questions).to_have_count(len(ASKED))
    for place in range(len(ASKED)):
        expect(questions.nth(place).locator("h3")).not_to_be_empty()


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
    assert course.problems == []
    assert course.page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
