"""The text of the views: a module with its leaf modules inlined, a style sheet with the common one before it.

A view's JavaScript imports its leaf modules by relative path, as a browser would load them from a folder. The page
has no folder to load from, so each such import is replaced by the leaf's text as a ``data:`` URL when the view is
read: no bundler, and nothing is fetched.
"""

from __future__ import annotations

import base64
import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_IMPORT = re.compile(r"""(?m)(^import\b[^;]*?\bfrom\s*)["']\./([\w.-]+\.js)["']""")


@cache
def read_module(name: str) -> str:
    """Return the text of a JavaScript module, its relative imports replaced by ``data:`` URLs.

    Parameters
    ----------
    name : str
        File name in this folder, such as ``"picture.js"``.

    Returns
    -------
    str
        A module that needs no other file.
    """
    text = (FOLDER / name).read_text(encoding="utf-8")
    return _IMPORT.sub(lambda match: f'{match[1]}"{data_url(match[2])}"', text)


@cache
def read_style(*names: str) -> str:
    """Return the text of style sheets of this folder, after the one that all views share."""
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in ("page.css", *names))


def data_url(name: str) -> str:
    """Return a module of this folder as a URL that holds it."""
    encoded = base64.b64encode(read_module(name).encode()).decode("ascii")
    return f"data:text/javascript;base64,{encoded}"
