"""What the explorer shows, and what follows from it: traits, one lock, and no widget.

It is in three parts, each of which knows only those before it: what is set and undone (`asked.py`), what is computed
before a picture is shown (`followed.py`), and here what is long: the exact picture after a sketch, the whole result,
the comparison with other libraries.

Threads: a handler may run in any thread, so state and computing stand behind one lock. What is long is done in threads
of its own, without the lock, and is abandoned where something else is to be shown.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import traitlets

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.derived import DerivedState
from specwidget.peers.process import CrosscheckProcess
from specwidget.raster.columns import Cancelled
from specwidget.sounds import Sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.crosscheck_status import CrosscheckStatus, compare, peers_to_ask
from specwidget.summary.errors import GENERAL, USER_ERRORS, message_of
from specwidget.widgets.debounce import Debouncer

logger = logging.getLogger(__name__)

REST = 0.03
"""Seconds without a change after which what is not exact is computed exactly."""

PATIENCE = 10.0
"""Seconds that the cross-check leaves the processor to the exact picture."""

MAX_KEPT = 2**26
"""Bytes of a result that is kept when it was asked for; a larger one is computed again."""

IDLE = 0.25
"""Seconds without a change after which the cross-check runs."""


class ExplorerState(DerivedState):
    """The state of one explorer.

    Parameters
    ----------
    sound : Sound
        The sound to begin with.
    **settings
        Arguments of `specwidget.STFTSpectrogram`, and display choices.

    Notes
    -----
    Of a long sound the first picture is a sketch; the exact one is computed in a thread of its own, and abandoned where
    something else is to be shown.
    """

    agreement = traitlets.Instance(CrosscheckStatus, args=())

    def __init__(self, sound: Sound, **settings: Any) -> None:
        self._result: tuple[Computation, Spectrogram] | None = None
        self._since = 0.0
        self._asked: tuple[str, ...] = ()
        self._crosscheck_process = CrosscheckProcess()
        self._rest = Debouncer(self._refine, REST, restart=True)
        self._idle = Debouncer(self._check_agreement, IDLE, restart=True)
        super().__init__(sound, **settings)

    @property
    def result(self) -> Spectrogram | None:
        """The whole spectrogram, computed when it is asked for; of the last settings that could be shown.

        Raises
        ------
        ValueError
            If it would take more than `memory_limit`; the sentence says what would fit.
        """
        self.flush()
        shown = self._shown
        return None if shown is None else self.result_of(shown)

    def result_of(self, shown: Computation) -> Spectrogram:
        """Return the whole spectrogram of what is shown, or was; computed without the lock, and kept if it is small."""
        with self._lock:
            if self._result is not None and self._result[0] is shown:
                return self._result[1]
        result = shown.spectrogram(self.memory_limit)
        with self._lock:
            if self._shown is shown and result.values.nbytes <= MAX_KEPT:
                self._result = shown, result
        return result

    def refresh(self) -> None:
        """Compute again, with the layer as it is: after its weights were set, for instance."""
        with self._lock:
            self._result = None
            super().refresh()

    def close(self) -> None:
        """Stop following."""
        super().close()
        for later in (self._rest, self._idle):
            later.close()
        self._crosscheck_process.close()

    def set_b(self) -> None:
        """Keep the settings of the current computation as settings B of the A/B comparison."""
        self.flush()
        if self._shown is not None:
            with self.hold():
                self.settings_b = self._shown.settings
                self.revision += 1

    def swap_ab(self) -> None:
        """Exchange the current settings and settings B; a single step of the undo history."""
        if self.settings_b is None or self._shown is None:
            return
        with self.hold():
            wanted, self.settings_b = self.settings_b, self._shown.settings
            self.update(**{name: getattr(wanted, name) for name in SETTING_DEFAULTS})

    def ask_peers(self, names: Iterable[str]) -> None:
        """Compare with these peers from now on, too; their libraries may take seconds to load."""
        with self._lock:
            new = tuple(name for name in names if name not in self._asked)
            self._asked = (*self._asked, *new)
            if new and self._shown is not None:
                self.agreement = replace(self.agreement, waiting=(*self.agreement.waiting, *new))
                self._idle.request()

    def _when_shown(self, *, is_new: bool) -> None:
        """Have it computed exactly, and compared with the peers, when nothing moves."""
        self._rest.request()
        if is_new:
            self._since = time.monotonic()
            self.agreement = CrosscheckStatus(waiting=peers_to_ask(self._asked))
            self._idle.request()

    def _refine(self) -> None:
        """Compute what is not exact yet, in the thread that calls, as long as nothing else is to be shown."""
        while True:
            with self._lock:
                if self._closed or self._drawn is None:
                    return
                token, (shown, display) = self._token, self._drawn
                self.draw_overview()
                job = self._pictures.next_job(shown, display)
            if job is None:
                return

            def stop(token: object = token) -> bool:
                """Tell whether something else is to be shown."""
                return self._token is not token or self._closed

            try:
                keep = job(stop)
            except Cancelled:
                return
            except USER_ERRORS as error:
                logger.exception("The exact picture could not be computed")
                self.fail(GENERAL, f"The exact picture could not be computed. {message_of(error)}")
                return
            with self._lock:
                if stop():
                    return
                keep()
                self._publish_refined(shown, display)

    def _publish_refined(self, shown: Computation, display: dict[str, Any]) -> None:
        """Publish what has become exact."""
        before, picture = self.picture, self._pictures.draw(shown, display)
        if before is None or (before.is_exact, before.automatic) != (picture.is_exact, picture.automatic):
            self.picture = picture
        if self.overview is not None and not self.overview.is_exact:
            self._overview_of = None
            self.draw_overview()
        self._publish_rows(shown)
        self.revision += 1

    def _check_agreement(self) -> None:
        """Compare what is shown with the peers; publish each answer, unless the page has moved on."""
        with self._lock:
            shown, waiting = self._shown, self.agreement.waiting
            if shown is None or self._closed or not waiting:
                return None
            if not self._is_exact() and time.monotonic() - self._since < PATIENCE:
                return self._idle.request()
            display = self._drawn[1]

        def moved_on() -> bool:
            """Tell whether something else is shown by now, or will be at once."""
            return self._shown is not shown or self._changed or self._closed

        def publish(change: Callable[[CrosscheckStatus], CrosscheckStatus]) -> None:
            """Publish what has changed."""
            with self._lock:
                if not moved_on():
                    self.agreement = change(self.agreement)

        channel = (display["batch_item"], display["channel"])
        is_done = compare(self._crosscheck_process, shown.layer, shown.sound, channel, waiting, publish, moved_on)
        # What changed may be the display alone; then nothing else asks again.
        if not is_done and self._shown is shown and not self._closed:
            self._idle.request()
        return None

    def _is_exact(self) -> bool:
        """Tell whether nothing is left to be computed."""
        with self._lock:
            return self._drawn is None or self._pictures.next_job(*self._drawn) is None
