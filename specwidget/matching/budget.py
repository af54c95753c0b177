"""The time of a search: how much processor time is left to its thread, and whoever watches it."""

from __future__ import annotations

import time
from collections.abc import Callable

Progress = Callable[[float], None]
"""Takes the share of the time that is used, 0 to 1."""


class OutOfTimeError(Exception):
    """The time of the search is used up."""


class Budget:
    """Processor time that is left to a thread, the one that makes and checks it.

    Parameters
    ----------
    seconds : float
        Processor time of the thread, seconds: what other threads do meanwhile does not shorten a search.
    progress : callable, optional
        Called at every check with the share that is used; what it raises ends the search.
    """

    def __init__(self, seconds: float, progress: Progress | None = None) -> None:
        self._start, self._seconds, self._progress = time.thread_time(), seconds, progress

    def check(self) -> None:
        """Raise `OutOfTimeError` when no time is left."""
        left = self.left
        if self._progress is not None:
            self._progress(min(1.0, 1.0 - left / self._seconds))
        if left < 0:
            raise OutOfTimeError

    @property
    def left(self) -> float:
        """Seconds that are left."""
        return self._start + self._seconds - time.thread_time()

    def part(self, seconds: float) -> Budget:
        """Return a budget of at most this much of what is left."""
        return self.more(min(seconds, max(self.left, 1e-3)))

    def more(self, seconds: float) -> Budget:
        """Return a budget of its own for what must not depend on the time that is left."""
        watch = self._progress
        return Budget(seconds, None if watch is None else lambda _share: watch(self._used))

    @property
    def _used(self) -> float:
        return min(1.0, max(0.0, 1.0 - self.left / self._seconds))
