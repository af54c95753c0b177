"""A signal's shape on a command line, where a sound file could stand as well."""

from __future__ import annotations

import re
from pathlib import Path

SHAPE = re.compile(r"\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?")


def parse_shape(text: str) -> tuple[int, int, int] | None:
    """Return the shape that a text tells; None where it tells none, or is a file's name.

    Examples
    --------
    >>> parse_shape("3,16000,1"), parse_shape("(3, 16000, 1)"), parse_shape("speech.wav")
    ((3, 16000, 1), (3, 16000, 1), None)
    """
    match = SHAPE.fullmatch(text)
    if match is None or Path(text).exists():
        return None
    first, second, third = map(int, match.groups())
    return first, second, third
