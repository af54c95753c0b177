"""Writes `docs/peers.md`, the table of each library's conventions, from the modules in `specwidget/peers/`.

Run ``python -m tests.peers.docs_page`` after a change; `test_conventions.py` asserts that the page is up to date, and
measures what it says on the libraries.
"""

from dataclasses import replace
from pathlib import Path

from specwidget.keras_differences import KERAS_DIFFERENCES, KERAS_VERSION
from specwidget.peers import PEERS
from specwidget.peers.peer import Convention
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import padding_amounts

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "peers.md"

OURS = replace(PEERS["keras"].convention, function="specwidget.STFTSpectrogram")
"""The convention of the layer, which follows Keras's."""

ROW_TITLES = {
    "function": "function or class",
    "window_position": "position in the FFT of a shorter window",
    "window_symmetry": "symmetry of a window given by name",
    "boundaries": "ends of the signal",
    "scaling": "divisor of the transform",
    "sides": "one-sided bins",
    "phase_origin": "phase relative to the",
    "floor": "floor of the magnitude",
    "mean": "mean of each frame",
}
"""The title of each row, by the field of `Convention`, in order."""

EXAMPLE = STFTSettings("log", 400, 160, 512, padding="same")
N_SAMPLES = 16_000

HEAD = """\
# Conventions of each library

The table lists what each library does by default, called with a frame length, a step, an FFT length and a window. `N`
is the FFT length and `w` the window. Libraries that differ in a row give different numbers; none of them is wrong.
"""

ALIGNMENT = """\
## Alignment

The cross-check aligns these conventions before it compares, and reports how. For a signal of {n_samples} samples and

    STFTSpectrogram("{mode}", {frame_length}, {frame_step}, {fft_length}, padding="{padding}")

which adds {before} zeros before the signal and {after} after it, the report says:
"""

TAIL = """\
`specwidget check FILE` prints these sentences for your settings and your sound, with code that gives the same numbers
with the library. Differences that can't be aligned are named: the README lists
[those of Keras](../README.md#differences-from-keras-{version}); nnAudio rounds its kernels to float32, also in a model
of float64, and accepts windows by name only.

A library that can't hold a layer's trained kernels is not compared with it: its verdict is "trained kernels". Keras
can: the kernels are set into its layer, unless that computes something else from them, as the last bin of "psd" with an
odd FFT length.

`python -m tests.peers.docs_page` writes this page from the modules in `specwidget/peers/`, and
`tests/peers/test_conventions.py` measures each cell of the table on the library.
"""


def columns() -> dict[str, Convention]:
    """The conventions by the title of their column."""
    return {"specwidget": OURS, **{peer.title: peer.convention for peer in PEERS.values()}}


def row(cells: list[str]) -> str:
    """Write a row of a Markdown table, with bars escaped."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def convention_table() -> str:
    """Write the table of conventions."""
    conventions = columns()
    lines = [row(["", *conventions]), "|---" * (len(conventions) + 1) + "|"]
    for field, title in ROW_TITLES.items():
        cells = [getattr(convention, field) for convention in conventions.values()]
        lines.append(row([title, *(f"`{cell}`" if field == "function" else cell for cell in cells)]))
    return "\n".join(lines)


def keras_table() -> str:
    """Write the table of the differences from Keras, for the README."""
    lines = ["| what | Keras | specwidget |", "|---|---|---|"]
    return "\n".join([*lines, *(row([each.name, each.keras, each.layer]) for each in KERAS_DIFFERENCES)])


def alignment_lists() -> str:
    """Write what is aligned for the example, peer by peer."""
    sections = []
    for peer in PEERS.values():
        sentences = peer.conventions(EXAMPLE)
        items = [f"- {sentence}" for sentence in sentences] or ["- Nothing has to be aligned."]
        sections.append("\n".join([f"**{peer.title}**", "", *items]))
    return "\n\n".join(sections)


def page() -> str:
    """Write the whole page."""
    names = ("mode", "frame_length", "frame_step", "fft_length", "padding")
    before, after = padding_amounts(N_SAMPLES, EXAMPLE)
    arguments = {name: getattr(EXAMPLE, name) for name in names}
    alignment = ALIGNMENT.format(n_samples=N_SAMPLES, before=before, after=after, **arguments)
    tail = TAIL.format(version=KERAS_VERSION.replace(".", ""))
    return f"{HEAD}\n{convention_table()}\n\n{alignment}\n{alignment_lists()}\n\n{tail}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
