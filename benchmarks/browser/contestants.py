"""Ways to show a spectrogram that follows a slider, each as a notebook's cell and as what a person does with it.

All show the same sound at the same size, and compute by the same layer: what differs is the way to the screen.
"""

from __future__ import annotations

from dataclasses import dataclass

SOUND = """
import numpy as np
from specwidget import STFTSpectrogram, explore

sound = (0.1 * np.random.default_rng(0).standard_normal(160_000)).astype("float32")


def decibels(frame_length):
    layer = STFTSpectrogram(frame_length=frame_length, frame_step=128)
    return layer.spectrogram(sound[None, :, None], 16_000).decibels().T
"""

EXPLORER = """
explorer = explore(sound, 16_000, frame_length=256, frame_step=128)
explorer
"""

PAINT = """
def paint(figure, width=WIDTH, height=HEIGHT):
    figure.set_dpi(100)
    figure.set_size_inches(width / 100, height / 100)
    axes = figure.add_axes((0.06, 0.1, 0.85, 0.87))
    place = {"origin": "lower", "aspect": "auto", "extent": (0, 10, 0, 8000)}
    shown = axes.imshow(decibels(256), **place, cmap="magma", vmin=-70, vmax=0)
    figure.colorbar(shown, cax=figure.add_axes((0.93, 0.1, 0.015, 0.87)))
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")
    return shown
"""

IMAGE = """
import io
import ipywidgets
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

canvas = FigureCanvasAgg(Figure())
shown = paint(canvas.figure)
number = ipywidgets.IntText(256)
image = ipywidgets.Image(format="png", width=WIDTH, height=HEIGHT)


def follow(change):
    shown.set_data(decibels(change["new"]))
    file = io.BytesIO()
    canvas.print_png(file)
    image.value = file.getvalue()


number.observe(follow, names="value")
follow({"new": 256})
ipywidgets.VBox([number, image]).add_class("contestant-image")
"""

IPYMPL = """
from ipympl.backend_nbagg import Canvas, FigureManager

live = Canvas(Figure())
live.manager = FigureManager(live, 0)
live.toolbar_visible = live.header_visible = live.footer_visible = False
drawn = paint(live.figure)
entry = ipywidgets.IntText(256)


def redraw(change):
    drawn.set_data(decibels(change["new"]))
    live.draw_idle()


entry.observe(redraw, names="value")
ipywidgets.VBox([entry, live]).add_class("contestant-ipympl")
"""

INTERACT = """
%matplotlib inline
import matplotlib.pyplot as plt


def draw(n):
    shown = paint(plt.figure())
    shown.set_data(decibels(n))
    plt.show()


box = ipywidgets.interactive(draw, n=ipywidgets.IntText(256))
box.add_class("contestant-interact")
box
"""

ENTER = """
    const number = root.querySelector('input[type="number"]');
    number.value = String(length);
    number.dispatchEvent(new Event('change', { bubbles: true }));
"""


@dataclass(frozen=True)
class Contestant:
    """A way to the screen.

    Parameters
    ----------
    title : str
        What the table calls it.
    cell : str
        The cell that shows it; WIDTH and HEIGHT stand for pixels.
    root : str
        Selector of where it stands in the page.
    ready : str
        Selector of what is there once it has painted for the first time.
    painted : str
        JavaScript that makes a promise `painted` in the page, kept once the next picture is on its canvas or image.
    act : str
        JavaScript that sets the frame length `length`, which stands at `place` of the explorer's slider.
    """

    title: str
    cell: str
    root: str
    ready: str
    painted: str
    act: str = ENTER


OURS = Contestant(
    "specwidget",
    EXPLORER,
    ".specwidget",
    ".specwidget-stage[data-serial]",
    "const painted = new Promise((done) => root.addEventListener('specwidget-painted', done, { once: true }));",
    """
    const slider = root.querySelector('.specwidget-field[data-name="frame_length"] input[type="range"]');
    slider.value = String(place);
    slider.dispatchEvent(new Event('input', { bubbles: true }));
    """,
)

PEERS = (
    Contestant(
        "matplotlib's PNG in an ipywidgets.Image, artists used again",
        IMAGE,
        ".contestant-image",
        ".contestant-image img",
        "const painted = new Promise((done) => "
        "root.querySelector('img').addEventListener('load', done, { once: true }));",
    ),
    Contestant(
        "ipympl, artists used again",
        IPYMPL,
        ".contestant-ipympl",
        ".contestant-ipympl canvas",
        # It draws an image, which came as bytes, onto its canvas.
        """const { drawImage } = CanvasRenderingContext2D.prototype;
        const painted = new Promise((done) => {
            CanvasRenderingContext2D.prototype.drawImage = function (...all) {
                drawImage.apply(this, all);
                if (!root.contains(this.canvas)) return;
                CanvasRenderingContext2D.prototype.drawImage = drawImage;
                done();
            };
        });""",
    ),
    Contestant(
        "ipywidgets.interact and pyplot",
        INTERACT,
        ".contestant-interact",
        ".contestant-interact img",
        """const before = root.querySelector('img');
        const painted = new Promise((done) => {
            const watch = new MutationObserver(() => {
                const image = root.querySelector('img');
                if (!image || image === before) return;
                watch.disconnect();
                image.decode().then(done);
            });
            watch.observe(root, { childList: true, subtree: true });
        });""",
    ),
)
