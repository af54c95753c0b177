"""One JupyterLab and one Chromium for all browser tests, and an explorer opened in them."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from specwidget.widgets.assets import data_url, key_of, read_modules
from tests.browser.failure_report import describe_failure
from tests.browser.lab import Notebook, browser_window, jupyter_server, open_page
from tests.browser.notebooks import write
from tests.browser.person import Person

OPEN = "from specwidget import explore\n\nexplorer = explore()\nexplorer"
"""The first cell of notebooks/explore.ipynb."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add what the kernel and the page know to the report of a failure."""
    report = yield
    if report.when == "call" and report.failed:
        report.sections.append(("kernel and page", describe_failure(item.funcargs)))
    return report


@pytest.fixture(scope="session")
def folder(tmp_path_factory) -> Path:
    """Return the folder that JupyterLab serves, with a notebook and some files in it."""
    folder = tmp_path_factory.mktemp("lab")
    write(folder / "explore.ipynb", OPEN)
    noise = 0.1 * np.random.default_rng(0).standard_normal(16_000)
    soundfile.write(folder / "noise.wav", noise, 16_000)
    (folder / "text.wav").write_text("This is no sound at all.\n" * 200)
    return folder


@pytest.fixture(scope="session")
def server(folder, chromium_path) -> str:
    """Return the address of a JupyterLab."""
    with jupyter_server(folder) as address:
        yield address


@pytest.fixture(scope="session")
def browser(chromium_path):
    """Return a Chromium."""
    with browser_window(chromium_path) as browser:
        yield browser


@pytest.fixture(scope="session")
def call(browser):
    """Return a function that evaluates an expression with the names of a leaf module, alone in the browser."""
    page = browser.new_page()

    def evaluate(module, expression, argument=None):
        script = f"""async ({{ url, texts, key, argument }}) => {{
            const m = await (await import(url)).assemble(texts)(key);
            return ({expression});
        }}"""
        found = {"url": data_url("widgets/module_loader.js"), "texts": read_modules(module), "key": key_of(module)}
        return page.evaluate(script, {**found, "argument": argument})

    yield evaluate
    page.close()


@pytest.fixture(scope="session")
def opened(browser, server) -> Person:
    """Return a person before the notebook, all of whose cells have run."""
    page = open_page(browser)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    notebook = Notebook(page, server, "explore.ipynb")
    notebook.run_all()
    person = Person(notebook)
    person.requests = requests
    yield person
    notebook.close()


@pytest.fixture
def person(opened) -> Person:
    """Return the person with the explorer as it opens: default settings, the recording that comes along."""
    opened.reset()
    return opened
