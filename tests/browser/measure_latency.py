"""From slider event to painted pixels: the explorer's canvas, and a matplotlib PNG in an `ipywidgets.Image`.

Run it as ``python -m tests.browser.measure_latency``. Both show the same sound (10 s at 16 kHz, frame 256, step 128)
at the same size, in the same page, event after event in turn. "Painted" is the next animation frame after the drawing.
"""

import json
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat

from tests.browser.lab import Notebook, browser_window, jupyter_server
from tests.conftest import find_chromium

SETUP = """
import numpy as np
from specwidget import explore
x = (0.1 * np.random.default_rng(0).standard_normal(160_000)).astype("float32")
explorer = explore(x, 16_000, frame_length=256, frame_step=128)
explorer
"""

PEER = """
import io
import ipywidgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from specwidget import STFTSpectrogram

width, height = WIDTH, HEIGHT
figure = Figure(figsize=(width / 100, height / 100), dpi=100)
canvas = FigureCanvasAgg(figure)
axes = figure.add_axes((0.06, 0.1, 0.85, 0.87))
values = STFTSpectrogram(frame_length=256, frame_step=128).spectrogram(x[None, :, None], 16_000).decibels()
shown = axes.imshow(values.T, origin="lower", aspect="auto", extent=(0, 10, 0, 8000), cmap="magma", vmin=-70, vmax=0)
figure.colorbar(shown, cax=figure.add_axes((0.93, 0.1, 0.015, 0.87)))
axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
number = ipywidgets.IntText(256)
image = ipywidgets.Image(format="png", width=width, height=height)


def follow(change):
    layer = STFTSpectrogram(frame_length=change["new"], frame_step=128)
    shown.set_data(layer.spectrogram(x[None, :, None], 16_000).decibels().T)
    file = io.BytesIO()
    canvas.print_png(file)
    image.value = file.getvalue()


number.observe(follow, names="value")
follow({"new": 256})
ipywidgets.VBox([number, image])
"""

MEASURE = """async (lengths) => {
    const frame = () => new Promise(requestAnimationFrame);
    const once = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
    const slider = document.querySelector('.specwidget-field[data-name="frame_length"] input[type="range"]');
    const page = document.querySelector('.specwidget-picture');
    const number = document.querySelector('.widget-text input[type="number"]');
    const image = document.querySelector('img.widget-image, .widget-image img, img.jupyter-widgets');
    const times = { explorer: [], matplotlib: [] };
    const rest = (ms) => new Promise((done) => setTimeout(done, ms));
    for (const [place, length] of lengths) {
        const painted = once(page, 'specwidget-painted');
        let start = performance.now();
        slider.value = String(place);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        await painted;
        await frame();
        times.explorer.push(performance.now() - start);
        await rest(700);
        const loaded = once(image, 'load');
        start = performance.now();
        number.value = String(length);
        number.dispatchEvent(new Event('change', { bubbles: true }));
        await loaded;
        await frame();
        times.matplotlib.push(performance.now() - start);
        await rest(200);
    }
    return times;
}"""


def measure(browser, address: str, folder: Path, rounds: int = 30) -> dict[str, list[float]]:
    """Measure both, in turn, and return milliseconds."""
    notebook = nbformat.v4.new_notebook()
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.cells = [nbformat.v4.new_code_cell(SETUP), nbformat.v4.new_code_cell("")]
    nbformat.write(notebook, folder / "latency.ipynb")
    page = browser.new_page(viewport={"width": 1320, "height": 1400})
    window = Notebook(page, address, "latency.ipynb")
    window.run_all()
    page.wait_for_selector(".specwidget-stage[data-serial]")
    page.wait_for_selector('[data-verdict="agrees"]')
    width, height = page.evaluate(
        "() => { const c = document.querySelector('.specwidget-stage canvas'); return [c.width, c.height]; }"
    )
    code = PEER.replace("WIDTH", str(width)).replace("HEIGHT", str(height))
    page.evaluate(
        """(code) => {
            const content = jupyterapp.shell.currentWidget.content;
            content.widgets[1].model.sharedModel.setSource(code);
            content.activeCellIndex = 1;
            return jupyterapp.commands.execute('notebook:run-cell');
        }""",
        code,
    )
    page.wait_for_function(
        "() => document.querySelector('img.widget-image, .widget-image img, img.jupyter-widgets')?.naturalWidth > 0"
    )
    lengths = [[38 + i % 5, 240 + 8 * (i % 5)] for i in range(rounds + 3)]
    page.locator(".specwidget-stage").scroll_into_view_if_needed()
    times = page.evaluate(MEASURE, lengths)
    window.close()
    return {name: each[3:] for name, each in times.items()} | {"size": [width, height]}


def main() -> None:
    """Measure, and print medians."""
    with (
        tempfile.TemporaryDirectory() as folder,
        jupyter_server(Path(folder)) as address,
        browser_window(find_chromium()) as browser,
    ):
        times = measure(browser, address, Path(folder))
    size = times.pop("size")
    medians = {name: round(statistics.median(each), 1) for name, each in times.items()}
    quartiles = {name: [round(q, 1) for q in statistics.quantiles(each, n=4)] for name, each in times.items()}
    share = medians["explorer"] / medians["matplotlib"]
    json.dump(
        {"pixels": size, "median ms": medians, "quartiles ms": quartiles, "share": round(share, 3)},
        sys.stdout,
        indent=2,
    )
    print()


if __name__ == "__main__":
    main()
