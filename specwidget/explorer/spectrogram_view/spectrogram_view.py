"""The spectrogram: canvas, cursor, zoom and playback, with the controls of the display choices."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import traitlets

from specwidget.devices import DeviceError
from specwidget.explorer.panel import Panel
from specwidget.explorer.spectrogram_view.resynthesis import ResynthesisRequest, ResynthesisWorker
from specwidget.explorer.spectrogram_view.static_spectrogram import (
    BROWSER_CHOICES,
    static_extras,
    static_messages,
    static_window,
)
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.mean_spectrum import mean_spectrum
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.columns import Cancelled
from specwidget.summary.controls import DISPLAY_CONTROLS, Control
from specwidget.summary.errors import page_message
from specwidget.widgets.debounce import Debouncer
from specwidget.widgets.pcm import PIECE_SAMPLES, PcmStream, peak_of
from specwidget.widgets.static_view import StaticViewFactory, StaticViewState

SPEEDS = (1 / 1000, 1000)
"""Lowest and highest playback speed."""


class SpectrogramView(Panel):
    """A canvas with axes, colour bar, cursor and playback.

    What is drawn travels as raw memory in messages, which a view requests when it renders: a synced trait would keep
    every picture alive in the browser. Each message has a `kind` and a `header`, whose `serial` is the revision of the
    state, and whose `version` changes with what is displayed, but not with the visible part of it.

    - To a view that sends ``want``, and to every view after a change: ``picture`` and ``overview`` with codes, row
      starts and column starts, ``waveform`` and ``waveform_overview`` with minimum and maximum.
    - To ``{kind: "frame", frame}``: ``slice`` with the values of that frame, its samples, the window, and the
      values of the other of A and B.
    - To ``{kind: "mean", visible}``: ``mean`` with the mean spectrum of that part, where the mode has levels.
    - To ``{kind: "sound", from, to, source, speed}``: ``sound`` in pieces of 16-bit PCM of rate `rate` for the samples
      `first` to `last - 1`, of which `heard` pass in a second; `gain` is the factor of their level. The last piece ends
      at the header's `to`, the requested end, an earlier one, or that of the sound; `total` counts all samples. Source
      "sound" is the channel, "reconstruction" the signal resynthesized from the layer's output, of which first
      `progress` tells the fraction that is computed; `reason` says why there is none.
    """

    files: ClassVar[str] = "explorer/spectrogram_view/spectrogram_view"
    controls: ClassVar[tuple[Control, ...]] = DISPLAY_CONTROLS
    synced: ClassVar[tuple[str, ...]] = ("canvas_size", "visible")
    watched: ClassVar[tuple[str, ...]] = ("picture", "overview", "waveform", "waveform_overview")
    supports_static: ClassVar[bool] = True

    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)
    is_stale = traitlets.Bool(help="Whether the settings are invalid, so that an earlier result is displayed.").tag(
        sync=True
    )
    gaps = traitlets.Unicode(help="Which samples are NaN or infinite, and which frames are blank.").tag(sync=True)
    compared: traitlets.List[Any] = traitlets.List(
        help="Of A and B the displayed one, the other, and a key of the other; empty without a B."
    ).tag(sync=True)
    counts = traitlets.Dict(help="Number of channels and batch items.").tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._resynthesis = ResynthesisWorker(self._send_reconstruction)
        self._visible: Any = None
        self._mean_worker = Debouncer(self._send_mean, 0.0)
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def close(self) -> None:
        """Cancel the resynthesis, and stop watching the state."""
        self._resynthesis.close()
        self._mean_worker.close()
        super().close()

    def show(self) -> None:
        """Send everything that is drawn."""
        for name in self.watched:
            self.show_output(name)

    def show_output(self, name: str) -> None:
        """Send a picture or a waveform."""
        output = getattr(self._source, name)
        if output is not None:
            self._send_message(name, output.header(), output.buffers())

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send what a view requests."""
        kind = content.get("kind")
        if kind == "want":
            self._source.flush()
            self.show()
        elif kind == "frame":
            self._send_slice(content["frame"])
        elif kind == "sound":
            self._send_audio(content)
        elif kind == "mean":
            self._visible = tuple(float(end) for end in content["visible"])
            self._mean_worker.request()

    def refresh(self) -> None:
        """Publish what is said of the picture: channels and batch items, gaps, and whether it is of the settings."""
        self.is_stale = self._source.is_stale
        self.gaps = self._source.gaps
        shown, stored = self._source.shown, self._source.stored
        key = "" if stored is None else f"{stored.sound.name} {id(stored.sound)} {stored.settings.to_json()}"
        self.compared = [] if stored is None else [shown, "B" if shown == "A" else "A", key]
        batch, _, channels = self._source.current_sound.samples.shape
        self.counts = {"channel": channels, "batch_item": batch}

    def to_static(self) -> StaticViewFactory | None:
        """Return a function that makes a fine picture; exact values and sound may be added to it."""
        make, snapshot = super().to_static(), self._source.snapshot()
        if make is None or snapshot is None:
            return None

        def make_all() -> StaticViewState:
            view = make()
            view.traits.update(
                table=[control.to_page() for control in self.controls if control.name in BROWSER_CHOICES],
                errors={},
                is_stale=False,
            )
            messages, sentence = static_messages(snapshot)
            view.messages.extend(messages)
            view.store["window"] = static_window(snapshot)
            return replace(view, extras=static_extras(snapshot), stored=(sentence,))

        return make_all

    def _send_message(self, kind: str, header: dict[str, Any], buffers: list[memoryview]) -> None:
        """Send a message with the serial and the version of the state."""
        state = self._source
        self.send({"kind": kind, "header": {"serial": state.revision, "version": state.version, **header}}, buffers)

    def _send_slice(self, frame: Any) -> None:
        frame_slice = self._source.frame_slice(frame)
        if frame_slice is not None:
            self._send_message("slice", frame_slice.header(), frame_slice.buffers())

    def _send_mean(self) -> None:
        """Send the mean spectrum of the part that was requested last; called in a thread."""
        state = self._source
        with state.hold():
            visible, channel, rate, version = self._visible, state.current_channel(), None, state.version
            if channel is None:
                return
            rate = state.current_sound.sample_rate
            quantity = state.display.quantity(channel.settings, rate)

        def is_outdated() -> bool:
            return self._visible is not visible or state.version != version or self._mean_worker.is_closed

        try:
            mean = mean_spectrum(channel, visible, quantity, rate, is_outdated)
        except (Cancelled, MemoryError, DeviceError):
            # Another part is requested by then; or there is no curve, as there is none in modes without levels.
            return
        with state.hold():
            if mean is not None and not is_outdated():
                self._send_message("mean", {"visible": visible, **mean.header()}, [mean.values.view(np.uint8).data])

    def _send_audio(self, request: dict[str, Any]) -> None:
        """Send samples of the displayed channel, or have them reconstructed from the layer's output."""
        self._resynthesis.request(None)
        computation, channel = self._source.current, self._source.current_channel()
        samples, rate = self._source.audio_channel()
        if channel is None or samples is None:
            return
        source, speed = request.get("source", "sound"), float(request.get("speed", 1))
        begin, end = (min(max(int(request[name]), 0), len(samples)) for name in ("from", "to"))
        header = {"source": source, "from": begin, "to": end, "total": len(samples)}
        if rate is None or not SPEEDS[0] <= speed <= SPEEDS[1]:
            reason = "Playback needs a sample rate." if rate is None else f"Playback speed {speed:g} is not possible."
            self._send_message("sound", {**header, "reason": reason}, [])
            return
        stream = PcmStream(rate, speed, self._peak())
        if not stream.longest:
            reason = "The sample rate is too low to be heard. Choose a higher playback speed."
            self._send_message("sound", {**header, "reason": reason}, [])
            return
        end = min(end, begin + stream.longest)
        header |= {"to": end, "rate": stream.rate, "heard": stream.heard, "gain": stream.gain}
        if source == "reconstruction":

            def is_current() -> bool:
                return self._source.current is computation

            self._resynthesis.request(ResynthesisRequest(channel, begin, end, header, is_current, rate, speed))
            return
        for start in range(begin, end, PIECE_SAMPLES):
            self._send_samples(header, start, samples[start : min(start + PIECE_SAMPLES, end)], stream)

    def _peak(self) -> float:
        """Return the largest magnitude of the displayed channel."""
        waveform = self._source.waveform_overview
        return 0.0 if waveform is None else max(peak_of(part) for part in (waveform.minimum, waveform.maximum))

    def _send_samples(self, header: dict[str, Any], first: int, samples: Any, stream: PcmStream) -> None:
        last = first + len(samples)
        pcm = stream.encode(samples, is_last=last >= header["to"])
        self._send_message("sound", {**header, "first": first, "last": last}, [memoryview(pcm)])

    def _send_reconstruction(self, request: ResynthesisRequest, about: dict[str, Any], pcm: bytes | None) -> None:
        """Send a piece of the reconstruction, how much is computed, or why there is none; called in a thread."""
        if "reason" in about:
            about = {"reason": page_message(about["reason"])}
        with self._source.hold():
            self._send_message("sound", {**request.header, **about}, [] if pcm is None else [memoryview(pcm)])
