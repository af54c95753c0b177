"""A signal's shape on a command line, where a sound file could stand as well."""

from __future__ import annotations

import re
from pathlib import Path

from specwidget.cli.errors import UsageError

NUMBERS = re.compile(r"[\d\s,()-]*\d[\d\s,()-]*")
"""What looks like a shape, be it one or not."""

SHAPE = re.compile(r"\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?")


def parse_shape(text: str) -> tuple[int, int, int] | None:
    """Return the shape that a text tells; None where it tells none, or is a file's name.

    Parameters
    ----------
    text : str
        What somebody wrote.

    Returns
    -------
    tuple of 3 int or None
        The shape.

    Raises
    ------
    Refusal
        If the text is made of numbers, and not of three.

    Examples
    --------
    >>> parse_shape("3,16000,1"), parse_shape("(3, 16000, 1)"), parse_shape("speech.wav")
    ((3, 16000, 1), (3, 16000, 1), None)
    """
    match = SHAPE.fullmatch(text)
    if Path(text).exists():
        return None
    if match is None:
        if NUMBERS.fullmatch(text):
            raise UsageError(f"`signal` must be a sound file, or a shape of 3 lengths such as 3,16000,1; got {text!r}.")
        return None
    first, second, third = map(int, match.groups())
    return first, second, third
