"""What follows from what is asked for: the settings, the shapes, and what is computed before a picture is shown.

The way of a change: `Followed.flush` builds the settings, counts the shapes, computes what is no longer valid and
publishes it in the output traits (`shapes`, `picture`, ...), which the panels watch. What is impossible becomes a
sentence in `errors`, and everything shown stays as it was.
"""

from __future__ import annotations

import logging
import time
from typing import Any

import traitlets

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.frame_slice import FrameSlice, make_frame_slice
from specwidget.explorer.state.inputs import ExplorerInputs
from specwidget.explorer.state.picture_cache import OVERVIEW_SIZE, Pictures
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.layer import STFTSpectrogram
from specwidget.raster.columns import Channel
from specwidget.raster.picture import Picture
from specwidget.raster.region import MARGIN
from specwidget.raster.waveform import Envelope, Waveform
from specwidget.sounds import Sound
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.summary.display import DISPLAY_DEFAULTS, LOOKS, check_display
from specwidget.summary.errors import GENERAL, USER_ERRORS, control_for_error, invalid_settings, message_of
from specwidget.summary.limits import check_work
from specwidget.summary.notes import Note, notes_on
from specwidget.summary.readouts import Row, result_rows
from specwidget.summary.shape_readouts import ShapeRow, shape_rows

logger = logging.getLogger(__name__)


class DerivedState(ExplorerInputs):
    """What is asked for, and what follows at once.

    Settings traits hold what was asked for, possible or not; None stays None. `current` is the last that could be
    shown.

    Parameters
    ----------
    sound : Sound
        The sound to begin with.
    **settings
        As for `ExplorerInputs`.
    """

    errors = traitlets.Dict(help="Sentences by the name of the setting that they are about.")
    shapes: traitlets.List[ShapeRow] = traitlets.List(help="Rows of the shape readout.")
    results: traitlets.List[Row] = traitlets.List(help="Rows about the computation.")
    notes: traitlets.List[Note] = traitlets.List(help="Notes about the settings, with their remedies.")
    picture = traitlets.Instance(Picture, allow_none=True)
    overview = traitlets.Instance(Picture, allow_none=True, help="The whole sound, small.")
    waveform = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the visible part.")
    waveform_overview = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the whole sound.")
    revision = traitlets.Int(0, help="Counts what was published.")

    def __init__(self, sound: Sound, **settings: Any) -> None:
        self._shown: Computation | None = None
        self._pictures = Pictures()
        self._token = object()
        self._layer: STFTSpectrogram | None = None
        self._drawn: Any = None
        self._overview_of: Any = None
        self._envelope_of: Any = None
        self._waved: Any = None
        self._told: Any = None
        self.n_computed = 0
        self.version = 0
        super().__init__(sound, **settings)

    @property
    def current(self) -> Computation | None:
        """What is shown, without following changes first; the values are `result`'s."""
        return self._shown

    @property
    def shown_sound(self) -> Sound:
        """The sound of `current`, or the one that is to be shown."""
        return self.sound if self._shown is None else self._shown.sound

    @property
    def is_stale(self) -> bool:
        """Whether the settings or the sound ask for something else than is shown."""
        return any(name in self.errors for name in (*SETTING_DEFAULTS, "sound", GENERAL))

    @property
    def layer(self) -> STFTSpectrogram | None:
        """The layer that computes `result`."""
        self.flush()
        return None if self._shown is None else self._shown.layer

    def refresh(self) -> None:
        """Compute again, with the layer as it is: after its weights were set, for instance."""
        with self._lock:
            self._shown = None
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
                self.history = self.history.after(self._undoable_values(), time.monotonic())
                self.revision += 1

    def draw_overview(self) -> None:
        """Publish the overview of what is shown, unless it is there; without asking it follows when nothing moves."""
        with self._lock:
            if self._drawn is None or self._overview_of == self._whole_key():
                return
            self._overview_of = self._whole_key()
            self.overview = self._pictures.overview(*self._drawn)

    def still(self) -> Snapshot | None:
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
            return Snapshot(shown, display, looks, automatic, self.overview)

    def frame_slice(self, frame: Any) -> FrameSlice | None:
        """Return one frame of the channel shown, exactly; None where it has no such frame."""
        with self._lock:
            if self._drawn is None or not 0 <= frame < self._drawn[0].n_frames:
                return None
            shown, display = self._drawn
            channel = shown.channel(display["batch_item"], display["channel"])
            values, row = channel.frames(frame, frame + 1)[0], channel.samples[0, :, 0]
            return make_frame_slice(frame, values, row, shown.settings, decibels=display["decibels"])

    def shown_channel(self) -> Channel | None:
        """Return the channel that is shown, with the layer; None where nothing is shown yet."""
        with self._lock:
            if self._shown is None:
                return None
            display = self._drawn[1]
            return self._shown.channel(display["batch_item"], display["channel"])

    def audio_channel(self) -> tuple[Any, int | None]:
        """Return the samples of the channel that is shown, and their rate; None where they can't be heard."""
        channel, rate = self.shown_channel(), round(self.shown_sound.sample_rate or 0)
        return (None, None) if channel is None else (channel.samples[0, :, 0], rate or None)

    def fail(self, name: str, sentence: str) -> None:
        """Show a sentence about something that happened outside the settings, such as a broken upload."""
        with self._lock:
            self.errors = {**self.errors, name: sentence}
            self.revision += 1

    def _follow(self, errors: dict[str, str]) -> None:
        """Publish what is no longer valid; put the sentence of what is impossible into `errors`."""
        before = self._shown
        try:
            self._show(self._prepare(), errors)
        except USER_ERRORS as error:
            is_new_sound = before is None or before.sound is not self.sound
            errors[control_for_error(error, is_new_sound=is_new_sound)] = message_of(error)
            wrong = invalid_settings({name: getattr(self, name) for name in SETTING_DEFAULTS})
            errors |= {name: sentence for name, sentence in wrong.items() if name not in errors}
            if before is not None:
                self._show(before, errors)

    def _prepare(self) -> Computation:
        """Check the settings, count the shapes, and return what is to be shown; what was, if it is the same."""
        sound, before = self.sound, self._shown
        values = {name: getattr(self, name) for name in SETTING_DEFAULTS}
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
        return Computation(settings, sound, self._layer)

    def _show(self, shown: Computation, errors: dict[str, str]) -> None:
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
            self._when_shown(is_new=is_new)
        errors.update(wrong)

    def _when_shown(self, *, is_new: bool) -> None:
        """Begin what is not waited for, where something else is drawn or, if it is `new`, computed."""

    def _publish_rows(self, shown: Computation) -> None:
        """Publish what is known about what is shown, if it has changed."""
        known = (shown, shown.floor_share(), shown.seconds)
        if known != self._told:
            self._told = known
            self.results = result_rows(shown, "every frame, from the samples to the columns of the picture")
            self.notes = notes_on(shown.settings, shown.sound.samples, shown.floor_share(), self.memory_limit)

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

    def _whole_key(self) -> Any:
        """Return what the overview follows: all that is drawn but the visible part."""
        shown, display = self._drawn
        return shown, {**display, "visible": None}

    @staticmethod
    def _values_key(shown: Computation, display: dict[str, Any]) -> Any:
        """Return what the values of a frame follow."""
        return shown, display["batch_item"], display["channel"], display["decibels"]
