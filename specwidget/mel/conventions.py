"""`MelConventions`: in what front ends differ besides their numbers, each choice by name."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from specwidget.mel.banks import BAND_NORMS, TRIANGLES, BandNorm, Triangles
from specwidget.mel.scales import MEL_SCALES, MelScale
from specwidget.stft.extension import Extension
from specwidget.stft.other_names import hinting_class
from specwidget.stft.settings import check_bool, check_choice, check_integer, check_number

Placement = Literal["centre", "left"]
Margin = Literal["half_frame", "half_overlap"]
Scope = Literal["frame", "signal"]
Floor = Literal["maximum", "add"]
Logarithm = Literal["db", "log10", "ln"]
Normalization = Literal["affine", "band"]

CHOICES: dict[str, tuple[str | None, ...]] = {
    "placement": get_args(Placement),
    "ends": (*get_args(Extension), None),
    "margin": get_args(Margin),
    "remove_mean": (*get_args(Scope), None),
    "preemphasis_over": get_args(Scope),
    "mel_scale": MEL_SCALES,
    "triangles": TRIANGLES,
    "norm": BAND_NORMS,
    "floor": get_args(Floor),
    "logarithm": get_args(Logarithm),
    "normalization": (*get_args(Normalization), None),
}
"""Values of each convention that is a choice."""

LOG_FACTORS: dict[str, float] = {"db": 10.0 / math.log(10.0), "log10": 1.0 / math.log(10.0), "ln": 1.0}
"""Factor of the natural logarithm."""


@hinting_class
@dataclass(frozen=True)
class MelConventions:
    """Conventions of a front end; the defaults are those of Keras's `MelSpectrogram`.

    Parameters
    ----------
    periodic : bool, default True
        Whether a window given by name is periodic; False is symmetric.
    placement : {"centre", "left"}, default "centre"
        Where a window shorter than the FFT lies in it: "centre" cuts frames of `fft_length` samples with the window in
        their middle; "left" cuts frames of `sequence_length`, and zeros follow.
    ends : {"reflect", "zeros", None}, default "reflect"
        What is added before and after the signal; None adds nothing, and only complete frames are computed.
    margin : {"half_frame", "half_overlap"}, default "half_frame"
        How many samples are added at each end: half of those that are cut for a frame, or half of what two such frames
        share.
    drop_last_frame : bool, default False
        Whether the last frame is left out.
    gain : float, default 1.0
        Factor of the samples; 32768 for libraries that expect integers of 16 bits.
    remove_mean : {"frame", "signal", None}, default None
        Whether the mean is subtracted, from each frame or from the signal.
    preemphasis : float, default 0.0
        Coefficient `a` of ``y[n] = x[n] - a x[n - 1]``, after the mean.
    preemphasis_over : {"frame", "signal"}, default "frame"
        Whether pre-emphasis is applied to each frame, whose first sample becomes ``(1 - a) x[0]``, or to the signal,
        whose first sample stays.
    power_offset : float, default 0.0
        Added to the squared magnitude of each bin.
    mel_scale : {"htk", "slaney"}, default "htk"
        Scale on which the edges of the bands are equidistant; see `specwidget.mel.scales`.
    triangles : {"mel", "hertz"}, default "mel"
        Whether the sides of the triangles are straight over mel or over Hz.
    norm : {"slaney", None}, default None
        "slaney" gives all bands the same area over Hz; None gives them a peak of 1.
    floor : {"maximum", "add"}, default "maximum"
        Whether `min_power` is the least value of a band, or is added to it.
    logarithm : {"db", "log10", "ln"}, default "db"
        Logarithm that is taken if `power_to_db` is True: 10 log10, log10 or natural.
    normalization : {"affine", "band", None}, default None
        "affine" is ``(y - mean) / deviation``. "band" subtracts the mean over the recording from each band and divides
        by ``sqrt(variance + variance_epsilon) + deviation_epsilon``; a band that does not vary becomes 0.
    mean, deviation : float, defaults 0.0 and 1.0
        Constants of "affine".
    ddof : int, default 0
        The variance of "band" is divided by the number of frames minus this.
    variance_epsilon, deviation_epsilon : float, default 0.0
        Constants of "band".

    Raises
    ------
    ValueError
        If a value is out of bounds or not one of the choices.
    TypeError
        If a value has the wrong type.

    Examples
    --------
    >>> MelConventions(mel_scale="slaney", triangles="hertz", norm="slaney").ends
    'reflect'
    """

    periodic: bool = True
    placement: Placement = "centre"
    ends: Extension | None = "reflect"
    margin: Margin = "half_frame"
    drop_last_frame: bool = False
    gain: float = 1.0
    remove_mean: Scope | None = None
    preemphasis: float = 0.0
    preemphasis_over: Scope = "frame"
    power_offset: float = 0.0
    mel_scale: MelScale = "htk"
    triangles: Triangles = "mel"
    norm: BandNorm | None = None
    floor: Floor = "maximum"
    logarithm: Logarithm = "db"
    normalization: Normalization | None = None
    mean: float = 0.0
    deviation: float = 1.0
    ddof: int = 0
    variance_epsilon: float = 0.0
    deviation_epsilon: float = 0.0

    def __post_init__(self) -> None:
        """Validate every field and convert it to a plain Python value."""
        for name, choices in CHOICES.items():
            check_choice(name, getattr(self, name), choices)
        for name in ("periodic", "drop_last_frame"):
            self._set(name, check_bool(name, getattr(self, name)))
        for name in ("gain", "preemphasis", "power_offset", "mean", "deviation"):
            self._set_number(name)
        for name in ("power_offset", "variance_epsilon", "deviation_epsilon"):
            self._set_number(name, low=0.0)
        for name in ("gain", "deviation"):
            if getattr(self, name) == 0:
                raise ValueError(f"`{name}` must not be 0.")
        self._set("ddof", check_integer("ddof", self.ddof))
        if self.ddof not in (0, 1):
            raise ValueError(f"`ddof` must be 0 or 1; got {self.ddof}.")

    @property
    def log_factor(self) -> float:
        """Factor of the natural logarithm."""
        return LOG_FACTORS[self.logarithm]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as JSON-serialisable values."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def _set(self, name: str, value: Any) -> None:
        # The dataclass is frozen; this is called during construction only.
        object.__setattr__(self, name, value)

    def _set_number(self, name: str, low: float = -math.inf) -> None:
        value = check_number(name, getattr(self, name))
        if not (math.isfinite(value) and value >= low):
            rule = "finite" if low == -math.inf else f"finite and at least {low:g}"
            raise ValueError(f"`{name}` must be {rule}; got {value}.")
        self._set(name, value)


KERAS = MelConventions()
"""The conventions of Keras's layer."""
