"""Work that waits a moment, so that what comes in a burst is done once."""

from __future__ import annotations

import threading
from collections.abc import Callable


class Later:
    """Call a function once, a moment after it was asked for, in a thread of its own.

    Parameters
    ----------
    work : callable
        Called without arguments.
    delay : float
        Seconds to wait.
    restart : bool
        Whether a new request starts the wait again (do it when all is quiet) or joins the one under way (do it soon).
    """

    def __init__(self, work: Callable[[], None], delay: float, *, restart: bool = False) -> None:
        self._work = work
        self._delay = delay
        self._restart = restart
        self._guard = threading.Lock()
        self._timer: threading.Timer | None = None
        self._closed = False

    def request(self) -> None:
        """Ask for the work."""
        with self._guard:
            if self._closed or (self._timer is not None and not self._restart):
                return
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._delay, self._run)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Forget what was asked for; a later request counts again."""
        with self._guard:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Forget what was asked for, and whatever is asked for from now on."""
        with self._guard:
            self._closed = True
        self.cancel()

    def _run(self) -> None:
        """Do the work, open for the next request from its start on."""
        with self._guard:
            if self._timer is not threading.current_thread():
                return
            self._timer = None
        self._work()
