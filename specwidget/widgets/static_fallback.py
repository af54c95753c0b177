"""What stands where no widget runs: a picture as it was at display, and what it shows in words.

A cell displays the widget, and after it the picture in an output of its own: a JupyterLab without the kernel that made
a widget shows none of the other forms of its output, but says that it is loading. As long as the widget is on the page,
its view hides the picture (`modules.js`). The picture is drawn a moment later, as the page asks for its own first.
"""

from __future__ import annotations

import base64
import html
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

from specwidget.widgets.view import View

logger = logging.getLogger(__name__)

WIDGET = "application/vnd.jupyter.widget-view+json"

FALLBACK_CLASS = "specwidget-static-fallback"
"""Class of an element with a picture, before the name of the model whose view hides it."""

PATIENCE = 1.0
"""Seconds from the display of a widget to the drawing of the picture that stands for it."""


@dataclass(frozen=True)
class StaticFallback:
    """What stands where no widget runs, in the forms that a notebook keeps it in.

    Parameters
    ----------
    text : str
        What it says where there are no pictures.
    draw : callable, optional
        Returns a PNG file, of the moment at which this was made; None is a text alone.
    words : str
        What the picture shows, for those who do not see it.
    above, below : str
        Lines of text over and under the picture.

    Examples
    --------
    >>> StandIn("A figure", lambda: b"...", "A < B", below="Is it?").picture()["text/html"]
    '<img src="data:image/png;base64,Li4u" alt="A &lt; B"><p>Is it?</p>'
    """

    text: str
    draw: Callable[[], bytes] | None = None
    words: str = ""
    above: str = ""
    below: str = ""

    def picture(self) -> dict[str, str]:
        """Return the picture by media type, nothing where there is none.

        A page takes ``text/html``: only there can a picture have its words. What knows no HTML, such as a converter to
        PDF, takes ``image/png``.
        """
        if self.draw is None:
            return {}
        encoded = base64.b64encode(self.draw()).decode("ascii")
        image = f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(self.words)}">'
        return {"text/html": f"{_paragraph(self.above)}{image}{_paragraph(self.below)}", "image/png": encoded}

    def forms(self) -> dict[str, str]:
        """Return text and picture by media type."""
        return {"text/plain": self.text, **self.picture()}


def with_fallback(shown: Any, still: StaticFallback) -> Any:
    """Return a widget together with what stands where none runs.

    Parameters
    ----------
    shown : dict, (dict, dict) or None
        The widget's own display, with or without metadata; None once it is closed.
    still : StandIn
        What stands for it.

    Returns
    -------
    dict or (dict, dict)
        Both; what stands for it alone where there is no widget, or nobody to move it.
    """
    forms = still.forms()
    if shown is None or is_noninteractive():
        return forms
    return ({**shown[0], **forms}, shown[1]) if isinstance(shown, tuple) else {**shown, **forms}


def is_noninteractive() -> bool:
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


def display_with_fallback(shown: Any, still: StaticFallback, view: View) -> None:
    """Display a widget in a cell, and its picture after it, once that is drawn.

    Parameters
    ----------
    shown : dict, (dict, dict) or None
        The widget's own display, with or without metadata; None once it is closed.
    still : StandIn
        What stands for it; alone where there is no widget, or nobody to move it.
    view : View
        The widget whose view hides the picture.
    """
    from IPython.display import display

    if shown is None or is_noninteractive():
        display(still.forms(), raw=True)  # type: ignore[no-untyped-call]
        return
    data, metadata = shown if isinstance(shown, tuple) else (shown, {})
    # Before it is shown: its view asks once.
    view.has_static_fallback = still.draw is not None
    display({**data, "text/plain": still.text}, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
    if still.draw is not None:
        place = _in_its_place(view, "")
        handle = display(place, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        _drawing().submit(_draw_into, handle, still, view, time.monotonic() + PATIENCE)


def _draw_into(handle: Any, still: StaticFallback, view: View, due: float) -> None:
    """Draw a picture when it is due, and put it into the output that was displayed for it."""
    time.sleep(max(0.0, due - time.monotonic()))
    try:
        forms = still.picture()
        handle.update(forms | _in_its_place(view, forms["text/html"]), raw=True)
    except Exception:
        logger.exception("A picture for where no widget runs could not be drawn")


def _in_its_place(view: View, inner: str) -> dict[str, str]:
    """Return what a page takes, in an element that the view hides."""
    return {"text/html": f'<div class="{FALLBACK_CLASS}-{view.model_id}">{inner}</div>'}


@cache
def _drawing() -> ThreadPoolExecutor:
    """Return the thread that draws. It stays, as a thread that has spoken must (`Debouncer`)."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="specwidget-static-fallback")


def _paragraph(text: str) -> str:
    """Return lines of text as a paragraph; nothing where there are none."""
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>" if text else ""
