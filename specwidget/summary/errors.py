"""Error messages: which control each belongs to, and how the page words it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from specwidget.devices import DeviceError
from specwidget.mel.stages import FRONT_END_DEFAULTS, make_settings
from specwidget.summary.controls import DISPLAY_CONTROLS, SETTING_CONTROLS, STAGE_CONTROLS
from specwidget.summary.lengths import LENGTHS, to_samples

GENERAL = "general"
"""Name under which a message is listed that belongs to no single control."""

MAX_CHECKED_LENGTH = 2**20
"""Frame length above which no window is made only to check it."""

ANY_RATE = 1e9
"""Sample rate, Hz, at which no frequency is too high."""

USER_ERRORS = (ValueError, TypeError, MemoryError, DeviceError)
"""Errors that invalid settings and signals raise. Any other error is a fault of specwidget, and is logged."""

LABELS = {control.name: control.label for control in (*SETTING_CONTROLS, *STAGE_CONTROLS, *DISPLAY_CONTROLS)} | {
    "inputs": "Sound"
}
"""Labels on the page, by the name of the argument."""

_FIRST_NAME = re.compile(r"^`(\w+)`")
_QUOTED_NAME = re.compile(r"(^|[.!?] )?`(\w+)`")
_BARE_NAME = re.compile(rf"\b({'|'.join(name for name in LABELS if '_' in name)}|\w+(?==))\b(=?)")


def control_for_error(error: BaseException, *, is_new_sound: bool = False) -> str:
    """Return the name of the control at which an error message is shown.

    It is the argument that the message begins with. Where signal and frame don't fit together, it is the one that was
    changed: the sound if it is new, else the frame length.
    """
    if isinstance(error, DeviceError):
        return "backend"
    if isinstance(error, MemoryError):
        return "frame_length"
    match = _FIRST_NAME.match(message_of(error))
    name = match[1] if match else GENERAL
    if name == "inputs":
        return "sound" if is_new_sound or "frame_length=" not in message_of(error) else "frame_length"
    return name if name in FRONT_END_DEFAULTS else GENERAL


def message_of(error: BaseException) -> str:
    """Return the message of an error of the user."""
    if isinstance(error, MemoryError):
        return "Out of memory. Reduce `frame_length` or `fft_length`, or increase `frame_step`."
    return str(error)


def internal_error(error: BaseException) -> str:
    """Return the message for an error that is not the user's; the log has the rest."""
    return f"Internal error ({type(error).__name__}). See the log for details."


def page_message(message: str) -> str:
    """Return a message with the labels of controls in place of the arguments' names.

    Parameters
    ----------
    message : str
        A message as Python raises it.

    Returns
    -------
    str
        Without backticks. A name that is no control's is written as words.

    Examples
    --------
    >>> page_message("`frame_step` must be between 1 and frame_length=256; got 300.")
    'Frame step must be between 1 and frame length = 256; got 300.'
    >>> page_message("Out of memory. Reduce `fft_length`, or increase `frame_step`.")
    'Out of memory. Reduce FFT length, or increase frame step.'
    """

    def replace_quoted(match: re.Match[str]) -> str:
        start, label = match[1], _label(match[2])
        return _inside(label) if start is None else start + label[:1].upper() + label[1:]

    def replace_bare(match: re.Match[str]) -> str:
        name, equals = match.groups()
        if name not in LABELS:
            return match[0]
        return _inside(LABELS[name]) + (" = " if equals else "")

    return _BARE_NAME.sub(replace_bare, _QUOTED_NAME.sub(replace_quoted, message))


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " "))


def _inside(label: str) -> str:
    """Return a label as it is written inside a sentence; capitals of an abbreviation stay."""
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def invalid_settings(requested: Mapping[str, Any]) -> dict[str, str]:
    """Return messages about the settings that are invalid whatever the others are, except for the frame length."""
    length, stage = requested["frame_length"], requested.get("stage", "stft")
    has_length = _is_valid(frame_length=length)
    if not has_length:
        length = FRONT_END_DEFAULTS["frame_length"]
    messages = {}
    for name in requested:
        if name == "window" and length > MAX_CHECKED_LENGTH:
            continue
        try:
            # A text that means a length waits for what it refers to.
            value = to_samples(name, requested[name], 1.0, length) if name in LENGTHS else requested[name]
            if value is requested[name]:
                make_settings({"stage": stage, "frame_length": length, "window": None, name: value}, ANY_RATE)
        except USER_ERRORS as error:
            # Nothing is too long for a frame of which no length is known.
            is_judged = has_length or name == "frame_length" or "frame_length" not in str(error)
            if control_for_error(error) == name and is_judged:
                messages[name] = message_of(error)
    return messages


def _is_valid(**values: Any) -> bool:
    try:
        make_settings({"window": None, **values}, None)
    except USER_ERRORS:
        return False
    return True
