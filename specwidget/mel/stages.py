"""A front end as one flat set of named values: the settings of an STFT, and of the stage that follows it.

A stage takes the place of the mode: "mel" adds powers of bins to bands, "mfcc" transforms their logarithms once more.
`make_settings` makes `STFTSettings` or `BandSettings` of the values, `values_of` is its inverse.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from specwidget.mel.cepstrum import CepstralConvention
from specwidget.mel.conventions import KERAS, MelConventions
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.settings import KIND as MEL_KIND
from specwidget.mel.settings import MEL_DEFAULTS, MelSettings, conventions_from_dict, povey_window
from specwidget.mel.shapes import output_shape
from specwidget.stft.serialization import dump_json, load_json
from specwidget.stft.settings import SETTING_DEFAULTS, DType, STFTSettings, check_choice
from specwidget.stft.shapes import Shape

Stage = Literal["stft", "mel", "mfcc"]
STAGES: tuple[Stage, ...] = get_args(Stage)

KIND = "front end"
"""Kind of the JSON document."""

SCHEMA = 1
"""Version of the JSON schema, increased with each change that old readers can't read."""

SHARED = ("frame_length", "frame_step", "fft_length", "window", "periodic", "data_format", "dtype")
"""Settings of the STFT that every stage has; the mode and what belongs to it are for the stage "stft" alone."""

_BAND_NAMES = (
    "num_mel_bins",
    "min_freq",
    "max_freq",
    "mag_exp",
    "power_to_db",
    "min_power",
    "ref_power",
    "top_db",
)
_CONVENTION_NAMES = tuple(field.name for field in fields(MelConventions) if field.name != "periodic")


@dataclass(frozen=True)
class Cepstrum:
    """The stage after a mel spectrogram; the fields are arguments of `specwidget.MFCC`, which checks them."""

    num_coefficients: int = 20
    convention: CepstralConvention = "librosa"
    lifter: float = 0.0
    zeroth: bool = True


STAGE_DEFAULTS: dict[str, Any] = {
    "stage": "stft",
    **{name: MEL_DEFAULTS[name] for name in _BAND_NAMES},
    **{name: getattr(KERAS, name) for name in _CONVENTION_NAMES},
    **{field.name: field.default for field in fields(Cepstrum)},
}
"""The stage and its settings, and their defaults."""

FRONT_END_DEFAULTS: dict[str, Any] = SETTING_DEFAULTS | STAGE_DEFAULTS
"""All settings of a front end, and their defaults."""

STFT_ONLY = tuple(name for name in SETTING_DEFAULTS if name not in SHARED)
"""Settings without a meaning where a mel spectrogram or MFCC follows."""


@dataclass(frozen=True)
class BandSettings:
    """Settings of a mel spectrogram or of MFCC.

    Parameters
    ----------
    mel : MelSettings
        Settings of the mel spectrogram.
    cepstrum : Cepstrum, optional
        Those of the coefficients; None is the mel spectrogram itself.

    Raises
    ------
    ValueError
        If coefficients can't be computed from the mel spectrogram.

    Examples
    --------
    >>> settings = BandSettings(MelSettings(512, 160, 400, num_mel_bins=80), Cepstrum(13))
    >>> settings.stage, settings.n_outputs
    ('mfcc', 13)
    """

    mel: MelSettings
    cepstrum: Cepstrum | None = None

    def __post_init__(self) -> None:
        """Check the coefficients."""
        _ = self.layer

    @classmethod
    def of(cls, layer: MelSpectrogram | MFCC) -> BandSettings:
        """Return the settings of a layer."""
        if isinstance(layer, MelSpectrogram):
            return cls(layer.settings)
        return cls(layer.mel.settings, Cepstrum(**{name.name: getattr(layer, name.name) for name in fields(Cepstrum)}))

    @cached_property
    def layer(self) -> MelSpectrogram | MFCC:
        """The layer that computes."""
        mel, cepstrum = MelSpectrogram.from_settings(self.mel), self.cepstrum
        if cepstrum is None:
            return mel
        return MFCC(mel, cepstrum.num_coefficients, cepstrum.convention, cepstrum.lifter, cepstrum.zeroth)

    @property
    def stage(self) -> Stage:
        """The stage, "mel" or "mfcc"."""
        return "mel" if self.cepstrum is None else "mfcc"

    @property
    def mode(self) -> str:
        """Name of the output, as that of the mode of an STFT."""
        return self.stage

    @property
    def transform(self) -> STFTSettings:
        """Settings of the transform before the bank: its window, frames and bins."""
        return self.mel.transform

    @property
    def frame_length(self) -> int:
        """Length of the window, samples."""
        return self.mel.frame_length

    @property
    def step(self) -> int:
        """Samples from one frame to the next."""
        return self.mel.step

    @property
    def n_fft(self) -> int:
        """Length of the DFT, samples."""
        return self.mel.n_fft

    @property
    def n_outputs(self) -> int:
        """Number of values for each frame and channel: bands or coefficients."""
        return self.mel.n_bands if self.cepstrum is None else self.cepstrum.num_coefficients

    @property
    def n_bins(self) -> int:
        """Number of rows of a picture, one for each value."""
        return self.n_outputs

    @property
    def coefficient_numbers(self) -> NDArray[np.int64]:
        """Number `k` of each cepstral coefficient in the output, shape (n_outputs,)."""
        assert self.cepstrum is not None
        numbers = np.arange(self.n_outputs) + (not self.cepstrum.zeroth)
        return np.roll(numbers, -1) if self.cepstrum.convention == "htk" and self.cepstrum.zeroth else numbers

    @property
    def window_values(self) -> Any:
        """Values of the window; None without one."""
        return self.transform.window_values

    @property
    def channels_last(self) -> bool:
        """Whether channels are on the last axis of input and output."""
        return self.transform.channels_last

    @property
    def expand_dims(self) -> bool:
        """Whether channels have an axis of their own in the output: never."""
        return False

    @property
    def result_dtype(self) -> DType:
        """Dtype of the result."""
        return self.mel.result_dtype

    @property
    def compute_dtype(self) -> DType:
        """Dtype of the computation."""
        return self.mel.compute_dtype

    def output_shape(self, input_shape: Shape) -> Shape:
        """Compute the shape of the result for an input with 3 axes."""
        *outer, last = output_shape(input_shape, self.mel)
        assert last is not None
        if self.cepstrum is None:
            return (*outer, last)
        if self.channels_last:
            return (*outer, last // self.mel.n_bands * self.n_outputs)
        batch, bands = outer
        assert bands is not None
        return batch, bands // self.mel.n_bands * self.n_outputs, last

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as JSON-serialisable values."""
        return {"mel": self.mel.to_dict(), "cepstrum": None if self.cepstrum is None else vars(self.cepstrum)}

    def to_json(self) -> str:
        """Return the settings as a JSON document, which `from_json` reads."""
        return dump_json(KIND, SCHEMA, self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> BandSettings:
        """Create settings from a document that `to_json` wrote.

        Raises
        ------
        ValueError, TypeError
            If the text is no such document, or a value is invalid.

        Examples
        --------
        >>> settings = BandSettings(MelSettings(num_mel_bins=40), Cepstrum(13, lifter=22.0))
        >>> BandSettings.from_json(settings.to_json()) == settings
        True
        """
        values = load_json(text, KIND, SCHEMA, ("mel", "cepstrum"))
        mel, cepstrum = values["mel"], values["cepstrum"]
        if not isinstance(mel, dict) or not isinstance(cepstrum, dict | None):
            raise TypeError("`mel` and `cepstrum` must be objects of values.")
        conventions = conventions_from_dict(mel.get("conventions"))
        return cls(
            MelSettings(**mel | {"conventions": conventions}), None if cepstrum is None else Cepstrum(**cepstrum)
        )


FrontEndSettings = STFTSettings | BandSettings
"""Settings of an STFT, of a mel spectrogram or of MFCC."""


def make_settings(values: Mapping[str, Any], sample_rate: float | None) -> FrontEndSettings:
    """Make the settings of a front end.

    Parameters
    ----------
    values : mapping of str to value
        Names of `FRONT_END_DEFAULTS`; what is not given has its default.
    sample_rate : float or None
        Sample rate of the signal, Hz, which bands refer to.

    Returns
    -------
    STFTSettings or BandSettings

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices, or bands are asked for without a sample rate.
    TypeError
        If a value has the wrong type.

    Examples
    --------
    >>> settings = make_settings({"stage": "mel", "frame_length": 400, "num_mel_bins": 80}, 16_000)
    >>> settings.n_fft, settings.n_outputs
    (512, 80)
    """
    values = {**FRONT_END_DEFAULTS, **values}
    check_choice("stage", values["stage"], STAGES)
    is_povey = isinstance(values["window"], str) and values["window"] == "povey"
    without_povey = {"window": None} if is_povey else {}
    if values["stage"] == "stft":
        settings = STFTSettings(**{name: values[name] for name in SETTING_DEFAULTS} | without_povey)
        # A transform has no such name, but takes the values.
        return (
            replace(settings, window=povey_window(settings.frame_length, settings.periodic)) if is_povey else settings
        )
    if sample_rate is None:
        raise ValueError(
            f"`stage` must be 'stft' for a sound without a sample rate, as bands are in Hz; got {values['stage']!r}."
        )
    shared = {name: values[name] for name in SHARED} | without_povey
    framing = STFTSettings(**shared)
    conventions = MelConventions(periodic=framing.periodic, **{name: values[name] for name in _CONVENTION_NAMES})
    try:
        mel = MelSettings(
            fft_length=framing.n_fft,
            sequence_stride=framing.step,
            sequence_length=framing.frame_length,
            window="povey" if is_povey else framing.window,
            sampling_rate=sample_rate,
            data_format=framing.data_format,
            dtype=framing.dtype,
            conventions=conventions,
            **{name: values[name] for name in _BAND_NAMES},
        )
    except ValueError as error:
        raise ValueError(str(error).replace("sequence_stride", "frame_step")) from None
    if values["stage"] == "mel":
        return BandSettings(mel)
    if not mel.power_to_db:
        raise ValueError("`power_to_db` must be True for MFCC, which are computed from logarithms; got False.")
    return BandSettings(mel, Cepstrum(**{field.name: values[field.name] for field in fields(Cepstrum)}))


def values_of(settings: FrontEndSettings) -> dict[str, Any]:
    """Return the values of the settings by name; those that their stage does not have are not among them."""
    if isinstance(settings, STFTSettings):
        return {**{name: getattr(settings, name) for name in SETTING_DEFAULTS}, "stage": "stft"}
    mel, cepstrum = settings.mel, settings.cepstrum
    return {
        "stage": settings.stage,
        "frame_length": mel.frame_length,
        "frame_step": mel.step,
        "fft_length": mel.n_fft,
        "window": mel.window,
        "periodic": mel.conventions.periodic,
        "data_format": mel.data_format,
        "dtype": mel.dtype,
        **{name: getattr(mel, name) for name in _BAND_NAMES},
        **{name: getattr(mel.conventions, name) for name in _CONVENTION_NAMES},
        **({} if cepstrum is None else vars(cepstrum)),
    }


def settings_from_json(text: str) -> FrontEndSettings:
    """Create settings of an STFT, a mel spectrogram or MFCC from the document that their `to_json` wrote."""
    found = _KIND.search(text)
    kind = found[1] if found else ""
    if kind == MEL_KIND:
        return BandSettings(MelSettings.from_json(text))
    return BandSettings.from_json(text) if kind == KIND else STFTSettings.from_json(text)


def sample_rate_from_json(text: str) -> float | None:
    """Return the sample rate that a document was written for, Hz; None if an STFT was written without one."""
    settings = settings_from_json(text)
    return (
        STFTSettings.sample_rate_from_json(text) if isinstance(settings, STFTSettings) else settings.mel.sampling_rate
    )


def settings_to_json(settings: FrontEndSettings, sample_rate: float | None) -> str:
    """Return settings as a JSON document, with the sample rate that they are used at; bands have theirs."""
    return settings.to_json(sample_rate) if isinstance(settings, STFTSettings) else settings.to_json()


_KIND = re.compile(r'"specwidget"\s*:\s*"([^"]*)"')
"""Matches the kind of a document."""


def transform_of(settings: FrontEndSettings) -> STFTSettings:
    """Return the settings of the transform: themselves, or those of the transform before the bands."""
    return settings if isinstance(settings, STFTSettings) else settings.transform
