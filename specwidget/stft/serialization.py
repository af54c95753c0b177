"""JSON documents with a kind, a schema version and named values.

Reading creates plain Python values only. Unknown, missing or duplicate names and anything that is not JSON raise an
error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from specwidget.stft.formatting import short_repr

_LONG_NUMBER = re.compile(r"(?<!\d)\d{1000,}")
"""Numbers that Python takes long to convert, or refuses to."""


def dump_json(kind: str, schema: int, values: dict[str, Any], **context: float | None) -> str:
    """Format values as a JSON document.

    Parameters
    ----------
    kind : str
        Kind of the document, such as "settings"; also the key that holds the values.
    schema : int
        Version of the schema.
    values : dict
        JSON-serialisable values by name.
    **context
        Numbers that are no values, but help to understand them, such as a sample rate; None is left out.

    Returns
    -------
    str
        One line for each value, with a newline at the end.

    Examples
    --------
    >>> print(dump_json("settings", 1, {"mode": "log", "window": ["kaiser", 8.6]}), end="")
    {
      "specwidget": "settings",
      "schema": 1,
      "settings": {
        "mode": "log",
        "window": ["kaiser", 8.6]
      }
    }
    """
    lines = [f"    {json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in values.items()]
    numbers = [f"  {json.dumps(name)}: {json.dumps(value)},\n" for name, value in context.items() if value is not None]
    head = f'{{\n  "specwidget": {json.dumps(kind)},\n  "schema": {schema},\n'
    head += f"{''.join(numbers)}  {json.dumps(kind)}: {{\n"
    return head + ",\n".join(lines) + "\n  }\n}\n"


def load_json(text: str, kind: str, schema: int, names: Iterable[str], context: tuple[str, ...] = ()) -> dict[str, Any]:
    """Parse a document that `dump_json` formatted.

    Parameters
    ----------
    text : str
        The JSON document.
    kind : str
        Required kind.
    schema : int
        Required version of the schema.
    names : iterable of str
        Names of the values; each must occur exactly once.
    context : tuple of str
        Names of numbers that may stand beside the values.

    Returns
    -------
    dict
        The values by name, and the numbers beside them that there are, not validated any further.

    Raises
    ------
    TypeError
        If `text` is no string.
    ValueError
        If it is not JSON, has another kind or schema, or a name is unknown, missing or duplicate.
    """
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a string of JSON; got {type(text).__name__}.")
    document = _parse(text)
    rule = f'`text` must be JSON of {kind}, with "specwidget": "{kind}"'
    if not isinstance(document, dict):
        raise ValueError(f"{rule}; got {short_repr(document)}.")
    if document.get("specwidget") != kind:
        raise ValueError(
            f"{rule}; got {short_repr(document['specwidget'])}." if "specwidget" in document else f"{rule}."
        )
    # A bool is a number to Python, and 1.0 equals 1.
    if type(document.get("schema")) is not int or document["schema"] != schema:
        given = short_repr(document.get("schema"))
        raise ValueError(f"`schema` must be {schema}; got {given}. Read it with the version that wrote it.")
    values = document.get(kind)
    if not isinstance(values, dict):
        raise ValueError(f'`text` must have an object of values at key "{kind}"; got {short_repr(values)}.')
    beside = {name: document.pop(name) for name in context if name in document}
    _check_names(document, ("specwidget", "schema", kind), f"JSON of {kind}")
    _check_names(values, tuple(names), kind)
    return values | beside


def _parse(text: str) -> Any:
    long = _LONG_NUMBER.search(text)
    if long:
        raise ValueError(f"`text` must have numbers of reasonable length; got one of {len(long[0])} digits.")
    try:
        # Some editors write a byte order mark.
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object_with_unique_names,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise ValueError(
            f"`text` must be JSON; got a syntax error at line {error.lineno}, column {error.colno}."
        ) from None
    except RecursionError:
        raise ValueError("`text` must be JSON with few nested levels; got more than Python can parse.") from None


def _object_with_unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`text` must have each name once; got {short_repr(duplicate)} twice.")
    return values


def _refuse_constant(name: str) -> Any:
    # NaN and Infinity are not JSON, but Python's parser accepts them.
    raise ValueError(f"`text` must have finite numbers; got {name}.")


def _check_names(values: dict[str, Any], names: tuple[str, ...], document: str) -> None:
    for name in values:
        if name not in names:
            raise ValueError(f"`text` must have only the fields of {document}; got {short_repr(name)}.")
    for name in names:
        if name not in values:
            raise ValueError(f"`text` must have every field of {document}; got none named {name!r}.")
