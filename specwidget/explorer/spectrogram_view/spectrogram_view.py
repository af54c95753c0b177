"""The panel of the picture, with the controls of what is shown."""

from __future__ import annotations

from typing import Any, ClassVar

import traitlets

from specwidget.explorer.panel import Panel
from specwidget.explorer.spectrogram_view.resynthesis import Request, ResynthesisWorker
from specwidget.explorer.spectrogram_view.static_spectrogram import IN_BROWSER, saved_answers, saved_messages
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.summary.controls import DISPLAY_CONTROLS, Control
from specwidget.summary.errors import GENERAL
from specwidget.widgets.pcm import PIECE_SAMPLES, encode_pcm
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState


class SpectrogramView(Panel):
    """A canvas with axes, colour bar and pointer.

    What the page draws travels as raw memory in messages, which a view also asks for when it renders: a synced trait
    would keep every picture alive in the browser. Each message has a `kind` and a `header`, whose `serial` is the
    state's revision, and whose `version` changes with what is shown, but not with the part of it that is seen.

    - To a view that sends ``want``, and to every view after a change: ``picture`` and ``overview`` with codes, row
      starts and column starts, ``waveform`` and ``waveform_overview`` with minimum and maximum.
    - To ``{kind: "frame", frame}``: ``slice`` with the values of that frame, its samples, and the window.
    - To ``{kind: "sound", from, to, source}``: ``sound`` in pieces of 16-bit samples, `first` to `last - 1`. The last
      piece ends at the header's `to`, which is what was asked for as far as there is sound; `total` counts all samples.
      Source "sound" is the channel, "reconstruction" its resynthesis; a `reason` says why that can't be played.
    """

    files: ClassVar[str] = "explorer/spectrogram_view/spectrogram_view"
    controls: ClassVar[tuple[Control, ...]] = DISPLAY_CONTROLS
    synced: ClassVar[tuple[str, ...]] = ("canvas_size", "visible")
    watched: ClassVar[tuple[str, ...]] = ("picture", "overview", "waveform", "waveform_overview")
    shows_errors_of: ClassVar[tuple[str, ...]] = (GENERAL,)
    supports_static: ClassVar[bool] = True

    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings ask for something else than is shown.").tag(sync=True)
    counts = traitlets.Dict(help="Number of channels and batch items.").tag(sync=True)

    def __init__(self, state: Any, **kwargs: Any) -> None:
        self._hearing = ResynthesisWorker(self._send_kept)
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def close(self) -> None:
        """Stop what is under way, and watching the state."""
        self._hearing.close()
        super().close()

    def show(self) -> None:
        """Send everything that is drawn."""
        for name in self.watched:
            self.show_output(name)

    def show_output(self, name: str) -> None:
        """Send one thing that is drawn: a picture or a waveform."""
        output = getattr(self._source, name)
        if output is not None:
            self._tell(name, output.header(), output.buffers())

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send what a view asks for."""
        kind = content.get("kind")
        if kind == "want":
            self._source.flush()
            self.show()
        elif kind == "frame":
            self._send_slice(content["frame"])
        elif kind == "sound":
            self._hear(content["from"], content["to"], content.get("source", "sound"))

    def refresh(self) -> None:
        """Publish how many channels and batch items there are, and whether the picture is that of the settings."""
        self.is_stale = self._source.is_stale
        batch, _, channels = self._source.shown_sound.samples.shape
        self.counts = {"channel": channels, "batch_item": batch}

    def to_static(self) -> StaticViewFactory | None:
        """Return what makes the whole picture at its finest, exact values and sound where they are not too large."""
        make, still = super().to_static(), self._source.still()
        if make is None or still is None:
            return None

        def make_all() -> StaticViewState:
            """Compute what is saved."""
            standing = make()
            standing.traits.update(
                table=[control.to_page() for control in self.controls if control.name in IN_BROWSER],
                errors={},
                is_stale=False,
            )
            standing.messages.extend(saved_messages(still))
            standing.store.update(saved_answers(still))
            return standing

        return make_all

    def _tell(self, kind: str, header: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send a message of the state as it is now."""
        source = self._source
        self.send({"kind": kind, "header": {"serial": source.revision, "version": source.version, **header}}, buffers)

    def _send_slice(self, frame: Any) -> None:
        """Send one frame: its spectrum, its samples and the window."""
        found = self._source.frame_slice(frame)
        if found is not None:
            self._tell("slice", found.header(), found.buffers())

    def _hear(self, first: Any, last: Any, source: str) -> None:
        """Send a stretch of the channel that is shown, or have it brought back from what the layer keeps of it."""
        self._hearing.request(None)
        shown, channel = self._source.current, self._source.shown_channel()
        samples, rate = self._source.audio_channel()
        if channel is None:
            return
        begin, end = (min(max(int(sample), 0), len(samples)) for sample in (first, last))
        about = {"source": source, "from": begin, "to": end, "total": len(samples), "rate": rate}
        if rate is None:
            self._tell("sound", {**about, "reason": "Below a sample rate of 1 Hz nothing can be heard."}, [])
            return
        if source == "reconstruction":

            def is_current() -> bool:
                """Tell whether this is still what is shown."""
                return self._source.current is shown

            self._hearing.request(Request(channel, begin, end, about, is_current))
            return
        for start in range(begin, end, PIECE_SAMPLES):
            self._send_sound(about, start, samples[start : min(start + PIECE_SAMPLES, end)])

    def _send_sound(self, about: dict[str, Any], first: int, samples: Any) -> None:
        """Send a piece of sound."""
        header = {**about, "first": first, "last": first + len(samples)}
        self._tell("sound", header, [memoryview(encode_pcm(samples))])

    def _send_kept(self, request: Request, first: int | None, piece: Any) -> None:
        """Send a piece of what the layer keeps, or why there is none; from the thread that made it."""
        with self._source.hold():
            if first is None:
                self._tell("sound", {**request.about, "reason": piece}, [])
            else:
                self._send_sound(request.about, first, piece)
