"""Write `specwidget/raster/colour_tables.json`: `python -m tests.raster.write_colour_tables`."""

import json
from pathlib import Path

import numpy as np
from matplotlib import colormaps

from specwidget.raster import colours

PATH = Path(colours.__file__).with_name("colour_tables.json")


def make_tables() -> dict[str, str]:
    """Return each map as matplotlib draws it, in 256 colours."""
    names = [name for maps in colours.COLOUR_MAPS.values() for name in maps]
    units = np.linspace(0, 1, 256)
    return {name: colormaps[name](units, bytes=True)[:, :3].tobytes().hex() for name in names}


if __name__ == "__main__":
    PATH.write_text(json.dumps(make_tables(), indent=2) + "\n", encoding="utf-8")
