"""The panel that gives files to take away, and takes settings back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.readouts import format_bytes
from specwidget.explorer.state import USER_ERRORS, sentence_of
from specwidget.explorer.taking import FILES, file_name, take_settings
from specwidget.stft.settings import STFTSettings

PIECE_BYTES = 2**20
"""Bytes of a file in a message; the page asks for the next piece when it has the one before."""

MOST_BYTES = 256 * 2**20
"""Most bytes of a file that is sent to the page."""

MOST_SETTINGS = 4 * 2**20
"""Most characters of a settings file: a Jupyter server drops messages above 10 MB in silence."""


class TakeAwayPanel(Panel):
    """Buttons for files; each travels in pieces, and the browser saves it."""

    files: ClassVar[str] = "take_away_panel"

    offers: traitlets.List[Any] = traitlets.List(
        [[kind, file.label, file.tooltip] for kind, file in FILES.items()], help="Kind, label and content of each file."
    ).tag(sync=True)
    failure = traitlets.Unicode(help="Why the last file could not be given or taken.").tag(sync=True)
    most_settings = traitlets.Int(MOST_SETTINGS).tag(sync=True)
    companions: Mapping[str, Panel] = MappingProxyType({})
    """The panels of the page, by name."""
    _file: tuple[str, bytes] = ("", b"")

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Make a file, give a piece of it, or take settings."""
        kind = content.get("kind")
        if kind == "take":
            self._give(str(content["what"]), str(content["key"]))
        elif kind == "piece" and content["key"] == self._file[0]:
            self._give_piece(int(content["offset"]))
        elif kind == "settings":
            self._take(str(content["name"]), str(content["text"]))

    def _give(self, what: str, key: str) -> None:
        """Make a file and begin to send it, or say why there is none."""
        self.failure = ""
        try:
            check_size(what, FILES[what].count(self._source))
            data = FILES[what].make(self._source, self.companions)
            check_size(what, len(data))
        except USER_ERRORS as error:
            self.failure = sentence_of(error)
            self.send({"kind": "refused", "key": key})
            return
        self._file = (key, data)
        name, media_type = file_name(self._source, what), FILES[what].media_type
        self.send({"kind": "file", "key": key, "name": name, "type": media_type, "bytes": len(data)})
        self._give_piece(0)

    def _give_piece(self, offset: int) -> None:
        """Send a piece, and forget the file after the last one."""
        key, data = self._file
        piece = data[offset : offset + PIECE_BYTES]
        self.send({"kind": "piece", "key": key, "offset": offset}, [piece])
        if offset + len(piece) >= len(data):
            self._file = ("", b"")

    def _take(self, name: str, text: str) -> None:
        """Take settings from the text of a file, or say why not; nothing changes then."""
        self.failure = ""
        try:
            settings = STFTSettings.from_json(text)
        except USER_ERRORS as error:
            self.failure = f"`file` must hold settings; got {name!r}, which does not: {sentence_of(error)}"
            self.send({"kind": "settings", "taken": False})
            return
        take_settings(self._source, settings)
        self.send({"kind": "settings", "taken": True})


def check_size(what: str, n_bytes: int) -> None:
    """Refuse a file that is too large for the way to the page."""
    if n_bytes > MOST_BYTES:
        raise ValueError(
            f"`file` must have at most {format_bytes(MOST_BYTES)} to be sent to the page; got {format_bytes(n_bytes)}. "
            f"Save it from Python, with explorer.{FILES[what].saver}."
        )
