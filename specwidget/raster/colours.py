"""Colour maps of matplotlib as tables of 256 colours, which the page gets once."""

from __future__ import annotations

from functools import cache

import numpy as np

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

N_COLOURS = 256


@cache
def colour_tables() -> dict[str, str]:
    """Return each map as a string of 256 hexadecimal RGB triples, such as ``"000004..."``."""
    from matplotlib import colormaps

    names = [name for maps in COLOUR_MAPS.values() for name in maps]
    units = np.linspace(0, 1, N_COLOURS)
    return {name: colormaps[name](units, bytes=True)[:, :3].tobytes().hex() for name in names}
