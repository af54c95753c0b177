"""Views and formulas of the course in JupyterLab. test_course_figures.py has what its figures do; nbval runs all."""

import re
from contextlib import suppress
from itertools import pairwise

import pytest
from playwright.sync_api import Error, expect

from tests.browser.lab import Notebook, open_page, settle
from tests.browser.notebooks import COURSE, cells_with, read_cells, sources, write, write_cells

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


# What each view needs to be seen, pixels: from the last paragraph above it to the end of its picture, and from its own
# first control to the end of both. What a tab page shows scrolls within it.
HEIGHTS = """() => {
    const views = '.specwidget-view.specwidget-live, .specwidget-workbench';
    const { widgets, node } = jupyterapp.shell.currentWidget.content;
    const place = (each) => each.getBoundingClientRect();
    const room = node.querySelector('.jp-WindowedPanel-outer').clientHeight;
    return widgets.flatMap(({ model, node: cell }, i) => {
        const view = cell.querySelector(`${views}, .jp-RenderedImage img`);
        if (!view) return [];
        const text = [...widgets[i - 1].node.querySelectorAll('.jp-RenderedMarkdown > *')].at(-1);
        // The picture that stands for a view without a kernel is hidden in time.
        const isSeen = (each) => each.clientHeight > 1 && !each.closest('.specwidget-pages');
        const drawn = [...view.querySelectorAll('canvas')].filter(isSeen);
        const pictures = drawn.length ? drawn : [view];
        const end = Math.max(...pictures.map((each) => place(each).bottom));
        const last = view.matches('.specwidget-workbench') ? Math.max(end, place(view).bottom) : end;
        return [{ id: model.id, with_text: end - place(text).top, alone: last - place(view).top, room }];
    });
}"""

N_SHOWN = """() => jupyterapp.shell.currentWidget.content.widgets
    .flatMap(({ model }) => model.type === 'code' ? model.outputs.toJSON() : [])
    .filter(({ data }) => data?.['application/vnd.jupyter.widget-view+json']).length"""

ARE_LAID_OUT = """(n) => {
    const views = [...document.querySelectorAll('.specwidget-view.specwidget-live, .specwidget-workbench')];
    const isLaidOut = (view) => [...view.querySelectorAll('canvas')].some((canvas) => canvas.clientHeight > 1);
    return views.length === n && views.every(isLaidOut);
}"""


def write_views(path, target):
    """Write those cells of a notebook that show explorers and figures, with the text above each and what they need."""
    needed = {cell for name in ("explore", "figures") for cell in cells_with(name, path)}
    pairs = [(text, cell) for text, cell in pairwise(read_cells(path)) if cell["source"] in needed]
    write_cells(target, [cell for pair in pairs for cell in pair if cell is pair[1] or cell["cell_type"] == "markdown"])


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_a_text_and_what_it_speaks_of_are_on_one_screen(browser, server, folder, path):
    write_views(path, folder / "views.ipynb")
    page = open_page(browser, 1366, 768)
    notebook = Notebook(page, server, "views.ipynb")
    page.evaluate("() => jupyterapp.shell.collapseLeft()")
    notebook.render_everything()
    notebook.run_all()
    shown = page.evaluate(N_SHOWN)
    page.wait_for_function(ARE_LAID_OUT, arg=shown)
    assert too_high(page, "with_text") == {}
    page.set_viewport_size({"width": 640, "height": 800})
    page.wait_for_function("() => jupyterapp.shell.currentWidget.node.clientWidth < 640")
    assert too_high(page, "alone") == {}
    assert len(page.evaluate(HEIGHTS)) >= shown
    notebook.close()


def too_high(page, which):
    """Return the views that don't fit the window, once all fit or their layout has come to rest."""
    with suppress(Error):
        page.wait_for_function(f"() => ({HEIGHTS})().every((view) => view.{which} <= view.room)", timeout=10_000)
    settle(page)
    return {view["id"]: view for view in page.evaluate(HEIGHTS) if view[which] > view["room"]}
