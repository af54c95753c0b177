"""Short text for values: in error messages, and the `repr` of results that hold arrays; where a warning points to."""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import fields
from typing import Any

MAX_LENGTH = 80
"""Longest `repr` that is written in full, characters."""

MAX_INT_BITS = 256
"""Largest integer whose digits are written, bits; Python refuses to convert very long ones."""


def short_repr(value: object) -> str:
    """Return the `repr` of a value, shortened if it is long.

    Parameters
    ----------
    value : object
        Any value, such as the argument that an error message reports.

    Returns
    -------
    str
        The `repr`, or its beginning followed by the name of the type.

    Examples
    --------
    >>> short_repr("full"), short_repr(10**1000), short_repr("a" * 100_000)[60:]
    ("'full'", 'an integer of 3322 bits', '... (str)')
    """
    if isinstance(value, int) and value.bit_length() > MAX_INT_BITS:
        return f"an integer of {value.bit_length()} bits"
    # Slicing first avoids the repr of a whole file's text.
    text = repr(value[: MAX_LENGTH + 1] if isinstance(value, str | bytes) else value)
    return text if len(text) <= MAX_LENGTH else f"{text[:60]}... ({type(value).__name__})"


class ShortRepr:
    """Base of dataclasses with arrays, which are made with ``repr=False``: arrays are shown by type and shape.

    Examples
    --------
    >>> import numpy as np
    >>> from dataclasses import dataclass
    >>> @dataclass(repr=False)
    ... class Result(ShortRepr):
    ...     values: np.ndarray
    ...     sample_rate: float
    >>> Result(np.zeros((1, 100, 129), "float32"), 16_000.0)
    Result(values=<float32 array (1, 100, 129)>, sample_rate=16000.0)
    """

    def __repr__(self) -> str:
        """Return the fields in one line."""
        listed = (f"{each.name}={_field_repr(getattr(self, each.name))}" for each in fields(self) if each.repr)  # type: ignore[arg-type]
        return f"{type(self).__name__}({', '.join(listed)})"


def _field_repr(value: Any) -> str:
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"<{str(value.dtype).removeprefix('torch.')} array {tuple(value.shape)}>"
    if isinstance(value, tuple):
        return f"({', '.join(map(_field_repr, value))}{',' if len(value) == 1 else ''})"
    return repr(value) if not isinstance(value, str) else short_repr(value)


def printable(text: str) -> str:
    r"""Return text, such as the name of a file, with escapes for what can't be shown on a line.

    These are control characters, line ends, marks that reverse the direction of writing, and the bytes of a file's name
    that are not text, which Python holds as surrogates.

    Examples
    --------
    >>> print(printable("Größe $1\n.wav"), printable("caf\udce9.wav"))
    Größe $1\n.wav caf\xe9.wav
    """
    return text if text.isprintable() else "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    # Joiners shape letters and emoji.
    if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and character not in "\u200c\u200d":
        return character.encode("unicode_escape").decode("ascii")
    return character


def truncate(text: str) -> str:
    """Cut a message of another library after 240 characters.

    Examples
    --------
    >>> truncate("x" * 1000)[-5:]
    'xx...'
    """
    return text if len(text) <= 3 * MAX_LENGTH else f"{text[: 3 * MAX_LENGTH]}..."


def caller_stacklevel() -> int:
    """Return the `stacklevel` for which a warning points to the first caller outside this package."""
    # The depth varies: the layer may be created by `layer_stft_spectrogram`, `from_config` or the explorer.
    level, frame = 0, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == "specwidget":
        level, frame = level + 1, frame.f_back
    return level + 1
