"""How a value is shown in a sentence: short, whatever it is."""

from __future__ import annotations

LONGEST = 80
"""Most characters of a value that is shown whole."""

LARGEST_BITS = 256
"""Most bits of an integer whose digits are shown; Python refuses to write very long ones."""


def shown(value: object) -> str:
    """Return a value as a text that is short even where the value is long.

    Parameters
    ----------
    value : object
        What somebody gave.

    Returns
    -------
    str
        Its `repr`, or the beginning of it and the name of its type.

    Examples
    --------
    >>> shown("full"), shown(10**1000), shown("a" * 100_000)[60:]
    ("'full'", 'an integer of 3322 bits', '... (str)')
    """
    if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
        return f"an integer of {value.bit_length()} bits"
    # The beginning of a long text tells as much as all of it, and takes no time.
    text = repr(value[: LONGEST + 1] if isinstance(value, str | bytes) else value)
    return text if len(text) <= LONGEST else f"{text[:60]}... ({type(value).__name__})"


def shortened(text: str) -> str:
    """Return a text of somebody else's, cut where it is longer than a sentence.

    Examples
    --------
    >>> shortened("x" * 1000)[-5:]
    'xx...'
    """
    return text if len(text) <= 3 * LONGEST else f"{text[: 3 * LONGEST]}..."
