"""What can't be, in a sentence that stands at the control to blame."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from specwidget.arrays import DeviceError
from specwidget.stft.settings import SETTING_DEFAULTS, STFTSettings

GENERAL = "general"
"""The name of a sentence that no single control is to blame for."""

MAX_JUDGED = 2**20
"""Frame length above which no window is made only to tell whether it could be."""

USER_ERRORS = (ValueError, TypeError, MemoryError, DeviceError)
"""What impossible settings and signals raise; anything else is a fault of ours, and logged."""

_BLAMED = re.compile(r"^`(\w+)`")


def control_for_error(error: BaseException, *, is_new_sound: bool = False) -> str:
    """Return the name of the control that an error's sentence is shown at.

    It is the one that the sentence begins with. Where signal and frame do not fit together, it is the one that was
    moved: the sound if it is new, else the frame length.
    """
    if isinstance(error, DeviceError):
        return "backend"
    match = _BLAMED.match(message_of(error))
    name = match[1] if match else GENERAL
    if name == "inputs":
        return "sound" if is_new_sound or "frame_length=" not in message_of(error) else "frame_length"
    return name if name in SETTING_DEFAULTS else GENERAL


def message_of(error: BaseException) -> str:
    """Return the sentence of an error."""
    if isinstance(error, MemoryError):
        return (
            "`frame_length` must leave the work within the memory of this machine; got more than it could give. "
            "Choose a shorter frame or FFT, or a larger `frame_step`."
        )
    return str(error)


def invalid_settings(asked: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentences of the settings that are impossible whatever the others are but the frame's length."""
    length = (
        asked["frame_length"] if _is_possible(frame_length=asked["frame_length"]) else SETTING_DEFAULTS["frame_length"]
    )
    wrong = {}
    for name in SETTING_DEFAULTS:
        values = {"frame_length": length, "window": None, name: asked[name]}
        if name == "window" and length > MAX_JUDGED:
            continue
        try:
            STFTSettings(**values)
        except USER_ERRORS as error:
            if control_for_error(error) == name:
                wrong[name] = message_of(error)
    return wrong


def _is_possible(**values: Any) -> bool:
    """Tell whether settings are possible, without a window."""
    try:
        STFTSettings(**{"window": None, **values})
    except USER_ERRORS:
        return False
    return True
