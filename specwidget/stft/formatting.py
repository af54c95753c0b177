"""Short text for values in error messages."""

from __future__ import annotations

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


def truncate(text: str) -> str:
    """Cut a message of another library after 240 characters.

    Examples
    --------
    >>> truncate("x" * 1000)[-5:]
    'xx...'
    """
    return text if len(text) <= 3 * MAX_LENGTH else f"{text[: 3 * MAX_LENGTH]}..."
