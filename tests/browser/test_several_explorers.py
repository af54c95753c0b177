"""Several explorers on one page, and what a closed one leaves behind."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.lab import PATIENCE, Notebook, open_page, settle
from tests.browser.notebooks import write
from tests.browser.person import Person

pytestmark = pytest.mark.slow

SOUND = "import numpy as np\nfrom specwidget import explore\nnoise = np.random.default_rng(0).standard_normal(4000)"
OPEN = "explorer = explore(noise, 8000)\nexplorer"
N_OPENED = 50
MOST_LEFT = 1e6  # bytes of the heap of each

PLACE = "import ipywidgets\nplace = ipywidgets.VBox()\nplace"

# What the widget manager holds in the kernel.
HELD = "len(__import__('ipywidgets').widgets.widget._instances)"


class Neighbour(Person):
    """A person before one of several explorers."""

    def __init__(self, notebook, name, place):
        super().__init__(notebook)
        self.name = name
        self.explorer = notebook.page.locator(".specwidget").nth(place)
        self.stage = self.explorer.locator(".specwidget-stage")

    def state(self):
        """Return what the kernel knows of this explorer, and what its page shows, but its readout."""
        known = self.ask(f"({self.name}.state.frame_length, {self.name}.state.visible, len({self.name}.state.errors))")
        shown = self.explorer.locator(".specwidget-spectrogram").first.get_attribute("data-playing")
        marked = self.explorer.locator('[aria-pressed="true"], .specwidget-readings:not([hidden])').count()
        return known, shown, marked, self.pixels()


@pytest.fixture(scope="module")
def both(browser, server, folder):
    """Return two explorers of one page."""
    write(folder / "many.ipynb", SOUND, *(OPEN.replace("explorer", name) for name in ("one", "other")), PLACE)
    page = open_page(browser, height=4400)
    notebook = Notebook(page, server, "many.ipynb")
    notebook.run_all()
    for place in (0, 1):
        expect(page.locator(".specwidget-stage").nth(place)).to_have_attribute("data-serial", re.compile(r"\d+"))
    both = [Neighbour(notebook, name, place) for place, name in enumerate(("one", "other"))]
    # Something to undo and to flip to: keys that went astray would be seen.
    for person in both:
        person.explorer.get_by_role("button", name="Set B").click()
        slide(person)
        expect(person.field("frame_length").locator('input[type="text"]').first).to_have_value("257")
        person.wait_until(f"{person.name}.state.current.settings.frame_length == 257")
    settle(page, ".specwidget-stage canvas", still=500)
    yield both
    notebook.close()


def test_no_two_elements_of_the_page_share_an_id(both):
    shared = both[0].page.evaluate(
        """() => {
            const ids = [...document.querySelectorAll('.specwidget [id]')].map((node) => node.id);
            return [ids.length, ids.filter((id, i) => ids.indexOf(id) !== i)];
        }"""
    )
    assert shared[0] > 60
    assert shared[1] == []


def slide(person):
    """Move a slider."""
    person.field("frame_length").locator('input[type="range"]').press("ArrowRight")


def move_the_cursor(person):
    """Move the cursor by keys, and pin it."""
    for key in ("ArrowRight", "ArrowUp", "Enter"):
        person.stage.press(key)


def zoom(person):
    """Zoom by a key."""
    person.stage.press("+")


def compare(person):
    """Keep the settings as B, change one, and flip by the key."""
    person.explorer.get_by_role("button", name="Set B").click()
    person.choose("mode", "psd (power)")
    person.type("frame_length", "64")
    expect(person.explorer.locator('[data-name="input"]')).to_be_visible()
    person.stage.press("b")
    person.type("frame_length", "200")


def undo(person):
    """Take a step back by a key."""
    slide(person)
    person.explorer.get_by_role("button", name="Undo").press("Control+z")
    person.stage.press("Control+z")


def ask_for_the_impossible(person):
    """Type a step that is too long."""
    person.type("frame_step", "9999")
    expect(person.error("frame_step")).to_be_visible()


def play(person):
    """Play by a key."""
    person.stage.press(" ")
    expect(person.explorer.locator(".specwidget-spectrogram").first).not_to_have_attribute("data-playing", "idle")


def mark(person):
    """Choose a step of the shapes, which is marked in the picture."""
    person.explorer.locator('[data-step="frames"] button').first.click()


@pytest.mark.parametrize("do", [slide, undo, move_the_cursor, zoom, compare, ask_for_the_impossible, play, mark])
def test_what_is_done_to_one_happens_to_it_and_to_no_other(both, do):
    # The one that was opened first hears of a key first.
    first, second = both
    before = [person.state() for person in both]
    do(second)
    deadline = time.monotonic() + PATIENCE
    while second.state() == before[1]:
        assert time.monotonic() < deadline
    settle(second.page)
    assert first.state() == before[0]


def count_canvases(session):
    """Return how many canvases the page holds on to, shown or not."""
    prototype = session.send("Runtime.evaluate", {"expression": "HTMLCanvasElement.prototype"})["result"]["objectId"]
    canvases = session.send("Runtime.queryObjects", {"prototypeObjectId": prototype})["objects"]["objectId"]
    question = {"objectId": canvases, "functionDeclaration": "function () { return this.length; }"}
    count = session.send("Runtime.callFunctionOn", question | {"returnByValue": True})["result"]["value"]
    for each in (prototype, canvases):
        session.send("Runtime.releaseObject", {"objectId": each})
    return count


def measure(notebook, session):
    """Return what is left in the browser and in the kernel."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return {
        "heap": metrics["JSHeapUsedSize"],
        "canvases": count_canvases(session),
        "widgets": int(notebook.run_code(f"print({HELD})")),
    }


def open_and_close(notebook):
    """Open an explorer, look at the picture, and close it."""
    notebook.run_code("explorer = explore(noise, 8000)\nplace.children = [explorer]")
    stages = notebook.page.locator(".specwidget-stage")
    expect(stages.nth(2)).to_have_attribute("data-serial", re.compile(r"\d+"))
    notebook.run_code("place.children = []\nexplorer.close()")
    expect(stages).to_have_count(2)


@pytest.mark.slow
def test_an_explorer_that_is_closed_leaves_nothing(both):
    opener = both[0].notebook
    session = opener.page.context.new_cdp_session(opener.page)
    session.send("Performance.enable")
    # What is made once, by the page, by JupyterLab or by the browser, is no trace of an explorer.
    for _ in range(3):
        open_and_close(opener)
    before = measure(opener, session)
    for _ in range(N_OPENED):
        open_and_close(opener)
    after = measure(opener, session)
    assert after["widgets"] == before["widgets"]
    assert after["canvases"] == before["canvases"]
    assert (after["heap"] - before["heap"]) / N_OPENED < MOST_LEFT
