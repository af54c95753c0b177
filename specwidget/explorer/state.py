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
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, TypeVar

import traitlets

from specwidget.arrays import DeviceError
from specwidget.explorer.agreement import Agreement, compare, peers_to_ask
from specwidget.explorer.display import DISPLAY_DEFAULTS, LOOKS, check_display
from specwidget.explorer.frame_slice import FrameSlice, make_frame_slice
from specwidget.explorer.history import History
from specwidget.explorer.later import Later
from specwidget.explorer.limits import check_work
from specwidget.explorer.notes import Note, notes_on
from specwidget.explorer.pictures import OVERVIEW_SIZE, Pictures
from specwidget.explorer.readouts import Row, result_rows
from specwidget.explorer.shape_readouts import ShapeRow, shape_rows
from specwidget.explorer.shown import Shown
from specwidget.explorer.still import Still
from specwidget.layer import STFTSpectrogram
from specwidget.peers.process import Checker
from specwidget.pixels.colours import AUTOMATIC
from specwidget.pixels.picture import Picture
from specwidget.pixels.region import MARGIN
from specwidget.pixels.stream import Abandoned, Channel
from specwidget.pixels.waveform import Envelope, Waveform
from specwidget.result import Spectrogram
from specwidget.sounds import Sound, as_signal
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

REST = 0.03
"""Seconds without a change after which what is not exact is computed exactly."""

PATIENCE = 10.0
"""Seconds that the cross-check leaves the processor to the exact picture."""

MAX_KEPT = 2**26
"""Bytes of a result that is kept when it was asked for; a larger one is computed again."""

IDLE = 0.25
"""Seconds without a change after which the cross-check runs."""

USER_ERRORS = (ValueError, TypeError, MemoryError, DeviceError)
"""What impossible settings and signals raise; anything else is a fault of ours, and logged."""

_T = TypeVar("_T")

_BLAMED = re.compile(r"^`(\w+)`")


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
    Settings traits hold what was asked for, possible or not; None stays None. `current` is the last that could be
    shown. Of a long sound the first picture is a sketch; the exact one is computed in a thread of its own, and
    abandoned where something else is to be shown.
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
    shapes: traitlets.List[ShapeRow] = traitlets.List(help="Rows of the shape readout.")
    results: traitlets.List[Row] = traitlets.List(help="Rows about the computation.")
    notes: traitlets.List[Note] = traitlets.List(help="Notes about the settings, with their remedies.")
    agreement = traitlets.Instance(Agreement, args=())
    picture = traitlets.Instance(Picture, allow_none=True)
    overview = traitlets.Instance(Picture, allow_none=True, help="The whole sound, small.")
    waveform = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the visible part.")
    waveform_overview = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the whole sound.")
    history = traitlets.Instance(History, help="Settings and sound as they were.")
    kept = traitlets.Instance(STFTSettings, allow_none=True, help="Settings that were kept as B.")
    revision = traitlets.Int(0, help="Counts what was published.")

    def __init__(self, sound: Sound, **settings: Any) -> None:
        self._lock = threading.RLock()
        self._holder = 0
        self._changed = True
        self._closed = False
        self._shown: Shown | None = None
        self._pictures = Pictures()
        self._token = object()
        self._result: tuple[Shown, Spectrogram] | None = None
        self._layer: STFTSpectrogram | None = None
        self._drawn: Any = None
        self._overview_of: Any = None
        self._since = 0.0
        self._envelope_of: Any = None
        self._waved: Any = None
        self._told: Any = None
        self.n_computed = 0
        self.version = 0
        self._asked: tuple[str, ...] = ()
        self._checker = Checker()
        self._soon = Later(self.flush, SOON)
        self._rest = Later(self._refine, REST, restart=True)
        self._idle = Later(self._check_agreement, IDLE, restart=True)
        super().__init__(sound=sound, **settings)
        self.history = History(self._kept())
        self.observe(self._on_change, names=[*SETTINGS, *DISPLAY_DEFAULTS, *OTHERS])

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

    def result_of(self, shown: Shown) -> Spectrogram:
        """Return the whole spectrogram of what is shown, or was; computed without the lock, and kept if it is small."""
        with self._lock:
            if self._result is not None and self._result[0] is shown:
                return self._result[1]
        result = shown.spectrogram(self.memory_limit)
        with self._lock:
            if self._shown is shown and result.values.nbytes <= MAX_KEPT:
                self._result = shown, result
        return result

    @property
    def current(self) -> Shown | None:
        """What is shown, without following changes first; the values are `result`'s."""
        return self._shown

    @property
    def shown_sound(self) -> Sound:
        """The sound of `current`, or the one that is to be shown."""
        return self.sound if self._shown is None else self._shown.sound

    @property
    def is_stale(self) -> bool:
        """Whether the settings or the sound ask for something else than is shown."""
        return any(name in self.errors for name in (*SETTINGS, "sound", GENERAL))

    @property
    def layer(self) -> STFTSpectrogram | None:
        """The layer that computes `result`."""
        self.flush()
        return None if self._shown is None else self._shown.layer

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
            self._shown, self._result = None, None
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

    def draw_overview(self) -> None:
        """Publish the overview of what is shown, unless it is there; without asking it follows when nothing moves."""
        with self._lock:
            if self._drawn is None or self._overview_of == self._whole_key():
                return
            self._overview_of = self._whole_key()
            self.overview = self._pictures.overview(*self._drawn)

    def still(self) -> Still | None:
        """Return what is shown now, for work without the lock; None where nothing is shown yet."""
        self.flush()
        with self._lock:
            if self._drawn is None:
                return None
            shown, display = self._drawn
            self.draw_overview()
            _, wrong = check_display(self, shown.sound)
            looks = {name: DISPLAY_DEFAULTS[name] if name in wrong else getattr(self, name) for name in LOOKS}
            automatic = None if display["visible"] is None else self._pictures.whole_range(shown, display)
            return Still(shown, display, looks, automatic, self.overview)

    def frame_slice(self, frame: Any) -> FrameSlice | None:
        """Return one frame of the channel shown, exactly; None where it has no such frame."""
        with self._lock:
            if self._drawn is None or not 0 <= frame < self._drawn[0].n_frames:
                return None
            shown, display = self._drawn
            channel = shown.channel(display["batch_item"], display["channel"])
            values, row = channel.read(frame, frame + 1)[0], channel.samples[0, :, 0]
            return make_frame_slice(frame, values, row, shown.settings, decibels=display["decibels"])

    def shown_channel(self) -> Channel | None:
        """Return the channel that is shown, with the layer; None where nothing is shown yet."""
        with self._lock:
            if self._shown is None:
                return None
            display = self._drawn[1]
            return self._shown.channel(display["batch_item"], display["channel"])

    def heard_channel(self) -> tuple[Any, int | None]:
        """Return the samples of the channel that is shown, and their rate; None where they can't be heard."""
        channel, rate = self.shown_channel(), round(self.shown_sound.sample_rate or 0)
        return (None, None) if channel is None else (channel.samples[0, :, 0], rate or None)

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
        for later in (self._soon, self._rest, self._idle):
            later.close()
        self._checker.close()

    def _on_change(self, change: Any) -> None:
        """Remember that something changed, and follow it soon unless the holder of the lock will."""
        self._changed = True
        if change["name"] == "sound":
            # The channel and the part that were shown may not be there any more.
            self.batch_item, self.channel, self.visible = 0, 0, None
        if self._holder != threading.get_ident():
            self._soon.request()

    def _follow(self, errors: dict[str, str]) -> None:
        """Publish what is no longer valid; put the sentence of what is impossible into `errors`."""
        before = self._shown
        try:
            self._show(self._prepare(), errors)
        except USER_ERRORS as error:
            is_new_sound = before is None or before.sound is not self.sound
            errors[blame(error, is_new_sound=is_new_sound)] = sentence_of(error)
            errors |= {name: sentence for name, sentence in self._wrong_alone().items() if name not in errors}
            if before is not None:
                self._show(before, errors)

    def _prepare(self) -> Shown:
        """Check the settings, count the shapes, and return what is to be shown; what was, if it is the same."""
        sound, before = self.sound, self._shown
        values = {name: getattr(self, name) for name in SETTINGS}
        # Lengths are counted before a window of that length is made: an absurd one costs nothing.
        counted = STFTSettings(**{**values, "window": None})
        inputs = sound.samples if counted.channels_last else sound.samples.swapaxes(1, 2)
        check_work(counted, inputs.shape, self.memory_limit)
        settings = STFTSettings(**values)
        self.shapes = shape_rows(settings, inputs.shape, sound.sample_rate)
        if before is not None and before.settings == settings and before.sound is sound:
            return before
        if self._layer is None or self._layer.settings != settings:
            self._layer = STFTSpectrogram.from_settings(settings)
        return Shown(settings, sound, self._layer)

    def _show(self, shown: Shown, errors: dict[str, str]) -> None:
        """Draw and publish, unless it is what is shown already; put what can't be of the display into `errors`."""
        display, wrong = check_display(self, shown.sound)
        if self._drawn != (shown, display):
            # What is computed for another picture makes room.
            self._token = object()
            is_new = shown is not self._shown
            picture = self._pictures.draw(shown, display)
            self.n_computed += is_new
            self.version += self._drawn is None or self._values_key(*self._drawn) != self._values_key(shown, display)
            self._shown, self._drawn = shown, (shown, display)
            self._pictures.forget_others(shown)
            self.picture = picture
            self._draw_waveforms(shown.sound, display)
            self._publish_rows(shown)
            if self.overview is None:
                self.draw_overview()
            self._rest.request()
            if is_new:
                self._since = time.monotonic()
                self.agreement = Agreement(waiting=peers_to_ask(self._asked))
                self._idle.request()
        errors.update(wrong)

    def _publish_rows(self, shown: Shown) -> None:
        """Publish what is known about what is shown, if it has changed."""
        known = (shown, shown.floor_share(), shown.seconds)
        if known != self._told:
            self._told = known
            self.results = result_rows(shown, "every frame, from the samples to the columns of the picture")
            self.notes = notes_on(shown.settings, shown.sound.samples, shown.floor_share(), self.memory_limit)

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
            except Abandoned:
                return
            except USER_ERRORS as error:
                logger.exception("The exact picture could not be computed")
                self.fail(GENERAL, f"The exact picture could not be computed. {sentence_of(error)}")
                return
            with self._lock:
                if stop():
                    return
                keep()
                self._publish_refined(shown, display)

    def _publish_refined(self, shown: Shown, display: dict[str, Any]) -> None:
        """Publish what has become exact."""
        before, picture = self.picture, self._pictures.draw(shown, display)
        if before is None or (before.is_exact, before.automatic) != (picture.is_exact, picture.automatic):
            self.picture = picture
        if self.overview is not None and not self.overview.is_exact:
            self._overview_of = None
            self.draw_overview()
        self._publish_rows(shown)
        self.revision += 1

    def _whole_key(self) -> Any:
        """Return what the overview follows: all that is drawn but the visible part."""
        shown, display = self._drawn
        return shown, {**display, "visible": None}

    @staticmethod
    def _values_key(shown: Shown, display: dict[str, Any]) -> Any:
        """Return what the values of a frame follow."""
        return shown, display["batch_item"], display["channel"], display["decibels"]

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

    def ask_peers(self, names: Iterable[str]) -> None:
        """Compare with these peers from now on, too; their libraries may take seconds to load."""
        with self._lock:
            new = tuple(name for name in names if name not in self._asked)
            self._asked = (*self._asked, *new)
            if new and self._shown is not None:
                self.agreement = replace(self.agreement, waiting=(*self.agreement.waiting, *new))
                self._idle.request()

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

        def publish(change: Callable[[Agreement], Agreement]) -> None:
            """Publish what has changed."""
            with self._lock:
                if not moved_on():
                    self.agreement = change(self.agreement)

        channel = (display["batch_item"], display["channel"])
        is_done = compare(self._checker, shown.layer, shown.sound, channel, waiting, publish, moved_on)
        # What changed may be the display alone; then nothing else asks again.
        if not is_done and self._shown is shown and not self._closed:
            self._idle.request()
        return None

    def _is_exact(self) -> bool:
        """Tell whether nothing is left to be computed."""
        with self._lock:
            return self._drawn is None or self._pictures.next_job(*self._drawn) is None


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
