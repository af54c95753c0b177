"""Page object of the explorer: what a user does on the page, and what it shows."""

import io
import json
import time
from typing import Any

import numpy as np
from playwright.sync_api import Locator

from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.summary.display import DISPLAY_DEFAULTS
from tests.browser.lab import PATIENCE, POLL_MS, Notebook

RESET = f"""
from specwidget.sounds import load_recording
if 'voice' not in globals():
    voice = load_recording('voice')
with explorer.state.hold():
    explorer.state.stored, explorer.state.shown = None, "A"
    explorer.workbench.open_tab = "shapes"
    explorer.state.revision += 1
explorer.set(**{FRONT_END_DEFAULTS | DISPLAY_DEFAULTS!r}, sound=voice, visible=None)
"""


class Person:
    """A person before a notebook with an explorer."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page
        self.explorer = self.page.locator(".specwidget").first
        self.stage = self.explorer.locator(".specwidget-stage")

    def reset(self) -> None:
        """Bring the explorer back to where it opens."""
        self.notebook.run_code(RESET)
        self.page.keyboard.press("Escape")
        self.page.wait_for_function(
            """() => {
                const stage = document.querySelector('.specwidget .specwidget-stage');
                return stage?.getAttribute('aria-label')?.startsWith('Spectrogram of voice, mode log')
                    && document.querySelector('.specwidget [data-name="input"] td')?.textContent === '(1, 62079, 1)'
                    && document.querySelector('.specwidget [data-name="FFT length"] td')?.textContent === 'N = 256'
                    && document.querySelector('.specwidget [data-name="padded"] td')?.textContent === '0 left, 0 right';
            }"""
        )

    def open_tab(self, name: str) -> Locator:
        """Open a tab, and return its page, when its contents are there."""
        tab = self.explorer.locator(f'[role="tab"][data-tab="{name}"]')
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        page = self.explorer.locator('[role="tabpanel"]:not(:has([aria-busy="true"])):visible')
        page.and_(self.page.get_by_label(tab.locator("span").first.inner_text(), exact=True)).wait_for()
        return page

    def read(self) -> dict[str, dict[str, str]]:
        """Return the rows of the readout under the picture by their names, each by the names of its columns."""
        return self.explorer.evaluate(
            """(page) => Object.fromEntries([...page.querySelectorAll('.specwidget-readings tbody tr')].map((row) => [
                row.cells[0].textContent,
                Object.fromEntries([...row.cells].slice(1).map((cell) => [cell.dataset.name, cell.textContent])),
            ]))"""
        )

    def point(self, across: float, up: float) -> tuple[float, float]:
        """Move the pointer to a place of the picture, both from 0 to 1, and return where that is on the page."""
        x, y = self.place(across, up)
        self.page.mouse.move(x, y)
        return x, y

    def place(self, across: float, up: float) -> tuple[float, float]:
        """Return where a place of the picture is on the page."""
        self.stage.scroll_into_view_if_needed()
        box = self.stage.bounding_box()
        mark = self.explorer.locator(".specwidget-overview").evaluate(
            "(strip) => [Number(strip.dataset.left), Number(strip.dataset.width)]"
        )
        return box["x"] + mark[0] + across * mark[1], box["y"] + 8 + (1 - up) * (box["height"] - 50)

    def visible(self) -> list[float] | None:
        """Return the visible part as the kernel knows it."""
        return json.loads(self.ask("__import__('json').dumps(explorer.state.visible)"))

    def field(self, name: str) -> Locator:
        """Return a control with its label and its error; a display choice is behind "Display"."""
        if name in DISPLAY_DEFAULTS:
            self.explorer.locator(".specwidget-display").evaluate(
                "(panel) => panel.matches(':popover-open') || panel.showPopover()"
            )
        return self.explorer.locator(f'.specwidget-field[data-name="{name}"]')

    def choose(self, name: str, label: str) -> None:
        """Choose an entry of a menu."""
        self.field(name).locator("select").first.select_option(label=label)

    def type(self, name: str, text: str) -> None:
        """Type a value and press Enter."""
        box = self.field(name).locator('input[type="text"]').first
        box.fill(text)
        box.press("Enter")

    def error(self, name: str) -> Locator:
        """Return the place of a control's error, over the picture."""
        return self.explorer.locator(f'.specwidget-problem[data-name="{name}"]')

    def row(self, name: str) -> str:
        """Return the value of a row of the readout."""
        return self.explorer.locator(f'tr[data-name="{name}"] .specwidget-value').inner_text()

    def wait_for_row(self, name: str, value: str) -> None:
        """Wait until a row of the readout has a value: in the page, or where the tab is closed, in the kernel."""
        if self.explorer.locator(".specwidget-shapes").is_hidden():
            rows = "[*explorer.state.shapes, *explorer.state.results]"
            self.wait_until(f"any((row.name, row.value) == {(name, value)!r} for row in {rows})")
            return
        self.page.wait_for_function(
            """([name, value]) => document.querySelector(
                `.specwidget tr[data-name="${name}"] .specwidget-value`)?.textContent === value""",
            arg=[name, value],
        )

    def pixels(self) -> str:
        """Return the picture's pixels as a text that differs where they do."""
        return self.stage.locator("canvas").first.evaluate("(canvas) => canvas.toDataURL()")

    def wait_for_pixels(self, before: str) -> None:
        """Wait until the picture differs from what it was."""
        self.page.wait_for_function(
            "(before) => document.querySelector('.specwidget .specwidget-stage canvas').toDataURL() !== before",
            arg=before,
            polling=POLL_MS,
        )

    def peer(self, name: str) -> Locator:
        """Return the row of a peer in the cross-check, whose tab is opened."""
        self.open_tab("crosscheck")
        return self.explorer.locator(f'[data-peer="{name}"]')

    def wait_for_check(self, part: str = "", peer: str = "librosa") -> Locator:
        """Wait for the verdict of a peer whose code has a text, and return it."""
        self.open_tab("crosscheck")
        # The process that compares may have to start, and load the library, first.
        self.page.wait_for_function(
            """([part, peer]) => {
                const row = document.querySelector(`.specwidget [data-peer="${peer}"]`);
                return row?.dataset.status === 'done' && row.querySelector('pre').textContent.includes(part);
            }""",
            arg=[part, peer],
            timeout=3000 * PATIENCE,
        )
        return self.peer(peer).locator(".specwidget-verdict")

    def load_features(self, array: Any, name: str = "features.npy") -> Locator:
        """Choose a file with an array beside the sound, and return the page of the tab that it opens."""
        file = io.BytesIO()
        np.save(file, array)
        chosen = {"name": name, "mimeType": "application/octet-stream", "buffer": file.getvalue()}
        self.explorer.locator(".specwidget-sound").get_by_label("Load features\u2026").set_input_files(chosen)
        page = self.explorer.locator(".specwidget-identify")
        page.get_by_text(name).wait_for()
        return page

    def ask(self, code: str) -> str:
        """Return what an expression is in the kernel."""
        return self.notebook.run_code(f"print({code})")

    def wait_until(self, condition: str) -> None:
        """Wait until an expression is true in the kernel."""
        deadline = time.monotonic() + PATIENCE
        while self.ask(f"bool({condition})") != "True":
            if time.monotonic() > deadline:
                raise AssertionError(f"The kernel has waited {PATIENCE} s for: {condition}")
            self.page.wait_for_timeout(20)
