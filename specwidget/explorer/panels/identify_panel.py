"""Tab "Identify": the settings behind an array of features that was made of the displayed sound."""

from __future__ import annotations

import io
import logging
import time
from dataclasses import dataclass
from typing import Any, ClassVar

import traitlets
from numpy.typing import NDArray

from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.upload import SLICE_BYTES, Inbox, Upload, UploadError
from specwidget.explorer.tab_page import TabPage
from specwidget.matching.feature_files import read_features
from specwidget.matching.result import Identification
from specwidget.raster.columns import Cancelled
from specwidget.sounds import Sound, resample
from specwidget.summary.errors import USER_ERRORS, internal_error, message_of, page_message
from specwidget.summary.identified import describe_identification, settings_to_set
from specwidget.widgets.debounce import Debouncer

logger = logging.getLogger(__name__)

TIME_LIMIT_S = 10.0
"""Processor time of a search, seconds."""

PROGRESS_S = 0.25
"""Seconds from one report of the progress to the next."""


@dataclass(frozen=True, eq=False)
class Search:
    """A search under way: the file, and the samples that its array is to be made of."""

    upload: Upload
    samples: NDArray[Any]
    sample_rate: float | None
    sound: str


class IdentifyPanel(TabPage):
    """Takes a file with an array, searches its settings in a thread, and sets the controls to what was found."""

    files: ClassVar[str] = "explorer/panels/identify_panel"
    title: ClassVar[str] = "Identify"
    tooltip: ClassVar[str] = "The settings behind an array that was made of this sound."

    is_searching = traitlets.Bool(help="Whether a search is under way.").tag(sync=True)
    progress = traitlets.Float(help="Share of its time that a search has used.").tag(sync=True)
    subject = traitlets.Unicode(help="The array, and the sound that it is compared with.").tag(sync=True)
    answer = traitlets.Dict(help="Sentences, settings and code; empty without an answer.").tag(sync=True)
    failure = traitlets.Unicode(help="Why there is no answer.").tag(sync=True)
    slice_bytes = traitlets.Int(SLICE_BYTES).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._inbox = Inbox(lambda message: self.send(message))
        self._search: Search | None = None
        self._found: Identification | None = None
        # The sound that is searched with, or was.
        self._sound: Sound | None = None
        self._share, self._subject, self._failure = 0.0, "", ""
        self._worker = Debouncer(self._run, 0.0)
        super().__init__(state, **kwargs)

    def badge(self) -> str:
        """Return whether a search is under way, or what it has ended with."""
        if self._search is not None:
            return "searching"
        return (
            "" if self._found is None else {"found": "found", "nothing fits": "no fit"}.get(self._found.level, "almost")
        )

    def refresh(self) -> None:
        """Publish the search and its answer."""
        self.is_searching, self.progress = self._search is not None, self._share
        self.subject, self.failure = self._subject, self._failure
        rate = self._source.sound.sample_rate
        self.answer = (
            {} if self._found is None else describe_identification(self._found, rate, is_its_sound=self._is_its_sound)
        )

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Receive a slice of a file, cancel the search, or set the controls."""
        kind = content.get("kind")
        if kind == "slice":
            self._receive(content, buffers[0] if buffers else b"")
        elif kind == "cancel" and self._search is not None:
            self._end(failure="The search was cancelled.")
        elif kind == "set" and self._found is not None:
            settings, rate = settings_to_set(self._found)
            if settings:
                self._set(settings, rate)

    def close(self) -> None:
        """End the search."""
        self._search = None
        self._worker.close()
        super().close()

    def _receive(self, content: dict[str, Any], data: memoryview | bytes) -> None:
        """Add a slice to the upload; search after the last one."""
        # So that its progress is seen, wherever it was chosen.
        if content.get("offset") == 0:
            self.is_open = True
        try:
            upload = self._inbox.receive(content, data)
        except UploadError as error:
            self._end(failure=page_message(str(error)))
            return
        if upload is None:
            return
        samples, rate = self._source.audio_channel()
        self._inbox.finish(upload)
        if samples is None:
            self._end(failure="There is no sound to compare it with.")
            return
        self._sound = self._source.current_sound
        self._search = Search(upload, samples, rate, self._sound.name)
        self._found, self._share, self._failure = None, 0.0, ""
        self._subject = upload.name
        self._publish()
        self._worker.request()

    def _run(self) -> None:
        """Search in the calling thread, and publish the answer unless another search was begun by then."""
        # Not before it is needed, as its import would delay the start of every explorer.
        from specwidget.matching.identification import identify

        search = self._search
        if search is None:
            return
        try:
            features, key = read_features(io.BytesIO(search.upload.data), search.upload.name)
            with self._source.hold():
                self._subject = describe_subject(search, features, key)
            found = identify(
                features, search.samples, search.sample_rate, time_limit=TIME_LIMIT_S, progress=self._watch(search)
            )
        except Cancelled:
            return
        except USER_ERRORS as error:
            self._end(search, failure=page_message(message_of(error)))
        except Exception as error:
            logger.exception("The settings of an array could not be searched")
            self._end(search, failure=internal_error(error))
        else:
            self._end(search, found)

    def _watch(self, search: Search) -> Any:
        """Return the function that publishes the progress of a search, and ends one that is not wanted any more."""
        published = time.monotonic()

        def watch(share: float) -> None:
            nonlocal published
            if self._search is not search or self._worker.is_closed:
                raise Cancelled
            if time.monotonic() - published > PROGRESS_S:
                published = time.monotonic()
                with self._source.hold():
                    self._share = share
                    self._from_state()

        return watch

    def _end(self, search: Search | None = None, found: Identification | None = None, failure: str = "") -> None:
        """End a search, by default the one under way, with its answer or with why there is none."""
        with self._source.hold():
            if search is None or self._search is search:
                self._search, self._found, self._failure = None, found, failure
                self._publish()

    def _set(self, settings: dict[str, Any], rate: float | None) -> None:
        """Set the controls, and the sample rate where the array tells of another one; another sound is resampled."""
        sound = self._source.sound
        with self._source.hold():
            if rate is not None and rate != sound.sample_rate:
                if self._is_its_sound:
                    self._source.set_sample_rate(rate)
                else:
                    settings = {"sound": resample(sound, rate), **settings}
            self._source.update(**settings)

    @property
    def _is_its_sound(self) -> bool:
        """Whether the sound is the one that was searched with, by its samples: its sample rate may have been set."""
        return self._sound is not None and self._source.sound.samples is self._sound.samples

    def _publish(self) -> None:
        """Publish what the page shows, and the badge of the tab."""
        if self.comm is not None:
            self._source.revision += 1


def describe_subject(search: Search, features: NDArray[Any], key: str) -> str:
    """Write which array is compared with which sound."""
    name = f"{search.upload.name}: {key}" if key else search.upload.name
    return f"{name}, {features.dtype} of shape {features.shape}, with {search.sound}"
