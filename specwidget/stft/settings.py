"""`STFTSettings`: the settings of a transform, validated once at construction."""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from specwidget.stft.formatting import short_repr
from specwidget.stft.other_names import hinting_class
from specwidget.stft.serialization import dump_json, load_json
from specwidget.stft.windows import Window, check_window, is_rounding_error, make_window, window_repr, window_scale

Mode = Literal["log", "magnitude", "psd", "real", "imag", "angle", "stft"]
Scaling = Literal["density", "spectrum"]
Padding = Literal["valid", "same"]
DataFormat = Literal["channels_last", "channels_first"]
DType = Literal["float16", "float32", "float64"]
Backend = Literal["auto", "numpy", "cupy"]

MODES: tuple[Mode, ...] = get_args(Mode)
SCALINGS: tuple[Scaling | None, ...] = (*get_args(Scaling), None)
PADDINGS: tuple[Padding, ...] = get_args(Padding)
DATA_FORMATS: tuple[DataFormat, ...] = get_args(DataFormat)
DTYPES: tuple[DType, ...] = get_args(DType)
BACKENDS: tuple[Backend, ...] = get_args(Backend)

RESULT_DTYPES: dict[str, DType] = {**{name: name for name in DTYPES}, "mixed_float16": "float16"}
"""Accepted values of `dtype`, including Keras's mixed policy, and the dtype of the result for each."""

MAX_LENGTH = 2**62
"""Largest accepted length, samples; no array is that long."""

KIND = "settings"
"""Kind of the JSON document."""

SCHEMA = 1
"""Version of the JSON schema, increased with each change that old readers can't read."""


@hinting_class
@dataclass(frozen=True)
class STFTSettings:
    """All settings of a transform, as given by the caller.

    The fields are the arguments of `specwidget.STFTSpectrogram`, in its order; None stays None. Derived values (`step`,
    `n_fft`, ...) are properties. Settings are hashable; use `dataclasses.replace` to change one.

    Parameters
    ----------
    mode : {"log", "magnitude", "psd", "real", "imag", "angle", "stft"}
        Function of the real and imaginary parts that is computed.
    frame_length : int
        Length of a frame, samples.
    frame_step : int or None
        Samples from one frame to the next, at most `frame_length`; None means half a frame.
    fft_length : int or None
        Length of the DFT, samples, at least `frame_length`; None means the next power of two
        (`frame_length` itself if it is one).
    window : str, tuple, array-like (frame_length,) or None
        A SciPy window name, a (name, parameter...) tuple, the values, or None for no window and no scaling.
    periodic : bool
        Whether a window given by name is periodic; False is symmetric.
    scaling : {"density", "spectrum", None}
        Divisor of the kernels: root of the window's energy, its absolute sum, or 1.
    padding : {"valid", "same"}
        Complete frames only, or zeros on both sides so that there is one frame for every step.
    expand_dims : bool
        Keep separate axes for bins and channels.
    data_format : {"channels_last", "channels_first", None}
        Order of the axes, case-insensitive; None means "channels_last".
    trainable : bool
        Whether the kernels are trainable weights. Does not change the output.
    dtype : {"float16", "float32", "float64", "mixed_float16", None}
        Dtype of the result; None means "float32", and "mixed_float16" is read as "float16".
    epsilon : float
        Floor of the power in modes "log" and "magnitude".
    backend : {"auto", "numpy", "cupy"}
        Where NumPy input is computed.

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices.
    TypeError
        If a value has the wrong type: 2.0 and True are not integers.

    Examples
    --------
    >>> settings = STFTSettings(frame_length=400, frame_step=160)
    >>> settings.step, settings.n_fft, settings.n_bins
    (160, 512, 257)
    """

    mode: Mode = "log"
    frame_length: int = 256
    frame_step: int | None = None
    fft_length: int | None = None
    window: Window = "hann"
    periodic: bool = False
    scaling: Scaling | None = "density"
    padding: Padding = "valid"
    expand_dims: bool = False
    data_format: str | None = None
    trainable: bool = True
    dtype: str | None = None
    epsilon: float = 1e-7
    backend: Backend = "auto"

    def __post_init__(self) -> None:
        """Validate every field and convert it to a plain Python value."""
        check_choice("mode", self.mode, MODES)
        check_choice("scaling", self.scaling, SCALINGS)
        check_choice("padding", self.padding, PADDINGS)
        check_choice("backend", self.backend, BACKENDS)
        for name in ("periodic", "expand_dims", "trainable"):
            self._set(name, check_bool(name, getattr(self, name)))
        # Lengths before the window, which needs them, and dtype before the scale, which must fit it.
        self._check_data_format()
        self._check_lengths()
        self._check_dtype_and_epsilon()
        self._set("window", check_window(self.window, self.frame_length, periodic=self.periodic))
        self._check_kernel_scale()

    def __getstate__(self) -> dict[str, Any]:
        """Return the fields only: pickle would restore the cached windows as writable arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def step(self) -> int:
        """Samples from one frame to the next."""
        return max(1, self.frame_length // 2) if self.frame_step is None else self.frame_step

    @cached_property
    def n_fft(self) -> int:
        """Length of the DFT, samples."""
        return 1 << (self.frame_length - 1).bit_length() if self.fft_length is None else self.fft_length

    @property
    def n_bins(self) -> int:
        """Number of frequency bins, F."""
        return self.n_fft // 2 + 1

    @property
    def n_outputs(self) -> int:
        """Number of values for each frame and channel: F, or 2F in mode "stft"."""
        return 2 * self.n_bins if self.mode == "stft" else self.n_bins

    @cached_property
    def channels_last(self) -> bool:
        """Whether channels are on the last axis of the input."""
        return self.data_format is None or self.data_format.lower() == "channels_last"

    @cached_property
    def result_dtype(self) -> DType:
        """Dtype of the result."""
        return "float32" if self.dtype is None else RESULT_DTYPES[self.dtype]

    @property
    def compute_dtype(self) -> DType:
        """Dtype of the computation; float16 is computed in float32."""
        return "float32" if self.result_dtype == "float16" else self.result_dtype

    @property
    def has_named_window(self) -> bool:
        """Whether the window is given by name, with or without parameters, and not by its values."""
        name = self.window[0] if isinstance(self.window, tuple) else self.window
        return isinstance(name, str)

    @cached_property
    def window_values(self) -> NDArray[np.float64] | None:
        """Values of the window, shape (frame_length,), read-only; None if there is no window."""
        return make_window(self.window, self.frame_length, self.periodic)

    @cached_property
    def kernel_scale(self) -> float:
        """Divisor `s` of the kernels."""
        return window_scale(self.window_values, self.scaling)

    @cached_property
    def scaled_window(self) -> NDArray[np.float64]:
        """Window divided by `kernel_scale`, shape (frame_length,), read-only; ones if there is no window."""
        values = np.ones(self.frame_length) if self.window_values is None else self.window_values / self.kernel_scale
        values.flags.writeable = False
        return values

    @property
    def advice(self) -> tuple[str, ...]:
        """Recommendations about valid but unfavourable settings; the layer emits them as warnings."""
        given = self.fft_length
        if given is None or given & (given - 1) == 0:
            return ()
        return (f"`fft_length` should be a power of two, as FFTs of other lengths can be slower; got {given}.",)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-serialisable values; a window array becomes a list."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if isinstance(self.window, tuple):
            values["window"] = _to_lists(self.window)
        return values

    def to_json(self, sample_rate: float | None = None) -> str:
        """Return the fields as a JSON document, which `from_json` reads.

        Parameters
        ----------
        sample_rate : float, optional
            Sample rate that the settings are used at, Hz, to be kept beside them.

        Returns
        -------
        str
            Kind, schema version, and every field on a separate line.

        Examples
        --------
        >>> text = STFTSettings(frame_length=400, window=("kaiser", 8.6)).to_json()
        >>> STFTSettings.from_json(text).window
        ('kaiser', 8.6)
        """
        return dump_json(KIND, SCHEMA, self.to_dict(), sample_rate=check_sample_rate(sample_rate))

    @classmethod
    def from_json(cls, text: str) -> STFTSettings:
        """Create settings from a document that `to_json` wrote.

        Parameters
        ----------
        text : str
            The JSON document. It can't execute code, whatever its content.

        Returns
        -------
        STFTSettings
            Equal to the settings that were written.

        Raises
        ------
        ValueError
            If the text is not JSON of settings with this schema, a field is missing or unknown, or a value is out of
            bounds.
        TypeError
            If a value has the wrong type.

        See Also
        --------
        specwidget.export.load_settings : Read settings from a file.
        """
        values = load_json(text, KIND, SCHEMA, (field.name for field in fields(cls)), ("sample_rate",))
        check_sample_rate(values.pop("sample_rate", None))
        return cls(**values)

    @classmethod
    def sample_rate_from_json(cls, text: str) -> float | None:
        """Return the sample rate in a document that `to_json` wrote, Hz; None if it has none.

        Examples
        --------
        >>> STFTSettings.sample_rate_from_json(STFTSettings().to_json(16_000))
        16000.0
        """
        names = (field.name for field in fields(cls))
        return check_sample_rate(load_json(text, KIND, SCHEMA, names, ("sample_rate",)).get("sample_rate"))

    def _set(self, name: str, value: Any) -> None:
        # The dataclass is frozen; this is called during construction only.
        object.__setattr__(self, name, value)

    def _check_data_format(self) -> None:
        if self.data_format is not None:
            given: Any = self.data_format
            if not isinstance(given, str) or given.lower() not in DATA_FORMATS:
                check_choice("data_format", given, (*DATA_FORMATS, None))

    def _check_lengths(self) -> None:
        length = _check_length("frame_length", self.frame_length)
        self._set("frame_length", length)
        if length < 1:
            raise ValueError(f"`frame_length` must be at least 1; got {length}.")
        if self.frame_step is not None:
            step = _check_length("frame_step", self.frame_step)
            self._set("frame_step", step)
            if not 1 <= step <= length:
                raise ValueError(f"`frame_step` must be between 1 and frame_length={length}; got {step}.")
        if self.fft_length is not None:
            n_fft = _check_length("fft_length", self.fft_length)
            self._set("fft_length", n_fft)
            if n_fft < length:
                raise ValueError(f"`fft_length` must be at least frame_length={length}; got {n_fft}.")

    def _check_kernel_scale(self) -> None:
        """Check that the scale of the window is a valid divisor, and that its values fit the compute dtype."""
        values = self.window_values
        # Divided by its norm, a window of rounding errors would become one of ordinary size.
        is_zero = self.scaling is not None and values is not None and is_rounding_error(self.window, values)
        if is_zero or not 0 < self.kernel_scale < math.inf:
            if is_zero:
                rule = "be zero everywhere"
            elif self.kernel_scale > 0:
                rule = "have values whose squares overflow"
            elif np.any(values):
                rule = "have values whose squares underflow to 0"
            else:
                rule = "be zero everywhere"
            raise ValueError(
                f"`window` must not {rule} with scaling={self.scaling!r}, which divides by its norm; "
                f"got {window_repr(self.window)} with frame_length={self.frame_length} and periodic={self.periodic}."
            )
        largest = float(np.finfo(self.compute_dtype).max)
        # With scaling the values are at most 1 after division, so only unscaled windows can overflow.
        if self.scaling is None and values is not None and np.abs(values).max() > largest:
            raise ValueError(
                f"`window` must have values of at most {largest:.1e}, the largest {self.compute_dtype}, "
                f"with scaling=None; got {window_repr(self.window)}."
            )

    def _check_dtype_and_epsilon(self) -> None:
        """Check `dtype` and `epsilon`, which must be positive and finite in the compute dtype."""
        if self.dtype is not None:
            name = _dtype_name(self.dtype)
            check_choice("dtype", name, (*RESULT_DTYPES, None))
            self._set("dtype", name)
        epsilon = check_number("epsilon", self.epsilon)
        self._set("epsilon", epsilon)
        with np.errstate(over="ignore", under="ignore"):
            # A positive float64 may round to 0 or infinity in float32, which is no floor.
            rounded = float(np.dtype(self.compute_dtype).type(epsilon))
        if not (math.isfinite(rounded) and rounded > 0):
            raise ValueError(
                f"`epsilon` must be finite and above 0 in {self.compute_dtype}, the dtype of the computation; "
                f"got {epsilon}."
            )


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raise `ValueError` unless a value is one of the choices."""
    # Identity first: `==` of an array gives an array.
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        listed = ", ".join(repr(choice) for choice in choices)
        raise ValueError(f"`{name}` must be one of {listed}; got {short_repr(value)}.")


def check_integer(name: str, value: object) -> int:
    """Return `value` as an int, after checking that it is an integer; a bool and 2.0 are not."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"`{name}` must be an integer; got {short_repr(value)}.")
    return int(value)


def _check_length(name: str, value: object) -> int:
    """Return a length as an int, after checking that it is an integer that an array shape could have."""
    length = check_integer(name, value)
    if length > MAX_LENGTH:
        raise ValueError(f"`{name}` must be at most {MAX_LENGTH}; got {short_repr(length)}.")
    return length


def check_number(name: str, value: object) -> float:
    """Return `value` as a float, after checking that it is a real number; a bool is not."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"`{name}` must be a number; got {short_repr(value)}.")
    try:
        return float(value)
    # An integer above 1.8e308; the caller rejects infinity with its own bound.
    except OverflowError:
        return math.inf


def check_sample_rate(sample_rate: object) -> float | None:
    """Return a sample rate as a float, or None; raise if it is not a positive finite number."""
    if sample_rate is None:
        return None
    # Some readers return a scalar array or tensor.
    if getattr(sample_rate, "shape", None) == () and hasattr(sample_rate, "item"):
        sample_rate = sample_rate.item()
    rate = check_number("sample_rate", sample_rate)
    if not (math.isfinite(rate) and rate > 0):
        raise ValueError(f"`sample_rate` must be finite and above 0, or None; got {rate:g}.")
    return rate


def check_bool(name: str, value: object) -> bool:
    """Return `value` as a bool, after checking that it is one; 1 and "yes" are not."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be True or False; got {short_repr(value)}.")
    return bool(value)


def _dtype_name(dtype: Any) -> Any:
    """Return the name of a NumPy dtype or scalar type; any other value unchanged."""
    if isinstance(dtype, str):
        return dtype
    try:
        return np.dtype(dtype).name
    except (TypeError, ValueError):
        return dtype


def _to_lists(values: tuple[Any, ...]) -> list[Any]:
    return [_to_lists(value) if isinstance(value, tuple) else value for value in values]


SETTING_DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(STFTSettings)}
"""The arguments of the layer and their defaults."""
