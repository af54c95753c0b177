"""The panel of sounds: recordings, signals with known answers, files here, uploads, and what the caller passed in."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.upload import SLICE_BYTES, Upload, UploadError
from specwidget.sounds import (
    RECORDINGS,
    SYNTHETIC_SIGNALS,
    Sound,
    list_sound_files,
    load_recording,
    make_synthetic,
    read_sound,
)
from specwidget.summary.readouts import format_seconds

MAX_OWN = 4
"""Sounds of the caller's own that stay in the menu."""


class SoundPanel(Panel):
    """A choice of sounds, with what is known about the one chosen.

    A choice is a text such as ``"recording:voice"``: its source, one of `SOURCES`, and its name there.
    """

    files: ClassVar[str] = "explorer/panels/sound_panel"
    shows_errors_of: ClassVar[tuple[str, ...]] = ("sound",)

    choices: traitlets.List[Any] = traitlets.List(help="Groups of (choice, label).").tag(sync=True)
    selected = traitlets.Unicode().tag(sync=True)
    parameters = traitlets.Dict(help="Parameters of a synthetic signal.").tag(sync=True)
    details = traitlets.Dict(help="What is known about the sound.").tag(sync=True)
    failure = traitlets.Unicode(help="Why the last choice could not be taken.").tag(sync=True)
    slice_bytes = traitlets.Int(SLICE_BYTES).tag(sync=True)

    def __init__(self, state: ExplorerState, folder: Path | None = None, **kwargs: Any) -> None:
        self._folder = Path() if folder is None else folder
        self._own: dict[str, Sound] = {}
        self._upload: Upload | None = None
        self._shown: Sound | None = None
        self._loaded: tuple[Sound | None, str] = (None, "")
        self._parameters: dict[str, Any] = {}
        super().__init__(state, **kwargs)
        self.observe(self._choose, names="selected")
        self.observe(self._change_parameters, names="parameters")

    def refresh(self) -> None:
        """Show the state's sound, and which choice it is."""
        sound = self._source.sound
        if sound is self._shown:
            return
        if self._loaded[0] is not sound:
            self._loaded = (sound, self._choice_of(sound))
        self._shown = sound
        self.failure = ""
        self.details = describe(sound)
        self.selected = self._loaded[1]
        self._parameters = self.parameters = dict(sound.parameters or {})
        self._list_choices()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Take a slice of an upload, or list the folder again."""
        kind = content.get("kind")
        if kind == "slice":
            self._take(content, buffers[0] if buffers else b"")
        elif kind == "list":
            self._list_choices()

    def _choose(self, _change: Any) -> None:
        """Load what the page has chosen."""
        if self.selected == self._loaded[1]:
            return
        source, _, name = self.selected.partition(":")
        if not any(self.selected == choice for _, choices in self.choices for choice, _ in choices):
            # A page names what is on its list, and nothing else on this machine.
            self.failure = f"`sound` must be one of the list; got {self.selected!r}."
            self.selected = self._loaded[1]
        elif source == "synthetic":
            self._synthesise(name, dict(SYNTHETIC_SIGNALS[name].parameters))
        elif source == "recording":
            self._load(self.selected, lambda: load_recording(name))
        elif source == "file":
            self._load(self.selected, lambda: read_sound(self._folder / name, name))
        else:
            self._load(self.selected, lambda: self._own[name])

    def _change_parameters(self, _change: Any) -> None:
        """Compute the synthetic signal again, unless the parameters are those of a signal just chosen."""
        source, _, name = self.selected.partition(":")
        if source == "synthetic" and self.parameters != self._parameters:
            self._synthesise(name, self.parameters)

    def _synthesise(self, name: str, parameters: dict[str, Any]) -> None:
        """Show a synthetic signal with these parameters."""
        self._load(f"synthetic:{name}", lambda: make_synthetic(name, **parameters))

    def _load(self, choice: str, load: Callable[[], Sound]) -> bool:
        """Show a sound, or the sentence why there is none; what was shown before then stays."""
        try:
            sound = load()
        except (ValueError, TypeError, KeyError, OSError, MemoryError) as error:
            self.failure = str(error)
            self.selected = self._loaded[1]
            return False
        self.failure = ""
        self._loaded = (sound, choice)
        self._source.sound = sound
        return True

    def _take(self, content: dict[str, Any], piece: memoryview | bytes) -> None:
        """Add a slice to the upload, acknowledge it, and show the sound when it was the last."""
        key, name, size, offset = (content[part] for part in ("key", "name", "size", "offset"))
        try:
            if offset == 0:
                self._upload = Upload(key, name, size)
            if self._upload is None or self._upload.key != key:
                return
            received = self._upload.add(offset, piece)
        except UploadError as error:
            self._upload = None
            self.failure = str(error)
            self.send({"kind": "refused", "key": key})
            return
        self.send({"kind": "received", "key": key, "bytes": received})
        if self._upload.is_complete:
            data, self._upload = self._upload.data, None
            if self._load(f"own:{name}", lambda: read_sound(io.BytesIO(data), name)):
                self._keep(name, self._source.sound)
            self.send({"kind": "read", "key": key})

    def _choice_of(self, sound: Sound) -> str:
        """Return the choice that a sound from outside the page is: a recording, a signal, or one of its own."""
        if sound.parameters is not None and sound.name in SYNTHETIC_SIGNALS:
            return f"synthetic:{sound.name}"
        if sound.name in RECORDINGS and sound.credit == RECORDINGS[sound.name].credit:
            return f"recording:{sound.name}"
        self._keep(sound.name, sound)
        return f"own:{sound.name}"

    def _keep(self, name: str, sound: Sound) -> None:
        """Keep a sound that can't be loaded again, and the last few of them only."""
        self._own.pop(name, None)
        self._own[name] = sound
        while len(self._own) > MAX_OWN:
            del self._own[next(iter(self._own))]

    def _list_choices(self) -> None:
        """List what there is to choose."""
        files = [path.relative_to(self._folder).as_posix() for path in list_sound_files(self._folder)]
        groups = [
            ("Yours", [[f"own:{name}", name] for name in self._own]),
            ("Recordings", [[f"recording:{name}", recording.title] for name, recording in RECORDINGS.items()]),
            ("Synthetic signals", [[f"synthetic:{name}", signal.title] for name, signal in SYNTHETIC_SIGNALS.items()]),
            ("Files in this folder", [[f"file:{name}", name] for name in files]),
        ]
        self.choices = [[title, choices] for title, choices in groups if choices]


def describe(sound: Sound) -> dict[str, Any]:
    """Return what is known about a sound, in words."""
    batch, n_samples, channels = sound.samples.shape
    facts = []
    if sound.sample_rate is not None:
        facts += [format_seconds(n_samples / sound.sample_rate), f"{sound.sample_rate:g} Hz"]
    facts += [f"{n_samples:,} samples", "mono" if channels == 1 else f"{channels} channels"]
    if batch > 1:
        facts.append(f"batch of {batch}")
    return {
        "name": sound.name,
        "facts": facts,
        "credit": sound.credit,
        "description": sound.description,
    }
