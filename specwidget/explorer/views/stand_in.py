"""What stands where no widget runs: a picture as it was at display, and what it shows in words.

A cell displays the widget, and after it the picture in an output of its own: a JupyterLab without the kernel that made
a widget shows none of the other forms of its output, but says that it is loading. As long as the widget is on the page,
its view hides the picture (`modules.js`).
"""

from __future__ import annotations

import base64
import html
import os
from typing import Any

from specwidget.explorer.views.view import View

WIDGET = "application/vnd.jupyter.widget-view+json"

STAND_IN = "specwidget-stand-in"
"""Class of an element with a picture, before the name of the model whose view hides it."""


def make_stand_in(picture: bytes, words: str, *, above: str = "", below: str = "") -> dict[str, str]:
    """Return a picture in the forms that a notebook keeps it in.

    Parameters
    ----------
    picture : bytes
        A PNG file.
    words : str
        What it shows, for those who do not see it.
    above, below : str
        Lines of text over and under it.

    Returns
    -------
    dict of str to str
        By media type. A page takes ``text/html``: only there can a picture have its words. What knows no HTML, such as
        a converter to PDF, takes ``image/png``.

    Examples
    --------
    >>> make_stand_in(b"...", "A < B", below="Is it?")["text/html"]
    '<img src="data:image/png;base64,Li4u" alt="A &lt; B"><p>Is it?</p>'
    """
    encoded = base64.b64encode(picture).decode("ascii")
    image = f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(words)}">'
    return {"text/html": f"{_paragraph(above)}{image}{_paragraph(below)}", "image/png": encoded}


def add_stand_in(shown: Any, still: dict[str, str]) -> Any:
    """Return what a cell displays: a widget, and what stands where none runs.

    Parameters
    ----------
    shown : dict, (dict, dict) or None
        The widget's own display, with or without metadata; None once it is closed.
    still : dict of str to str
        What stands for it, by media type.

    Returns
    -------
    dict or (dict, dict)
        Both; what stands for it alone where there is no widget, or nobody to move it.
    """
    if shown is None or is_unattended():
        return still
    return ({**shown[0], **still}, shown[1]) if isinstance(shown, tuple) else {**shown, **still}


def is_unattended() -> bool:
    """Tell whether a program runs the notebook, and a widget would find no kernel when somebody looks at it.

    Such programs (nbconvert, papermill, Jupyter Book) run a cell without a way to ask a question. They keep each
    widget's state, and a page made of it would load a widget manager from the network to show controls that nothing
    answers, instead of the picture. Voila runs cells in the same way, but keeps the kernel.
    """
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or "VOILA_KERNEL_ID" in os.environ:
        return False
    return kernel.get_parent().get("content", {}).get("allow_stdin") is False


def display_both(bundle: Any, view: View) -> None:
    """Display a widget in a cell, and its picture after it.

    Parameters
    ----------
    bundle : dict or (dict, dict)
        What `add_stand_in` returned.
    view : View
        The widget whose view hides the picture.
    """
    from IPython.display import display

    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    still = {name: data[name] for name in ("text/html", "image/png") if WIDGET in data and name in data}
    widget = {name: form for name, form in data.items() if name not in still}
    # Before it is shown: its view asks once.
    view.has_stand_in = bool(still)
    display(widget, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
    if still:
        still["text/html"] = f'<div class="{STAND_IN}-{view.model_id}">{still["text/html"]}</div>'
        display(still, raw=True)  # type: ignore[no-untyped-call]


def _paragraph(text: str) -> str:
    """Return lines of text as a paragraph; nothing where there are none."""
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>" if text else ""
