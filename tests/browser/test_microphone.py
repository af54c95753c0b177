"""The microphone in a real browser, whose fake device plays a file: its level is known, its pitch is not."""

import re

import numpy as np
import pytest
import soundfile
from playwright.sync_api import expect

from tests.browser.lab import PATIENCE, QUIET, Notebook, open_page
from tests.browser.notebooks import write

pytestmark = pytest.mark.slow

LEVEL = 0.3
OPEN = 'from specwidget import explore\nexplorer = explore(panels=("sound", "picture"))\nexplorer'
FAKE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")

# What is freed lies in the C library's heap until it is trimmed: up to 8 MB more at one time than at another.
RESIDENT = """import ctypes, gc
explorer.state.flush()
gc.collect()
ctypes.CDLL("libc.so.6").malloc_trim(0)
print(4096 * int(open("/proc/self/statm").read().split()[1]))"""
MOST_GROWTH = 5e6


@pytest.fixture(scope="module")
def listening(browser, chromium_path, tmp_path_factory):
    """Return a browser whose microphone plays a sine, and which asks nobody."""
    path = tmp_path_factory.mktemp("microphone") / "sine.wav"
    time = np.arange(5 * 48_000) / 48_000
    soundfile.write(path, LEVEL * np.sin(2 * np.pi * 440 * time), 48_000)
    arguments = [*QUIET, *FAKE, f"--use-file-for-fake-audio-capture={path}"]
    browser = browser.browser_type.launch(executable_path=str(chromium_path), args=arguments)
    yield browser
    browser.close()


def opened(browser, server, folder, name):
    """Return a notebook with an explorer of sound and picture, and count its pictures in the page."""
    write(folder / name, OPEN)
    notebook = Notebook(open_page(browser, height=900), server, name)
    notebook.run_all()
    expect(notebook.page.locator(".specwidget-stage")).to_have_attribute("data-serial", re.compile(r"\d+"))
    notebook.page.evaluate(
        """() => {
            window.pictures = 0;
            document.querySelector('.specwidget').addEventListener('specwidget-painted', ({ detail }) => {
                window.pictures += detail.name.startsWith('Recording');
            });
        }"""
    )
    return notebook


def wait_for_pictures(page, count):
    page.wait_for_function("(count) => window.pictures >= count", arg=count, timeout=1000 * PATIENCE)


def test_the_picture_follows_the_microphone_until_stop(listening, server, folder):
    notebook = opened(listening, server, folder, "microphone.ipynb")
    page = notebook.page
    page.locator(".specwidget").get_by_role("button", name="Record").click()
    expect(page.get_by_role("status").filter(has_text="Recording at")).to_be_visible()
    wait_for_pictures(page, 20)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".specwidget").get_by_role("button", name="Record")).to_be_visible()
    expect(page.locator(".specwidget-sound select").first).to_have_value(re.compile(r"\d+"))
    notebook.page.wait_for_function("() => document.querySelector('.specwidget-facts').textContent.includes('mono')")
    found = notebook.run_code(
        "import numpy as np\nexplorer.state.flush()\nx = explorer.state.sound.samples\n"
        "print(explorer.state.sound.name, abs(x).max().round(2), len(explorer.state.history.past), x.shape[1] > 8000)"
    )
    assert found == f"Recording 1 {LEVEL} 1 True"
    count = page.evaluate("window.pictures")
    page.wait_for_timeout(500)
    assert page.evaluate("window.pictures") <= count + 2
    notebook.close()


def test_without_permission_a_sentence_says_what_to_do(browser, server, folder):
    notebook = opened(browser, server, folder, "no_microphone.ipynb")
    page = notebook.page
    page.locator(".specwidget").get_by_role("button", name="Record").click()
    expect(page.get_by_role("alert").filter(has_text="press Record again")).to_be_visible()
    expect(page.locator(".specwidget").get_by_role("button", name="Record")).to_be_enabled()
    notebook.close()


@pytest.mark.slow
def test_a_minute_leaves_nothing_behind(listening, server, folder):
    notebook = opened(listening, server, folder, "long_recording.ipynb")
    page = notebook.page
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def record(seconds):
        """Record more than the ten seconds that are kept, and return what is held afterwards."""
        page.locator(".specwidget").get_by_role("button", name="Record").click()
        page.wait_for_timeout(1000 * seconds)
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".specwidget").get_by_role("button", name="Record")).to_be_visible()
        return measure(notebook, session)

    # The second recording is the first that takes the place of another one.
    record(15)
    before, start = record(15), page.evaluate("window.pictures")
    growth = np.subtract(record(60), before)
    assert page.evaluate("window.pictures") > start + 60
    # Each recording is kept in the menu of sounds, 2 MB.
    assert growth.max() < MOST_GROWTH, growth
    notebook.close()


def measure(notebook, session):
    """Return the bytes that the page and the kernel hold."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    metrics = {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
    return metrics["JSHeapUsedSize"], int(notebook.run_code(RESIDENT))
