"""The panel that gives files to take away, and takes settings back."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar

import traitlets

from specwidget.explorer.downloads.downloads import FILES, FileWriter, apply_settings, content_of, file_name
from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.stft.settings import STFTSettings
from specwidget.summary.errors import USER_ERRORS, message_of
from specwidget.summary.readouts import format_bytes
from specwidget.widgets.debounce import Debouncer

logger = logging.getLogger(__name__)

PIECE_BYTES = 2**20
"""Bytes of a file in a message; the page asks for the next piece when it has the one before."""

MOST_BYTES = 256 * 2**20
"""Most bytes of a file that is sent to the page."""

MOST_SETTINGS = 4 * 2**20
"""Most characters of a settings file: a Jupyter server drops messages above 10 MB in silence."""


@dataclass(frozen=True)
class FileRequest:
    """A file that was asked for: of which kind, the page's key for it, its name, and what writes it."""

    what: str
    key: str
    name: str
    write: FileWriter


class ExportPanel(Panel):
    """Buttons for files; each travels in pieces, and the browser saves it."""

    files: ClassVar[str] = "explorer/panels/export_panel"

    offers: traitlets.List[Any] = traitlets.List(
        [[kind, file.label, file.tooltip] for kind, file in FILES.items()], help="Kind, label and content of each file."
    ).tag(sync=True)
    failure = traitlets.Unicode(help="Why the last file could not be given or taken.").tag(sync=True)
    most_settings = traitlets.Int(MOST_SETTINGS).tag(sync=True)
    companions: Mapping[str, Panel] = MappingProxyType({})
    """The panels of the page, by name."""

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._file: tuple[str, bytes] = ("", b"")
        self._asked: FileRequest | None = None
        self._work = Debouncer(self._make, 0.0)
        super().__init__(state, **kwargs)

    def close(self) -> None:
        """Give nothing more."""
        self._work.close()
        super().close()

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
        """Have a file made of what is shown now, in a thread of its own: the page goes on meanwhile; latest wins."""
        self.failure = ""
        self._asked = None
        try:
            check_size(what, FILES[what].count(self._source))
            write = FILES[what].ask(self._source, self.companions)
            self._asked = FileRequest(what, key, file_name(self._source, what), write)
        except USER_ERRORS as error:
            self._refuse(key, message_of(error))
        else:
            self._work.request()

    def _make(self) -> None:
        """Make what was asked for, and begin to send it or say why there is none, unless something else is asked."""
        asked = self._asked
        if asked is None:
            return
        data, problem = _made(asked)
        with self._source.hold():
            if self._asked is not asked or self.comm is None:
                return
            self._asked = None
            if problem:
                self._refuse(asked.key, problem)
            else:
                self._begin(asked, data)

    def _begin(self, asked: FileRequest, data: bytes) -> None:
        """Begin to send a file."""
        self._file = (asked.key, data)
        about = {"name": asked.name, "type": FILES[asked.what].media_type, "bytes": len(data)}
        self.send({"kind": "file", "key": asked.key, **about})
        self._give_piece(0)

    def _refuse(self, key: str, sentence: str) -> None:
        """Say why there is no file."""
        self.failure = sentence
        self.send({"kind": "refused", "key": key})

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
            self.failure = f"`file` must hold settings; got {name!r}, which does not: {message_of(error)}"
            self.send({"kind": "settings", "taken": False})
            return
        apply_settings(self._source, settings)
        self.send({"kind": "settings", "taken": True})


def _made(asked: FileRequest) -> tuple[bytes, str]:
    """Make a file; return it, and why there is none."""
    try:
        data = content_of(asked.write)
        check_size(asked.what, len(data))
    except USER_ERRORS as error:
        return b"", message_of(error)
    except Exception as error:
        logger.exception("A file could not be made")
        return b"", f"Something in the explorer failed: {type(error).__name__}. The log tells more."
    return data, ""


def check_size(what: str, n_bytes: int) -> None:
    """Refuse a file that is too large for the way to the page."""
    if n_bytes > MOST_BYTES:
        raise ValueError(
            f"`file` must have at most {format_bytes(MOST_BYTES)} to be sent to the page; got {format_bytes(n_bytes)}. "
            f"Save it from Python, with explorer.{FILES[what].saver}."
        )
