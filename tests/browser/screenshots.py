"""Pictures of the explorer and of the course in JupyterLab: those in ``docs/``, or all notebooks to be looked at.

``python -m tests.browser.screenshots`` makes the pictures in ``docs/`` again; parts of their names behind it make those
alone. With ``--look FOLDER`` every notebook is shown whole, in both themes, in a wide and a narrow window, in slices,
into that folder; names of notebooks, or parts of them, behind it show those alone.
"""

from __future__ import annotations

import argparse
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.browser.lab import KERNEL_IS_IDLE, Notebook, browser_window, jupyter_server
from tests.browser.person import Person
from tests.conftest import find_chromium

CLONE = Path(__file__).parents[2]
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = {"wide": 1440, "narrow": 640}
SCREEN = (1440, 900)
SLICE = 1600
# So high a window that JupyterLab renders all of a notebook.
WHOLE = 16_000
MOST_BYTES = 300_000

LOOK_LIKE = """async (theme) => {
    const { commands, shell } = jupyterapp;
    await commands.execute('apputils:change-theme', { theme });
    if (!shell.leftCollapsed) shell.collapseLeft();
    if (!shell.rightCollapsed) shell.collapseRight();
}"""

# Brings a cell to the top of the window; all figures below it are then rendered.
SHOW_CELL = """(id) => {
    const { content } = jupyterapp.shell.currentWidget;
    const cell = content.widgets.find(({ model }) => model.id === id);
    content.deselectAll();
    content.activeCellIndex = content.widgets.indexOf(cell);
    cell.node.scrollIntoView({ block: 'start' });
}"""

LENGTH = "() => jupyterapp.shell.currentWidget.content.node.querySelector('.jp-WindowedPanel-inner').scrollHeight"

ARE_PAINTED = """() => [...document.querySelectorAll('.specwidget canvas')].every((canvas) =>
    !canvas.clientWidth || canvas.getBoundingClientRect().top > innerHeight || canvas.width > 1)"""


# The cells of the notebook have left the explorer at another sound.
SPEECH = """
from specwidget.sounds import load_recording
explorer.set(sound=load_recording("voice"), frame_length="12 ms", frame_step="3 ms", fft_length=None, visible=None)
"""
A_AND_B = (
    SPEECH
    + """
explorer.state.set_b()
explorer.set(window="blackman")
"""
)
CROSSCHECK = SPEECH + 'explorer.workbench.open_tab = "crosscheck"\n'


@dataclass(frozen=True)
class Picture:
    """A picture of the documents.

    It shows a notebook from a cell on, in a theme, after some code has run in its kernel, with the pointer at a place
    of the explorer's picture, from 0 to 1, in a window of a size.
    """

    notebook: str
    cell: str
    theme: str = "light"
    code: str = ""
    pointer: tuple[float, float] | None = None
    size: tuple[int, int] = SCREEN


TOUR = {
    (1440, 900): A_AND_B + 'explorer.workbench.open_tab = "window"\n',
    (1366, 768): A_AND_B + 'explorer.workbench.open_tab = "compare"\n',
    (1024, 768): SPEECH + 'explorer.workbench.open_tab = "shapes"\n',
    (640, 800): SPEECH + 'explorer.workbench.open_tab = "crosscheck"\n',
}
"""What docs/explorer.md shows in windows of these sizes, in both themes."""

PICTURES = {
    "explorer": Picture("explore", "cell-02", "light", SPEECH, (0.64, 0.14)),
    "explorer-dark": Picture("explore", "cell-02", "dark", SPEECH, (0.64, 0.14)),
    "crosscheck": Picture("explore", "cell-02", "light", CROSSCHECK),
    "course-leakage": Picture("05_windows_and_leakage", "leakage-figure", code="Out[1].set(frequency=3590.0)"),
    "course-scalings": Picture("09_modes_and_scaling", "two-scalings-live"),
    "course-one-bin": Picture("12_convolution_is_the_stft", "one-bin-live"),
    **{
        f"explorer-{width}x{height}-{theme}": Picture("explore", "cell-02", theme, code, (0.62, 0.14), (width, height))
        for (width, height), code in TOUR.items()
        for theme in THEMES
    },
}
"""What stands in ``docs/``, by its name there."""


@contextmanager
def opened(browser: Browser, address: str, name: str, size: tuple[int, int], theme: str) -> Iterator[Notebook]:
    """Open a notebook in a window of a size, in a theme, and run all its cells."""
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    page.set_default_timeout(120_000)
    notebook = Notebook(page, address, f"{name}.ipynb")
    page.evaluate(LOOK_LIKE, THEMES[theme])
    notebook.run_all()
    yield notebook
    notebook.close()


def settle(notebook: Notebook) -> None:
    """Wait until what is in the window has been painted."""
    notebook.page.wait_for_function(ARE_PAINTED)
    notebook.page.wait_for_function(KERNEL_IS_IDLE)
    # The cross-check begins when the hand has rested, in a process that has to start.
    notebook.page.wait_for_timeout(4000)


def save(png: bytes, path: Path) -> None:
    """Save a picture with 256 colours, and refuse one that is too large for a README."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"`{path.name}` must have at most {MOST_BYTES} bytes; got {size}.")


def make_pictures(browser: Browser, address: str, names: list[str]) -> None:
    """Make the pictures of the documents, or those whose names have one of some parts."""
    wanted = {name: picture for name, picture in PICTURES.items() if not names or any(part in name for part in names)}
    for name, picture in wanted.items():
        with opened(browser, address, picture.notebook, picture.size, picture.theme) as notebook:
            told = notebook.run_code(picture.code)
            if told:
                raise RuntimeError(f"{name} could not be prepared: {told}")
            notebook.page.evaluate(SHOW_CELL, picture.cell)
            settle(notebook)
            if picture.pointer is not None:
                Person(notebook).point(*picture.pointer)
                notebook.page.wait_for_timeout(1000)
            save(notebook.page.screenshot(), CLONE / "docs" / f"{name}.png")


def look(browser: Browser, address: str, folder: Path, names: list[str]) -> None:
    """Show notebooks whole, in each theme and width, in slices."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [name for name in notebooks() if not names or any(part in name for part in names)]
    for name in wanted:
        with opened(browser, address, name, (WIDTHS["wide"], WHOLE), "light") as notebook:
            for theme, (width, pixels) in product(THEMES, WIDTHS.items()):
                notebook.page.set_viewport_size({"width": pixels, "height": WHOLE})
                notebook.page.evaluate(LOOK_LIKE, THEMES[theme])
                settle(notebook)
                slices(notebook, folder / f"{name}-{theme}-{width}")


def slices(notebook: Notebook, path: Path) -> None:
    """Save all of a notebook, in slices."""
    shown = Image.open(io.BytesIO(notebook.page.screenshot()))
    end = min(shown.height, notebook.page.evaluate(LENGTH) + 120)
    for i, top in enumerate(range(0, end, SLICE)):
        shown.crop((0, top, shown.width, min(top + SLICE, end))).save(path.with_name(f"{path.name}-{i}.png"))


def notebooks() -> list[str]:
    """Return the names of the notebooks."""
    return sorted(path.stem for path in (CLONE / "notebooks").glob("*.ipynb"))


def main() -> None:
    """Take pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--look", type=Path, metavar="FOLDER", help="show all notebooks whole, into this folder")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="parts of the names of pictures; with --look, of notebooks"
    )
    arguments = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        parser.error("Chromium must be on the PATH, or named by SPECWIDGET_CHROMIUM.")
    with tempfile.TemporaryDirectory() as served:
        for name in notebooks():
            shutil.copy(CLONE / "notebooks" / f"{name}.ipynb", served)
        with jupyter_server(Path(served)) as address, browser_window(chromium) as browser:
            if arguments.look:
                look(browser, address, arguments.look, arguments.names)
            else:
                make_pictures(browser, address, arguments.names)


if __name__ == "__main__":
    main()
