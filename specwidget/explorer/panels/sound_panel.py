"""Panel "Sound": recordings, synthetic signals, files of the folder, uploads, a microphone, the caller's own sounds."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import numpy as np
import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.live_recording import LIVE_SECONDS, LiveRecording
from specwidget.explorer.state.upload import SLICE_BYTES, Inbox, UploadError
from specwidget.sounds import (
    RECORDINGS,
    SYNTHETIC_SIGNALS,
    Sound,
    list_sound_files,
    load_recording,
    make_synthetic,
    read_sound,
)
from specwidget.stft.formatting import printable
from specwidget.stft.settings import check_sample_rate
from specwidget.summary.errors import page_message
from specwidget.summary.quantities import format_duration

MAX_OWN_BYTES = 2**29
"""Most bytes of the sounds in the menu that can't be loaded again; beyond it the oldest is listed as closed."""


class SoundPanel(Panel):
    """A menu of sounds, with length, rate, credit and description of the selected one.

    A choice is a text such as ``"recording:voice"``: a source ("recording", "synthetic", "file" or "own") and a name.
    """

    files: ClassVar[str] = "explorer/panels/sound_panel"
    shows_errors_of: ClassVar[tuple[str, ...]] = ("sound",)

    choices: traitlets.List[Any] = traitlets.List(help="Groups of (choice, label).").tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)
    parameters = traitlets.Dict(help="Parameters of a synthetic signal.").tag(sync=True)
    sample_rate = traitlets.Any(None, help="Sample rate, Hz; None if unknown.").tag(sync=True)
    details = traitlets.Dict(help="Name, facts, credit and description of the sound.").tag(sync=True)
    failure = traitlets.Unicode(help="Why the last choice or upload failed.").tag(sync=True)
    slice_bytes = traitlets.Int(SLICE_BYTES).tag(sync=True)
    live_seconds = traitlets.Float(LIVE_SECONDS).tag(sync=True)

    def __init__(self, state: ExplorerState, folder: Path | None = None, **kwargs: Any) -> None:
        self._folder = Path() if folder is None else folder
        self._own: dict[str, Sound] = {}
        self._closed: list[str] = []
        self._choices: WeakKeyDictionary[Sound, str] = WeakKeyDictionary()
        self._files: dict[str, Path] = {}
        self._inbox = Inbox(lambda message: self.send(message))
        self._live: LiveRecording | None = None
        self._current: Sound | None = None
        self._loaded: tuple[Sound | None, str] = (None, "")
        self._parameters: dict[str, Any] = {}
        super().__init__(state, **kwargs)
        self.observe(self._choose, names="selected")
        self.observe(self._change_parameters, names="parameters")
        self.observe(self._change_rate, names="sample_rate")

    def refresh(self) -> None:
        """Publish the state's sound, and which choice it is."""
        sound = self._source.sound
        if self._live is not None and self._loaded[0] is not sound:
            # Another sound was chosen meanwhile, or the recording undone.
            self._end_recording()
        if sound is self._current:
            return
        live, before = self._live, self._current
        if live and before and before in live.sounds and before.sample_rate == sound.sample_rate:
            # Everything but the samples is as it was.
            self._current = sound
            self.send({"kind": "displayed", "key": live.key})
            return
        if self._loaded[0] is not sound:
            self._note_loaded(sound, self._choice_of(sound))
        self._current = sound
        self.sample_rate = sound.sample_rate
        self.failure = ""
        self.details = describe(sound)
        self.selected = self._loaded[1]
        self._parameters = self.parameters = dict(sound.parameters or {})
        self._list_choices()
        if live is not None:
            self.send({"kind": "displayed", "key": live.key})

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Receive a slice of an upload or samples of a microphone, or list the folder again."""
        kind = content.get("kind")
        if kind == "slice":
            self._receive(content, buffers[0] if buffers else b"")
        elif kind == "record":
            self._begin_recording(content["sample_rate"], str(content["key"]))
        elif kind in ("samples", "stop"):
            self._record(content, buffers)
        elif kind == "list":
            self._list_choices()

    def _choose(self, _change: Any) -> None:
        if self.selected == self._loaded[1]:
            return
        source, _, name = self.selected.partition(":")
        if not any(self.selected == choice for _, choices in self.choices for choice, _ in choices):
            # The page must not open other files of this machine.
            self.failure = f"The sound must be one of the menu; got {self.selected!r}."
            self.selected = self._loaded[1]
        elif source == "synthetic":
            self._synthesise(name, dict(SYNTHETIC_SIGNALS[name].parameters))
        elif source == "recording":
            self._load(self.selected, lambda: load_recording(name))
        elif source == "file":
            self._load(self.selected, lambda: read_sound(self._files[name], name))
        elif source == "closed":
            self.failure = f"{name} was closed to save memory. Open the file again."
            self.selected = self._loaded[1]
        else:
            self._load(self.selected, lambda: self._own[name])

    def _change_parameters(self, _change: Any) -> None:
        """Compute the synthetic signal again, unless the parameters are those of a signal just chosen."""
        source, _, name = self.selected.partition(":")
        if source == "synthetic" and self.parameters != self._parameters:
            self._synthesise(name, self.parameters)

    def _change_rate(self, change: Any) -> None:
        """Give the sound the sample rate of the page; the samples stay."""
        sound, rate = self._source.sound, change["new"]
        if rate == sound.sample_rate:
            return
        try:
            checked = check_sample_rate(rate or None)
        except (ValueError, TypeError) as error:
            self.failure = page_message(str(error))
            self.sample_rate = sound.sample_rate
            return
        with self._source.hold():
            choice = self._loaded[1]
            self._source.set_sample_rate(checked)
            self._note_loaded(self._source.sound, choice)
            if self._live is not None and checked is not None:
                self._live.correct_rate(checked, self._source.sound)
            source, _, name = choice.partition(":")
            if source == "own":
                self._own[name] = self._source.sound

    def _synthesise(self, name: str, parameters: dict[str, Any]) -> None:
        self._load(f"synthetic:{name}", lambda: make_synthetic(name, **parameters))

    def _load(self, choice: str, load: Callable[[], Sound]) -> bool:
        """Load a sound and return True; or show why it can't be loaded, and keep the present one."""
        try:
            sound = load()
        except (ValueError, TypeError, KeyError, OSError, MemoryError) as error:
            self.failure = page_message(str(error))
            self.selected = self._loaded[1]
            return False
        if self._live is not None:
            self._end_recording()
        self.failure = ""
        self._note_loaded(sound, choice)
        self._source.adopt(sound)
        return True

    def _receive(self, content: dict[str, Any], data: memoryview | bytes) -> None:
        """Add a slice to the upload; load the sound after the last one."""
        try:
            upload = self._inbox.receive(content, data)
        except UploadError as error:
            self.failure = page_message(str(error))
            return
        if upload is not None:
            if self._load(f"own:{upload.name}", lambda: read_sound(io.BytesIO(upload.data), upload.name)):
                self._add_own(upload.name, self._source.sound)
            self._inbox.finish(upload)

    def _begin_recording(self, sample_rate: float, key: str) -> None:
        """Display what the microphone sends from now on; another view's recording ends."""
        if self._live is not None:
            self._end_recording()
        self.failure = ""
        number = 1 + sum(name.startswith("Recording ") for name in (*self._own, *self._closed))
        try:
            self._live = LiveRecording(sample_rate, f"Recording {number}", key)
        except (ValueError, TypeError, MemoryError) as error:
            self.failure = page_message(str(error))
            self.send({"kind": "stopped", "key": key})
        else:
            self._source.history = self._source.history.rest()

    def _record(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Display the next samples of the recording under way, or make what was recorded the explorer's sound."""
        live = self._live
        if live is None or content["key"] != live.key:
            return
        if content["kind"] == "samples":
            live.add(np.frombuffer(buffers[0], np.float32))
            self._show_recording(live, live.latest())
            return
        if live.n_received:
            # Its length is new.
            self._current = None
            self._show_recording(live, live.kept())
        self._end_recording()

    def _show_recording(self, live: LiveRecording, sound: Sound) -> None:
        self._add_own(sound.name, sound)
        self._note_loaded(sound, f"own:{sound.name}")
        # The whole recording is one step of the undo history.
        self._source.history = self._source.history.with_sound(sound, live.sounds)
        self._source.adopt(sound)

    def _end_recording(self) -> None:
        """End the recording, and let the page turn the microphone off."""
        live, self._live = self._live, None
        self._source.history = self._source.history.rest()
        if live is not None:
            self.send({"kind": "stopped", "key": live.key})

    def _note_loaded(self, sound: Sound, choice: str) -> None:
        """Note which choice the state's sound is; undo and the swap of A and B come back to it."""
        self._choices[sound] = choice
        self._loaded = (sound, choice)

    def _choice_of(self, sound: Sound) -> str:
        """Return the choice for a sound that another part of the page, or Python, has set."""
        if (known := self._choices.get(sound)) is not None:
            source, _, name = known.partition(":")
            if source == "own":
                self._add_own(name, sound)
            return known
        if sound.parameters is not None and sound.name in SYNTHETIC_SIGNALS:
            return f"synthetic:{sound.name}"
        if sound.name in RECORDINGS and sound.credit == RECORDINGS[sound.name].credit:
            return f"recording:{sound.name}"
        self._add_own(sound.name, sound)
        return f"own:{sound.name}"

    def _add_own(self, name: str, sound: Sound) -> None:
        """Add a sound that can't be loaded again to the menu, and close the oldest if there are too many bytes."""
        self._own.pop(name, None)
        self._own[name] = sound
        self._closed = [each for each in self._closed if each != name]
        while len(self._own) > 1 and sum(each.samples.nbytes for each in self._own.values()) > MAX_OWN_BYTES:
            oldest = next(iter(self._own))
            del self._own[oldest]
            self._closed.append(oldest)

    def _list_choices(self) -> None:
        found = list_sound_files(self._folder)
        # JSON can't hold a name with bytes that are not text.
        self._files = {printable(path.relative_to(self._folder).as_posix()): path for path in found}
        groups = [
            ("Your sounds", [[f"own:{name}", name] for name in self._own]),
            ("Recordings", [[f"recording:{name}", recording.title] for name, recording in RECORDINGS.items()]),
            ("Synthetic signals", [[f"synthetic:{name}", signal.title] for name, signal in SYNTHETIC_SIGNALS.items()]),
            ("Files in this folder", [[f"file:{name}", name] for name in self._files]),
            ("Closed to save memory", [[f"closed:{name}", f"{name} (open the file again)"] for name in self._closed]),
        ]
        self.choices = [[title, choices] for title, choices in groups if choices]


def describe(sound: Sound) -> dict[str, Any]:
    """Return name, facts, credit and description of a sound."""
    batch, n_samples, channels = sound.samples.shape
    facts = []
    if sound.sample_rate is not None:
        facts.append(format_duration(n_samples / sound.sample_rate))
    facts += [f"{n_samples:,} samples", "mono" if channels == 1 else f"{channels} channels"]
    if batch > 1:
        facts.append(f"batch of {batch}")
    return {
        "name": sound.name,
        "facts": facts,
        "credit": sound.credit,
        "description": sound.description,
    }
