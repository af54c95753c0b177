"""Undo history: steps back and forward through values, as a frozen dataclass.

Changes of the same settings are one step while a slider is held, and otherwise if they follow each other closely.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Values = Mapping[str, Any]

STEP_PAUSE_S = 1.0
"""Seconds after which a change of the same settings is a step of its own."""

MAX_STEPS = 200
"""Most steps that can be undone."""

MAX_SOUND_BYTES = 256 * 2**20
"""Most bytes of sounds that only the steps hold; the oldest steps are dropped first."""


@dataclass(frozen=True, eq=False)
class History:
    """The present values, earlier ones and undone ones.

    Parameters
    ----------
    present : mapping of str to value
        The present values.
    past, future : tuple of mappings
        Earlier values, the oldest first, and undone values, the next one first.
    open_names : frozenset of str
        Names that the last step changed; another change of the same names may join it.
    changed_at : float
        Time of the last change, seconds.
    is_held : bool
        Whether a slider is held, so that its changes are one step however long they take.

    Examples
    --------
    >>> history = History({"frame_length": 256}).after({"frame_length": 512}, now=0.0)
    >>> history = history.after({"frame_length": 1024}, now=0.1)
    >>> history.back().present, history.back().forward().present
    ({'frame_length': 256}, {'frame_length': 1024})
    """

    present: Values
    past: tuple[Values, ...] = ()
    future: tuple[Values, ...] = ()
    open_names: frozenset[str] = frozenset()
    changed_at: float = 0.0
    is_held: bool = False

    def after(self, values: Values, now: float) -> History:
        """Return the history after a change of some values at a time, seconds; itself if nothing has changed."""
        changed = changes(self.present, values)
        if not changed:
            return self
        is_close = self.is_held or now - self.changed_at < STEP_PAUSE_S
        joins = bool(self.past) and changed == self.open_names and is_close
        past = self.past if joins else (*self.past, self.present)
        if joins and not changes(past[-1], values):
            # The slider is back where the step began: there is nothing to undo.
            return replace(self, present=values, past=past[:-1], future=(), open_names=frozenset(), changed_at=now)
        past = _limit_sounds(past[-MAX_STEPS:], values)
        return replace(self, present=values, past=past, future=(), open_names=changed, changed_at=now)

    def hold(self) -> History:
        """Return the history from where a slider is grabbed: the next change begins a step."""
        return replace(self.rest(), is_held=True)

    def rest(self) -> History:
        """Return the history from where the next change is a step of its own, however soon it comes."""
        return replace(self, open_names=frozenset())

    def release(self) -> History:
        """Return the history from where the slider is released; a change that is still under way joins for a moment."""
        return replace(self, is_held=False)

    def with_sound(self, sound: Any, earlier: Container[Any]) -> History:
        """Return the history with a sound in place of earlier ones, as of a recording that goes on.

        What was changed meanwhile stays a step of its own, and undoing it does not go back in the recording.
        """

        def put(values: Values) -> Values:
            return {**values, "sound": sound} if values["sound"] in earlier else values

        past, future = (tuple(put(values) for values in steps) for steps in (self.past, self.future))
        return replace(self, present=put(self.present), past=past, future=future)

    def back(self) -> History:
        """Return the history with the last step undone."""
        if not self.past:
            return self
        future = (self.present, *self.future)
        return History(self.past[-1], self.past[:-1], future)

    def forward(self) -> History:
        """Return the history with the last undone step done again."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])

    @property
    def changed_by_back(self) -> frozenset[str]:
        """Names that `back` would change; none if there is no step."""
        return changes(self.present, self.past[-1]) if self.past else frozenset()

    @property
    def changed_by_forward(self) -> frozenset[str]:
        """Names that `forward` would change; none if there is no step."""
        return changes(self.present, self.future[0]) if self.future else frozenset()


def changes(before: Values, after: Values) -> frozenset[str]:
    """Return the names whose values differ.

    Examples
    --------
    >>> changes({"periodic": 1, "window": np.ones(3)}, {"periodic": True, "window": np.ones(3)})
    frozenset({'periodic'})
    """
    return frozenset(name for name in after if not _is_same(before.get(name), after[name]))


def _is_same(one: Any, other: Any) -> bool:
    # 1 is not True, and arrays are compared value by value.
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other))
    try:
        return bool(one == other)
    except (ValueError, TypeError):
        return False


def _limit_sounds(past: tuple[Values, ...], present: Values) -> tuple[Values, ...]:
    """Drop the oldest steps until the sounds that only steps hold take no more than `MAX_SOUND_BYTES`."""
    counted, total = {id(sound) for sound in _sounds(present)}, 0
    for i in reversed(range(len(past))):
        for sound in _sounds(past[i]):
            if id(sound) not in counted:
                counted.add(id(sound))
                total += sound.samples.nbytes
        if total > MAX_SOUND_BYTES:
            return past[i + 1 :]
    return past


def _sounds(values: Values) -> list[Any]:
    """Return the sounds among values: the one that is analysed, and that of A or B."""
    stored = values.get("stored")
    return [sound for sound in (values.get("sound"), None if stored is None else stored.sound) if sound is not None]
