"""Colour maps of matplotlib as tables of 256 colours, which the page gets once.

`python -m tests.raster.write_colour_tables` writes `colour_tables.json` after a map was added here.
`CREDITS.md` says whose the colours are, and under which licences.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

COLOUR_MAPS: dict[str, tuple[str, ...]] = {
    "sequential": ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "gray_r"),
    "diverging": ("RdBu_r", "berlin", "PuOr_r", "vanimo", "coolwarm"),
    "cyclic": ("twilight", "twilight_shifted"),
}
"""Colour maps for each kind of values, the default first, which is perceptually uniform."""

ON_DARK = {"diverging": "berlin"}
"""Default maps on a dark page where they differ: their centre is dark, so that 0 is not the brightest colour."""

AUTOMATIC = "automatic"
"""The choice of the default map for the kind of values."""


@cache
def colour_tables() -> dict[str, str]:
    """Return each map as a string of 256 hexadecimal RGB triples, such as ``"000004..."``.

    They are read from a file, as importing matplotlib would take a fifth of the time until an explorer is there.
    """
    text = resources.files(__package__).joinpath("colour_tables.json").read_text(encoding="utf-8")
    tables: dict[str, str] = json.loads(text)
    return tables
