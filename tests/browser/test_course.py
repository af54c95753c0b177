"""Every notebook of the course in JupyterLab: all cells run, none fails, and something moves."""

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.lab import Notebook

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
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


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def lesson(request, browser, server, folder):
    """Return a notebook of the course, opened as a student does; all cells have run."""
    (folder / "course").mkdir(exist_ok=True)
    shutil.copy(request.param, folder / "course")
    page = browser.new_page(viewport={"width": 1400, "height": 2200})
    page.set_default_timeout(60_000)
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    notebook = Notebook(page, server, f"course/{request.param.name}")
    notebook.problems = problems
    notebook.run_all()
    yield notebook
    notebook.close()


def test_a_notebook_of_the_course_runs_without_an_error_and_shows_a_live_view(lesson):
    assert lesson.page.evaluate(ERRORS) == []
    view = lesson.page.locator(".jp-OutputArea-output .specwidget canvas").first
    view.scroll_into_view_if_needed()
    expect(view).to_be_visible()
    lesson.page.wait_for_function(IS_PAINTED, arg=view.element_handle())
    assert lesson.problems == []


# Formulas that stand by themselves, each with how far it sticks out to the right of its cell, pixels.
FORMULAS = """() => [...document.querySelectorAll('mjx-container[display="true"]')].map((formula) => {
    const cell = formula.closest('.jp-RenderedMarkdown').getBoundingClientRect();
    return formula.firstElementChild.getBoundingClientRect().right - cell.right;
})"""


def test_a_narrow_window_shows_every_formula_whole(browser, server, folder):
    cells = [cell for path in NOTEBOOKS for cell in nbformat.read(path, as_version=4).cells]
    formulas = [
        each for cell in cells if cell.cell_type == "markdown" for each in re.findall(r"\$\$.+?\$\$", cell.source)
    ]
    whole = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("\n\n".join(formulas))])
    whole.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    nbformat.write(whole, folder / "formulas.ipynb")
    page = browser.new_page(viewport={"width": 600, "height": 2200})
    notebook = Notebook(page, server, "formulas.ipynb")
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    page.wait_for_function(
        "(n) => document.querySelectorAll('mjx-container[display=\"true\"]').length === n", arg=len(formulas)
    )
    out = zip(formulas, page.evaluate(FORMULAS), strict=True)
    assert {formula: round(pixels) for formula, pixels in out if pixels > 0} == {}
    notebook.close()
