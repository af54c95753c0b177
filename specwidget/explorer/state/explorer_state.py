"""The state of an explorer: inputs and outputs as traits. It needs no widget.

`ExplorerState` composes what the other modules do: inputs are set under one lock (`inputs.py`) and undone
(`undo_history.py`); what follows from them at once is derived (`derived.py`) and published in the output traits, which
the panels observe; what takes long is done in the background (`background.py`).

An invalid input becomes a message in `errors`, and the last valid result stays.
"""

from __future__ import annotations

import logging
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import traitlets

from specwidget.explorer.state.background import CrosscheckJob, Refinement
from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.derived import DerivedState, Output
from specwidget.explorer.state.frame_slice import FrameSlice, OtherSpectrum, make_frame_slice, other_spectrum
from specwidget.explorer.state.inputs import (
    COMPARISON_TRAITS,
    INPUT_TRAITS,
    UNDOABLE_TRAITS,
    ExplorerInputs,
    UpdateLock,
)
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.explorer.state.undo_history import History
from specwidget.front_end import FrontEndLayer, frame_centre, make_layer
from specwidget.mel.stages import FRONT_END_DEFAULTS, STAGE_DEFAULTS, BandSettings, make_settings, values_of
from specwidget.raster.columns import Channel
from specwidget.raster.picture import Picture
from specwidget.raster.waveform import Waveform
from specwidget.sounds import Sound, as_sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.other_names import check_arguments
from specwidget.stft.settings import SETTING_DEFAULTS
from specwidget.summary.comparison import Variant
from specwidget.summary.crosscheck_status import CrosscheckStatus
from specwidget.summary.display import DisplayChoices
from specwidget.summary.errors import (
    GENERAL,
    USER_ERRORS,
    control_for_error,
    internal_error,
    invalid_settings,
    message_of,
)
from specwidget.summary.lengths import LENGTHS, to_samples
from specwidget.summary.limits import MEMORY_LIMIT
from specwidget.summary.notes import Note
from specwidget.summary.readouts import Row
from specwidget.summary.shape_steps import ShapeRow

logger = logging.getLogger(__name__)

DISPLAY = DisplayChoices()


StageTraits = type(
    "StageTraits",
    (traitlets.HasTraits,),
    {name: traitlets.Any(default) for name, default in STAGE_DEFAULTS.items()},
)
"""The stage and its settings, as traits."""


class ExplorerState(StageTraits):  # type: ignore[misc,valid-type]
    """The state of one explorer.

    Settings and display choices hold what was requested, valid or not; a setting of None stays None. `current` is the
    last valid computation.

    Parameters
    ----------
    sound : Sound
        The sound to begin with, which nobody else changes from then on. One that is set later is copied.
    **values
        Settings of the front end, and display choices.

    Notes
    -----
    A handler may run in any thread, so one lock guards inputs and outputs; `hold` takes it.
    """

    sound = traitlets.Instance(Sound)

    mode = traitlets.Any(SETTING_DEFAULTS["mode"])
    frame_length = traitlets.Any(SETTING_DEFAULTS["frame_length"])
    frame_step = traitlets.Any(SETTING_DEFAULTS["frame_step"])
    fft_length = traitlets.Any(SETTING_DEFAULTS["fft_length"])
    window = traitlets.Any(SETTING_DEFAULTS["window"])
    periodic = traitlets.Any(SETTING_DEFAULTS["periodic"])
    scaling = traitlets.Any(SETTING_DEFAULTS["scaling"])
    padding = traitlets.Any(SETTING_DEFAULTS["padding"])
    expand_dims = traitlets.Any(SETTING_DEFAULTS["expand_dims"])
    data_format = traitlets.Any(SETTING_DEFAULTS["data_format"])
    trainable = traitlets.Any(SETTING_DEFAULTS["trainable"])
    dtype = traitlets.Any(SETTING_DEFAULTS["dtype"])
    epsilon = traitlets.Any(SETTING_DEFAULTS["epsilon"])
    backend = traitlets.Any(SETTING_DEFAULTS["backend"])

    channel = traitlets.Any(DISPLAY.channel, help="Channel to display.")
    batch_item = traitlets.Any(DISPLAY.batch_item, help="Batch item to display.")
    colour_map = traitlets.Any(DISPLAY.colour_map, help="Colour map, or 'automatic' for the one that suits the mode.")
    value_range = traitlets.Any(DISPLAY.value_range, help="Values at the ends of the colours; None is automatic.")
    decibels = traitlets.Any(DISPLAY.decibels, help="Decibels where the mode has them; False is the layer's values.")
    frequency_axis = traitlets.Any(DISPLAY.frequency_axis, help="'linear', 'log', 'mel' or 'notes'.")
    time_axis = traitlets.Any(DISPLAY.time_axis, help="'seconds', 'frames' or 'samples'.")
    unit = traitlets.Any(DISPLAY.unit, help="Unit of the signal, such as 'V'; empty if it is not known.")
    visible = traitlets.Any(
        DISPLAY.visible, help="First and last sample, lowest and highest fraction of half the sample rate; None is all."
    )
    canvas_size = traitlets.Any(DISPLAY.canvas_size, help="Width and height of the canvas in device pixels.")

    memory_limit = traitlets.Int(MEMORY_LIMIT, help="Most bytes that the output may take.")

    history = traitlets.Instance(History, help="Earlier and undone values of the settings and the sound.")
    stored = traitlets.Instance(
        Variant, allow_none=True, help="The settings and sound of A and B that are not displayed; None without a B."
    )
    shown = traitlets.Enum(("A", "B"), "A", help="Which of A and B is displayed.")
    compares_peers = traitlets.Bool(True, help="Whether results are compared with those of other libraries.")

    errors = traitlets.Dict(help="Error messages by the name of the input that they are about.")
    shape_summary = traitlets.Unicode(help="Shapes of input and output, and the frames between them.")
    shapes: traitlets.List[ShapeRow] = traitlets.List(help="Rows of the shape readout.")
    results: traitlets.List[Row] = traitlets.List(help="Rows about the result.")
    notes: traitlets.List[Note] = traitlets.List(help="Notes about the settings, with their fixes.")
    gaps = traitlets.Unicode(help="Which samples of the displayed channel are NaN or infinite; empty if none is.")
    picture = traitlets.Instance(Picture, allow_none=True, help="The visible part.")
    overview = traitlets.Instance(Picture, allow_none=True, help="The whole sound, small.")
    waveform = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the visible part.")
    waveform_overview = traitlets.Instance(Waveform, allow_none=True, help="The waveform of the whole sound.")
    crosscheck = traitlets.Instance(CrosscheckStatus, args=(), help="What the peers' results are so far.")
    revision = traitlets.Int(0, help="Counts the updates of the outputs.")

    def __init__(self, sound: Sound, **values: Any) -> None:
        self._is_closed = False
        # Sounds whose samples nobody else writes to.
        self._owned: weakref.WeakSet[Sound] = weakref.WeakSet([sound])
        self._other: Computation | None = None
        self._lock = UpdateLock(self.flush)
        self._derived = DerivedState()
        self._refinement = Refinement(
            self._lock,
            self._derived,
            self._publish,
            self._publish_refined,
            lambda message: self.set_error(GENERAL, message),
        )
        self._crosscheck = CrosscheckJob(
            self._lock, self._derived, lambda status: self._publish([("crosscheck", status)])
        )
        super().__init__(sound=sound, **values)
        self.history = History(self._undoable_values())
        self.observe(self._on_input, names=[*INPUT_TRAITS, *COMPARISON_TRAITS])

    @traitlets.validate(*LENGTHS)
    def _length_in_samples(self, proposal: Any) -> Any:
        """Return a length in samples. A text that means none stays, and becomes an error of its control."""
        name, value = proposal["trait"].name, proposal["value"]
        try:
            return to_samples(name, value, self.sound.sample_rate, self.frame_length)
        except ValueError:
            return value

    @property
    def current(self) -> Computation | None:
        """The last valid computation, without an update first."""
        return self._derived.current

    @property
    def current_sound(self) -> Sound:
        """The sound of `current`; before the first valid result, the requested one."""
        return self.sound if self.current is None else self.current.sound

    @property
    def display(self) -> DisplayChoices:
        """The valid display choices of what is displayed; the defaults before the first valid result."""
        displayed = self._derived.displayed
        return DISPLAY if displayed is None else displayed.choices

    @property
    def is_stale(self) -> bool:
        """Whether the requested settings or sound are invalid, so that an earlier result is displayed."""
        return any(name in self.errors for name in (*FRONT_END_DEFAULTS, "sound", GENERAL))

    @property
    def n_computed(self) -> int:
        """Number of computations so far."""
        return self._derived.n_computed

    @property
    def version(self) -> int:
        """Counts changes of what is displayed; a change of the visible part is none."""
        return self._derived.version

    @property
    def layer(self) -> FrontEndLayer | None:
        """The layer that computes `result`."""
        self.flush()
        return None if self.current is None else self.current.layer

    @property
    def result(self) -> Spectrogram | None:
        """The whole spectrogram of the last valid settings, computed on request.

        Raises
        ------
        ValueError
            If it would take more than `memory_limit`; the message says what would fit.
        """
        self.flush()
        computation = self.current
        return None if computation is None else computation.spectrogram(self.memory_limit)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Take the lock, let any number of traits be set, and update once, at the end."""
        with self._lock.hold():
            yield

    def update(self, **values: Any) -> None:
        """Set several settings, display choices or the sound, and compute once."""
        known = [name for name in INPUT_TRAITS if name != "canvas_size"]
        check_arguments("set", values, known)
        if "sound" in values:
            values["sound"] = self._adopted(values["sound"])
        with self.hold():
            self.history = self.history.rest()
            self._set_inputs(values)

    def adopt(self, sound: Sound) -> None:
        """Set a new sound without a copy: nobody else may change its samples."""
        self.sound = self._own(sound)

    def restore(self, history: History) -> None:
        """Set settings and sound to the present values of a history, after a step back or forward."""
        with self.hold():
            self.history = history
            self._set_inputs({name: history.present[name] for name in UNDOABLE_TRAITS})

    def set_sample_rate(self, sample_rate: float | None) -> None:
        """Give the sound a sample rate, Hz, or correct it; the samples stay. So does B, if it has the same sound."""
        old = self.sound
        new = self._own(replace(old, sample_rate=sample_rate, parameters=None, resampled_from=None))
        with self.hold():
            self.sound = new
            if self.stored is not None and self.stored.sound is old:
                self.stored = _for_sound(self.stored, new)

    @property
    def displayed(self) -> Variant | None:
        """The settings and the sound of the current computation; None before the first valid result."""
        return None if self.current is None else Variant(self.current.settings, self.current.sound)

    def set_b(self) -> None:
        """Store settings and sound of the current computation as B; what is displayed is A from now on."""
        self.flush()
        if self.current is not None:
            with self.hold():
                self.history = self.history.rest()
                self.stored, self.shown = self.displayed, "A"

    def swap_ab(self) -> None:
        """Display the other of A and B, in a single step of the undo history."""
        if self.stored is None or self.current is None:
            return
        with self.hold():
            self.history = self.history.rest()
            new, self.stored = self.stored, self.displayed
            self.shown = "B" if self.shown == "A" else "A"
            values = values_of(new.settings)
            if _is_alike(new.sound, self.sound):
                # Two recordings of one event are looked at in the same place.
                values |= {name: getattr(self, name) for name in ("batch_item", "channel", "visible")}
                if values["visible"] is not None and values["stage"] != self.stage:
                    # Another stage has another frequency axis.
                    values["visible"] = (*values["visible"][:2], 0.0, 1.0)
            self._set_inputs({**values, "sound": new.sound})

    def share_sound(self) -> None:
        """Apply both settings, A and B, to the displayed sound."""
        if self.stored is not None and self.current is not None:
            with self.hold():
                self.history = self.history.rest()
                self.stored = _for_sound(self.stored, self.current.sound)

    def compared(self) -> tuple[Variant, Variant] | None:
        """Return A and B; None without a B, or before the first valid result."""
        now, stored = self.displayed, self.stored
        if now is None or stored is None:
            return None
        return (now, stored) if self.shown == "A" else (stored, now)

    def flush(self) -> None:
        """Bring the outputs up to date with the inputs; the latest inputs win."""
        with self._lock:
            while self._lock.is_pending and not self._is_closed:
                # Cleared first: a change from another thread meanwhile sets it again, for another round.
                self._lock.is_pending = False
                try:
                    self._follow()
                except BaseException:
                    # A kernel interrupt: the outputs may be of two moments, so all of them are made again.
                    self._derived.invalidate()
                    self._lock.update_soon()
                    raise

    def _follow(self) -> None:
        """Derive the outputs from the inputs once."""
        errors: dict[str, str] = {}
        try:
            self._derive(errors)
        except Exception as error:
            logger.exception("The explorer could not follow a change")
            errors[GENERAL] = internal_error(error)
        self.errors = errors
        self.history = self.history.after(self._undoable_values(), time.monotonic())
        self.revision += 1

    def refresh(self) -> None:
        """Compute again, with the layer as it is: after its weights were set, for instance."""
        with self._lock:
            self._derived.invalidate()
            self._lock.is_pending = True
            self.flush()

    def draw_overview(self) -> None:
        """Bring the overview up to date now; without this call that happens when nothing changes for a moment."""
        with self._lock:
            self._publish(self._derived.overview())

    def request_peers(self, names: Iterable[str]) -> None:
        """Compare with these peers from now on, too; their libraries may take seconds to load."""
        self._crosscheck.request_peers(names)

    def snapshot(self) -> Snapshot | None:
        """Return what is displayed now, for work without the lock; None before the first valid result."""
        self.flush()
        with self._lock:
            self.draw_overview()
            return self._derived.snapshot(self.overview)

    def current_channel(self) -> Channel | None:
        """Return the displayed channel, with the layer; None before the first valid result."""
        with self._lock:
            computation = self.current
            return None if computation is None else computation.channel(self.display.picture.channel_index)

    def audio_channel(self) -> tuple[Any, float | None]:
        """Return the samples of the displayed channel and their sample rate; None where there are none."""
        channel = self.current_channel()
        return (None, None) if channel is None else (channel.samples[0, :, 0], self.current_sound.sample_rate)

    def frame_slice(self, frame: Any) -> FrameSlice | None:
        """Return one frame of the displayed channel, exact; None if there is no such frame."""
        with self._lock:
            channel = self.current_channel()
            if channel is None or not 0 <= frame < channel.n_frames:
                return None
            values, samples = channel.frames(frame, frame + 1)[0], channel.samples[0, :, 0]
            quantity = self.display.quantity(channel.settings, self.current_sound.sample_rate)
            made = make_frame_slice(frame, values, samples, channel.settings, quantity)
            return replace(made, other=self._other_spectrum(frame_centre(frame, channel.n_samples, channel.settings)))

    def _other_spectrum(self, centre: float) -> OtherSpectrum | None:
        """Return the spectrum of the other of A and B at a sample; None where they have not the same quantity."""
        now, other = self.displayed, self.stored
        if now is None or other is None or isinstance(now.settings, BandSettings):
            return None
        rates = now.sample_rate, other.sample_rate
        quantity, own = (self.display.quantity(each.settings, each.sample_rate) for each in (other, now))
        is_alike = other.settings.mode == now.settings.mode and quantity.axis_label == own.axis_label
        # A sound without a sample rate has no time in common with one that has a rate.
        if not is_alike or (None in rates and rates != (None, None)):
            return None
        centre *= (rates[1] or 1.0) / (rates[0] or 1.0)
        batch, n_samples, channels = other.shape
        if self._other is None or (self._other.settings, self._other.sound) != (other.settings, other.sound):
            self._other = Computation(other.settings, other.sound, make_layer(other.settings))
        item, index = self.display.picture.channel_index
        channel = self._other.channel((min(item, batch - 1), min(index, channels - 1)))
        if centre > n_samples or not channel.n_frames:
            return None
        return other_spectrum(centre, channel, quantity, rates[1])

    def set_error(self, name: str, message: str) -> None:
        """Show a message about something that failed outside an update, such as an upload."""
        with self._lock:
            self.errors = {**self.errors, name: message}
            self.revision += 1

    def close(self) -> None:
        """Stop following changes, and end the threads."""
        self._is_closed = True
        self._lock.close()
        self._refinement.close()
        self._crosscheck.close()

    def _derive(self, errors: dict[str, str]) -> None:
        """Derive and publish the outputs; put the messages about invalid inputs into `errors`."""
        for name in LENGTHS:
            # An overlap waits for a valid frame length.
            setattr(self, name, getattr(self, name))
        inputs, before, token = ExplorerInputs.of(self), self._derived.displayed, self._derived.token
        try:
            self._publish(self._derived.update(inputs, errors))
        except USER_ERRORS as error:
            is_new_sound = before is None or before.computation.sound is not inputs.sound
            errors[control_for_error(error, is_new_sound=is_new_sound)] = message_of(error)
            errors.update(
                {name: text for name, text in invalid_settings(inputs.settings).items() if name not in errors}
            )
            if before is not None:
                # Display choices are followed all the same.
                self._publish(self._derived.display(before.computation, inputs, errors))
        if self._derived.token is not token:
            self._refinement.request()
        if self.compares_peers and self.current is not (None if before is None else before.computation):
            self._crosscheck.restart()

    def _publish(self, outputs: Iterable[Output]) -> None:
        """Set output traits as their values become known; a value that is the same notifies nobody."""
        for name, value in outputs:
            setattr(self, name, value)

    def _publish_refined(self) -> None:
        self._publish(self._derived.refined(self.picture, self.overview, self.memory_limit))
        self.revision += 1

    def _set_inputs(self, values: dict[str, Any]) -> None:
        # The sound first: it begins with its first channel, and channel and visible part may be among the values.
        # An overlap refers to the frame length, which comes before it in the settings.
        order = ["sound", *FRONT_END_DEFAULTS]
        for name in sorted(values, key=lambda name: order.index(name) if name in order else len(order)):
            setattr(self, name, values[name])

    def _undoable_values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in UNDOABLE_TRAITS}

    @traitlets.validate("sound")
    def _copy_sound(self, proposal: Any) -> Sound:
        """Return a copy of a sound that was set from outside, so that a later change of its array has no effect."""
        return self._adopted(proposal["value"])

    def _adopted(self, sound: Any) -> Sound:
        """Return a sound whose samples nobody else writes to: itself if it was here before, else a copy."""
        is_known = isinstance(sound, Sound) and sound in self._owned
        return sound if is_known else self._own(as_sound(sound, copy=True))

    def _own(self, sound: Sound) -> Sound:
        self._owned.add(sound)
        return sound

    def _on_input(self, change: Any) -> None:
        if change["name"] == "sound" and change["new"].samples is not change["old"].samples:
            # The old channel and visible part may not exist in the new sound.
            self.batch_item, self.channel, self.visible = 0, 0, None
        if change["name"] == "stage" and self.visible is not None:
            # The frequencies of another axis: bins, bands or coefficients.
            self.visible = (*self.visible[:2], 0.0, 1.0)
        self._lock.on_change()


def _for_sound(variant: Variant, sound: Sound) -> Variant | None:
    """Return a variant with another sound; None if its bands, which are in Hz, need a sample rate that this has not."""
    try:
        return Variant(make_settings(values_of(variant.settings), sound.sample_rate), sound)
    except ValueError:
        return None


def _is_alike(one: Sound, other: Sound) -> bool:
    """Return whether two sounds have the same shape and sample rate."""
    return tuple(one.samples.shape) == tuple(other.samples.shape) and one.sample_rate == other.sample_rate
