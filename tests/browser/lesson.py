"""A notebook of figures and questions of the course, open in JupyterLab."""

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from specwidget.teach.figures import FIGURES
from tests.browser.lab import PATIENCE, Notebook, open_page
from tests.browser.notebooks import write

# The first control of each figure that is a slider is dragged; the picture must be painted again, and differ.
DRAG = """async ({ place, label, patience }) => {
    const root = document.querySelectorAll('.specwidget-live')[place];
    const slider = root.querySelector('input[type="range"]');
    const stage = root.querySelector('.specwidget-figure');
    const charts = 'canvas:not(.specwidget-overlay)';
    const pixels = () => [...root.querySelectorAll(charts)].map((canvas) => canvas.toDataURL()).join();
    const before = pixels();
    const tooLate = (fail) => fail(new Error(`${label} was not painted otherwise`));
    const late = new Promise((_, fail) => setTimeout(tooLate, patience, fail));
    const far = Number(slider.value) === Number(slider.max) ? Number(slider.min) : Number(slider.max);
    slider.value = String(Number(slider.value) + 0.35 * (far - Number(slider.value)));
    // What has another size is painted again, too, with the same content.
    const painted = new Promise((done) =>
        stage.addEventListener('specwidget-painted', () => pixels() !== before && done()));
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    await Promise.race([painted, late]);
    return root.querySelector('.specwidget-error:not([hidden])')?.textContent ?? '';
}"""


@contextmanager
def lesson(
    at: tuple[Any, str, Path],
    name: str,
    figures: Sequence[tuple[int, str, dict[str, Any]]],
    questions: Sequence[tuple[Any, ...]],
):
    """Yield a notebook with figures and questions, all of whose cells have run, and what went wrong in its page.

    Parameters
    ----------
    at : tuple
        The browser, the address of JupyterLab, and the folder that it serves.
    name : str
        Name of the notebook.
    figures : sequence of tuple
        Place, name and values of each figure.
    questions : sequence of tuple
        Arguments of `teach.ask`.
    """
    browser, server, folder = at
    sources = ["from specwidget import teach\nfrom specwidget.teach import figures"]
    sources += [f"figures.{figure}(**{values})" for _, figure, values in figures]
    sources += [f"teach.ask{question}" for question in questions]
    write(folder / name, *sources)
    page = open_page(browser)
    opened = Notebook(page, server, name)
    opened.problems = []
    page.on("pageerror", lambda error: opened.problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and opened.problems.append(message.text))
    opened.render_everything()
    opened.run_all()
    yield opened
    opened.close()


def check_figure(page, place, name, values):
    """Check that a figure is painted with its texts, and again when its first slider is dragged."""
    root = page.locator(".specwidget-live").nth(place)
    scene = FIGURES[name].scene(**values)
    expect(root.locator("h3")).to_have_text(FIGURES[name].title)
    expect(root.locator(".specwidget-figure")).to_have_attribute("data-serial", "0")
    expect(root.locator(".specwidget-caption")).to_have_text(scene.caption)
    expect(root.locator("canvas:not(.specwidget-overlay)")).to_have_count(len(scene.axes))
    if any(control.kind in ("length", "slider") for control in FIGURES[name].controls):
        assert page.evaluate(DRAG, {"place": place, "label": name, "patience": 1000 * PATIENCE}) == ""


def check_nothing_went_wrong(opened):
    """Check that no error was seen in the page, or in an output."""
    assert opened.problems == []
    assert opened.page.locator(".jp-OutputArea-output[data-mime-type*='error']").count() == 0
