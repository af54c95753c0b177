"""The explorer in Notebook 7 and Voila, and its static fallback where no kernel runs."""

import re
import socket
import subprocess
import sys
from contextlib import suppress

import pytest
from playwright.sync_api import expect

from tests.browser.lab import TOKEN, Notebook, end, jupyter_server, open_page, wait_for
from tests.browser.notebooks import write

pytestmark = pytest.mark.slow

OPEN = """import numpy as np
from specwidget import explore
explorer = explore(np.random.default_rng(0).standard_normal(4000), 8000)
explorer"""
FIGURE = "from specwidget.teach import figures\nfigures.leakage(frame_length=64)"

WORDS = "Spectrogram of array: (1, 4000, 1) -> 14 frames of 512 -> (1, 14, 257)"
"""What is said of the picture: 4000 samples in frames of 512, a step of 256 after each, are 14 frames."""

PICTURES = 'img[src^="data:image/png;base64,"]'

# How large a picture is in its own pixels, and how many colours it has.
LOOK = """async (image) => {
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    const pixels = context.getImageData(0, 0, canvas.width, canvas.height).data.buffer;
    return { size: [canvas.width, canvas.height], colours: new Set(new Uint32Array(pixels)).size };
}"""


def visit(browser, address):
    """Open a page, and note what goes wrong in it that comes from our modules."""
    page = open_page(browser, height=1600)
    page.problems = []

    def note(text, place=""):
        if "specwidget" in text or "anywidget" in text or place.startswith(("blob:", "data:")):
            page.problems.append(text)

    page.on("pageerror", lambda error: note(f"{error} {error.stack}"))
    page.on("console", lambda each: each.type == "error" and note(each.text, each.location["url"]))
    page.goto(address)
    return page


def check_that_a_slider_moves_the_picture(page):
    """Wait for the picture, move a slider by a key, and wait for another picture."""
    page.wait_for_function("() => !!document.querySelector('.specwidget-stage[data-serial]')")
    stage = page.locator(".specwidget-stage canvas").first
    before = stage.evaluate("(canvas) => canvas.toDataURL()")
    page.locator('.specwidget-field[data-name="frame_length"] input[type="range"]').press("ArrowRight")
    page.wait_for_function(
        "(before) => document.querySelector('.specwidget-stage canvas').toDataURL() !== before", arg=before
    )
    assert page.problems == []


def run_first_cell(page):
    """Run the first cell by its keys, which a page that has only just appeared may lose."""
    prompt = page.locator(".jp-InputArea-prompt").first
    for _ in range(10):
        page.locator(".jp-Cell .cm-content").first.click()
        page.keyboard.press("Shift+Enter")
        with suppress(AssertionError):
            return expect(prompt).to_have_text(re.compile(r"\[[*\d]+\]"), timeout=2000)
    raise AssertionError("The cell does not run.")


def test_in_notebook_7_the_explorer_appears_and_follows_a_slider(browser, server, folder):
    write(folder / "notebook7.ipynb", OPEN)
    page = visit(browser, f"{server}/notebooks/notebook7.ipynb?token={TOKEN}")
    run_first_cell(page)
    check_that_a_slider_moves_the_picture(page)
    page.close()


def test_in_voila_the_explorer_appears_and_follows_a_slider(browser, server, folder):
    write(folder / "voila.ipynb", OPEN)
    page = visit(browser, f"{server}/voila/render/voila.ipynb?token={TOKEN}")
    check_that_a_slider_moves_the_picture(page)
    page.close()


def test_under_the_address_of_a_hub_the_explorer_appears_and_follows_a_slider(browser, chromium_path, tmp_path):
    write(tmp_path / "hub.ipynb", OPEN)
    with jupyter_server(tmp_path, "/user/ada") as address:
        page = visit(browser, f"{address}/notebooks/hub.ipynb?token={TOKEN}")
        run_first_cell(page)
        check_that_a_slider_moves_the_picture(page)
        page.close()


MARIMO = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    from specwidget import explore
    from specwidget.teach import figures
    return explore, figures, mo


@app.cell
def _(figures, mo):
    figure = mo.ui.anywidget(figures.leakage(frame_length=64))
    figure
    return (figure,)


@app.cell
def _(figure, mo):
    mo.md(f"frequency: {figure.value['values']['frequency']}")
    return


@app.cell
def _(explore):
    import numpy as np
    explore(np.random.default_rng(0).standard_normal(4000), 8000)
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def marimo(tmp_path):
    """Return the address of a marimo app with a figure and an explorer."""
    (tmp_path / "app.py").write_text(MARIMO)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "marimo", "run", "app.py", "--headless", "--no-token", "--host", "127.0.0.1"]
    with (tmp_path / "server.log").open("wb") as log:
        server = subprocess.Popen([*command, "--port", str(port)], cwd=tmp_path, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/health", server, tmp_path / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            end(server)


def test_in_marimo_figures_and_the_explorer_work(browser, marimo):
    page = visit(browser, marimo)
    figure, explorer = (page.locator("marimo-anywidget").nth(place) for place in (0, 1))
    field = figure.get_by_label("Frequency")
    field.first.fill("3750")
    field.first.press("Enter")
    expect(figure.get_by_text("The sine at 3750 Hz is on bin 15")).to_be_visible()
    expect(page.get_by_text("frequency: 3750")).to_be_visible()
    shapes = explorer.locator(".specwidget-shape-line")
    expect(shapes).to_have_text("(1, 4000, 1) \u2192 30 frames of 256 \u2192 (1, 30, 129)")
    explorer.get_by_label("Frame length", exact=True).fill("512")
    explorer.get_by_label("Frame length", exact=True).press("Enter")
    expect(shapes).to_have_text("(1, 4000, 1) \u2192 14 frames of 512 \u2192 (1, 14, 257)")
    explorer.get_by_role("tab", name="Window").click()
    expect(explorer.get_by_text("hann, 512 samples")).to_be_visible()
    explorer.locator(".specwidget-stage").focus()
    explorer.locator(".specwidget-stage").press("ArrowRight")
    expect(explorer.locator(".specwidget-cursor-line, output").first).to_contain_text("Hz")
    assert page.problems == []


@pytest.fixture(scope="module")
def saved(browser, server, folder):
    """Return the path of a notebook with an explorer and a figure that was run and saved in JupyterLab."""
    write(folder / "saved.ipynb", OPEN, FIGURE)
    notebook = Notebook(open_page(browser), server, "saved.ipynb")
    notebook.run_all()
    expect(notebook.page.locator(".specwidget-stage")).to_be_visible()
    # Each view hides the picture that stands for it until it is closed.
    expect(notebook.page.locator(PICTURES)).to_have_count(2)
    for place in (0, 1):
        expect(notebook.page.locator(PICTURES).nth(place)).to_be_hidden()
    # What is moved later is in the picture soon after.
    notebook.run_code("explorer.set(frame_length=512)")
    expect(notebook.page.locator(PICTURES).first).to_have_attribute("alt", WORDS)
    notebook.page.evaluate("() => jupyterapp.commands.execute('docmanager:save')")
    notebook.page.wait_for_function("() => !jupyterapp.shell.currentWidget.context.model.dirty")
    notebook.run_code("explorer.close()")
    expect(notebook.page.locator(PICTURES).first).to_be_visible()
    notebook.close()
    return folder / "saved.ipynb"


def check_the_pictures(page, words=WORDS):
    """Look at the pictures of a page in which no widget runs."""
    assert page.locator(".specwidget").count() == 0
    pictures = page.locator(PICTURES)
    expect(pictures).to_have_count(2)
    expect(pictures.nth(0)).to_have_attribute("alt", words)
    expect(pictures.nth(1)).to_have_attribute("alt", "Leakage of a sine")
    for place in (0, 1):
        expect(pictures.nth(place)).to_be_visible()
        assert pictures.nth(place).evaluate(LOOK)["colours"] > 100
    assert pictures.nth(0).evaluate(LOOK)["size"] == [900, 400]
    expect(page.get_by_text("is 0.25 bins from bin 14").last).to_be_visible()


@pytest.mark.parametrize("preference", [{"shouldStart": False, "canStart": False}, {}], ids=["no kernel", "a new one"])
def test_a_saved_notebook_that_is_opened_shows_its_pictures_before_it_is_run(browser, server, saved, preference):
    page = open_page(browser)
    page.goto(f"{server}/lab/workspaces/saved?token={TOKEN}&reset")
    page.wait_for_function("() => window.jupyterapp?.commands.hasCommand('docmanager:open')")
    page.evaluate(
        """([path, kernelPreference]) => jupyterapp.restored.then(() =>
            jupyterapp.commands.execute('docmanager:open', { path, kernelPreference }))""",
        [saved.name, preference],
    )
    check_the_pictures(page)
    page.close()


AS_RUN = "Spectrogram of array: (1, 4000, 1) -> 30 frames of 256 -> (1, 30, 129)"


@pytest.mark.parametrize(
    ("options", "words"), [([], WORDS), (["--execute"], AS_RUN)], ids=["as it was saved", "run on the way"]
)
def test_a_notebook_converted_to_html_shows_its_pictures(browser, saved, tmp_path, options, words):
    command = [sys.executable, "-m", "nbconvert", "--to", "html", *options, "--output-dir", tmp_path, saved]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "Alternative text is missing" not in told.stderr
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "saved.html").as_uri())
    check_the_pictures(page, words)
    context.close()
