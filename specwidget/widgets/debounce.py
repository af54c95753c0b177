"""Work that waits a moment, so that what comes in a burst is done once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

logger = logging.getLogger(__name__)


class Debouncer:
    """Call a function once, a moment after it was asked for, in a thread of its own.

    Parameters
    ----------
    work : callable
        Called without arguments.
    delay : float
        Seconds to wait.
    restart : bool
        Whether a new request starts the wait again (do it when all is quiet) or joins the one under way (do it soon).

    Notes
    -----
    The thread starts at the first request and stays until `close`. A kernel wakes its output up through a socket of
    the thread that speaks, and closes that socket, without waiting for it, some time after the thread has ended. So no
    thread ends here right after it has spoken.
    """

    def __init__(self, work: Callable[[], None], delay: float, *, restart: bool = False) -> None:
        self._work = work
        self._delay = delay
        self._restart = restart
        self._changed = threading.Condition()
        self._due: float | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def request(self) -> None:
        """Ask for the work."""
        with self._changed:
            if self._closed:
                return
            if self._due is None or self._restart:
                self._due = time.monotonic() + self._delay
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="specwidget-later", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Forget what was asked for, and whatever is asked for from now on; the thread ends."""
        with self._changed:
            self._closed = True
            self._due = None
            self._changed.notify()

    def _run(self) -> None:
        """Do the work whenever it is due, open for the next request from its start on."""
        while self._wait():
            try:
                self._work()
            except Exception:
                logger.exception("Work that was put off failed")

    def _wait(self) -> bool:
        """Wait until the work is due, and return True; or False where it never will be."""
        with self._changed:
            while not self._closed:
                rest = None if self._due is None else self._due - time.monotonic()
                if rest is not None and rest <= 0:
                    self._due = None
                    return True
                self._changed.wait(rest)
            return False
