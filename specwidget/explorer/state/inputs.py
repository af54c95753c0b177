"""What is asked for: the settings, the sound and what is to be seen of it, as traits, with their history.

A trait is set, by the page or from Python, possible or not. Inside `hold` the caller has the lock and everything is
followed once, at its end; that is how the page's changes arrive. A trait set from Python without it is followed a
moment later from a thread of its own, so that a loop that sets a trait 200 times is followed a few times, and the last
value is always the one that stays.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import traitlets

from specwidget.explorer.state.undo_history import History
from specwidget.raster.colours import AUTOMATIC
from specwidget.sounds import Sound, as_sound
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings
from specwidget.summary.display import DISPLAY_DEFAULTS
from specwidget.summary.limits import MEMORY_LIMIT
from specwidget.widgets.debounce import Debouncer

OTHER_INPUTS = ("sound", "visible", "canvas_size", "memory_limit")
"""Other traits that outputs depend on."""

UNDOABLE_TRAITS = (*SETTING_DEFAULTS, "sound")
"""Traits that undo and redo restore."""

COALESCE_S = 0.02
"""Seconds that a change from Python waits for the next one."""


class ExplorerInputs(traitlets.HasTraits):
    """What is asked for; a subclass follows it.

    Parameters
    ----------
    sound : Sound
        The sound to begin with.
    **settings
        Arguments of `specwidget.STFTSpectrogram`, and display choices.
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

    channel = traitlets.Any(0, help="Channel shown.")
    batch_item = traitlets.Any(0, help="Batch item shown.")
    colour_map = traitlets.Any(AUTOMATIC, help="Colour map, or 'automatic' for the one that suits the mode.")
    value_range = traitlets.Any(None, help="Lowest and highest value of the colours; None is automatic.")
    decibels = traitlets.Any(True, help="Decibels where the mode has them; False is the layer's own values.")
    frequency_axis = traitlets.Any("linear", help="'linear', 'log', 'mel' or 'notes'.")
    time_axis = traitlets.Any("seconds", help="'seconds', 'frames' or 'samples'.")
    visible = traitlets.Any(None, help="Samples and fractions of half the sample rate that are seen; None is all.")
    canvas_size = traitlets.Any((900, 400), help="Width and height of the canvas in device pixels.")

    memory_limit = traitlets.Int(MEMORY_LIMIT, help="Most bytes that the output may take.")

    history = traitlets.Instance(History, help="Settings and sound as they were.")
    settings_b = traitlets.Instance(STFTSettings, allow_none=True, help="Settings B of the A/B comparison.")

    def __init__(self, sound: Sound, **settings: Any) -> None:
        self._lock = threading.RLock()
        self._holder = 0
        self._changed = True
        self._closed = False
        self._soon = Debouncer(self.flush, COALESCE_S)
        super().__init__(sound=sound, **settings)
        self.history = History(self._undoable_values())
        self.observe(self._on_change, names=[*SETTING_DEFAULTS, *DISPLAY_DEFAULTS, *OTHER_INPUTS])

    def flush(self) -> None:
        """Bring everything up to date with the traits; latest wins."""
        raise NotImplementedError

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
        known = (*SETTING_DEFAULTS, *DISPLAY_DEFAULTS, "sound", "visible", "memory_limit")
        for name in values:
            if name not in known:
                raise TypeError(f"`{name}` is unknown; a setting must be one of {', '.join(known)}.")
        with self.hold():
            self.history = self.history.rest()
            # The sound first, which begins with its first channel.
            for name in sorted(values, key=lambda name: name != "sound"):
                setattr(self, name, as_sound(values[name]) if name == "sound" else values[name])

    def restore(self, history: History) -> None:
        """Bring back the settings and the sound of a step back or forward."""
        with self.hold():
            self.history = history
            for name in sorted(UNDOABLE_TRAITS, key=lambda name: name != "sound"):
                setattr(self, name, history.present[name])

    def close(self) -> None:
        """Stop following."""
        self._closed = True
        self._soon.close()

    def _undoable_values(self) -> dict[str, Any]:
        """Return what a step back would bring back."""
        return {name: getattr(self, name) for name in UNDOABLE_TRAITS}

    def _on_change(self, change: Any) -> None:
        """Remember that something changed, and follow it soon unless the holder of the lock will."""
        self._changed = True
        if change["name"] == "sound":
            # The channel and the part that were shown may not be there any more.
            self.batch_item, self.channel, self.visible = 0, 0, None
        if self._holder != threading.get_ident():
            self._soon.request()
