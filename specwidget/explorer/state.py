"""What the explorer shows, and what follows from it: traits, one lock, and no widget.

The way of a change: a trait is set, by the page or from Python; `ExplorerState.flush` then builds the settings,
counts the shapes, computes what is no longer valid and publishes it in the output traits (`shapes`, `picture`, ...),
which the panels watch. What is impossible becomes a sentence in `errors`, and everything shown stays as it was.

Threads: a handler may run in any thread, so state and computing stand behind one lock. Inside `hold` the caller has
the lock and everything is computed once, at its end; that is how the page's changes arrive. A trait set from Python
without it is followed a moment later from a thread of its own, so that a loop that sets a trait 200 times is
followed a few times, and the last value is always the one that stays.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import traitlets

from specwidget.arrays import DeviceError, to_numpy
from specwidget.explorer.agreement import Agreement, check_agreement
from specwidget.explorer.display import DISPLAY_DEFAULTS, OVERVIEW_SIZE, check_display
from specwidget.explorer.frame_slice import FrameSlice, make_frame_slice
from specwidget.explorer.history import History
from specwidget.explorer.later import Later
from specwidget.explorer.limits import check_memory
from specwidget.explorer.notes import Note, notes_on
from specwidget.explorer.readouts import Row, result_rows, shape_rows
from specwidget.layer import STFTSpectrogram
from specwidget.pixels.colours import AUTOMATIC
from specwidget.pixels.picture import Picture, make_picture
from specwidget.pixels.region import MARGIN
from specwidget.pixels.waveform import Envelope, Waveform
from specwidget.result import Spectrogram
from specwidget.sounds import Sound, as_signal
from specwidget.stft.layout import from_output
from specwidget.stft.settings import STFTSettings

logger = logging.getLogger(__name__)

SETTINGS: dict[str, Any] = {field.name: field.default for field in fields(STFTSettings)}
"""The layer's arguments and their defaults."""

OTHERS = ("sound", "visible", "canvas_size", "memory_limit")
"""Other traits that something follows from."""

KEPT = (*SETTINGS, "sound")
"""What a step back brings back."""

GENERAL = "general"
"""The key of `errors` for a sentence that no single control is to blame for."""

SOON = 0.02
"""Seconds that a change from Python waits for the next one."""

MAX_JUDGED = 2**20
"""Frame length above which no window is made only to tell whether it could be."""

IDLE = 0.25
"""Seconds without a change after which the cross-check runs."""

USER_ERRORS = (ValueError, TypeError, MemoryError, DeviceError)
"""What impossible settings and signals raise; anything else is a fault of ours, and logged."""

_T = TypeVar("_T")

_BLAMED = re.compile(r"^`(\w+)`")


@dataclass(frozen=True, eq=False)
class _Computed:
    """A result together with what it was computed from."""

    settings: STFTSettings
    sound: Sound
    layer: STFTSpectrogram
    result: Spectrogram


class ExplorerState(traitlets.HasTraits):
    """The state of one explorer.

    Parameters
    ----------
    sound : Sound
        The sound to begin with.
    **settings
        Arguments of `specwidget.STFTSpectrogram`.

    Notes
    -----
    Settings traits hold what was asked for, possible or not; None stays None. `result` holds the last one that could
    be computed.
    """

    sound = traitlets.Instance(Sound)

    mode = traitlets.Any(SETTINGS["mode"])
    frame_length = traitlets.Any(SETTINGS["frame_length"])
    frame_step = traitlets.Any(SETTINGS["frame_step"])
    fft_length = traitlets.Any(SETTINGS["fft_length"])
    window = traitlets.Any(SETTINGS["window"])
    periodic = traitlets.Any(SETTINGS["periodic"])
    scaling = traitlets.Any(SETTINGS["scaling"])
    padding = traitlets.Any(SETTINGS["padding"])
    expand_dims = traitlets.Any(SETTINGS["expand_dims"])
    data_format = traitlets.Any(SETTINGS["data_format"])
    trainable = traitlets.Any(SETTINGS["trainable"])
    dtype = traitlets.Any(SETTINGS["dtype"])
    epsilon = traitlets.Any(SETTINGS["epsilon"])
    backend = traitlets.Any(SETTINGS["backend"])

    channel = traitlets.Any(0, help="Channel shown.")
    batch_item = traitlets.Any(0, help="Batch item shown.")
    colour_map = traitlets.Any(AUTOMATIC, help="Colour map, or 'automatic' for the one that suits the mode.")
    value_range = traitlets.Any(None, help="Lowest and highest value of the colours; None is automatic.")
    decibels = traitlets.Any(True, help="Decibels where the mode has them; False is the layer's own values.")
    frequency_axis = traitlets.Any("linear", help="'linear', 'log', 'mel' or 'notes'.")
    time_axis = traitlets.Any("seconds", help="'seconds', 'frames' or 'samples'.")
    visible = traitlets.Any(None, help="Samples and fractions of half the sample rate that are seen; None is all.")
    canvas_size = traitlets.Any((900, 400), help="Width and height of the canvas in device pixels.")

    memory_limit = traitlets.Int(2**30, help="Most bytes that the output may take.")

    errors = traitlets.Dict(help="Sentences by the name of the setting that they are about.")
    shapes: traitlets.List[Row] = traitlets.List(help="Rows of the shape readout.")
    results: traitlets.List[Row] = traitlets.List(help="Rows about the computation.")
    notes: traitlets.List[Note] = traitlets.List(help="Notes about the settings, with their remedies.")
    agreement = traitlets.Instance(Agreement, args=())
    picture = traitlets.Instance(Picture, allow_none=True)
    overview = traitlets.Instance(Picture, allow_none=True, help="The whole sound, small.")
    waveform = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the visible part.")
    waveform_overview = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the whole sound.")
    history = traitlets.Instance(History, help="Settings and sound as they were.")
    revision = traitlets.Int(0, help="Counts what was published.")

    def __init__(self, sound: Sound, **settings: Any) -> None:
        self._lock = threading.RLock()
        self._holder = 0
        self._changed = True
        self._closed = False
        self._computed: _Computed | None = None
        self._layer: STFTSpectrogram | None = None
        self._drawn: Any = None
        self._drawn_whole: Any = None
        self._envelope_of: Any = None
        self._waved: Any = None
        self.n_computed = 0
        self._soon = Later(self.flush, SOON)
        self._idle = Later(self._check_agreement, IDLE, restart=True)
        super().__init__(sound=sound, **settings)
        self.history = History(self._kept())
        self.observe(self._on_change, names=[*SETTINGS, *DISPLAY_DEFAULTS, *OTHERS])

    @property
    def result(self) -> Spectrogram | None:
        """The spectrogram of the settings as they are now, or the last one that could be computed."""
        self.flush()
        return None if self._computed is None else self._computed.result

    @property
    def current(self) -> Spectrogram | None:
        """The spectrogram that is shown, without following changes first."""
        return None if self._computed is None else self._computed.result

    @property
    def shown_sound(self) -> Sound:
        """The sound of `current`, or the one that is to be shown."""
        return self.sound if self._computed is None else self._computed.sound

    @property
    def layer(self) -> STFTSpectrogram | None:
        """The layer that computed `result`."""
        self.flush()
        return None if self._computed is None else self._computed.layer

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Hold the lock, let any number of traits be set, and follow them once, at the end."""
        with self._lock:
            outer, self._holder = self._holder, threading.get_ident()
            try:
                yield
            finally:
                self._holder = outer
                if not outer:
                    self.flush()

    def update(self, **values: Any) -> None:
        """Set several settings, display choices or the sound, and compute once."""
        known = (*SETTINGS, *DISPLAY_DEFAULTS, "sound", "visible", "memory_limit")
        for name in values:
            if name not in known:
                raise TypeError(f"`{name}` is unknown; a setting must be one of {', '.join(known)}.")
        with self.hold():
            self.history = self.history.rest()
            # The sound first, which begins with its first channel.
            for name in sorted(values, key=lambda name: name != "sound"):
                setattr(self, name, as_signal(values[name]) if name == "sound" else values[name])

    def refresh(self) -> None:
        """Compute again, with the layer as it is: after its weights were set, for instance."""
        with self._lock:
            self._computed = None
            self._changed = True
            self.flush()

    def flush(self) -> None:
        """Bring everything up to date with the traits; latest wins."""
        with self._lock:
            while self._changed and not self._closed:
                # Cleared first: a change from another thread meanwhile sets it again, for the next round.
                self._changed = False
                errors: dict[str, str] = {}
                try:
                    self._follow(errors)
                except Exception as error:
                    logger.exception("The explorer could not follow a change")
                    errors[GENERAL] = f"Something in the explorer failed: {type(error).__name__}. The log tells more."
                self.errors = errors
                self.history = self.history.after(self._kept(), time.monotonic())
                self.revision += 1

    def frame_slice(self, frame: Any) -> FrameSlice | None:
        """Return one frame of the channel shown, exactly; None where it has no such frame."""
        with self._lock:
            computed = self._computed
            if computed is None or not 0 <= frame < computed.result.n_frames:
                return None
            shown, settings = self._drawn[1], computed.settings
            item, channel = shown["batch_item"], shown["channel"]
            samples = computed.sound.samples[item : item + 1, :, channel : channel + 1]
            inputs = samples if settings.channels_last else samples.swapaxes(1, 2)
            values = from_output(computed.layer.frames(inputs, frame, frame + 1), settings)[0, 0, 0]
            return make_frame_slice(frame, to_numpy(values), samples[0, :, 0], settings, decibels=shown["decibels"])

    def heard_channel(self) -> tuple[Any, int | None]:
        """Return the samples of the channel that is shown, and their rate; None where they can't be heard."""
        sound = self.sound
        chosen, _ = check_display(self, sound)
        rate = round(sound.sample_rate or 0)
        return sound.samples[chosen["batch_item"], :, chosen["channel"]], rate or None

    def travel(self, history: History) -> None:
        """Bring back the settings and the sound of a step back or forward."""
        with self.hold():
            self.history = history
            for name in sorted(KEPT, key=lambda name: name != "sound"):
                setattr(self, name, history.present[name])

    def _kept(self) -> dict[str, Any]:
        """Return what a step back would bring back."""
        return {name: getattr(self, name) for name in KEPT}

    def fail(self, name: str, sentence: str) -> None:
        """Show a sentence about something that happened outside the settings, such as a broken upload."""
        with self._lock:
            self.errors = {**self.errors, name: sentence}
            self.revision += 1

    def close(self) -> None:
        """Stop following."""
        self._closed = True
        self._soon.close()
        self._idle.close()

    def _on_change(self, change: Any) -> None:
        """Remember that something changed, and follow it soon unless the holder of the lock will."""
        self._changed = True
        if change["name"] == "sound":
            # The channel and the part that were shown may not be there any more.
            self.batch_item, self.channel, self.visible = 0, 0, None
        if self._holder != threading.get_ident():
            self._soon.request()

    def _follow(self, errors: dict[str, str]) -> None:
        """Compute and publish what is no longer valid; put the sentence of what is impossible into `errors`."""
        before = self._computed
        try:
            self._compute()
        except USER_ERRORS as error:
            is_new_sound = before is None or before.sound is not self.sound
            errors[blame(error, is_new_sound=is_new_sound)] = sentence_of(error)
            errors |= {name: sentence for name, sentence in self._wrong_alone().items() if name not in errors}
        if self._computed is None:
            return
        computed = self._computed
        display, wrong = check_display(self, computed.sound)
        errors.update(wrong)
        self._draw(computed, display)
        if computed is not before:
            self.results = result_rows(computed.result)
            share = computed.result.floor_share()
            self.notes = notes_on(computed.settings, computed.sound.samples, share, self.memory_limit)
            self.agreement = Agreement()
            self._idle.request()

    def _draw(self, computed: _Computed, display: dict[str, Any]) -> None:
        """Publish pictures and waveforms that are no longer those of what is shown."""
        whole = {**display, "visible": None}
        if self._drawn_whole != (computed, whole):
            columns, rows = OVERVIEW_SIZE
            small = {**whole, "n_columns": columns, "n_rows": rows}
            self._drawn_whole = (computed, whole)
            overview = make_picture(computed.result, name=computed.sound.name, **small)
        else:
            overview = None
        if self._drawn != (computed, display):
            self.picture = make_picture(computed.result, name=computed.sound.name, **display)
            self._drawn = (computed, display)
        if overview is not None:
            self.overview = overview
        self._draw_waveforms(computed.sound, display)

    def _draw_waveforms(self, sound: Sound, display: dict[str, Any]) -> None:
        """Publish the waveforms, where sound, channel, visible part or width have changed."""
        channel = (sound, display["batch_item"], display["channel"])
        n_parts, n_samples = display["n_columns"], sound.samples.shape[1]
        if self._envelope_of != channel:
            self._envelope = Envelope(sound.samples[display["batch_item"], :, display["channel"]])
            self._envelope_of = channel
            self._waved = None
            self.waveform_overview = self._envelope.between(0, n_samples, OVERVIEW_SIZE[0])
        waved = (n_parts, display["visible"])
        if self._waved != waved:
            first, last = (display["visible"] or (0, n_samples))[:2]
            beside = 0 if display["visible"] is None else MARGIN * (last - first)
            parts = n_parts if not beside else round(n_parts * (1 + 2 * MARGIN))
            self.waveform = self._envelope.between(max(first - beside, 0), min(last + beside, n_samples), parts)
            self._waved = waved

    def _compute(self) -> None:
        """Compute the spectrogram, unless settings and sound are those of the last one."""
        sound, before = self.sound, self._computed
        values = {name: getattr(self, name) for name in SETTINGS}
        # Lengths are counted before a window of that length is made: an absurd one costs nothing.
        counted = STFTSettings(**{**values, "window": None})
        inputs = sound.samples if counted.channels_last else sound.samples.swapaxes(1, 2)
        check_memory(counted, inputs.shape, self.memory_limit)
        settings = STFTSettings(**values)
        self.shapes = shape_rows(settings, inputs.shape, sound.sample_rate)
        if before is not None and before.settings == settings and before.sound is sound:
            return
        if self._layer is None or self._layer.settings != settings:
            self._layer = STFTSpectrogram.from_settings(settings)
        result = self._layer.spectrogram(inputs, sample_rate=sound.sample_rate)
        self.n_computed += 1
        self._computed = _Computed(settings, sound, self._layer, result)

    def _wrong_alone(self) -> dict[str, str]:
        """Return the sentences of the settings that are impossible whatever the others are but the frame's length."""
        length = self.frame_length if _is_possible(frame_length=self.frame_length) else SETTINGS["frame_length"]
        wrong = {}
        for name in SETTINGS:
            values = {"frame_length": length, "window": None, name: getattr(self, name)}
            if name == "window" and length > MAX_JUDGED:
                continue
            try:
                STFTSettings(**values)
            except USER_ERRORS as error:
                if blame(error) == name:
                    wrong[name] = sentence_of(error)
        return wrong

    def _check_agreement(self) -> None:
        """Compare the last result with the peers, and publish it unless the page has moved on."""
        computed = self._computed
        if computed is None or self._closed:
            return

        def moved_on() -> bool:
            """Tell whether something else is shown by now, or will be at once."""
            return self._computed is not computed or self._changed or self._closed

        shown = self._drawn[1]
        channel = (shown["batch_item"], shown["channel"])
        agreement = check_agreement(computed.layer, computed.sound, computed.result, channel, moved_on)
        with self._lock:
            if agreement is None or moved_on():
                # What changed may be the display alone; then nothing else asks again.
                if self._computed is computed:
                    self._idle.request()
            else:
                self.agreement = agreement


def _is_possible(**values: Any) -> bool:
    """Tell whether settings are possible, without a window."""
    try:
        STFTSettings(**{"window": None, **values})
    except USER_ERRORS:
        return False
    return True


def blame(error: BaseException, *, is_new_sound: bool = False) -> str:
    """Return the name of the control that an error's sentence is shown at.

    It is the one that the sentence begins with. Where signal and frame do not fit together, it is the one that was
    moved: the sound if it is new, else the frame length.
    """
    if isinstance(error, DeviceError):
        return "backend"
    match = _BLAMED.match(sentence_of(error))
    name = match[1] if match else GENERAL
    if name == "inputs":
        return "sound" if is_new_sound or "frame_length=" not in sentence_of(error) else "frame_length"
    return name if name in SETTINGS else GENERAL


def sentence_of(error: BaseException) -> str:
    """Return the sentence of an error."""
    if isinstance(error, MemoryError):
        return (
            "`frame_length` must leave the work within the memory of this machine; got more than it could give. "
            "Choose a shorter frame or FFT, or a larger `frame_step`."
        )
    return str(error)
