"""Static state of a view: all that it needs in a page without a kernel."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Buffers = Iterable[bytes | memoryview]


@dataclass(frozen=True)
class StaticViewState:
    """All that a view needs in a page without a kernel.

    Parameters
    ----------
    traits : dict
        Traits of its model.
    shared : tuple of str
        Names of traits that all views of the page share: a change in one view changes them in the others.
    messages : list of (message, buffers)
        Messages that answer ``want``.
    store : dict of str to bytes or dict
        Data that other requests are answered from; a dict has bytes under `data`.
    """

    traits: dict[str, Any]
    shared: tuple[str, ...] = ()
    messages: list[tuple[dict[str, Any], Buffers]] = field(default_factory=list)
    store: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-serializable form, with buffers in base 64."""
        return {
            "traits": _finite(self.traits),
            "shared": list(self.shared),
            "messages": [
                {"message": _finite(message), "buffers": [_base64(buffer) for buffer in buffers]}
                for message, buffers in self.messages
            ],
            "store": {
                name: {**value, "data": _base64(value["data"])} if isinstance(value, dict) else _base64(value)
                for name, value in self.store.items()
            },
        }


StaticViewFactory = Callable[[], StaticViewState]
"""Makes it from the state at one moment; called without the state's lock."""


def _base64(buffer: bytes | memoryview) -> str:
    return base64.b64encode(buffer).decode("ascii")


def _finite(value: Any) -> Any:
    """Return a JSON-serializable value, with None in place of numbers that are not finite."""
    if isinstance(value, dict):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
