"""A scene on its way to the page: a header that JSON knows, and arrays as raw memory."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from specwidget.charts.scene import COLOURS, DASHES, Axes, Image, Scene, Values
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.picture import N_CODES

BUFFER = "buffer"
"""Key of the number of an array among the buffers."""


def encode_scene(scene: Scene) -> tuple[dict[str, Any], list[memoryview]]:
    """Return a scene as a header and buffers.

    Parameters
    ----------
    scene : Scene
        What a figure shows.

    Returns
    -------
    header : dict
        As JSON knows it. Where an array stands there is ``{"buffer": number}``.
    buffers : list of memoryview
        Coordinates as float32, images as codes of uint16: 1 to `N_CODES` from the lowest colour to the highest, 0 for
        what is not finite.
    """
    buffers: list[memoryview] = []
    header = {
        "caption": scene.caption,
        "columns": scene.columns,
        "axes": [_encode_axes(axes, buffers) for axes in scene.axes],
    }
    return header, buffers


def opening_of(scene: Scene | None) -> dict[str, Any]:
    """Return a scene as the value of a trait, which comes with the widget: nothing where there is none."""
    if scene is None:
        return {}
    header, buffers = encode_scene(scene)
    return {"header": {"serial": 0, **header}, "buffers": buffers}


def palette() -> dict[str, Any]:
    """Return the colours of all scenes, as the page knows them: sent once."""
    tables = colour_tables()
    maps = {kind: (names[0], ON_DARK.get(kind, names[0])) for kind, names in COLOUR_MAPS.items()}
    return {
        "colours": {name: list(pair) for name, pair in COLOURS.items()},
        "dashes": {name: list(lengths) for name, lengths in DASHES.items()},
        "maps": {kind: [tables[name] for name in pair] for kind, pair in maps.items()},
    }


def encode_image(image: Image) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Return an image's values as codes, (rows, columns) of uint16.

    Examples
    --------
    >>> encode_image(Image([[0.0, 1.0, np.nan, 9.0]], (0, 1), (0, 1), range=(0.0, 1.0))).tolist()
    [[1, 65535, 0, 65535]]
    """
    low, high = image.colour_range
    with np.errstate(invalid="ignore"):
        places = np.clip((image.values - low) / (high - low), 0.0, 1.0)
    codes = 1 + np.rint(np.nan_to_num(places) * (N_CODES - 1))
    return np.where(np.isfinite(image.values), codes, 0).astype(np.uint16)


def _encode_axes(axes: Axes, buffers: list[memoryview]) -> dict[str, Any]:
    """Return axes as JSON knows them, and add their arrays to the buffers."""
    plain = {field.name: getattr(axes, field.name) for field in fields(axes) if field.name != "items"}
    return {**plain, "items": [_encode_item(item, buffers) for item in axes.items]}


def _encode_item(item: Any, buffers: list[memoryview]) -> dict[str, Any]:
    """Return an item as JSON knows it, and add its arrays to the buffers."""
    encoded: dict[str, Any] = {"kind": type(item).__name__.lower()}
    # An image's own kind is that of its colours.
    encoded |= {"map" if field.name == "kind" else field.name: getattr(item, field.name) for field in fields(item)}
    if isinstance(item, Image):
        encoded["rows"], encoded["columns"] = item.values.shape
        encoded["values"] = _add(encode_image(item), buffers)
    for name, value in encoded.items():
        if isinstance(value, np.ndarray):
            encoded[name] = _add(_single(value), buffers)
    return encoded


def _single(values: Values) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return coordinates as the page gets them; what float32 can't hold is as far as it can."""
    largest = np.finfo(np.float32).max
    return np.clip(values, -largest, largest).astype(np.float32)


def _add(array: np.ndarray[Any, Any], buffers: list[memoryview]) -> dict[str, int]:
    """Add an array to the buffers, and return what stands for it."""
    buffers.append(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return {BUFFER: len(buffers) - 1}
