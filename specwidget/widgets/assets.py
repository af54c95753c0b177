"""JavaScript modules and style sheets of the views, read from the package.

Files are named by their path in the package, such as ``widgets/fields.js``.

A module imports others by relative path. The notebook has no folder to load them from: it receives the text of each
module once, with the imports replaced by keys, and makes modules of the texts (`module_loader.js`). There is no
bundler, and nothing is fetched.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

FOLDER = Path(__file__).parents[1]
"""Folder of the package."""

CONNECTION = "widgets/connection.js"
"""Module that connects every view with the kernel."""

SHARED_STYLES = ("widgets/base.css", "charts/chart.css")
"""Style sheets that all views share."""

_IMPORT = re.compile(r"""(?m)(^import\b[^;]*?\bfrom\s*)["'](\.{1,2}/[\w./-]+\.js)["']""")

Module = tuple[str, str]
"""Key and text of a JavaScript module."""


@cache
def read_modules(*names: str) -> tuple[Module, ...]:
    """Return modules and all their imports, each once and after those that it imports.

    Parameters
    ----------
    *names : str
        Paths in the package, such as ``"widgets/fields.js"``.

    Returns
    -------
    tuple of (key, text)
        A key is a hash of the module and of those that it imports. Texts import by key.

    Examples
    --------
    >>> [key.partition("/")[2] for key, _ in read_modules("widgets/inputs.js")]
    ['charts/dom.js', 'widgets/inputs.js']
    """
    modules: dict[str, str] = {}
    for name in names:
        text, others = _read(name)
        modules |= dict(read_modules(*others))
        keys = map(key_of, others)
        modules[key_of(name)] = _IMPORT.sub(partial(_by_key, keys), text)
    return tuple(modules.items())


def _by_key(keys: Iterator[str], match: re.Match[str]) -> str:
    return f'{match[1]}"{next(keys)}"'


@cache
def key_of(name: str) -> str:
    """Return the key of a module, named as for `read_modules`."""
    text, others = _read(name)
    contents = [text, *map(key_of, others)]
    digest = hashlib.sha256("\n".join(contents).encode()).hexdigest()
    return f"specwidget:{digest[:16]}/{name}"


@cache
def _read(name: str) -> tuple[str, list[str]]:
    """Return the text of a module, and the names of its imports."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    folder = posixpath.dirname(name)
    return text, [posixpath.normpath(posixpath.join(folder, match[2])) for match in _IMPORT.finditer(text)]


@cache
def read_view(name: str, *, alone: bool = True) -> str:
    """Return the `_esm` of a widget: a small module that loads the view's module when it renders.

    Parameters
    ----------
    name : str
        The view's module, named as for `read_modules`.
    alone : bool
        Whether it includes the texts of the modules; else they come from the widget's `SharedModules`.

    Returns
    -------
    str
        JavaScript text.
    """
    texts = [read_modules(name, CONNECTION)] if alone else []
    arguments = [key_of(name), key_of(CONNECTION), *texts]
    given = ", ".join(json.dumps(argument) for argument in arguments)
    loader = data_url("widgets/module_loader.js")
    return f'import {{ viewOf }} from "{loader}";\nexport default {{ render: viewOf({given}) }};\n'


@cache
def read_style(*names: str) -> str:
    """Return the text of style sheets, named as for `read_modules`, after those that all views share."""
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in (*SHARED_STYLES, *names))


def data_url(name: str) -> str:
    """Return a module without imports, named as for `read_modules`, as a data URL."""
    encoded = base64.b64encode((FOLDER / name).read_bytes()).decode("ascii")
    return f"data:text/javascript;base64,{encoded}"
