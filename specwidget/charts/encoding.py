"""Serialize scenes for the page: a JSON header, and arrays as binary buffers."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.charts.scene import COLOURS, DASHES, Axes, Image, Scene, Values
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.picture import N_CODES

BUFFER = "buffer"
"""Key of the index of an array in the buffers."""


def encode_scene(scene: Scene) -> tuple[dict[str, Any], list[memoryview]]:
    """Encode a scene as a header and buffers.

    Parameters
    ----------
    scene : Scene
        The scene.

    Returns
    -------
    header : dict
        JSON values, with ``{"buffer": index}`` in place of each array.
    buffers : list of memoryview
        Coordinates as float32, images as uint16 codes: 1 to `N_CODES` from the lowest colour to the highest, 0 for
        values that are not finite.
    """
    buffers: list[memoryview] = []
    header = {
        "caption": scene.caption,
        "columns": scene.columns,
        "axes": [_encode_axes(axes, buffers) for axes in scene.axes],
    }
    return header, buffers


def initial_scene(scene: Scene | None) -> dict[str, Any]:
    """Encode a scene as the value of a trait, which is sent with the widget; empty without a scene."""
    if scene is None:
        return {}
    header, buffers = encode_scene(scene)
    return {"header": {"serial": 0, **header}, "buffers": buffers}


def palette() -> dict[str, Any]:
    """Return the colours, line styles and colour maps of scenes for the page, which gets them once."""
    tables = colour_tables()
    maps = {kind: (names[0], ON_DARK.get(kind, names[0])) for kind, names in COLOUR_MAPS.items()}
    return {
        "colours": {name: list(pair) for name, pair in COLOURS.items()},
        "dashes": {name: list(lengths) for name, lengths in DASHES.items()},
        "maps": {kind: [tables[name] for name in pair] for kind, pair in maps.items()},
    }


def to_arrays(buffers: list[memoryview]) -> list[NDArray[np.uint8]]:
    """View the buffers of a scene as arrays of bytes."""
    return [np.frombuffer(buffer, np.uint8) for buffer in buffers]


def encode_image(image: Image) -> np.ndarray[Any, np.dtype[np.uint16]]:
    """Quantize the values of an image to uint16 codes, (rows, columns).

    Examples
    --------
    >>> encode_image(Image([[0.0, 1.0, np.nan, 9.0]], (0, 1), (0, 1), range=(0.0, 1.0))).tolist()
    [[1, 65535, 0, 65535]]
    """
    low, high = image.colour_range
    with np.errstate(invalid="ignore"):
        units = np.clip((image.values - low) / (high - low), 0.0, 1.0)
    codes = 1 + np.rint(np.nan_to_num(units) * (N_CODES - 1))
    return np.where(np.isfinite(image.values), codes, 0).astype(np.uint16)


def _encode_axes(axes: Axes, buffers: list[memoryview]) -> dict[str, Any]:
    plain = {field.name: getattr(axes, field.name) for field in fields(axes) if field.name != "items"}
    return {**plain, "items": [_encode_item(item, buffers) for item in axes.items]}


def _encode_item(item: Any, buffers: list[memoryview]) -> dict[str, Any]:
    encoded: dict[str, Any] = {"kind": re.sub("(?<=[a-z])(?=[A-Z])", "_", type(item).__name__).lower()}
    # `kind` of an image is that of its colour map.
    encoded |= {"map" if field.name == "kind" else field.name: getattr(item, field.name) for field in fields(item)}
    if isinstance(item, Image):
        encoded["rows"], encoded["columns"] = item.values.shape
        encoded["values"] = _add(encode_image(item), buffers)
    for name, value in encoded.items():
        if isinstance(value, np.ndarray):
            encoded[name] = _add(_single(value), buffers)
    return encoded


def _single(values: Values) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Convert to float32; values that overflow are clipped."""
    largest = np.finfo(np.float32).max
    return np.clip(values, -largest, largest).astype(np.float32)


def _add(array: np.ndarray[Any, Any], buffers: list[memoryview]) -> dict[str, int]:
    """Append an array to the buffers, and return the reference to it."""
    buffers.append(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return {BUFFER: len(buffers) - 1}
