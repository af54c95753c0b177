"""`MelSettings`: the settings of a mel spectrogram, validated once at construction."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from typing import Any

from specwidget.mel.banks import FilterBank, group_bands, make_bank
from specwidget.mel.conventions import KERAS, MelConventions
from specwidget.stft.formatting import short_repr
from specwidget.stft.other_names import hinting_class
from specwidget.stft.serialization import dump_json, load_json
from specwidget.stft.settings import DType, STFTSettings, check_bool, check_integer, check_number
from specwidget.stft.windows import Window, make_window

KIND = "mel settings"
"""Kind of the JSON document."""

SCHEMA = 1
"""Version of the JSON schema, increased with each change that old readers can't read."""

POVEY_EXPONENT = 0.85
"""Kaldi's window "povey" is a Hann window to this power."""

MAX_BANDS = 2**16
"""Largest accepted number of bands."""

BANDS_PER_GROUP = 8
"""Bands in one product with part of the bank: most of the whole matrix is zeros, and the product of a block is so small
that BLAS starts no threads of its own beside ours."""


def povey_window(frame_length: int, periodic: bool) -> tuple[float, ...]:
    """Compute the values of Kaldi's window "povey", ``hann[n] ** 0.85``.

    Examples
    --------
    >>> [round(value, 4) for value in povey_window(5, periodic=False)]
    [0.0, 0.5548, 1.0, 0.5548, 0.0]
    """
    hann: Any = make_window("hann", frame_length, periodic)
    return tuple((hann**POVEY_EXPONENT).tolist())


# Settings that are compared with each other differ in their banks rarely, and a bank is never written to.
_cached_bank = lru_cache(maxsize=16)(make_bank)


@hinting_class
@dataclass(frozen=True)
class MelSettings:
    """All settings of a mel spectrogram, as given by the caller.

    The fields are the arguments of `specwidget.MelSpectrogram`, in its order; None stays None. Derived values (`step`,
    `n_fft`, `bank`, ...) are properties. Settings are hashable; use `dataclasses.replace` to change one.

    Parameters
    ----------
    fft_length : int
        Length of the DFT, samples.
    sequence_stride : int
        Samples from one frame to the next.
    sequence_length : int or None
        Length of the window, samples, at most `fft_length`, which None means.
    window : str, tuple, array-like (sequence_length,) or None
        A SciPy window name, "povey", a (name, parameter...) tuple, the values, or None for a rectangle.
    sampling_rate : float
        Sample rate, Hz.
    num_mel_bins : int
        Number of bands, M.
    min_freq : float
        Lower end of the first band, Hz.
    max_freq : float or None
        Upper end of the last band, Hz; None means half the sample rate, rounded down.
    power_to_db : bool
        Whether a logarithm is taken, in decibels unless `conventions` say otherwise.
    top_db : float or None
        Largest distance of a value from the largest of its recording and channel, dB; None means no limit.
    mag_exp : float
        Exponent of the magnitude: 2 for the power.
    min_power : float
        Floor of a band before the logarithm.
    ref_power : float
        Value of a band whose logarithm is 0.
    data_format : {"channels_last", "channels_first", None}
        Order of the axes of an input with 3, case-insensitive; None means "channels_last".
    dtype : {"float16", "float32", "float64", "mixed_float16", None}
        Dtype of the result; None means "float32". "float16" is computed in float32.
    conventions : MelConventions
        The other conventions.

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices.
    TypeError
        If a value has the wrong type.

    Examples
    --------
    >>> settings = MelSettings(fft_length=512, sequence_stride=160, sequence_length=400, num_mel_bins=80)
    >>> settings.n_bins, settings.bank.weights.shape
    (257, (257, 80))
    """

    fft_length: int = 2048
    sequence_stride: int = 512
    sequence_length: int | None = None
    window: Window = "hann"
    sampling_rate: float = 16000
    num_mel_bins: int = 128
    min_freq: float = 20.0
    max_freq: float | None = None
    power_to_db: bool = True
    top_db: float | None = 80.0
    mag_exp: float = 2.0
    min_power: float = 1e-10
    ref_power: float = 1.0
    data_format: str | None = None
    dtype: str | None = None
    conventions: MelConventions = KERAS

    def __post_init__(self) -> None:
        """Validate every field and convert it to a plain Python value."""
        given: Any = self.conventions
        if not isinstance(given, MelConventions):
            raise TypeError(f"`conventions` must be a specwidget.MelConventions; got {short_repr(given)}.")
        self._set("power_to_db", check_bool("power_to_db", self.power_to_db))
        for name in ("fft_length", "sequence_stride", "num_mel_bins"):
            self._set_length(name)
        if self.num_mel_bins > MAX_BANDS:
            raise ValueError(f"`num_mel_bins` must be at most {MAX_BANDS}; got {self.num_mel_bins}.")
        if self.sequence_length is not None:
            self._set_length("sequence_length")
            if self.sequence_length > self.fft_length:
                raise ValueError(
                    f"`sequence_length` must be at most fft_length={self.fft_length}; got {self.sequence_length}."
                )
        self._check_frequencies()
        self._check_levels()
        # The window, the layout and the dtype are those of a transform, which checks them.
        _ = self.transform
        self._set("dtype", self.transform.dtype)
        if self.window != "povey":
            self._set("window", self.transform.window)
        if self.conventions.margin == "half_overlap" and self.step > self.span:
            raise ValueError(
                f"`sequence_stride` must be at most {self.span}, the length of a frame, with margin='half_overlap'; "
                f"got {self.step}."
            )

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields only: pickle would restore the cached arrays as writable ones."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def step(self) -> int:
        """Samples from one frame to the next."""
        return self.sequence_stride

    @property
    def frame_length(self) -> int:
        """Length of the window, samples."""
        return self.fft_length if self.sequence_length is None else self.sequence_length

    @property
    def n_fft(self) -> int:
        """Length of the DFT, samples."""
        return self.fft_length

    @property
    def n_bins(self) -> int:
        """Number of frequency bins, F."""
        return self.n_fft // 2 + 1

    @property
    def n_bands(self) -> int:
        """Number of bands, M."""
        return self.num_mel_bins

    @property
    def highest_frequency(self) -> float:
        """Upper end of the last band, Hz."""
        return float(int(self.sampling_rate / 2)) if self.max_freq is None else self.max_freq

    @property
    def span(self) -> int:
        """Samples that are cut for a frame: the FFT's with the window in its centre, else the window's."""
        return self.n_fft if self.conventions.placement == "centre" else self.frame_length

    @property
    def margin(self) -> int:
        """Samples that are added at each end of the signal."""
        if self.conventions.ends is None:
            return 0
        return self.span // 2 if self.conventions.margin == "half_frame" else (self.span - self.step) // 2

    @property
    def offset(self) -> int:
        """Samples of a frame before its window."""
        return (self.span - self.frame_length) // 2

    @cached_property
    def bank(self) -> FilterBank:
        """The filter bank."""
        return _cached_bank(
            self.n_fft,
            self.sampling_rate,
            self.n_bands,
            self.min_freq,
            self.highest_frequency,
            scale=self.conventions.mel_scale,
            triangles=self.conventions.triangles,
            norm=self.conventions.norm,
        )

    @cached_property
    def bank_groups(self) -> list[tuple[slice, slice]]:
        """Bands and bins of the parts of the bank that are multiplied one by one."""
        return group_bands(self.bank, BANDS_PER_GROUP)

    @cached_property
    def transform(self) -> STFTSettings:
        """Settings of the transform that precedes the bank: window, FFT, layout and dtype."""
        is_povey = isinstance(self.window, str) and self.window == "povey"
        return STFTSettings(
            mode="stft",
            frame_length=self.frame_length,
            frame_step=min(self.step, self.frame_length),
            fft_length=self.n_fft,
            window=povey_window(self.frame_length, self.conventions.periodic) if is_povey else self.window,
            periodic=self.conventions.periodic,
            scaling=None,
            data_format=self.data_format,
            dtype=self.dtype,
        )

    @cached_property
    def without_channels(self) -> STFTSettings:
        """The settings of the transform with the layout of an input without an axis of channels."""
        return replace(self.transform, data_format="channels_first")

    @property
    def has_statistics(self) -> bool:
        """Whether a value depends on the whole recording, or is changed after the logarithm."""
        return self.top is not None or self.conventions.normalization is not None

    @property
    def advice(self) -> tuple[str, ...]:
        """Recommendations about valid but unfavourable settings; the layer emits them as warnings."""
        empty = self.bank.empty_bands
        if not empty:
            return ()
        listed = ", ".join(map(str, empty[:8])) + (", ..." if len(empty) > 8 else "")
        sentence = (
            f"`num_mel_bins` should leave every band a bin; {len(empty)} of {self.n_bands} bands hold none and are "
            f"constant: {listed}. Use fewer bands, a longer fft_length, or a higher min_freq."
        )
        return (sentence,)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-serialisable values; a window array becomes a list, the conventions a dict."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.window, tuple):
            values["window"] = self.transform.to_dict()["window"]
        return values | {"conventions": self.conventions.to_dict()}

    def to_json(self) -> str:
        """Return the fields as a JSON document, which `from_json` reads.

        Examples
        --------
        >>> settings = MelSettings(num_mel_bins=80)
        >>> MelSettings.from_json(settings.to_json()) == settings
        True
        """
        return dump_json(KIND, SCHEMA, self.to_dict())

    @classmethod
    def from_json(cls, text: str) -> MelSettings:
        """Create settings from a document that `to_json` wrote.

        Parameters
        ----------
        text : str
            The JSON document. It can't execute code, whatever its content.

        Returns
        -------
        MelSettings
            Equal to the settings that were written.

        Raises
        ------
        ValueError
            If the text is not JSON of mel settings with this schema, a field is missing or unknown, or a value is out
            of bounds.
        TypeError
            If a value has the wrong type.
        """
        values = load_json(text, KIND, SCHEMA, (field.name for field in fields(cls)))
        return cls(**values | {"conventions": conventions_from_dict(values["conventions"])})

    def _set(self, name: str, value: Any) -> None:
        # The dataclass is frozen; this is called during construction only.
        object.__setattr__(self, name, value)

    def _set_length(self, name: str) -> None:
        length = check_integer(name, getattr(self, name))
        if length < 1:
            raise ValueError(f"`{name}` must be at least 1; got {length}.")
        self._set(name, length)

    def _check_frequencies(self) -> None:
        rate = check_number("sampling_rate", self.sampling_rate)
        if not (math.isfinite(rate) and rate > 0):
            raise ValueError(f"`sampling_rate` must be finite and above 0; got {rate:g}.")
        self._set("sampling_rate", rate)
        low = check_number("min_freq", self.min_freq)
        if not (math.isfinite(low) and low >= 0):
            raise ValueError(f"`min_freq` must be finite and at least 0; got {low:g}.")
        self._set("min_freq", low)
        if self.max_freq is not None:
            self._set("max_freq", check_number("max_freq", self.max_freq))
        high = self.highest_frequency
        if not (math.isfinite(high) and high > low):
            raise ValueError(f"`max_freq` must be finite and above min_freq={low:g}; got {high:g}.")

    def _check_levels(self) -> None:
        for name in ("mag_exp", "min_power"):
            value = check_number(name, getattr(self, name))
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"`{name}` must be finite and above 0; got {value:g}.")
            self._set(name, value)
        if self.top_db is not None:
            top = check_number("top_db", self.top_db)
            if not (math.isfinite(top) and top >= 0):
                raise ValueError(f"`top_db` must be finite and at least 0, or None; got {top:g}.")
            self._set("top_db", top)
        reference = check_number("ref_power", self.ref_power)
        if not math.isfinite(reference):
            raise ValueError(f"`ref_power` must be finite; got {reference:g}.")
        self._set("ref_power", reference)

    @property
    def result_dtype(self) -> DType:
        """Dtype of the result."""
        return self.transform.result_dtype

    @property
    def compute_dtype(self) -> DType:
        """Dtype of the computation; float16 is computed in float32."""
        return self.transform.compute_dtype

    @property
    def log_offset(self) -> float:
        """What is subtracted from the logarithm: that of the reference, as in Keras at least `min_power`."""
        return self.conventions.log_factor * math.log(max(abs(self.ref_power), self.min_power))

    @property
    def top(self) -> float | None:
        """Largest distance of a value from the largest, in the unit of the logarithm; None for no limit."""
        if self.top_db is None or not self.power_to_db:
            return None
        return self.top_db / 10.0 * math.log(10.0) * self.conventions.log_factor


def conventions_from_dict(values: Any) -> MelConventions:
    """Create conventions from the result of `MelConventions.to_dict`."""
    if not isinstance(values, dict):
        raise TypeError(f"`conventions` must be an object of values; got {short_repr(values)}.")
    return MelConventions(**values)


MEL_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(MelSettings)}
"""The arguments of the layer and their defaults."""
