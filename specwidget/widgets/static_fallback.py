"""Static fallback: an image with a text, shown where no widget runs.

A cell displays the widget, and after it the image in an output of its own: without the kernel that made a widget,
JupyterLab shows a loading message in place of the other media types of the widget's output. As long as the widget is on
the page, its view hides the image (`module_loader.js`). The image is drawn a moment later, so that the widget's own
requests come first.
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
"""Prefix of the CSS class of the image's element; the id of the model whose view hides it follows."""

DRAW_DELAY_S = 1.0
"""Seconds from the display of a widget to the drawing of its static fallback."""


@dataclass(frozen=True)
class StaticFallback:
    """An image with a text, shown where no widget runs.

    Parameters
    ----------
    text : str
        Plain text, shown where there are no images.
    draw : callable, optional
        Returns a PNG file of the state when this object was made; None is text only.
    alt : str
        Alternative text of the image.
    above, below : str
        Lines of text above and below the image.

    Examples
    --------
    >>> StaticFallback("A figure", lambda: b"...", "A < B", below="Is it?").image()["text/html"]
    '<img src="data:image/png;base64,Li4u" alt="A &lt; B"><p>Is it?</p>'
    """

    text: str
    draw: Callable[[], bytes] | None = None
    alt: str = ""
    above: str = ""
    below: str = ""

    def image(self) -> dict[str, str]:
        """Return the image by media type; an empty dict if there is none.

        A web page takes ``text/html``, as only there an image has its alternative text. A converter that knows no HTML,
        such as that to PDF, takes ``image/png``.
        """
        if self.draw is None:
            return {}
        encoded = base64.b64encode(self.draw()).decode("ascii")
        image = f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(self.alt)}">'
        return {"text/html": f"{_paragraph(self.above)}{image}{_paragraph(self.below)}", "image/png": encoded}

    def bundle(self) -> dict[str, str]:
        """Return text and image by media type, as a MIME bundle."""
        return {"text/plain": self.text, **self.image()}


def with_fallback(widget_bundle: Any, fallback: StaticFallback) -> Any:
    """Return the MIME bundle of a widget with its static fallback.

    Parameters
    ----------
    widget_bundle : dict, (dict, dict) or None
        The widget's MIME bundle, with or without metadata; None once it is closed.
    fallback : StaticFallback
        Its static fallback.

    Returns
    -------
    dict or (dict, dict)
        Both; only the fallback if the widget is closed, or a program runs the notebook.
    """
    bundle = fallback.bundle()
    if widget_bundle is None or is_noninteractive():
        return bundle
    if isinstance(widget_bundle, tuple):
        return {**widget_bundle[0], **bundle}, widget_bundle[1]
    return {**widget_bundle, **bundle}


def is_noninteractive() -> bool:
    """Whether a program runs the notebook, so that a reader's widget will have no kernel.

    Such programs (nbconvert, papermill, Jupyter Book) run cells without allowing input. They save the state of the
    widgets, and a page made of it would load a widget manager from the network to show controls without a kernel, in
    place of the image. Voila runs cells in the same way, but keeps the kernel.
    """
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or "VOILA_KERNEL_ID" in os.environ:
        return False
    return kernel.get_parent().get("content", {}).get("allow_stdin") is False


def display_with_fallback(widget_bundle: Any, fallback: StaticFallback, view: View) -> None:
    """Display a widget in a cell, and after it its static fallback once that is drawn.

    Parameters
    ----------
    widget_bundle : dict, (dict, dict) or None
        The widget's MIME bundle, with or without metadata; None once it is closed.
    fallback : StaticFallback
        Its static fallback; only this is displayed if the widget is closed, or a program runs the notebook.
    view : View
        The widget whose view hides the image.
    """
    from IPython.display import display

    if widget_bundle is None or is_noninteractive():
        display(fallback.bundle(), raw=True)  # type: ignore[no-untyped-call]
        return
    data, metadata = widget_bundle if isinstance(widget_bundle, tuple) else (widget_bundle, {})
    # Set before the display, as the view reads it once.
    view.has_static_fallback = fallback.draw is not None
    display({**data, "text/plain": fallback.text}, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
    if fallback.draw is not None:
        handle = display(_hidden_by(view, ""), raw=True, display_id=True)  # type: ignore[no-untyped-call]
        _executor().submit(_draw_into, handle, fallback, view, time.monotonic() + DRAW_DELAY_S)


def _draw_into(handle: Any, fallback: StaticFallback, view: View, due: float) -> None:
    """Draw the image when it is due, and put it into the output that was displayed for it."""
    time.sleep(max(0.0, due - time.monotonic()))
    try:
        image = fallback.image()
        handle.update(image | _hidden_by(view, image["text/html"]), raw=True)
    except Exception:
        logger.exception("The static fallback of a widget could not be drawn")


def _hidden_by(view: View, inner: str) -> dict[str, str]:
    """Return HTML in an element that the view hides."""
    return {"text/html": f'<div class="{FALLBACK_CLASS}-{view.model_id}">{inner}</div>'}


@cache
def _executor() -> ThreadPoolExecutor:
    # Its thread stays alive, for the reason given in the notes of `Debouncer`.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="specwidget-static-fallback")


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>" if text else ""
