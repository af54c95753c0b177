"""The text of the views: a module with its leaf modules inlined, a style sheet with the common one before it.

A file is named by its path, relative to this folder: views of other rooms share the leaf modules that lie here.

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
_IMPORT = re.compile(r"""(?m)(^import\b[^;]*?\bfrom\s*)["'](\.{1,2}/[\w./-]+\.js)["']""")


@cache
def read_module(name: str | Path) -> str:
    """Return the text of a JavaScript module, its relative imports replaced by ``data:`` URLs.

    Parameters
    ----------
    name : str or Path
        File name in this folder, such as ``"picture.js"``, or the path of a file elsewhere.

    Returns
    -------
    str
        A module that needs no other file.
    """
    path = (FOLDER / name).resolve()
    text = path.read_text(encoding="utf-8")
    return _IMPORT.sub(lambda match: f'{match[1]}"{data_url(path.parent / match[2])}"', text)


@cache
def read_style(*names: str | Path) -> str:
    """Return the text of style sheets, named as for `read_module`, after the one that all views share."""
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in ("page.css", *names))


def data_url(name: str | Path) -> str:
    """Return a module, named as for `read_module`, as a URL that holds it."""
    encoded = base64.b64encode(read_module(name).encode()).decode("ascii")
    return f"data:text/javascript;base64,{encoded}"
