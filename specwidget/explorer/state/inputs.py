"""Inputs of the explorer: the names of their traits, their values at one moment, and the lock round them.

A trait may be set from the page or from Python, to a valid value or not. Inside `UpdateLock.hold` the caller has the
lock, and everything is updated once, at its end; the page's changes arrive in this way. A trait set from Python without
`hold` is followed a moment later in a thread of its own, so that a loop that sets a trait 200 times causes a few
updates, and the last value always wins.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from specwidget.mel.stages import FRONT_END_DEFAULTS
from specwidget.sounds import Sound
from specwidget.summary.display import DISPLAY_DEFAULTS, SET_BY_VIEW
from specwidget.widgets.debounce import Debouncer

DISPLAY_TRAITS = (*DISPLAY_DEFAULTS, *SET_BY_VIEW)
"""Traits that are fields of `DisplayChoices`."""

INPUT_TRAITS = (*FRONT_END_DEFAULTS, *DISPLAY_TRAITS, "sound", "memory_limit")
"""Traits that the outputs depend on."""

COMPARISON_TRAITS = ("stored", "shown")
"""Traits of the comparison of A and B."""

UNDOABLE_TRAITS = (*FRONT_END_DEFAULTS, "sound", *COMPARISON_TRAITS)
"""Traits that undo and redo restore."""

COALESCE_S = 0.02
"""Seconds that a change from Python waits for the next one."""


@dataclass(frozen=True, eq=False)
class ExplorerInputs:
    """The requested values at one moment, valid or not.

    Parameters
    ----------
    settings : dict of str to value
        Settings of the front end.
    display : dict of str to value
        Fields of `DisplayChoices`.
    sound : Sound
        The sound.
    memory_limit : int
        Most bytes of an output.
    """

    settings: dict[str, Any]
    display: dict[str, Any]
    sound: Sound
    memory_limit: int

    @classmethod
    def of(cls, traits: Any) -> ExplorerInputs:
        """Read the values of an object that has `INPUT_TRAITS`."""
        settings = {name: getattr(traits, name) for name in FRONT_END_DEFAULTS}
        display = {name: getattr(traits, name) for name in DISPLAY_TRAITS}
        return cls(settings, display, traits.sound, traits.memory_limit)


class UpdateLock:
    """One lock round inputs and outputs, and one update after the inputs have changed.

    Parameters
    ----------
    update : callable
        Brings the outputs up to date. Called at the end of the outermost `hold`, or soon after `on_change` from a
        thread that does not hold.
    """

    def __init__(self, update: Callable[[], None]) -> None:
        self._update = update
        self._lock = threading.RLock()
        self._holder = 0
        self._coalescer = Debouncer(update, COALESCE_S)
        self.is_pending = True
        """Whether an input has changed since the last update began."""

    def __enter__(self) -> None:
        """Take the lock, without an update at the end."""
        self._lock.acquire()

    def __exit__(self, *_error: object) -> None:
        """Release the lock."""
        self._lock.release()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take the lock, and update once at the end."""
        with self._lock:
            outer, self._holder = self._holder, threading.get_ident()
            try:
                yield
            finally:
                self._holder = outer
                if not outer:
                    self._update()

    def on_change(self) -> None:
        """Note that an input has changed, and update soon unless this thread holds."""
        self.is_pending = True
        if self._holder != threading.get_ident():
            self._coalescer.request()

    def update_soon(self) -> None:
        """Update in a thread of its own, which no interrupt of the kernel reaches."""
        self.is_pending = True
        self._coalescer.request()

    def close(self) -> None:
        """Update no more by itself."""
        self._coalescer.close()
