"""Explorers and formulas of the course in JupyterLab; test_course_figures.py has its other views, nbval runs all."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.lab import Notebook, open_page
from tests.browser.notebooks import COURSE, cells_with, sources, write

pytestmark = pytest.mark.slow

# The explorer of this one needs its whole study to be computed first.
EXPLORED = [path for path in COURSE if path.stem != "16_a_parameter_study"]

# A canvas on which more than a ground colour and a frame was drawn.
IS_PAINTED = """(canvas) => {
    const context = canvas.width && canvas.height ? canvas.getContext('2d') : null;
    const pixels = context?.getImageData(0, 0, canvas.width, canvas.height).data.buffer;
    return !!pixels && new Set(new Uint32Array(pixels)).size > 3;
}"""

ERRORS = """() => jupyterapp.shell.currentWidget.content.widgets
    .flatMap(({ model }) => model.type === 'code' ? model.outputs.toJSON() : [])
    .filter(({ output_type: kind, name }) => kind === 'error' || name === 'stderr')
    .map(({ evalue, text }) => evalue ?? text)"""


@pytest.fixture
def lesson(browser, server, folder):
    """Return a notebook with the cells of the course that show an explorer, and with what these need."""
    cells = [cell for path in EXPLORED for cell in cells_with("explore", path)]
    write(folder / "explorers.ipynb", *cells)
    # A still picture is no explorer.
    displayed = [cell for cell in cells if not cell.rstrip().endswith(".snapshot()")]
    n_explorers = sum(len(re.findall(r"\bexplore\(", cell)) for cell in displayed)
    page = open_page(browser)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    notebook = Notebook(page, server, "explorers.ipynb")
    notebook.problems, notebook.n_explorers = problems, n_explorers
    notebook.render_everything()
    notebook.run_all()
    yield notebook
    notebook.close()


def test_every_explorer_of_the_course_is_painted_without_an_error(lesson):
    stages = lesson.page.locator(".jp-OutputArea-output .specwidget-stage")
    expect(stages).to_have_count(lesson.n_explorers)
    for place in range(lesson.n_explorers):
        canvas = stages.nth(place).locator("canvas").first
        canvas.scroll_into_view_if_needed()
        expect(canvas).to_be_visible()
        lesson.page.wait_for_function(IS_PAINTED, arg=canvas.element_handle())
    assert lesson.page.evaluate(ERRORS) == []
    assert lesson.problems == []


# Formulas that stand by themselves, each with how far it sticks out to the right of its cell, pixels.
FORMULAS = """() => [...document.querySelectorAll('mjx-container[display="true"]')].map((formula) => {
    const cell = formula.closest('.jp-RenderedMarkdown').getBoundingClientRect();
    return formula.firstElementChild.getBoundingClientRect().right - cell.right;
})"""


def test_a_narrow_window_shows_every_formula_whole(browser, server, folder):
    texts = [source for path in COURSE for source in sources(path, "markdown")]
    formulas = [formula for text in texts for formula in re.findall(r"\$\$.+?\$\$", text)]
    write(folder / "formulas.ipynb", "\n\n".join(formulas), kind="markdown")
    page = open_page(browser, width=600)
    notebook = Notebook(page, server, "formulas.ipynb")
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    page.wait_for_function(
        "(n) => document.querySelectorAll('mjx-container[display=\"true\"]').length === n", arg=len(formulas)
    )
    out = zip(formulas, page.evaluate(FORMULAS), strict=True)
    assert {formula: round(pixels) for formula, pixels in out if pixels > 0} == {}
    notebook.close()
