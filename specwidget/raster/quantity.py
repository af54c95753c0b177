"""The quantity of a picture: its name, its unit, and the values that are displayed.

The layer's sample rate is 1, as in Keras, so its densities are per cycle/sample. Decibels of a signal whose unit and
sample rate are known are per Hz. This module alone writes units; the page gets them as text.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from specwidget.front_end import band_decibels, has_decibels
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.spectrogram import LEVEL_MODES, is_density, to_decibels
from specwidget.stft.settings import STFTSettings

Kind = Literal["sequential", "diverging", "cyclic"]

PER_CYCLE = "per cycle/sample"
"""Unit of frequency of the layer's power spectral density."""

KINDS: dict[str, Kind] = {
    "log": "sequential",
    "magnitude": "sequential",
    "psd": "sequential",
    "real": "diverging",
    "imag": "diverging",
    "angle": "cyclic",
    "stft": "diverging",
}
"""Kind of colour map of each mode."""

BAND_KINDS: dict[str, Kind] = {"mel": "sequential", "mfcc": "diverging"}
"""Kind of colour map of each stage that has bands."""

LOGARITHMS = {"db": "10 log10", "log10": "log10", "ln": "ln"}
"""Names of the logarithms of bands."""

POWERS = {1.0: "", 2.0: "²"}
"""Exponent of the unit of bands, by that of the magnitudes."""

LABELS = {
    "log": "ln magnitude",
    "psd": "power",
    "real": "real part",
    "imag": "imaginary part",
    "stft": "value",
}
"""Name of the values of each mode where it is not that of the mode."""


@dataclass(frozen=True)
class Quantity:
    """The quantity of a picture.

    Parameters
    ----------
    label : str
        Name of the quantity.
    unit : str
        "dB", "rad", the unit of the layer's values, or empty.
    kind : {"sequential", "diverging", "cyclic"}
        Kind of colour map.
    reference : str
        What the values refer to, after the unit: "re 1 V" for decibels, "per cycle/sample" for densities.
    offset : float
        Decibels that are added to those of the layer's values.
    has_zero : bool
        Whether 0 means nothing, where the colours begin.
    """

    label: str
    unit: str
    kind: Kind
    reference: str = ""
    offset: float = 0.0
    has_zero: bool = True

    @property
    def full_unit(self) -> str:
        """Unit and reference, for axes."""
        return " ".join(filter(None, [self.unit, self.reference]))

    @property
    def axis_label(self) -> str:
        """Name of the quantity with its unit and reference."""
        return f"{self.label} ({self.full_unit})" if self.full_unit else self.label


def get_quantity(
    settings: FrontEndSettings, *, decibels: bool, unit: str = "", sample_rate: float | None = None
) -> Quantity:
    """Return the quantity of the output, or of its decibels; signed values and angles have none.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    decibels : bool
        Whether values are in decibels, where the mode has them.
    unit : str
        Unit of the signal, such as "V"; empty if it is not known.
    sample_rate : float or None
        Sample rate, Hz. With a unit, decibels of a density are per Hz, and `Quantity.offset` is the difference.

    Returns
    -------
    Quantity

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> get_quantity(STFTSettings("psd"), decibels=True).full_unit
    'dB re 1 per cycle/sample'
    >>> get_quantity(STFTSettings("psd"), decibels=True, unit="m/s²", sample_rate=1000.0).full_unit
    'dB re 1 (m/s²)²/Hz'
    >>> get_quantity(STFTSettings("psd"), decibels=False, unit="V", sample_rate=1000.0).full_unit
    'V² per cycle/sample'
    """
    if isinstance(settings, BandSettings):
        return _band_quantity(settings, decibels, unit)
    mode, kind = settings.mode, KINDS[settings.mode]
    if mode == "angle":
        return Quantity("angle", "rad", kind)
    label = "PSD" if mode == "psd" and is_density(settings) else LABELS.get(mode, mode)
    if not (decibels and mode in LEVEL_MODES):
        own = value_unit(settings, unit)
        if mode == "log":
            return Quantity(label, "", kind, f"re 1 {own}" if own else "", has_zero=False)
        return Quantity(label, own, kind) if unit else Quantity(label, "", kind, own)
    label = "magnitude" if mode == "log" else label
    if unit and sample_rate is not None and is_density(settings):
        return Quantity(
            label, "dB", kind, f"re 1 {value_unit(settings, unit, per_hertz=True)}", -10 * math.log10(sample_rate)
        )
    return Quantity(label, "dB", kind, f"re 1 {value_unit(settings, unit)}".rstrip())


def value_unit(settings: STFTSettings, unit: str, *, per_hertz: bool = False) -> str:
    """Return the unit of a real part, a magnitude or a power; empty where it is 1.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    unit : str
        Unit of the signal; empty if it is not known.
    per_hertz : bool
        Whether a density is per Hz, and not per cycle/sample.

    Returns
    -------
    str

    Examples
    --------
    >>> from specwidget.stft.settings import STFTSettings
    >>> value_unit(STFTSettings("psd"), "Pa", per_hertz=True), value_unit(STFTSettings("magnitude"), "Pa")
    ('Pa²/Hz', 'Pa/√(cycle/sample)')
    >>> value_unit(STFTSettings("psd", scaling="spectrum"), "Pa")
    'Pa²'
    """
    factor = _factor(unit)
    if settings.mode == "psd":
        power = f"{factor}²" if unit else ""
        if not is_density(settings):
            return power
        return f"{power}/Hz" if per_hertz else f"{power} {PER_CYCLE}".strip()
    if not (unit and is_density(settings)):
        return unit
    return f"{factor}/√Hz" if per_hertz else f"{factor}/√(cycle/sample)"


def _band_quantity(settings: BandSettings, decibels: bool, unit: str) -> Quantity:
    """Return the quantity of bands, or of cepstral coefficients, which have neither a unit nor decibels."""
    mel, conventions, kind = settings.mel, settings.mel.conventions, BAND_KINDS[settings.stage]
    if settings.cepstrum is not None:
        return Quantity("cepstral coefficient", "", kind)
    exponent = POWERS.get(mel.mag_exp)
    name = "band magnitude" if mel.mag_exp == 1.0 else "band power"
    # A gain or another exponent changes the unit, too.
    own = f"{_factor(unit)}{exponent}" if unit and exponent is not None and conventions.gain == 1.0 else ""
    if has_decibels(settings) and (mel.power_to_db or decibels):
        reference = f"re {mel.ref_power if mel.power_to_db else 1.0:g} {own}".rstrip()
        return Quantity(name, "dB", kind, reference)
    if not mel.power_to_db:
        return Quantity(name, own, kind) if own else Quantity(name, "", kind)
    name = f"{LOGARITHMS[conventions.logarithm]} {name}"
    if conventions.normalization is not None:
        name = f"normalized {name}"
    return Quantity(name, "", kind, has_zero=False)


def _factor(unit: str) -> str:
    """Return a unit as a factor: a product or a quotient in parentheses."""
    return unit if re.fullmatch(r"[^\W\d_]*|%", unit) else f"({unit})"


def to_displayed(values: NDArray[Any], settings: FrontEndSettings, quantity: Quantity) -> NDArray[Any]:
    """Convert values of the layer to those of a quantity."""
    if quantity.unit != "dB":
        return values
    if isinstance(settings, BandSettings):
        return band_decibels(values, settings)
    return np.asarray(to_decibels(values, settings) + quantity.offset, dtype=values.dtype)
