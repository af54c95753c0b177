"""What a view needs to stand alone, in a page without a kernel."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

Buffers = Iterable[bytes | memoryview]


@dataclass(frozen=True)
class StaticViewState:
    """What a view needs to stand alone.

    Parameters
    ----------
    traits : dict
        What its model holds.
    shared : tuple of str
        Names of traits that are those of the page: where one view changes them, they change in the others.
    messages : list of (message, buffers)
        What it is told when it sends ``want``.
    store : dict of str to bytes or dict
        What else its questions are answered from; a dict's `data` is bytes.
    """

    traits: dict[str, Any]
    shared: tuple[str, ...] = ()
    messages: list[tuple[dict[str, Any], Buffers]] = field(default_factory=list)
    store: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON knows it, buffers in base 64."""
        return {
            "traits": _finite(self.traits),
            "shared": list(self.shared),
            "messages": [
                {"message": _finite(message), "buffers": [_text(buffer) for buffer in buffers]}
                for message, buffers in self.messages
            ],
            "store": {
                name: {**part, "data": _text(part["data"])} if isinstance(part, dict) else _text(part)
                for name, part in self.store.items()
            },
        }


StaticViewFactory = Callable[[], StaticViewState]
"""What makes it of what was shown at one moment; called without the state's lock."""


def _text(buffer: bytes | memoryview) -> str:
    """Return a buffer in base 64."""
    return base64.b64encode(buffer).decode("ascii")


def _finite(value: Any) -> Any:
    """Return a value that JSON knows: what is not finite becomes null."""
    if isinstance(value, dict):
        return {str(name): _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
