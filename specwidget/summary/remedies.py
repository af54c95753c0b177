"""Remedies of invalid settings: one change that makes the page valid again, for a button beside the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from specwidget.front_end import check_input_shape
from specwidget.mel.stages import FRONT_END_DEFAULTS, FrontEndSettings, make_settings, values_of
from specwidget.stft.windows import window_repr
from specwidget.summary.errors import LABELS, USER_ERRORS
from specwidget.summary.notes import Fix


def remedy_of(
    name: str,
    requested: Mapping[str, Any],
    valid: FrontEndSettings | None,
    n_samples: int,
    channels: int = 1,
    sample_rate: float | None = None,
) -> Fix | None:
    """Return a change of one setting that makes the requested settings valid.

    Parameters
    ----------
    name : str
        The control at which the error is shown.
    requested : mapping of str to value
        Settings of the front end, as they were requested.
    valid : STFTSettings, BandSettings or None
        The last valid settings.
    n_samples, channels : int
        Length and channels of the sound.
    sample_rate : float or None
        Its sample rate, Hz.

    Returns
    -------
    Fix or None
        The last valid value of the setting, or its default; for a sound that is shorter than a frame, the longest frame
        of a power of two. None where none of these makes everything valid.
    """
    setting = "frame_length" if name == "sound" else name
    if setting not in FRONT_END_DEFAULTS or n_samples < 2:
        return None
    longest = 1 << (n_samples.bit_length() - 1)
    last_resort = longest if setting == "frame_length" else FRONT_END_DEFAULTS[setting]
    before = {} if valid is None else values_of(valid)
    for value in (*([before[setting]] if setting in before else []), last_resort):
        changes = {setting: value}
        if not _is_same(value, requested[setting]) and _is_valid(
            {**requested, **changes}, n_samples, channels, sample_rate
        ):
            return Fix(f"{LABELS[setting]} {_text(setting, value)}", changes)
    return None


def _is_same(value: Any, other: Any) -> bool:
    # A window may be an array, which is compared value by value.
    return type(value) is type(other) and np.array_equal(value, other)


def _is_valid(values: Mapping[str, Any], n_samples: int, channels: int, sample_rate: float | None) -> bool:
    try:
        settings = make_settings(values, sample_rate)
        shape = (1, n_samples, channels) if settings.channels_last else (1, channels, n_samples)
        check_input_shape(shape, settings)
    except USER_ERRORS:
        return False
    return True


def _text(name: str, value: Any) -> str:
    if name == "window":
        return window_repr(value)
    return "default" if value is None else str(value)
