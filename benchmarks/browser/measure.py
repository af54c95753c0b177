"""The measurements, each in a notebook of its own that a browser opens in JupyterLab."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import soundfile

from benchmarks.browser.contestants import OURS, PAINT, PEERS, SOUND
from benchmarks.browser.scripts import FLOOD, IN_THE_PAGE, MOVE_STEP, OPEN_FILE, OPEN_TAB, turn
from tests.browser.lab import Notebook

WARM_UPS = 3
"""Turns of each contestant that are not counted."""

PLACES = [(38 + i, 240 + 8 * i) for i in range(5)]
"""Places on the slider, and the frame lengths that stand there."""

LONG = """
import numpy as np
from specwidget import explore

sound = (0.1 * np.random.default_rng(0).standard_normal(2_646_000)).astype("float32")
explorer = explore(sound, 44_100, frame_length=2048, frame_step=512)
explorer
"""

HOUR = 3600
RATE = 44_100

PLAIN = """
from specwidget import explore

explorer = explore(frame_length=2048, frame_step=512)
explorer
"""

PEAK = """
lines = open("/proc/self/status").read().splitlines()
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
print(peak / 1024 - explorer.state.sound.samples.nbytes / 2**20)
"""

CHECKED = '[data-tab="crosscheck"] .specwidget-badge:text-matches("agree")'
"""What is there once the other libraries have been compared with."""

KERNEL_IS_BUSY = "() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.status === 'busy'"


@contextmanager
def opened(browser: Any, address: str, folder: Path, cell: str) -> Iterator[Notebook]:
    """Open a notebook whose first cell has run, with an empty one below, and yield it."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.cells = [nbformat.v4.new_code_cell(cell), *(nbformat.v4.new_code_cell("") for _ in PEERS)]
    nbformat.write(notebook, folder / "speed.ipynb")
    page = browser.new_page(viewport={"width": 1320, "height": 1400})
    window = Notebook(page, address, "speed.ipynb")
    window.run_all()
    page.wait_for_selector(OURS.ready, timeout=60_000)
    page.wait_for_selector(CHECKED, timeout=60_000)
    page.locator(".specwidget-stage").scroll_into_view_if_needed()
    yield window
    window.close()


def run_cell(window: Notebook, place: int, source: str) -> None:
    """Run a cell, as a person would, without waiting for its end."""
    window.page.evaluate(
        """([place, source]) => {
            const { content } = jupyterapp.shell.currentWidget;
            content.widgets[place].model.sharedModel.setSource(source);
            content.activeCellIndex = place;
            jupyterapp.commands.execute('notebook:run-cell');
        }""",
        [place, source],
    )


def slider_to_pixels(browser: Any, address: str, folder: Path, rounds: int) -> tuple[list[int], dict[str, list[float]]]:
    """Return the size of the picture, and of each contestant the milliseconds from the slider's event to the pixels.

    They take turns, all in one page.
    """
    everyone = (OURS, *PEERS)
    times: dict[str, list[float]] = {contestant.title: [] for contestant in everyone}
    with opened(browser, address, folder, SOUND + OURS.cell) as window:
        size = window.page.evaluate(
            "() => { const c = document.querySelector('.specwidget-stage canvas'); return [c.width, c.height]; }"
        )
        show_peers(window, size)
        for i in range(rounds + WARM_UPS):
            for contestant in everyone:
                # Once a picture is there, panels and the cross-check follow: they shall not fall upon the next one.
                window.page.wait_for_timeout(700)
                times[contestant.title].append(window.page.evaluate(turn(contestant), PLACES[i % len(PLACES)]))
    return size, {title: each[WARM_UPS:] for title, each in times.items()}


def show_peers(window: Notebook, size: list[int]) -> None:
    """Show all peers in cells below, at the size of the explorer's picture."""
    for place, peer in enumerate(PEERS, 1):
        cell = (PAINT if place == 1 else "") + peer.cell
        run_cell(window, place, cell.replace("WIDTH", str(size[0])).replace("HEIGHT", str(size[1])))
        window.page.wait_for_selector(peer.ready, timeout=60_000)
    # A cell that the notebook has put away as it is out of sight would paint nothing.
    window.page.evaluate("() => { document.querySelector('.jp-WindowedPanel-outer')?.scrollTo(0, 0); }")


def within_the_page(browser: Any, address: str, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return the milliseconds to the next frame of what the page does by itself, while the kernel sleeps.

    A kernel that sleeps answers nothing: what is painted has not waited for it.
    """
    with opened(browser, address, folder, SOUND + OURS.cell) as window:
        page = window.page
        run_cell(window, 1, "import time\ntime.sleep(10_000)")
        page.wait_for_function(KERNEL_IS_BUSY)
        times = {
            kind: page.evaluate(IN_THE_PAGE, {"kind": kind, "rounds": rounds})
            for kind in ("colours", "range", "cursor", "zoom")
        }
        if not page.evaluate(KERNEL_IS_BUSY):
            raise RuntimeError("The kernel woke up before the measurement had ended.")
        return times


def open_tabs(browser: Any, address: str, folder: Path, rounds: int) -> dict[str, list[float]]:
    """Return, for each tab, the milliseconds from the click on it until nothing in its page changes any more.

    The settings have changed since it was last open, so it has everything to show anew.
    """
    with opened(browser, address, folder, SOUND + OURS.cell) as window:
        page = window.page
        names = page.evaluate("() => [...document.querySelectorAll('.specwidget-tab')].map((tab) => tab.dataset.tab)")
        times: dict[str, list[float]] = {name: [] for name in names}
        for i, name in enumerate(names * (rounds + WARM_UPS)):
            page.evaluate(turn(OURS), PLACES[i % len(PLACES)])
            page.wait_for_timeout(900)
            times[name].append(page.evaluate(OPEN_TAB, name))
        return {name: each[WARM_UPS:] for name, each in times.items()}


def flood(browser: Any, address: str, folder: Path) -> list[dict]:
    """Return, for 200 events of a slider in one second, how many pictures came, and how late the last; three times."""
    with opened(browser, address, folder, SOUND + OURS.cell) as window:
        return [window.page.evaluate(FLOOD) for _ in range(3)]


def long_sound(browser: Any, address: str, folder: Path, rounds: int) -> list[tuple[float, float]]:
    """Return the milliseconds from the slider's event to the first and to the exact picture, for 60 s at 44.1 kHz."""
    with opened(browser, address, folder, LONG) as window:
        slider = '.specwidget-field[data-name="frame_step"] input[type="range"]'
        start = int(window.page.locator(slider).input_value())
        times = []
        for i in range(rounds + WARM_UPS):
            window.page.wait_for_timeout(900)
            times.append(tuple(window.page.evaluate(MOVE_STEP, start - 1 - i % 2)))
        return times[WARM_UPS:]


def write_hour(path: Path) -> None:
    """Write an hour at 44.1 kHz, 16 bits: a sweep in noise, again each minute."""
    time = np.arange(60 * RATE) / RATE
    sweep = 0.3 * np.sin(2 * math.pi * (100 + 80 * time) * time)
    minute = (sweep + 0.01 * np.random.default_rng(0).standard_normal(time.size)).astype("float32")
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16") as file:
        for _ in range(HOUR // 60):
            file.write(minute)


def long_file(browser: Any, address: str, folder: Path, suffix: str) -> tuple[float, float, float]:
    """Open a file of an hour in an explorer that is there, by its menu.

    Return the milliseconds to its first picture and to the exact one, and the most memory that the whole kernel had
    taken by then, above the samples, in MiB.
    """
    name = f"hour{suffix}"
    write_hour(folder / name)
    with opened(browser, address, folder, PLAIN) as window:
        first, exact = window.page.evaluate(OPEN_FILE, name)
        above = float(window.run_code(PEAK))
    (folder / name).unlink()
    return first, exact, above


def middle(times: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(times)
