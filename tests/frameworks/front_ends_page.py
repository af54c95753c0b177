"""Writes the table of `docs/front_ends.md`: each front end, and its worst difference from the original.

Run ``python -m tests.frameworks.front_ends_page`` after a change, where the originals are installed.
"""

import warnings
from pathlib import Path

import numpy as np

from specwidget import front_ends
from tests.frameworks.originals import NORMALIZED, ORIGINALS, SIGNALS, compare

PAGE = Path(__file__).parents[2] / "docs" / "front_ends.md"

HEADER = (
    "| name | original | what sets it apart | shape | values | difference | difference, piano |\n"
    "|---|---|---|---|---|---|---|\n"
)


def measure(name):
    """Return shape and range of the original's features of speech, and the largest differences without and in music."""
    if name not in ORIGINALS:
        return None
    kinds = [kind for kind in SIGNALS if name not in NORMALIZED or kind != "silence"]
    pairs = {kind: compare(name, kind) for kind in kinds}
    worst = {kind: float(np.abs(original - features).max()) for kind, (original, features) in pairs.items()}
    music, speech = worst.pop("music"), pairs["speech"][0]
    values = f"{speech.min():.3g} to {speech.max():.3g}"
    return " × ".join(map(str, speech.shape)), values, f"{max(worst.values()):.1e}", f"{music:.1e}"


def table(measured=measure):
    """Return the table; `measured` returns the last four cells of a front end, or None."""
    rows = []
    for name, each in front_ends.items():
        cells = measured(name) or ("", "", "not run here", "")
        rows.append(f"| `{name}` | {each.source} | {each.reason} | {' | '.join(cells)} |\n")
    return HEADER + "".join(rows)


def write():
    """Replace the table in the page."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(HEADER.splitlines()[0])
    after = rest.partition("\n\n")[2]
    PAGE.write_text(f"{before}{table()}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write()
