"""The page on the conventions of each library, written from what the peers' own files state.

``python -m tests.peers.conventions`` writes `docs/peers.md` again; `test_conventions.py` holds that it is up to date,
and measures what it says on the libraries themselves.
"""

from dataclasses import replace
from pathlib import Path

from specwidget.peers import PEERS
from specwidget.peers.keras_differences import KERAS_DIFFERENCES, VERSION
from specwidget.peers.peer import Convention
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import padding_amounts

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "peers.md"

OURS = replace(PEERS["keras"].convention, call="specwidget.STFTSpectrogram")
"""The convention of the layer, which is Keras's."""

QUESTIONS = {
    "call": "called with lengths, step and window",
    "window_place": "a window shorter than the FFT lies",
    "window_kind": "a window by name is",
    "ends": "the ends of the signal",
    "scaling": "divided by",
    "sides": "bins",
    "phase_origin": "the phase is counted from the",
    "floor": "least magnitude",
    "mean": "each frame's mean is",
}
"""What is asked of each convention, by the name of its field, in the order of the rows."""

EXAMPLE = STFTSettings("log", 400, 160, 512, padding="same")
N_SAMPLES = 16_000

HEAD = """\
# Conventions of each library

What each library does by itself. `N` is the FFT's length and `w` the window. Where two libraries differ in a row, their
numbers differ, though neither is wrong.
"""

ALIGNED = """\
## Aligned

The cross-check aligns all of this before it compares, and says how: here for a signal of {n_samples} samples, with
{before} zeros before it and {after} after, and
`STFTSpectrogram("{mode}", {frame_length}, {frame_step}, {fft_length}, padding="{padding}")`:
"""

TAIL = """\
`specwidget check FILE` prints these sentences for your settings and your sound, with the call that gives the same
numbers. What can't be aligned has a name: the README lists
[where Keras differs](../README.md#differences-from-keras-{version}); nnAudio rounds its kernels to float32, in a model
of float64, too, and takes a window by its name alone.

This page is written by `python -m tests.peers.conventions`, from what the files in `specwidget/peers/` state, and
`tests/peers/test_conventions.py` measures each cell of the table on the library.
"""


def columns() -> dict[str, Convention]:
    """Return the conventions by the title of their column."""
    return {"specwidget": OURS, **{peer.title: peer.convention for peer in PEERS.values()}}


def row(cells: list[str]) -> str:
    """Return a row of a table in Markdown, in which a bar would end a cell."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def convention_table() -> str:
    """Return the table of conventions."""
    asked = columns()
    lines = [row(["", *asked]), "|---" * (len(asked) + 1) + "|"]
    for field, question in QUESTIONS.items():
        cells = [getattr(convention, field) for convention in asked.values()]
        lines.append(row([question, *(f"`{cell}`" if field == "call" else cell for cell in cells)]))
    return "\n".join(lines)


def keras_table() -> str:
    """Return the table of the differences from Keras, as the README has it."""
    lines = ["| what | Keras | specwidget |", "|---|---|---|"]
    return "\n".join([*lines, *(row([each.name, each.keras, each.here]) for each in KERAS_DIFFERENCES)])


def aligned_lines() -> str:
    """Return what is aligned for the example, peer by peer."""
    sections = []
    for peer in PEERS.values():
        sentences = peer.conventions(EXAMPLE)
        told = [f"- {sentence}" for sentence in sentences] or ["- Nothing has to be aligned."]
        sections.append("\n".join([f"**{peer.title}**", "", *told]))
    return "\n\n".join(sections)


def page() -> str:
    """Return the whole page."""
    shown = {name: getattr(EXAMPLE, name) for name in ("mode", "frame_length", "frame_step", "fft_length", "padding")}
    before, after = padding_amounts(N_SAMPLES, EXAMPLE)
    aligned = ALIGNED.format(n_samples=N_SAMPLES, before=before, after=after, **shown)
    return "\n".join(
        [HEAD, convention_table(), "", aligned, aligned_lines(), "", TAIL.format(version=VERSION.replace(".", ""))]
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
