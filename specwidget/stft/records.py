"""Values in a JSON text that tells what it is: its kind, the version of its form, and every field by name.

Reading makes plain values and nothing else; what is unknown, missing, twice there or not JSON is refused.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from specwidget.stft.sentences import shown

_LONG_NUMBER = re.compile(r"(?<!\d)\d{1000,}")
"""A number whose digits Python takes long to read, or refuses to."""


def write_record(kind: str, schema: int, values: dict[str, Any]) -> str:
    """Write values as a JSON text.

    Parameters
    ----------
    kind : str
        What the values are; it is also the name that they stand under.
    schema : int
        Version of the form.
    values : dict
        Values that JSON knows, by name.

    Returns
    -------
    str
        One line for each value, and a newline at the end.

    Examples
    --------
    >>> print(write_record("settings", 1, {"mode": "log", "window": ["kaiser", 8.6]}), end="")
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
    head = f'{{\n  "specwidget": {json.dumps(kind)},\n  "schema": {schema},\n  {json.dumps(kind)}: {{\n'
    return head + ",\n".join(lines) + "\n  }\n}\n"


def read_record(text: str, kind: str, schema: int, names: Iterable[str]) -> dict[str, Any]:
    """Read what `write_record` wrote.

    Parameters
    ----------
    text : str
        The JSON text.
    kind : str
        What it must hold.
    schema : int
        The version that it must have.
    names : iterable of str
        The names of the values, all of which must be there.

    Returns
    -------
    dict
        The values by name, not checked any further.

    Raises
    ------
    TypeError
        If `text` is no string.
    ValueError
        If it is not JSON, of another kind or schema, or a name is unknown, missing or twice there.
    """
    if not isinstance(text, str):
        raise TypeError(f"`text` must be a string of JSON; got {type(text).__name__}.")
    record = _parse(text)
    rule = f'`text` must be a record of {kind}, with "specwidget": "{kind}"'
    if not isinstance(record, dict):
        raise ValueError(f"{rule}; got {shown(record)}.")
    if record.get("specwidget") != kind:
        raise ValueError(f"{rule}; got {shown(record['specwidget'])}." if "specwidget" in record else f"{rule}.")
    # A bool is a number to Python, and 1.0 equals 1.
    if type(record.get("schema")) is not int or record["schema"] != schema:
        raise ValueError(
            f"`schema` must be {schema}; got {shown(record.get('schema'))}. Read it with the version that wrote it."
        )
    values = record.get(kind)
    if not isinstance(values, dict):
        raise ValueError(f'`text` must hold its values under "{kind}"; got {shown(values)}.')
    _check_names(record, ("specwidget", "schema", kind), f"a record of {kind}")
    _check_names(values, tuple(names), kind)
    return values


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its name only once it is whole.

    Parameters
    ----------
    path : path-like
        Name of the file. One of that name is replaced at the end, or stays as it was where something fails.

    Yields
    ------
    file
        Open for binary writing.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    target = Path(path)
    unfinished = target.with_name(f".{target.name}.{uuid.uuid4().hex}.tmp")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _parse(text: str) -> Any:
    """Return what a JSON text holds: no name twice, no number that JSON does not know."""
    long = _LONG_NUMBER.search(text)
    if long:
        raise ValueError(f"`text` must have numbers of reasonable length; got one of {len(long[0])} digits.")
    try:
        # Some editors begin a text with a mark of its encoding.
        return json.loads(
            text.removeprefix("\ufeff"),
            object_pairs_hook=_object_without_twins,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise ValueError(f"`text` must be JSON; got none at line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise ValueError("`text` must be JSON of a few levels; got more than can be read.") from None


def _object_without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, in which no name may stand twice."""
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"`text` must hold each name once; got {shown(twin)} twice.")
    return values


def _refuse_constant(name: str) -> Any:
    """Refuse NaN and Infinity, which Python's reader would take."""
    raise ValueError(f"`text` must be JSON, which has finite numbers only; got {name}.")


def _check_names(values: dict[str, Any], names: tuple[str, ...], what: str) -> None:
    """Raise unless exactly these names are there."""
    for name in values:
        if name not in names:
            raise ValueError(f"`text` must hold the fields of {what} and no other; got {shown(name)}.")
    for name in names:
        if name not in values:
            raise ValueError(f"`text` must hold every field of {what}; got none named {name!r}.")
