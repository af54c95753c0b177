"""Static fallback of a widget: an image and a text for places where no widget runs.

A cell displays the widget, and after it the image as an output of its own: without the kernel of a widget JupyterLab
shows none of the other media types of its output, but a message that it is loading. While the widget is on the page,
its view hides the image (`module_loader.js`). The image is drawn a moment later, as the page requests the data of the
widget first.
"""

from __future__ import annotations

import base64
import html
import importlib
import logging
import os
import sys
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
"""Class of the element with the image, before the id of the model whose view hides it."""

MOST_HANDLES = 4
"""Outputs of one widget, the latest ones, whose images follow it."""

RENDER_DELAY_S = 1.0
"""Seconds from the display of a widget to the drawing of its image."""


@dataclass(frozen=True)
class StaticFallback:
    """The fallback of a widget, as media types of a notebook's output.

    Parameters
    ----------
    text : str
        Plain text, where there are no images.
    draw : callable, optional
        Returns a PNG file, of the state at the time when the fallback was made; None is a fallback without an image.
    alt : str
        Alternative text of the image.
    above, below : str
        Lines of text above and below the image.

    Examples
    --------
    >>> StaticFallback("A figure", lambda: b"...", "A < B", below="Is it?").image_bundle()["text/html"]
    '<img src="data:image/png;base64,Li4u" alt="A &lt; B"><p>Is it?</p>'
    """

    text: str
    draw: Callable[[], bytes] | None = None
    alt: str = ""
    above: str = ""
    below: str = ""

    def image_bundle(self) -> dict[str, str]:
        """Return the image by media type; empty without an image.

        Browsers take ``text/html``, which has the alternative text. Converters that know no HTML, such as those to PDF,
        take ``image/png``.
        """
        if self.draw is None:
            return {}
        encoded = base64.b64encode(self.draw()).decode("ascii")
        image = f'<img src="data:image/png;base64,{encoded}" alt="{html.escape(self.alt)}">'
        return {"text/html": f"{_paragraph(self.above)}{image}{_paragraph(self.below)}", "image/png": encoded}

    def mimebundle(self) -> dict[str, str]:
        """Return text and image by media type."""
        return {"text/plain": self.text, **self.image_bundle()}


class StaticFallbackMixin:
    """Mixin for widgets: displays the static fallback with the widget.

    A subclass names it before the class of the widget, and implements `static_fallback`.
    """

    def static_fallback(self) -> StaticFallback:
        """Return the fallback of the current state."""
        raise NotImplementedError

    def fallback_view(self) -> View:
        """Return the widget whose view hides the image."""
        assert isinstance(self, View)
        return self

    def update_fallback(self) -> None:
        """Draw the image again, of the current state, wherever it was displayed: a saved notebook then shows it."""
        fallback, handles = self.static_fallback(), self.__dict__.get("_fallback_handles", [])
        if fallback.draw is not None and handles:
            _executor().submit(_update_displays, tuple(handles), fallback, self.fallback_view(), 0.0)

    def _ipython_display_(self) -> None:
        bundle = super()._repr_mimebundle_()  # type: ignore[misc]
        handle = display_with_fallback(bundle, self.static_fallback(), self.fallback_view())
        if handle is not None:
            # Not a trait, and not an attribute of a class that only has methods.
            handles = self.__dict__.setdefault("_fallback_handles", [])
            # A cell that is run again has replaced its earlier output.
            handles[:] = [*handles, handle][-MOST_HANDLES:]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return with_fallback(super()._repr_mimebundle_(**kwargs), self.static_fallback())  # type: ignore[misc]


def with_fallback(bundle: Any, fallback: StaticFallback) -> Any:
    """Add a fallback to the MIME bundle of a widget.

    Parameters
    ----------
    bundle : dict, (dict, dict) or None
        The bundle of the widget, with or without metadata; None once it is closed.
    fallback : StaticFallback
        Its fallback.

    Returns
    -------
    dict or (dict, dict)
        Both; the fallback alone for a closed widget, and where nobody can use a widget.
    """
    static = fallback.mimebundle()
    if bundle is None or is_noninteractive():
        return static
    return ({**bundle[0], **static}, bundle[1]) if isinstance(bundle, tuple) else {**bundle, **static}


def is_noninteractive() -> bool:
    """Tell whether a program executes the notebook, so that a widget would have no kernel when it is looked at.

    Such programs (nbconvert, papermill, Jupyter Book) run a cell without a way to ask a question. They save the state
    of each widget, and a page made of it would load a widget manager from the network and show controls without a
    function in place of the image. Voila runs cells in the same way, but keeps the kernel.
    """
    from IPython import get_ipython

    kernel = getattr(get_ipython(), "kernel", None)
    if kernel is None or "VOILA_KERNEL_ID" in os.environ:
        return False
    return kernel.get_parent().get("content", {}).get("allow_stdin") is False


def display_with_fallback(bundle: Any, fallback: StaticFallback, view: View) -> Any:
    """Display a widget in a cell, and its image after it as soon as that is drawn.

    Parameters
    ----------
    bundle : dict, (dict, dict) or None
        The MIME bundle of the widget, with or without metadata; None once it is closed.
    fallback : StaticFallback
        Its fallback; displayed alone for a closed widget, and where nobody can use a widget.
    view : View
        The widget whose view hides the image.

    Returns
    -------
    DisplayHandle or None
        The output with the image, to be updated; None where there is no output of its own.
    """
    from IPython.display import display

    enable_widgets_in_colab()
    if bundle is None or is_noninteractive():
        display(fallback.mimebundle(), raw=True)  # type: ignore[no-untyped-call]
        return None
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    # Set before the display, as the view reads it only once.
    view.has_static_fallback = fallback.draw is not None
    display({**data, "text/plain": fallback.text}, metadata=metadata, raw=True)  # type: ignore[no-untyped-call]
    if fallback.draw is None:
        return None
    handle = display(_hidden_by(view, ""), raw=True, display_id=True)  # type: ignore[no-untyped-call]
    _executor().submit(_update_displays, (handle,), fallback, view, time.monotonic() + RENDER_DELAY_S)
    return handle


def enable_widgets_in_colab() -> None:
    """Let Google Colab show widgets that do not come with it; elsewhere this does nothing."""
    if "google.colab" in sys.modules:
        importlib.import_module("google.colab.output").enable_custom_widget_manager()


def _update_displays(handles: tuple[Any, ...], fallback: StaticFallback, view: View, due: float) -> None:
    """Draw an image at a time, and put it into the outputs that were displayed for it."""
    time.sleep(max(0.0, due - time.monotonic()))
    try:
        bundle = fallback.image_bundle()
        for handle in handles:
            handle.update(bundle | _hidden_by(view, bundle["text/html"]), raw=True)
    except Exception:
        logger.exception("The image of a static fallback could not be drawn")


def _hidden_by(view: View, inner: str) -> dict[str, str]:
    """Return HTML in an element that a view hides."""
    return {"text/html": f'<div class="{FALLBACK_CLASS}-{view.model_id}">{inner}</div>'}


@cache
def _executor() -> ThreadPoolExecutor:
    """Return the thread that draws. It stays, because a thread that sent a message must not end (`Debouncer`)."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="specwidget-static-fallback")


def _paragraph(text: str) -> str:
    """Return lines of text as a paragraph; empty without text."""
    return f"<p>{html.escape(text).replace(chr(10), '<br>')}</p>" if text else ""
