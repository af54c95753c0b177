"""Tab "Export": downloads of figure, values, settings and page, and loading of a settings file."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, ClassVar

import traitlets

from specwidget.charts.figure_options import options_from
from specwidget.explorer.downloads.downloads import (
    DOWNLOADS,
    FileChoices,
    FileWriter,
    apply_settings,
    content_of,
    file_name,
)
from specwidget.explorer.downloads.html_page import PageContent
from specwidget.explorer.panel import Panel
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.tab_page import TabPage
from specwidget.mel.stages import sample_rate_from_json, settings_from_json
from specwidget.summary.controls import DISPLAY_CONTROLS, FIGURE_CONTROLS, PAGE_CONTROLS, Control, decode
from specwidget.summary.errors import USER_ERRORS, internal_error, message_of, page_message
from specwidget.summary.quantities import format_hertz
from specwidget.summary.readouts import format_bytes
from specwidget.widgets.debounce import Debouncer

logger = logging.getLogger(__name__)

PIECE_BYTES = 2**20
"""Bytes of a file in a message; the page requests the next piece when it has the one before."""

MAX_DOWNLOAD_BYTES = 256 * 2**20
"""Most bytes of a file that is sent to the page."""

_RANGE = next(control for control in DISPLAY_CONTROLS if control.name == "value_range")

FIGURE_CHOICES = (*FIGURE_CONTROLS, replace(_RANGE, label="Colours", group="figure"))
"""What can be chosen for a figure; on a command line the range of the colours is a display choice."""

MAX_SETTINGS_LENGTH = 4 * 2**20
"""Most characters of a settings file: JupyterLab silently drops messages above 10 MB."""


@dataclass(frozen=True)
class DownloadRequest:
    """A requested file: its kind in `DOWNLOADS`, the page's key for it, its name, and its writer."""

    kind: str
    key: str
    name: str
    write: FileWriter


class ExportPanel(TabPage):
    """A button for each file. A file travels in pieces, and the browser saves it."""

    files: ClassVar[str] = "explorer/panels/export_panel"
    title: ClassVar[str] = "Export"
    tooltip: ClassVar[str] = "Figure, values, settings and page as files; settings from a file."

    downloads: traitlets.List[Any] = traitlets.List(
        [[kind, file.label, file.tooltip] for kind, file in DOWNLOADS.items()],
        help="Kind, label, tooltip of each file.",
    ).tag(sync=True)
    choices: traitlets.List[Any] = traitlets.List(
        [control.to_page() for control in (*FIGURE_CHOICES, *PAGE_CONTROLS)],
        help="Controls of what can be chosen for a figure and for the page.",
    ).tag(sync=True)
    failure = traitlets.Unicode(help="Why the last file could not be made, or loaded.").tag(sync=True)
    most_settings = traitlets.Int(MAX_SETTINGS_LENGTH).tag(sync=True)
    companions: Mapping[str, Panel] = MappingProxyType({})
    """The panels of the page, by name."""

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._file: tuple[str, bytes] = ("", b"")
        self._request: DownloadRequest | None = None
        self._worker = Debouncer(self._run, 0.0)
        super().__init__(state, **kwargs)

    def close(self) -> None:
        """Make no more files."""
        self._worker.close()
        super().close()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Make a file, send a piece of it, or apply settings."""
        kind = content.get("kind")
        if kind == "download":
            self._make_file(str(content["what"]), str(content["key"]), content.get("choices", {}))
        elif kind == "piece" and content["key"] == self._file[0]:
            self._send_piece(int(content["offset"]))
        elif kind == "settings":
            self._load_settings(str(content["name"]), str(content["text"]))

    def _make_file(self, kind: str, key: str, chosen: dict[str, Any]) -> None:
        """Have a file made of what is displayed now, in a thread; the latest request wins."""
        self.failure = ""
        self._request = None
        try:
            check_size(kind, DOWNLOADS[kind].count_bytes(self._source))
            write = DOWNLOADS[kind].make_writer(self._source, self.companions, choices_from(chosen))
            self._request = DownloadRequest(kind, key, file_name(self._source, kind), write)
        except USER_ERRORS as error:
            self._refuse(key, page_message(message_of(error)))
        else:
            self._worker.request()

    def _run(self) -> None:
        """Make the requested file, and begin to send it unless another one is requested by then."""
        request = self._request
        if request is None:
            return
        data, problem = _make(request)
        with self._source.hold():
            if self._request is not request or self.comm is None:
                return
            self._request = None
            if problem:
                self._refuse(request.key, problem)
            else:
                self._send_file(request, data)

    def _send_file(self, request: DownloadRequest, data: bytes) -> None:
        self._file = (request.key, data)
        header = {"name": request.name, "type": DOWNLOADS[request.kind].media_type, "bytes": len(data)}
        self.send({"kind": "file", "key": request.key, **header})
        self._send_piece(0)

    def _refuse(self, key: str, message: str) -> None:
        self.failure = message
        self.send({"kind": "refused", "key": key})

    def _send_piece(self, offset: int) -> None:
        key, data = self._file
        piece = data[offset : offset + PIECE_BYTES]
        self.send({"kind": "piece", "key": key, "offset": offset}, [piece])
        if offset + len(piece) >= len(data):
            self._file = ("", b"")

    def _load_settings(self, name: str, text: str) -> None:
        """Apply the settings in the text of a file; if it holds none, show why, and change nothing."""
        self.failure = ""
        try:
            settings, rate = settings_from_json(text), sample_rate_from_json(text)
        except USER_ERRORS as error:
            self.failure = f"The file {name!r} holds no settings: {page_message(message_of(error))}"
            self.send({"kind": "settings", "is_loaded": False})
            return
        apply_settings(self._source, settings)
        self.send({"kind": "settings", "is_loaded": True, "remark": _rate_remark(rate, self._source.sound.sample_rate)})


def _rate_remark(saved: float | None, present: float | None) -> str:
    """Return the sentence about settings whose times are others at the sample rate of the sound."""
    if saved is None or saved == present:
        return ""
    now = "has no sample rate" if present is None else f"has {format_hertz(present)}"
    return f"They were saved at {format_hertz(saved)}; this sound {now}."


def choices_from(chosen: Mapping[str, Any]) -> FileChoices:
    """Return what was chosen on the page; a choice that was not made has its default."""

    def given(controls: Iterable[Control]) -> dict[str, Any]:
        return {each.name: decode(chosen[each.name]) for each in controls if each.name in chosen}

    return FileChoices(options_from(given(FIGURE_CHOICES)), PageContent(**given(PAGE_CONTROLS)))


def _make(request: DownloadRequest) -> tuple[bytes, str]:
    """Return the bytes of a file, and the message why there are none."""
    try:
        data = content_of(request.write)
        check_size(request.kind, len(data))
    except USER_ERRORS as error:
        return b"", page_message(message_of(error))
    except Exception as error:
        logger.exception("A file could not be made")
        return b"", internal_error(error)
    return data, ""


def check_size(kind: str, n_bytes: int) -> None:
    """Check that a file can be sent to the page."""
    if n_bytes > MAX_DOWNLOAD_BYTES:
        raise ValueError(
            f"A download must have at most {format_bytes(MAX_DOWNLOAD_BYTES)}; got {format_bytes(n_bytes)}. "
            f"Save it from Python with explorer.{DOWNLOADS[kind].method}."
        )
