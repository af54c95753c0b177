"""Short text for values in error messages."""

from __future__ import annotations

import unicodedata

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
