"""Parsing of an argument that is a sound file or the shape of a signal."""

from __future__ import annotations

import os
import re

from specwidget.cli.errors import UsageError

_NUMBERS = re.compile(r"[\d\s,()-]*\d[\d\s,()-]*")
"""Text that can only be meant as a shape, valid or not."""

_SHAPE = re.compile(r"\(?\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\)?")


def parse_shape(text: str) -> tuple[int, int, int] | None:
    """Parse a shape; return None for anything else, or the name of an existing file.

    Parameters
    ----------
    text : str
        The argument.

    Returns
    -------
    tuple of 3 int or None
        The shape.

    Raises
    ------
    UsageError
        If the text is made of numbers, but is not a shape of three lengths.

    Examples
    --------
    >>> parse_shape("3,16000,1"), parse_shape("(3, 16000, 1)"), parse_shape("speech.wav")
    ((3, 16000, 1), (3, 16000, 1), None)
    """
    match = _SHAPE.fullmatch(text)
    # Unlike Path.exists, os.path.exists returns False for a name that is too long.
    if os.path.exists(text):  # noqa: PTH110
        return None
    if match is None:
        if _NUMBERS.fullmatch(text):
            raise UsageError(f"`signal` must be a sound file, or a shape of 3 lengths such as 3,16000,1; got {text!r}.")
        return None
    first, second, third = map(int, match.groups())
    return first, second, third
