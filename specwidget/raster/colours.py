"""Colour maps as tables of 256 colours, from matplotlib, sent to the page once."""

from __future__ import annotations

from functools import cache

import numpy as np

COLOUR_MAPS: dict[str, tuple[str, ...]] = {
    "sequential": ("magma", "viridis", "inferno", "plasma", "cividis", "gray", "gray_r"),
    "diverging": ("RdBu_r", "berlin", "PuOr_r", "vanimo", "coolwarm"),
    "cyclic": ("twilight", "twilight_shifted"),
}
"""The maps offered for each kind of value, the default first, and that one perceptually uniform."""

ON_DARK = {"diverging": "berlin"}
"""Where the page is dark: maps whose middle is dark, so that nothing is not the brightest thing on it."""

AUTOMATIC = "automatic"
"""The choice that takes the default map of the kind of value shown."""

N_COLOURS = 256


@cache
def colour_tables() -> dict[str, str]:
    """Return every map as 256 hexadecimal RGB triples in one string, such as ``"000004..."``."""
    from matplotlib import colormaps

    names = [name for maps in COLOUR_MAPS.values() for name in maps]
    places = np.linspace(0, 1, N_COLOURS)
    return {name: colormaps[name](places, bytes=True)[:, :3].tobytes().hex() for name in names}
