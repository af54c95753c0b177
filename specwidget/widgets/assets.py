"""The text of the views: modules that import each other, a style sheet with the common one before it.

Files are named by their path in the package, such as ``widgets/fields.js``.

A view's JavaScript imports its leaf modules by relative path, as a browser would load them from a folder. The page has
no folder to load from: it gets each module once, as a text in which the others are named by their keys, and makes
modules of them itself (`modules.js`). No bundler, and nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

FOLDER = Path(__file__).parents[1]
"""Folder of the package."""

SHARED_STYLES = ("widgets/base.css", "charts/chart.css")
"""Style sheets that all views share."""

_IMPORT = re.compile(r"""(?m)(^import\b[^;]*?\bfrom\s*)["'](\.{1,2}/[\w./-]+\.js)["']""")

Module = tuple[str, str]
"""The key of a module, and its text."""


@cache
def read_modules(*names: str | Path) -> tuple[Module, ...]:
    """Return modules and all that they import, each once and after those that it imports.

    Parameters
    ----------
    *names : str or Path
        Paths in the package, such as ``"widgets/fields.js"``.

    Returns
    -------
    tuple of (key, text)
        A key follows from what is in the module and in those that it imports. Texts import by key.

    Examples
    --------
    >>> [key.partition("/")[2] for key, _ in read_modules("widgets/fields.js")]
    ['charts/dom.js', 'charts/scales.js', 'widgets/fields.js']
    """
    found: dict[str, str] = {}
    for name in names:
        text, others = _read(name)
        found |= dict(read_modules(*others))
        keys = map(key_of, others)
        found[key_of(name)] = _IMPORT.sub(partial(_by_key, keys), text)
    return tuple(found.items())


def _by_key(keys: Iterator[str], match: re.Match[str]) -> str:
    """Return an import that names the next key."""
    return f'{match[1]}"{next(keys)}"'


@cache
def key_of(name: str | Path) -> str:
    """Return the key of a module, named as for `read_modules`."""
    text, others = _read(name)
    known = [text, *map(key_of, others)]
    digest = hashlib.sha256("\n".join(known).encode()).hexdigest()
    path = (FOLDER / name).resolve()
    told = path.relative_to(FOLDER).as_posix() if path.is_relative_to(FOLDER) else path.name
    return f"specwidget:{digest[:16]}/{told}"


def _read(name: str | Path) -> tuple[str, list[Path]]:
    """Return the text of a module, and the paths of those that it imports."""
    path = FOLDER / name
    text = path.read_text(encoding="utf-8")
    return text, [(path.parent / match[2]).resolve() for match in _IMPORT.finditer(text)]


@cache
def read_view(name: str | Path, *, alone: bool = True) -> str:
    """Return what a widget shows itself by: a module whose default export has `render`.

    Parameters
    ----------
    name : str or Path
        The view's module, named as for `read_modules`.
    alone : bool
        Whether its texts come along. Else they are on the widget's shelf (`view.py`).

    Returns
    -------
    str
        It is loaded at once, whatever it shows.
    """
    arguments = [key_of(name), read_modules(name)] if alone else [key_of(name)]
    given = ", ".join(json.dumps(argument) for argument in arguments)
    loader = data_url("widgets/module_loader.js")
    return f'import {{ viewOf }} from "{loader}";\nexport default {{ render: viewOf({given}) }};\n'


@cache
def read_style(*names: str | Path) -> str:
    """Return the text of style sheets, named as for `read_modules`, after those that all views share."""
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in (*SHARED_STYLES, *names))


def data_url(name: str | Path) -> str:
    """Return a module that imports no other file, named as for `read_modules`, as a URL that holds it."""
    encoded = base64.b64encode((FOLDER / name).read_bytes()).decode("ascii")
    return f"data:text/javascript;base64,{encoded}"
