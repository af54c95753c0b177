"""From slider event to painted pixels, for the figures of the course.

Run it as ``python -m tests.browser.measure_figures``, with the names of figures to measure those alone. "Painted" is
the next animation frame after the drawing. Medians of events that come one after the other, in ms.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

from specwidget.teach.figures import FIGURES
from tests.browser.lab import KERNEL_IS_IDLE, Notebook, browser_window, jupyter_server
from tests.conftest import find_chromium

MEASURE = """async ({ place, rounds }) => {
    const root = document.querySelectorAll('.specwidget-live')[place];
    root.scrollIntoView();
    const stage = root.querySelector('.specwidget-figure');
    const times = {};
    for (const field of root.querySelectorAll('.specwidget-field')) {
        const slider = field.querySelector('input[type="range"]');
        if (!slider) continue;
        const start = Number(slider.value);
        const step = Number(slider.step) * Math.sign(start - Number(slider.min) || -1);
        times[field.dataset.name] = [];
        for (let i = 0; i < rounds; i++) {
            const painted = new Promise((done) => {
                const next = () => requestAnimationFrame(() => done(true));
                stage.addEventListener('specwidget-painted', next, { once: true });
                setTimeout(() => done(false), 3000);
            });
            const begun = performance.now();
            slider.value = String(start - (i % 2 ? 0 : 1) * step);
            slider.dispatchEvent(new Event('input', { bubbles: true }));
            if (await painted) times[field.dataset.name].push(performance.now() - begun);
            await new Promise((done) => setTimeout(done, 120));
        }
    }
    return times;
}"""


def measure(browser, address: str, folder: Path, names: list[str], rounds: int = 11) -> dict[str, dict[str, float]]:
    """Measure each slider of each figure, and return medians."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    sources = ["from specwidget.teach import figures", *(f"figures.{name}()" for name in names)]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(notebook, folder / "figures.ipynb")
    page = browser.new_page(viewport={"width": 1320, "height": 900 * len(sources)})
    window = Notebook(page, address, "figures.ipynb")
    window.run_all()
    page.wait_for_function(
        "(n) => document.querySelectorAll('.specwidget-figure[data-serial]').length === n", arg=len(names)
    )
    page.wait_for_function(KERNEL_IS_IDLE, timeout=120_000)
    medians = {}
    for place, name in enumerate(names):
        times = page.evaluate(MEASURE, {"place": place, "rounds": rounds})
        # The first events find caches empty, as a person's first movement does; the median is of all.
        medians[name] = {slider: round(statistics.median(each), 1) for slider, each in times.items() if each}
    window.close()
    return medians


def main() -> None:
    """Measure, and print medians and the slowest."""
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_server(Path(folder)) as address,
        browser_window(find_chromium()) as browser,
    ):
        medians = measure(browser, address, Path(folder), sys.argv[1:] or list(FIGURES))
    json.dump({"median ms": medians}, sys.stdout, indent=2)
    print("\nslowest:", max(max(each.values(), default=0) for each in medians.values()), "ms")


if __name__ == "__main__":
    main()
