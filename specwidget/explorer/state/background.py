"""Background jobs, in threads of their own and without the state's lock: the exact picture, and the cross-check.

Each job waits until nothing has changed for a moment, takes what it needs under the lock, works without it, and
publishes under it. It is cancelled as soon as it works for something that is no longer displayed.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from specwidget.explorer.state.derived import DerivedState, Output
from specwidget.explorer.state.inputs import UpdateLock
from specwidget.peers import PEERS, peers_of
from specwidget.peers.process import SHARED_PROCESS
from specwidget.raster.columns import Cancelled
from specwidget.summary.crosscheck_status import CrosscheckStatus, peers_to_compare, run_crosscheck
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.widgets.debounce import Debouncer

if TYPE_CHECKING:
    from specwidget.explorer.state.computation import Computation

logger = logging.getLogger(__name__)

REFINE_DELAY_S = 0.03
"""Seconds without a change after which what is not exact is computed exactly."""

CROSSCHECK_DELAY_S = 0.25
"""Seconds without a change after which the cross-check runs."""

REFINE_PRIORITY_S = 10.0
"""Seconds that the cross-check leaves the processor to the exact picture."""


class Refinement:
    """Computes the overview and the exact picture after a preview, one job after the other.

    Parameters
    ----------
    lock : UpdateLock
        Lock of the state.
    derived : DerivedState
        Knows the next job, and the token whose replacement cancels it.
    publish : callable
        Takes outputs; called under the lock.
    on_refined : callable
        Called under the lock when a job has stored its result.
    fail : callable
        Takes an error message.
    """

    def __init__(
        self,
        lock: UpdateLock,
        derived: DerivedState,
        publish: Callable[[Iterable[Output]], None],
        on_refined: Callable[[], None],
        fail: Callable[[str], None],
    ) -> None:
        self._lock = lock
        self._derived = derived
        self._publish = publish
        self._on_refined = on_refined
        self._fail = fail
        self._debouncer = Debouncer(self.run, REFINE_DELAY_S, restart=True)

    def request(self) -> None:
        """Refine when nothing has changed for a moment."""
        self._debouncer.request()

    def close(self) -> None:
        """Cancel the current job, and start no other."""
        self._debouncer.close()

    def run(self) -> None:
        """Do job after job in the calling thread, until everything is exact or another picture is needed."""
        while True:
            with self._lock:
                if self._debouncer.is_closed:
                    return
                token = self._derived.token
                self._publish(self._derived.overview())
                job = self._derived.next_job()
            if job is None:
                return

            def is_cancelled(token: object = token) -> bool:
                return self._derived.token is not token or self._debouncer.is_closed

            try:
                store = job(is_cancelled)
            except Cancelled:
                return
            except USER_ERRORS as error:
                logger.exception("The exact spectrogram could not be computed")
                self._fail(f"The exact spectrogram could not be computed. {message_of(error)}")
                return
            with self._lock:
                if is_cancelled():
                    return
                store()
                self._on_refined()


class CrosscheckJob:
    """Compares the displayed computation with the peers when nothing changes.

    Parameters
    ----------
    lock : UpdateLock
        Lock of the state; `is_pending` tells that inputs have changed.
    derived : DerivedState
        Knows what is displayed.
    publish : callable
        Takes the new status; called under the lock.

    Attributes
    ----------
    status : CrosscheckStatus
        What is known so far.
    """

    def __init__(self, lock: UpdateLock, derived: DerivedState, publish: Callable[[CrosscheckStatus], None]) -> None:
        self.status = CrosscheckStatus()
        self._lock = lock
        self._derived = derived
        self._publish = publish
        self._requested: tuple[str, ...] = ()
        self._started = 0.0
        self._process = SHARED_PROCESS
        self._debouncer = Debouncer(self.run, CROSSCHECK_DELAY_S, restart=True)

    def restart(self) -> None:
        """Forget the results so far, and compare the new computation."""
        self._started = time.monotonic()
        current = self._derived.current
        peers = PEERS if current is None else peers_of(current.settings)
        self._set(CrosscheckStatus(waiting=peers_to_compare(self._requested, peers), peers=peers))
        self._debouncer.request()

    def request_peers(self, names: Iterable[str]) -> None:
        """Compare with these peers from now on, too; their libraries may take seconds to load."""
        with self._lock:
            new = tuple(name for name in names if name not in self._requested)
            self._requested = (*self._requested, *new)
            known = tuple(name for name in new if name in self.status.peers)
            if known and self._derived.current is not None:
                self._set(replace(self.status, waiting=(*self.status.waiting, *known)))
                self._debouncer.request()

    def close(self) -> None:
        """Compare no more."""
        self._debouncer.close()

    def run(self) -> None:
        """Compare in the calling thread, and publish each result unless something else is displayed by then."""
        with self._lock:
            displayed, waiting = self._derived.displayed, self.status.waiting
            if displayed is None or self._debouncer.is_closed or not waiting:
                return
            is_exact = self._derived.next_job() is None
            if not is_exact and time.monotonic() - self._started < REFINE_PRIORITY_S:
                self._debouncer.request()
                return
        computation = displayed.computation

        def is_cancelled() -> bool:
            return not self._is_current(computation) or self._lock.is_pending

        def publish(change: Callable[[CrosscheckStatus], CrosscheckStatus]) -> None:
            with self._lock:
                if not is_cancelled():
                    self._set(change(self.status))

        index = displayed.choices.picture.channel_index
        is_done = run_crosscheck(
            self._process, computation.layer, computation.sound, index, waiting, publish, is_cancelled
        )
        # A change of the display alone cancels the run as well, but starts no other.
        if not is_done and self._is_current(computation):
            self._debouncer.request()

    def _is_current(self, computation: Computation) -> bool:
        return self._derived.current is computation and not self._debouncer.is_closed

    def _set(self, status: CrosscheckStatus) -> None:
        self.status = status
        self._publish(status)
