"""Outputs derived from the inputs: shapes, picture, waveforms, readouts and notes.

`DerivedState.update` takes the inputs of one moment and yields each output as soon as it is known: the shapes before
anything is transformed, then the picture, then what takes longer. It raises an error of the user, such as an invalid
setting, before the last valid picture is replaced. Whoever calls it holds the state's lock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.inputs import ExplorerInputs
from specwidget.explorer.state.picture_cache import OVERVIEW_SIZE, Job, PictureCache
from specwidget.explorer.state.snapshot import Snapshot
from specwidget.front_end import FrontEndLayer, make_layer
from specwidget.mel.stages import FrontEndSettings, make_settings
from specwidget.raster.picture import Picture
from specwidget.raster.region import MARGIN
from specwidget.raster.waveform import Envelope, Waveform
from specwidget.summary.display import DisplayChoices, check_display
from specwidget.summary.gaps import describe_gaps
from specwidget.summary.lengths import LENGTHS, lengths_in_samples
from specwidget.summary.limits import check_work
from specwidget.summary.notes import notes_on
from specwidget.summary.readouts import result_rows
from specwidget.summary.shape_readouts import shape_rows, shape_summary
from specwidget.summary.signal_statistics import signal_statistics

Output = tuple[str, Any]
"""Name of an output trait, and its value."""


class Memo:
    """The last value under each name, made again where what it depends on is not the same."""

    def __init__(self) -> None:
        self._entries: dict[str, tuple[Any, Any]] = {}

    def get(self, name: str, key: Any, make: Callable[[], Any]) -> Any:
        """Return the value under a name, from the memo if it was made for an equal key."""
        if name not in self._entries or self._entries[name][0] != key:
            self._entries[name] = key, make()
        return self._entries[name][1]

    def drop(self, name: str) -> None:
        """Make the value under a name again at the next request."""
        self._entries.pop(name, None)


@dataclass(frozen=True)
class Displayed:
    """The last valid computation, and the display choices of its picture."""

    computation: Computation
    choices: DisplayChoices

    @property
    def picture_key(self) -> Any:
        """Where this changes, a new picture is drawn."""
        return self.computation, self.choices.picture

    @property
    def whole_key(self) -> Any:
        """Where this changes, the overview changes: everything but the visible part."""
        return self.computation, replace(self.choices.picture, visible=None)

    @property
    def values_key(self) -> Any:
        """Where this changes, the values of a frame change."""
        options = self.choices.picture
        return self.computation, options.channel_index, options.decibels, options.unit


class DerivedState:
    """The last valid result, and what was derived from it.

    Attributes
    ----------
    displayed : Displayed or None
        The last valid computation and display choices; None before the first.
    token : object
        Replaced as soon as another picture is needed, which cancels work for the old one.
    n_computed : int
        Number of computations so far.
    version : int
        Counts changes of what is displayed; a change of the visible part is none.
    """

    def __init__(self) -> None:
        self.displayed: Displayed | None = None
        self.token = object()
        self.n_computed = 0
        self.version = 0
        self._pictures = PictureCache()
        self._layer: FrontEndLayer | None = None
        self._memo = Memo()
        self._is_invalidated = False

    @property
    def current(self) -> Computation | None:
        """The last valid computation."""
        return None if self.displayed is None else self.displayed.computation

    def invalidate(self) -> None:
        """Compute again at the next update, with the layer as it is."""
        self._is_invalidated = True

    def cancel(self) -> None:
        """Cancel background work for the current picture."""
        self.token = object()

    def update(self, inputs: ExplorerInputs, errors: dict[str, str]) -> Iterator[Output]:
        """Check the inputs and yield the outputs that change; put messages about display choices into `errors`.

        Raises
        ------
        ValueError, TypeError, MemoryError, DeviceError
            If the settings are invalid, don't fit the sound, or can't be computed.
        """
        counted, input_shape = self._check_lengths(inputs)
        check_work(counted, input_shape, inputs.memory_limit)
        settings = make_settings(inputs.settings, inputs.sound.sample_rate)
        yield "shape_summary", shape_summary(settings, input_shape)
        yield "shapes", shape_rows(settings, input_shape, inputs.sound.sample_rate)
        yield from self.display(self._computation(settings, inputs), inputs, errors)
        self._is_invalidated = False

    def display(self, computation: Computation, inputs: ExplorerInputs, errors: dict[str, str]) -> Iterator[Output]:
        """Yield the outputs of a computation that change; put messages about display choices into `errors`."""
        choices, invalid_choices = check_display(inputs.display, computation.sound)
        before, now = self.displayed, Displayed(computation, choices)
        if before is None or before.picture_key != now.picture_key:
            # Background work for the old picture makes room for this one.
            self.cancel()
            picture = self._pictures.draw(computation, choices.picture)
            self.n_computed += before is None or before.computation is not computation
            self.version += before is None or before.values_key != now.values_key
            self.displayed = now
            self._pictures.retain(computation)
            yield "picture", picture
            yield from self._waveforms()
            yield from self._rows(inputs.memory_limit)
            if before is None:
                yield from self.overview()
        self.displayed = now
        errors.update(invalid_choices)

    def overview(self) -> Iterator[Output]:
        """Yield the picture of the whole sound."""
        if self.displayed is not None:
            draw = self._pictures.overview
            computation, options = self.displayed.picture_key
            yield "overview", self._memo.get("overview", self.displayed.whole_key, lambda: draw(computation, options))

    def refined(self, picture: Picture | None, overview: Picture | None, memory_limit: int) -> Iterator[Output]:
        """Yield the outputs that a finished job has made more exact.

        Parameters
        ----------
        picture, overview : Picture or None
            As they are displayed.
        memory_limit : int
            Most bytes of an output.
        """
        if self.displayed is None:
            return
        new = self._pictures.draw(*self.displayed.picture_key)
        if picture is None or (picture.is_exact, picture.automatic) != (new.is_exact, new.automatic):
            yield "picture", new
        if overview is not None and not overview.is_exact:
            self._memo.drop("overview")
            yield from self.overview()
        yield from self._rows(memory_limit)

    def next_job(self) -> Job | None:
        """Return the next job towards an exact picture; None where everything is exact."""
        return None if self.displayed is None else self._pictures.next_job(*self.displayed.picture_key)

    def snapshot(self, overview: Picture | None) -> Snapshot | None:
        """Return what is displayed now, for work without the lock; None before the first valid result."""
        if self.displayed is None:
            return None
        computation, choices = self.displayed.computation, self.displayed.choices
        is_whole = choices.visible is None
        automatic = None if is_whole else self._pictures.whole_range(computation, choices.picture)
        return Snapshot(computation, choices, automatic, overview)

    @staticmethod
    def _check_lengths(inputs: ExplorerInputs) -> tuple[FrontEndSettings, tuple[int, ...]]:
        """Return the settings without a window, and the shape of the layer's input.

        Lengths are checked before a window of that length is made, so that an absurd one costs nothing.
        """
        # Texts that are still there mean no length, which is said here.
        lengths_in_samples({name: inputs.settings[name] for name in LENGTHS}, inputs.sound.sample_rate)
        counted = make_settings({**inputs.settings, "window": None}, inputs.sound.sample_rate)
        batch, n_samples, channels = inputs.sound.samples.shape
        return counted, (batch, n_samples, channels) if counted.channels_last else (batch, channels, n_samples)

    def _computation(self, settings: FrontEndSettings, inputs: ExplorerInputs) -> Computation:
        """Return the computation of valid inputs; the current one if nothing of it has changed."""
        before = self.current
        is_same = before is not None and before.settings == settings and before.sound is inputs.sound
        if before is not None and is_same and not self._is_invalidated:
            return before
        if self._layer is None or self._layer.settings != settings:
            self._layer = make_layer(settings)
        return Computation(settings, inputs.sound, self._layer)

    def _waveforms(self) -> Iterator[Output]:
        """Yield the waveform of the whole sound, and that of the visible part with its margin."""
        assert self.displayed is not None
        samples, options = self.displayed.computation.sound.samples, self.displayed.choices.picture
        n_samples, channel = samples.shape[1], (self.displayed.computation.sound, options.channel_index)
        envelope: Envelope = self._memo.get(
            "envelope", channel, lambda: Envelope(samples[options.batch_item, :, options.channel])
        )

        def waveform() -> Waveform:
            first, last = (options.visible or (0, n_samples))[:2]
            margin = 0 if options.visible is None else MARGIN * (last - first)
            n_parts = options.n_columns if not margin else round(options.n_columns * (1 + 2 * MARGIN))
            return envelope.between(max(first - margin, 0), min(last + margin, n_samples), n_parts)

        whole = self._memo.get("whole waveform", channel, lambda: envelope.between(0, n_samples, OVERVIEW_SIZE[0]))
        yield "waveform_overview", whole
        yield "waveform", self._memo.get("waveform", (channel, options.n_columns, options.visible), waveform)

    def _rows(self, memory_limit: int) -> Iterator[Output]:
        """Yield the readouts of the result and the notes."""
        assert self.displayed is not None
        computation, unit = self.displayed.computation, self.displayed.choices.unit
        share = computation.floor_share()
        key = (computation, share, computation.seconds, computation.library, computation.note)
        timed = "all frames, and their reduction to the columns of the picture"
        yield "results", self._memo.get("results", (key, unit), lambda: result_rows(computation, timed, unit))
        samples = computation.sound.samples
        signal = self._memo.get("signal", computation.sound, lambda: signal_statistics(samples))
        notes = self._memo.get(
            "notes",
            key,
            lambda: notes_on(computation.settings, samples, share, memory_limit, signal, computation.sound.sample_rate),
        )
        yield "notes", notes
        index = self.displayed.choices.picture.channel_index
        gaps, n_samples = signal.gaps.get(index), computation.n_samples
        yield "gaps", describe_gaps(gaps, n_samples, computation.settings, computation.sample_rate) if gaps else ""
