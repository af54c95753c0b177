"""Debouncing: work that follows a burst of requests is done once."""

from __future__ import annotations

import asyncio
import atexit
import logging
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress

logger = logging.getLogger(__name__)

EXIT_S = 5.0
"""Seconds that Python's exit waits for work to stop."""


class Debouncer:
    """Call a function once after a burst of requests, in a thread of its own.

    Parameters
    ----------
    work : callable
        Called without arguments.
    delay : float
        Seconds to wait.
    restart : bool
        Whether a new request restarts the wait (work when requests stop coming) or joins the one under way (work soon).

    Notes
    -----
    The thread starts at the first request and stays until `close`. A kernel sends output through a socket that belongs
    to the sending thread, and closes that socket some time after the thread has ended, whether or not its messages are
    out. So no thread ends here right after it has sent something.

    Where no thread can start, as in a browser's Python, the work is done in the event loop, or at once without one.

    At Python's exit every debouncer is closed, and its thread is waited for: a thread that Python stops within the C++
    code of an FFT would abort the process. Work that takes long therefore looks at `is_closed`.
    """

    def __init__(self, work: Callable[[], None], delay: float, *, restart: bool = False) -> None:
        self._work = work
        self._delay = delay
        self._restart = restart
        self._changed = threading.Condition()
        self._due: float | None = None
        self._thread: threading.Thread | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._is_working = False
        self.is_closed = False
        _DEBOUNCERS.add(self)

    def request(self) -> None:
        """Request the work."""
        with self._changed:
            if self.is_closed:
                return
            if self._due is None or self._restart:
                self._due = time.monotonic() + self._delay
            if self._thread is None:
                self._thread = _start_thread(self._run)
            self._changed.notify_all()
        if self._thread is None:
            self._request_without_thread()

    def close(self) -> None:
        """Drop pending and future requests; the thread ends."""
        with self._changed:
            self.is_closed = True
            self._due = None
            if self._timer is not None:
                self._timer.cancel()
            self._changed.notify_all()

    def join(self, timeout: float) -> None:
        """Wait until the thread has ended after `close`, at most `timeout` seconds."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def wait_done(self, timeout: float) -> None:
        """Wait until the thread has done what was requested, at most `timeout` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._thread is None or not self._is_pending, timeout)

    @property
    def _is_pending(self) -> bool:
        return not self.is_closed and (self._due is not None or self._is_working)

    def _run(self) -> None:
        # A request that comes during the work leads to another call.
        while self._wait():
            try:
                self._work()
            except Exception:
                logger.exception("Debounced work failed")
            finally:
                with self._changed:
                    self._is_working = False
                    self._changed.notify_all()

    def _request_without_thread(self) -> None:
        """Have the work done by this thread: later where it has an event loop, else now."""
        loop = None
        with suppress(RuntimeError):
            loop = asyncio.get_running_loop()
        if loop is None:
            self._work_in_place()
        elif self._timer is None or self._restart:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = loop.call_later(self._delay, self._work_in_place)

    def _work_in_place(self) -> None:
        """Work until nothing is requested. A request that the work itself makes is taken up by the loop."""
        self._timer = None
        if self._is_working:
            return
        self._is_working = True
        try:
            while self._due is not None and not self.is_closed:
                self._due = None
                self._work()
        except Exception:
            logger.exception("Debounced work failed")
        finally:
            self._is_working = False

    def _wait(self) -> bool:
        """Wait until the work is due, and return True; return False after `close`."""
        with self._changed:
            while not self.is_closed:
                rest = None if self._due is None else self._due - time.monotonic()
                if rest is not None and rest <= 0:
                    self._due = None
                    self._is_working = True
                    return True
                self._changed.wait(rest)
            return False


def _start_thread(run: Callable[[], None]) -> threading.Thread | None:
    """Start a thread; return None where none can start."""
    thread = threading.Thread(target=run, name="specwidget-debounce", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return None
    return thread


_DEBOUNCERS: weakref.WeakSet[Debouncer] = weakref.WeakSet()


@atexit.register
def _close_all() -> None:
    """Close every debouncer, and wait until their threads have ended."""
    debouncers = list(_DEBOUNCERS)
    for debouncer in debouncers:
        debouncer.close()
    deadline = time.monotonic() + EXIT_S
    for debouncer in debouncers:
        debouncer.join(max(0.0, deadline - time.monotonic()))
