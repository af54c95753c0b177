"""A panel that folds: what it shows is made after the picture, in a thread of its own, and only while it is open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.picture_cache import Stop
from specwidget.raster.columns import Cancelled
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.widgets.debounce import Debouncer
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState

logger = logging.getLogger(__name__)

AFTER = 0.05
"""Seconds after which a part is made: time for the picture to go out first, and for changes that come in a burst."""

Content = tuple[dict[str, Any], list[NDArray[Any]]]
"""What a part sends: values that JSON knows, and arrays."""


@dataclass(frozen=True)
class Part:
    """A part of what such a panel shows.

    Parameters
    ----------
    key : hashable
        What it is made from: the part is made again when this is another one.
    make : callable
        Makes it. It is called without the state's lock, so it must not look at the state.
    sharpen : callable, optional
        Yields it again, each time better, where what `make` returns is a sketch. Called as `make` is; it is told when
        to stop, and may then raise `Cancelled`.
    waits : bool
        Whether the page leaves the sharpening for later, as this part will soon be made from something better.
    """

    key: Hashable
    make: Callable[[], Content]
    sharpen: Callable[[Stop], Iterator[Content]] | None = None
    waits: bool = False


class LazyPanel(Panel):
    """A panel that folds, and computes nothing while it is folded.

    A subclass tells its parts in `parts`. Each travels in a message of its own, of its name as kind and with a serial
    number; the page knows from `serials` which one is due, and asks again where a message did not arrive.

    Parameters
    ----------
    state : ExplorerState
        The state to show.
    """

    is_open = traitlets.Bool(False, help="Whether the panel is unfolded.").tag(sync=True)
    serials = traitlets.Dict(help="Number of the newest state of each part, made or not.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._wanted: dict[str, Part] = {}
        self._made: dict[str, tuple[dict[str, Any], list[NDArray[Any]]]] = {}
        self._sharpened: dict[str, Part] = {}
        self._later = Debouncer(self._make_parts, AFTER)
        super().__init__(state, **kwargs)
        self.observe(self._unfold, names="is_open")

    def parts(self) -> dict[str, Part]:
        """Return what is to be shown now, by name; nothing where there is nothing to show yet."""
        return {}

    def saved_parts(self) -> dict[str, Part]:
        """Return what is to be shown in a page without a kernel, by name."""
        return self.parts()

    def refresh(self) -> None:
        """Ask for what is shown to be made again, where it follows from something else than before."""
        if self.is_open:
            self.follow()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send what has been made once more to a view that asks for it."""
        if content.get("kind") == "want" and self.is_open:
            self.follow()
            for name in self._made:
                if not self._is_due(name):
                    self.send(*self._made[name])

    def to_static(self) -> StaticViewFactory | None:
        """Return what makes the parts of what is shown, too: a page without a kernel has them when it is unfolded."""
        make, parts = super().to_static(), self.saved_parts()
        if make is None or not parts:
            return None

        def make_all() -> StaticViewState:
            """Make each part once."""
            standing = make()
            standing.traits["serials"] = dict.fromkeys(parts, 1)
            for name, part in parts.items():
                content, arrays = _make(part, whole=True)
                standing.messages.append(({"kind": name, "serial": 1, **content}, [_raw(array) for array in arrays]))
            return standing

        return make_all

    def close(self) -> None:
        """Stop making."""
        self._later.close()
        super().close()

    def follow(self) -> None:
        """Put off the making of the parts that follow from something else than before. The caller has the lock."""
        changed = {
            name: part
            for name, part in self.parts().items()
            if name not in self._wanted or self._wanted[name].key != part.key
        }
        if changed:
            self._wanted |= changed
            self.serials = {**self.serials, **{name: self.serials.get(name, 0) + 1 for name in changed}}
        if any(self._is_due(name) or self._is_dull(name) for name in self._wanted):
            self._later.request()

    def _unfold(self, _change: Any) -> None:
        """Follow what has changed while the panel was folded."""
        with self._source.hold():
            self.refresh()

    def _is_due(self, name: str) -> bool:
        """Tell whether a part has to be made."""
        return name not in self._made or self._made[name][0]["serial"] != self.serials[name]

    def _make_parts(self) -> None:
        """Make and send what is due, then sharpen it, as long as the panel is open; latest wins."""
        while True:
            with self._source.hold():
                name = next(filter(self._is_due, self._wanted), None) or next(filter(self._is_dull, self._wanted), None)
                if name is None or not self.is_open or self.comm is None:
                    return
                part, is_due = self._wanted[name], self._is_due(name)
                if not is_due:
                    self._sharpened[name] = part
            for content in [_make(part)] if is_due else self._sharpen(name, part):
                with self._source.hold():
                    if self._wanted[name] is part and self.comm is not None:
                        self._send_part(name, content)

    def _is_dull(self, name: str) -> bool:
        """Tell whether a part that has been made is still to be sharpened."""
        part = self._wanted[name]
        return part.sharpen is not None and not part.waits and self._sharpened.get(name) is not part

    def _sharpen(self, name: str, part: Part) -> Iterator[Content]:
        """Yield a part again, each time better, until something else is to be shown or the panel is folded."""

        def stop() -> bool:
            """Tell whether this part is no longer what is wanted."""
            return self._wanted[name] is not part or not self.is_open or self.comm is None

        try:
            assert part.sharpen is not None
            yield from part.sharpen(stop)
        except Cancelled:
            # Folded and opened again, it is due once more.
            self._sharpened.pop(name, None)
        except Exception:
            # What is shown stays, and says that it is a sketch.
            logger.exception("A panel could not be made exactly")

    def _send_part(self, name: str, content: Content) -> None:
        """Send a part, and keep it for views that ask. The caller has the lock."""
        told, arrays = content
        if "problem" in told:
            # What can't be made can't be made better.
            self._sharpened[name] = self._wanted[name]
        self._made[name] = {"kind": name, "serial": self.serials[name], **told}, [_raw(array) for array in arrays]
        self.send(*self._made[name])


def _make(part: Part, *, whole: bool = False) -> Content:
    """Make a part, as well as it can be made if it is to be `whole`; or the sentence of why it can't be made."""
    try:
        content = part.make()
        if whole and part.sharpen is not None:
            *_, content = content, *part.sharpen(lambda: False)
        return content
    except USER_ERRORS as error:
        return {"problem": message_of(error)}, []
    except Exception as error:
        logger.exception("A panel could not be made")
        return {"problem": f"Something in the explorer failed: {type(error).__name__}. The log tells more."}, []


def _raw(array: NDArray[Any]) -> Any:
    """Return an array as raw memory."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
