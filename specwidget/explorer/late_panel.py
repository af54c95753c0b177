"""A panel that folds: what it shows is made after the picture, in a thread of its own, and only while it is open."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.later import Later
from specwidget.explorer.panel import Panel
from specwidget.explorer.standing import Making, Standing
from specwidget.explorer.state import USER_ERRORS, ExplorerState, sentence_of

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
    """

    key: Hashable
    make: Callable[[], Content]


class LatePanel(Panel):
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
        self._later = Later(self._make_parts, AFTER)
        super().__init__(state, **kwargs)
        self.observe(self._unfold, names="is_open")

    def parts(self) -> dict[str, Part]:
        """Return what is to be shown now, by name; nothing where there is nothing to show yet."""
        return {}

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

    def stand_alone(self) -> Making | None:
        """Return what makes the parts of what is shown, too: a page without a kernel has them when it is unfolded."""
        make, parts = super().stand_alone(), self.parts()
        if make is None or not parts:
            return None

        def make_all() -> Standing:
            """Make each part once."""
            standing = make()
            standing.traits["serials"] = dict.fromkeys(parts, 1)
            for name, part in parts.items():
                content, arrays = _make(part)
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
        if any(map(self._is_due, self._wanted)):
            self._later.request()

    def _unfold(self, _change: Any) -> None:
        """Follow what has changed while the panel was folded."""
        with self._source.hold():
            self.refresh()

    def _is_due(self, name: str) -> bool:
        """Tell whether a part has to be made."""
        return name not in self._made or self._made[name][0]["serial"] != self.serials[name]

    def _make_parts(self) -> None:
        """Make and send what is due, as long as the panel is open; latest wins."""
        while True:
            with self._source.hold():
                due = next(filter(self._is_due, self._wanted), None)
                if due is None or not self.is_open or self.comm is None:
                    return
                part, serial = self._wanted[due], self.serials[due]
            content, arrays = _make(part)
            with self._source.hold():
                if serial == self.serials[due] and self.comm is not None:
                    self._made[due] = {"kind": due, "serial": serial, **content}, [_raw(array) for array in arrays]
                    self.send(*self._made[due])


def _make(part: Part) -> Content:
    """Make a part, or the sentence of why it can't be made."""
    try:
        return part.make()
    except USER_ERRORS as error:
        return {"problem": sentence_of(error)}, []
    except Exception as error:
        logger.exception("A panel could not be made")
        return {"problem": f"Something in the explorer failed: {type(error).__name__}. The log tells more."}, []


def _raw(array: NDArray[Any]) -> Any:
    """Return an array as raw memory."""
    return np.ascontiguousarray(array).reshape(-1).view(np.uint8).data
