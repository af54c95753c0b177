"""What was set before, and before that: steps back and forward through values, as a frozen value itself.

A step is what changed between two rests of the hand. Changes of the same settings join into one step while a slider is
held, and otherwise where they follow each other closely.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

Values = Mapping[str, Any]

PAUSE = 1.0
"""Seconds after which a change of the same settings is a step of its own."""

MOST_STEPS = 200
"""Steps that can be taken back."""

MOST_BYTES = 256 * 2**20
"""Bytes of sounds other than the present one that are kept alive by steps; the oldest steps are forgotten first."""


@dataclass(frozen=True, eq=False)
class History:
    """The values as they are, those before and those that were taken back.

    Parameters
    ----------
    present : mapping of str to value
        The values as they are.
    past, future : tuple of mappings
        Values before, the oldest first, and values that were taken back, the next one first.
    touched : frozenset of str
        Names that the last step changed, which another change of theirs may join.
    since : float
        When that was, seconds.
    held : bool
        Whether a hand holds a slider, so that its changes are one step however long they take.

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
    touched: frozenset[str] = frozenset()
    since: float = 0.0
    held: bool = False

    def after(self, values: Values, now: float) -> History:
        """Return the history after a change to some values at a time, seconds; unchanged where nothing changed."""
        changed = changes(self.present, values)
        if not changed:
            return self
        joins = bool(self.past) and changed == self.touched and (self.held or now - self.since < PAUSE)
        past = self.past if joins else (*self.past, self.present)
        if joins and not changes(past[-1], values):
            # The hand went back to where it came from: there is nothing to take back.
            return replace(self, present=values, past=past[:-1], future=(), touched=frozenset(), since=now)
        past = _light(past[-MOST_STEPS:], values)
        return replace(self, present=values, past=past, future=(), touched=changed, since=now)

    def hold(self) -> History:
        """Return the history from where a hand takes hold of a slider: what follows is a new step."""
        return replace(self.rest(), held=True)

    def rest(self) -> History:
        """Return the history from where the next change is a step of its own, however soon it comes."""
        return replace(self, touched=frozenset())

    def release(self) -> History:
        """Return the history from where the hand lets go; a last change on its way still joins for a moment."""
        return replace(self, held=False)

    def back(self) -> History:
        """Return the history with the last step taken back."""
        if not self.past:
            return self
        future = (self.present, *self.future)
        return History(self.past[-1], self.past[:-1], future)

    def forward(self) -> History:
        """Return the history with the last step that was taken back done again."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])

    @property
    def undone_by_back(self) -> frozenset[str]:
        """Names of what `back` would change; none where there is no step."""
        return changes(self.present, self.past[-1]) if self.past else frozenset()

    @property
    def done_by_forward(self) -> frozenset[str]:
        """Names of what `forward` would change; none where there is no step."""
        return changes(self.present, self.future[0]) if self.future else frozenset()


def changes(before: Values, after: Values) -> frozenset[str]:
    """Return the names whose values differ.

    Examples
    --------
    >>> changes({"periodic": 1, "window": np.ones(3)}, {"periodic": True, "window": np.ones(3)})
    frozenset({'periodic'})
    """
    return frozenset(name for name in after if not _same(before.get(name), after[name]))


def _same(one: Any, other: Any) -> bool:
    """Tell whether two values of a setting are the same; 1 is not True, and arrays are the same value by value."""
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


def _light(past: tuple[Values, ...], present: Values) -> tuple[Values, ...]:
    """Forget the oldest steps until the sounds that only steps hold take no more than `MOST_BYTES`."""
    sizes = {id(present.get("sound")): 0}
    total = 0
    for place in range(len(past) - 1, -1, -1):
        sound = past[place].get("sound")
        if id(sound) not in sizes:
            sizes[id(sound)] = int(getattr(getattr(sound, "samples", None), "nbytes", 0))
            total += sizes[id(sound)]
        if total > MOST_BYTES:
            return past[place + 1 :]
    return past
