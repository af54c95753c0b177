"""Levels of values in decibels, and what they are without the layer's floor, so that every floor can be judged."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.bands import compress
from specwidget.mel.settings import MelSettings
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.spectrogram import LEVEL_MODES, to_decibels
from specwidget.stft.modes import floor_value
from specwidget.stft.settings import STFTSettings

NO_FLOOR = 1e-30
"""Power that stands for none, in place of the floor of a layer."""

DECIBEL_WIDTH = 0.5
"""Width of an interval of a histogram of levels, dB."""

PLAIN_WIDTH = 0.05
"""Width of an interval of a histogram of values that have no level."""


@dataclass(frozen=True)
class Floor:
    """The floor of a layer.

    Parameters
    ----------
    name : str
        The setting, "epsilon" or "min_power".
    power : float
        Its value.
    value : float
        What the layer returns there, before the limit below the top and the normalization.
    """

    name: str
    power: float
    value: float

    @property
    def level(self) -> float:
        """Level of the floor, dB."""
        return 10 * math.log10(self.power)


# Cached, as a bank is computed with the settings that hold it.
@lru_cache(maxsize=8)
def floor_of(settings: FrontEndSettings) -> Floor | None:
    """Return the floor of a layer; None without one, or where it is added."""
    if isinstance(settings, STFTSettings):
        value = floor_value(settings)
        return None if value is None else Floor("epsilon", settings.epsilon, value)
    mel = settings.mel
    # The reference is at least the floor, so that another floor would move values.
    if not mel.power_to_db or mel.conventions.floor != "maximum" or abs(mel.ref_power) < mel.min_power:
        return None
    return Floor("min_power", mel.min_power, float(compress(np.zeros(1, mel.compute_dtype), mel)[0]))


@lru_cache(maxsize=8)
def without_floor(settings: FrontEndSettings) -> FrontEndSettings:
    """Return settings whose floor lies below all values; those without a floor as they are."""
    if floor_of(settings) is None:
        return settings
    if isinstance(settings, STFTSettings):
        return replace(settings, epsilon=NO_FLOOR)
    return replace(settings, mel=replace(settings.mel, min_power=NO_FLOOR))


def has_levels(settings: FrontEndSettings) -> bool:
    """Return whether values have levels in decibels: those of bins in some modes, those of bands always."""
    return isinstance(settings, BandSettings) or settings.mode in LEVEL_MODES


def to_levels(values: NDArray[Any], settings: FrontEndSettings) -> NDArray[Any]:
    """Convert values of bins, or of bands before they are normalized, to decibels; others stay as they are."""
    if not has_levels(settings):
        return values
    if isinstance(settings, STFTSettings):
        return to_decibels(values, settings)
    return _band_levels(values, settings.mel)


def _band_levels(values: NDArray[Any], mel: MelSettings) -> NDArray[Any]:
    if mel.power_to_db:
        factor = 10 / math.log(10) / mel.conventions.log_factor
        return np.asarray((values + mel.log_offset) * factor, dtype=values.dtype)
    with np.errstate(divide="ignore"):
        return np.asarray(10 * np.log10(values), dtype=values.dtype)
