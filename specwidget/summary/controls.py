"""Controls as data: the trait or argument that each sets, its label, its kind and its range.

A control for a new argument is one more entry in one of the tables. The choices come from the engine, so that a new
mode or window appears by itself.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from specwidget.mel.cepstrum import CEPSTRAL_CONVENTIONS
from specwidget.mel.conventions import CHOICES
from specwidget.mel.stages import FRONT_END_DEFAULTS, STAGES
from specwidget.raster.colours import AUTOMATIC, COLOUR_MAPS
from specwidget.raster.scales import FREQUENCY_AXES, TIME_AXES
from specwidget.stft.settings import (
    BACKENDS,
    DATA_FORMATS,
    DTYPES,
    MODES,
    PADDINGS,
    SCALINGS,
    check_integer,
    check_number,
)
from specwidget.stft.windows import NAMED_WINDOWS, PARAMETRIC_WINDOWS

Kind = Literal["choice", "length", "slider", "number", "switch", "text", "window", "index", "range"]
Choice = tuple[Any, str]


@dataclass(frozen=True)
class Control:
    """One control.

    Parameters
    ----------
    name : str
        The trait or argument that it sets.
    label : str
        Its label on the page.
    kind : {"choice", "length", "slider", "number", "switch", "text", "window", "index", "range"}
        Kind of input: a menu, integers on a logarithmic slider, numbers on a linear slider, a number to be typed, a
        switch, text, the window with its parameters, an index, or two numbers. `fields.js` has a function for each.
    tooltip : str
        Its effect, shown as a tooltip.
    group : str
        The part of the page that it belongs to.
    value : object
        The initial value, for controls that no trait holds.
    choices : tuple of (value, label)
        For "choice"; in groups for "window".
    unit : str
        Unit of the value.
    optional : bool
        Whether None is a value of its own, shown as "default".
    span : tuple of float
        For "length" and "slider", lowest and highest value of the slider.
    step : float
        For "slider", distance of two values; with an integer step and `value`, values are integers.
    steps : int
        For "length", values of the slider per octave; any integer can be typed.
    forms : tuple of {"time", "overlap", "spacing"}
        For "length", the forms in which it is shown and typed beside samples: a time, an overlap of frames, the spacing
        of bins in Hz.
    stages : tuple of str
        The stages of the front end that have this setting.
    """

    name: str
    label: str
    kind: Kind
    tooltip: str
    group: str = "analysis"
    value: Any = None
    choices: tuple[Any, ...] = ()
    unit: str = ""
    optional: bool = False
    span: tuple[float, float] = (1, 16384)
    step: float = 1.0
    steps: int = 8
    forms: tuple[str, ...] = ()
    stages: tuple[str, ...] = STAGES

    @property
    def is_integer(self) -> bool:
        """Whether the values are integers."""
        return self.kind == "length" or (self.kind == "slider" and isinstance(self.value, int))

    def check(self, value: Any) -> Any:
        """Check a value of a "choice", "length", "slider" or "switch".

        Parameters
        ----------
        value : object
            A value from the page or a caller.

        Returns
        -------
        object
            The value.

        Raises
        ------
        ValueError
            If it is outside the span, or none of the choices.
        TypeError
            If it has the wrong type.

        Examples
        --------
        >>> Control("gain", "Gain", "slider", "Loudness.", value=0.5, span=(0.0, 1.0)).check(0.25)
        0.25
        """
        if self.kind == "choice":
            return self._check_choice(value)
        if self.kind == "switch":
            if not isinstance(value, bool):
                raise TypeError(f"`{self.name}` must be True or False; got {value!r}.")
            return value
        if self.is_integer:
            number: float = check_integer(self.name, value)
        else:
            number = check_number(self.name, value)
        low, high = self.span
        if not (math.isfinite(number) and low <= number <= high):
            raise ValueError(f"`{self.name}` must be between {low:g} and {high:g}; got {value!r}.")
        return number

    def to_page(self) -> dict[str, Any]:
        """Return the control as JSON values."""
        return asdict(self)

    def _check_choice(self, value: Any) -> Any:
        for choice, _ in self.choices:
            if type(choice) is type(value) and choice == value:
                return choice
        listed = ", ".join(repr(choice) for choice, _ in self.choices)
        raise ValueError(f"`{self.name}` must be one of {listed}; got {value!r}.")


def _plain(values: tuple[Any, ...]) -> tuple[Choice, ...]:
    """Return values as choices labelled with their own names."""
    return tuple((value, "none" if value is None else str(value)) for value in values)


MODE_LABELS = {
    "log": "log (ln magnitude)",
    "psd": "psd (power)",
    "real": "real part",
    "imag": "imag (imaginary part)",
    "stft": "stft (real, imag)",
}
_MODES = tuple((mode, MODE_LABELS.get(mode, mode)) for mode in MODES)

STFT, BANDS, COEFFICIENTS = ("stft",), ("mel", "mfcc"), ("mfcc",)
"""Stages that have a setting."""

STAGE_LABELS = {"stft": "STFT", "mel": "Mel spectrogram", "mfcc": "MFCC"}

_WINDOWS = (
    ("Without parameter", _plain(NAMED_WINDOWS)),
    ("With parameters", tuple(({"name": name}, f"{name}(…)") for name in PARAMETRIC_WINDOWS)),
)

SETTING_CONTROLS: tuple[Control, ...] = (
    Control(
        "mode",
        "Mode",
        "choice",
        "Output for each bin: a level (log, magnitude, psd), the phase (angle), or real and imaginary parts.",
        choices=_MODES,
        stages=STFT,
    ),
    Control(
        "frame_length",
        "Frame length",
        "length",
        "Longer frames resolve closer frequencies and blur short events; shorter frames do the opposite.",
        unit="samples",
        span=(8, 16384),
        forms=("time",),
    ),
    Control(
        "frame_step",
        "Frame step",
        "length",
        "A smaller step gives more frames, so a smoother spectrogram in time. The default is half a frame.",
        unit="samples",
        optional=True,
        span=(1, 16384),
        forms=("time", "overlap"),
    ),
    Control(
        "fft_length",
        "FFT length",
        "length",
        "Zero-padding interpolates the spectrum; it adds no resolution. The default is the next power of two.",
        unit="samples",
        optional=True,
        span=(8, 32768),
        steps=1,
        forms=("spacing",),
    ),
    Control(
        "window",
        "Window",
        "window",
        "Smoother windows have lower side lobes, so less leakage around strong lines, and a wider main lobe.",
        choices=_WINDOWS,
    ),
    Control(
        "periodic",
        "Periodic window",
        "switch",
        "Periodic for spectral analysis and overlap-add, symmetric for filter design. They differ by one sample.",
    ),
    Control(
        "scaling",
        "Scaling",
        "choice",
        "Gain: 'density' makes the level of noise independent of frame length, 'spectrum' that of a sine.",
        choices=_plain(SCALINGS),
        stages=STFT,
    ),
    Control(
        "padding",
        "Padding",
        "choice",
        "'same' zero-pads so there is one frame per step; 'valid' keeps only complete frames.",
        choices=_plain(PADDINGS),
        stages=STFT,
    ),
    Control(
        "epsilon",
        "Epsilon",
        "number",
        "Power below epsilon is clipped to it in modes log and magnitude. A lower epsilon shows quieter parts.",
        group="output",
        stages=STFT,
    ),
    Control(
        "dtype",
        "Data type",
        "choice",
        "Precision of the output. In float16 large values may overflow to infinity, which is drawn grey.",
        group="output",
        choices=((None, "default (float32)"), *_plain(DTYPES)),
    ),
    Control(
        "data_format",
        "Data format",
        "choice",
        "Order of the axes of input and output. The spectrogram stays the same.",
        group="output",
        choices=((None, "default (channels_last)"), *_plain(DATA_FORMATS)),
    ),
    Control(
        "backend",
        "Backend",
        "choice",
        "Library for NumPy input: NumPy on the CPU, or CuPy on a GPU. The spectrogram stays the same.",
        group="output",
        choices=_plain(BACKENDS),
        stages=STFT,
    ),
    Control(
        "expand_dims",
        "Expand dims",
        "switch",
        "Put the channels on an axis of their own in the output. The spectrogram stays the same.",
        group="output",
        stages=STFT,
    ),
    Control(
        "trainable",
        "Trainable kernels",
        "switch",
        "Expose the kernels as trainable weights. The spectrogram stays the same.",
        group="output",
        stages=STFT,
    ),
)
"""Controls of the layer's arguments."""


def _band_choice(name: str, label: str, tooltip: str, labels: dict[Any, str], group: str = "conventions") -> Control:
    """Return the control of a convention, whose values are those of the engine."""
    choices = tuple((value, labels.get(value, str(value))) for value in CHOICES[name])
    return Control(name, label, "choice", tooltip, group=group, choices=choices, stages=BANDS)


STAGE_CONTROLS: tuple[Control, ...] = (
    Control(
        "stage",
        "Stage",
        "choice",
        "What follows the transform: nothing, a bank of triangles on a mel scale, or coefficients of its logarithms.",
        group="stage",
        choices=tuple(STAGE_LABELS.items()),
    ),
    Control(
        "num_mel_bins",
        "Bands",
        "length",
        "Number of triangles between the lowest and the highest frequency. More bands than the FFT has bins for stay "
        "empty; see the tab Bank.",
        group="bands",
        span=(1, 256),
        stages=BANDS,
    ),
    Control(
        "min_freq",
        "Lowest frequency",
        "number",
        "Where the first triangle begins. 20 Hz or more leaves out offsets and hum.",
        group="bands",
        unit="Hz",
        stages=BANDS,
    ),
    Control(
        "max_freq",
        "Highest frequency",
        "number",
        "Where the last triangle ends. Empty means half the sample rate.",
        group="bands",
        unit="Hz",
        optional=True,
        stages=BANDS,
    ),
    _band_choice(
        "mel_scale",
        "Mel scale",
        "HTK's logarithm, or Slaney's, which is linear below 1 kHz. The edges of the bands are equidistant on it.",
        {"htk": "HTK", "slaney": "Slaney"},
        "bands",
    ),
    _band_choice(
        "norm",
        "Norm",
        "Slaney's gives all triangles the same area, so that noise is level; without it all have a peak of 1.",
        {"slaney": "equal areas (Slaney)", None: "peaks of 1"},
        "bands",
    ),
    _band_choice(
        "triangles",
        "Triangles",
        "Whether their sides are straight over mel, as in HTK and Kaldi, or over Hz, as in librosa and torchaudio.",
        {"mel": "straight over mel", "hertz": "straight over Hz"},
        "bands",
    ),
    Control(
        "power_to_db",
        "Logarithm",
        "switch",
        "Take the logarithm of each band, as almost every model expects.",
        group="values",
        stages=BANDS,
    ),
    _band_choice(
        "logarithm",
        "Kind of logarithm",
        "10 log10 (decibels), log10 as in Whisper, or the natural one as in Kaldi.",
        {"db": "10 log10 (dB)", "log10": "log10", "ln": "ln"},
        "values",
    ),
    Control(
        "min_power",
        "Floor",
        "number",
        "Least value of a band before the logarithm, or what is added to it. A higher floor hides quiet parts.",
        group="values",
        stages=BANDS,
    ),
    Control(
        "top_db",
        "Range below the top",
        "number",
        "Values further below the largest of the recording are raised to this distance. Empty means no limit.",
        group="values",
        unit="dB",
        optional=True,
        stages=BANDS,
    ),
    Control(
        "mag_exp",
        "Exponent",
        "number",
        "Exponent of the magnitudes that are added: 2 for powers, 1 for magnitudes.",
        group="values",
        stages=BANDS,
    ),
    Control(
        "num_coefficients",
        "Coefficients",
        "length",
        "Number of cepstral coefficients. The first describe the envelope of the spectrum, later ones its details.",
        group="coefficients",
        span=(1, 64),
        stages=COEFFICIENTS,
    ),
    Control(
        "convention",
        "As in",
        "choice",
        "Whose scale, lifter and order of the coefficients are used.",
        group="coefficients",
        choices=tuple((name, {"htk": "HTK", "kaldi": "Kaldi"}.get(name, name)) for name in CEPSTRAL_CONVENTIONS),
        stages=COEFFICIENTS,
    ),
    Control(
        "lifter",
        "Lifter",
        "number",
        "Length of the sine that raises higher coefficients; 0 for none, 22 in Kaldi and HTK.",
        group="coefficients",
        stages=COEFFICIENTS,
    ),
    Control(
        "zeroth",
        "Coefficient 0",
        "switch",
        "Whether the coefficient that is the sum of the bands is one of them.",
        group="coefficients",
        stages=COEFFICIENTS,
    ),
    _band_choice(
        "ends",
        "Ends",
        "What is added before and after the signal; 'none' computes complete frames only.",
        {"reflect": "reflected", "zeros": "zeros", None: "none"},
    ),
    _band_choice(
        "margin",
        "Length of the ends",
        "Half a frame puts the centre of frame 0 on sample 0; half an overlap gives L // step frames.",
        {"half_frame": "half a frame", "half_overlap": "half an overlap"},
    ),
    Control(
        "drop_last_frame",
        "Drop the last frame",
        "switch",
        "Leave out the last frame, as Whisper and NeMo do.",
        group="conventions",
        stages=BANDS,
    ),
    _band_choice(
        "placement",
        "Window in the FFT",
        "Where a window shorter than the FFT lies in it: in its centre, or at its start with zeros after it.",
        {"centre": "in the centre", "left": "at the start"},
    ),
    Control(
        "gain",
        "Gain",
        "number",
        "Factor of the samples; 32768 for libraries that expect integers of 16 bits, such as Kaldi.",
        group="conventions",
        stages=BANDS,
    ),
    _band_choice(
        "remove_mean",
        "Remove the mean",
        "Whether the mean is subtracted, from each frame or from the whole signal.",
        {"frame": "of each frame", "signal": "of the signal", None: "no"},
    ),
    Control(
        "preemphasis",
        "Pre-emphasis",
        "number",
        "Coefficient a of x[n] - a x[n - 1], which raises high frequencies; 0 for none, 0.97 in Kaldi.",
        group="conventions",
        stages=BANDS,
    ),
    _band_choice(
        "preemphasis_over",
        "Pre-emphasis over",
        "Whether pre-emphasis is applied to each frame or to the whole signal.",
        {"frame": "each frame", "signal": "the signal"},
    ),
    Control(
        "power_offset",
        "Offset of powers",
        "number",
        "Added to the squared magnitude of each bin; 1e-9 in HiFi-GAN.",
        group="conventions",
        stages=BANDS,
    ),
    _band_choice(
        "floor",
        "Floor is",
        "Whether the floor is the least value of a band, or is added to every band.",
        {"maximum": "the least value", "add": "added"},
    ),
    Control(
        "ref_power",
        "Reference",
        "number",
        "Value of a band whose logarithm is 0.",
        group="conventions",
        stages=BANDS,
    ),
    _band_choice(
        "normalization",
        "Normalization",
        "By constants, (y - mean) / deviation, or by the mean and variance of each band over the recording.",
        {"affine": "by constants", "band": "per band", None: "none"},
    ),
    Control(
        "mean",
        "Mean",
        "number",
        "Constant that is subtracted by the normalization by constants.",
        group="conventions",
        stages=BANDS,
    ),
    Control(
        "deviation",
        "Deviation",
        "number",
        "Constant that the normalization by constants divides by.",
        group="conventions",
        stages=BANDS,
    ),
    Control(
        "ddof",
        "Degrees of freedom",
        "choice",
        "What is subtracted from the number of frames in the variance of a band.",
        group="conventions",
        choices=((0, "0: divide by T"), (1, "1: divide by T - 1")),
        stages=BANDS,
    ),
    Control(
        "variance_epsilon",
        "Added to the variance",
        "number",
        "Added to the variance of a band before the root is taken; 1e-7 in SeamlessM4T.",
        group="conventions",
        stages=BANDS,
    ),
    Control(
        "deviation_epsilon",
        "Added to the deviation",
        "number",
        "Added to the deviation of a band that values are divided by; 1e-5 in NeMo.",
        group="conventions",
        stages=BANDS,
    ),
)
"""Controls of the stage after the transform: a mel spectrogram or MFCC."""

assert {control.name for control in (*SETTING_CONTROLS, *STAGE_CONTROLS)} == set(FRONT_END_DEFAULTS)

DISPLAY_CONTROLS: tuple[Control, ...] = (
    Control(
        "channel",
        "Channel",
        "index",
        "Channel of the sound to display.",
        group="display",
    ),
    Control(
        "batch_item",
        "Batch item",
        "index",
        "Signal of the batch to display.",
        group="display",
    ),
    Control(
        "decibels",
        "Values",
        "choice",
        "Decibels show quiet parts beside loud ones; the layer's own values are the input of a model.",
        group="display",
        choices=((True, "decibels"), (False, "layer output")),
    ),
    Control(
        "frequency_axis",
        "Frequency axis",
        "choice",
        "Equal height for every bin (linear), octave (log) or mel; 'notes' is a log axis labelled with notes.",
        group="display",
        choices=_plain(FREQUENCY_AXES),
    ),
    Control(
        "time_axis",
        "Time axis",
        "choice",
        "Unit of time: seconds, frames (the time steps of a model), or samples. The spectrogram stays the same.",
        group="display",
        choices=_plain(TIME_AXES),
    ),
    Control(
        "unit",
        "Unit",
        "text",
        "Unit of the signal, such as V, Pa or m/s². With a sample rate, decibels of a density are then per Hz.",
        group="display",
    ),
    Control(
        "colour_map",
        "Colours",
        "choice",
        "'automatic' selects by mode: a sequential map for levels, a diverging one for signs, a cyclic one for phase.",
        group="display",
        choices=(
            (AUTOMATIC, AUTOMATIC),
            *((name, name) for maps in COLOUR_MAPS.values() for name in maps),
        ),
    ),
    Control(
        "value_range",
        "Range",
        "range",
        "Values at the two ends of the colour map. A narrower range gives more contrast.",
        group="display",
    ),
)
"""Controls of the display choices, which change nothing that is computed."""

FIGURE_CONTROLS = (
    Control("width", "Width", "number", "Width of the figure in inches.", group="figure", value=7.2, unit="in"),
    Control("height", "Height", "number", "Height of the figure in inches.", group="figure", value=3.6, unit="in"),
    Control("dpi", "Resolution", "number", "Dots per inch of the figure.", group="figure", value=300, unit="dpi"),
    Control(
        "time_limits",
        "Time",
        "range",
        "First and last time of the figure, in seconds, or in samples where there is no sample rate.",
        group="figure",
    ),
    Control(
        "frequency_limits",
        "Frequency",
        "range",
        "Lowest and highest frequency of the figure in Hz, or in cycles per sample where there is no sample rate.",
        group="figure",
    ),
    Control("caption", "Caption", "switch", "Whether the settings stand under the figure.", group="figure", value=True),
)
"""Options of a figure that is saved; colours and axes are those of the display choices."""

_AS_IT_FITS = ((None, "if it fits"), (True, "always"), (False, "never"))

PAGE_CONTROLS = (
    Control(
        "sound",
        "Sound in the page",
        "choice",
        "Whether the HTML page holds the sound: if the file stays below 5 MB, always or never.",
        group="page",
        choices=_AS_IT_FITS,
    ),
    Control(
        "values",
        "Exact values in the page",
        "choice",
        "Whether the HTML page holds the exact values of every frame: if the file stays below 5 MB, always or never.",
        group="page",
        choices=_AS_IT_FITS,
    ),
)
"""What a saved HTML page holds besides its pictures."""

WINDOW_PARAMETERS: dict[str, list[dict[str, Any]]] = {
    name: [asdict(parameter) for parameter in parameters] for name, parameters in PARAMETRIC_WINDOWS.items()
}
"""Parameters of the window families."""


def encode(value: Any) -> Any:
    """Return a JSON-serializable form of a setting, even of an invalid one, which the page must show.

    Examples
    --------
    >>> encode(512), encode(None), encode(("kaiser", 8.6)), encode(np.hanning(4)), encode(float("nan"))
    (512, None, {'name': 'kaiser', 'parameters': [8.6]}, {'samples': 4}, 'nan')
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, float):
        return value if np.isfinite(value) else str(value)
    if isinstance(value, tuple) and value and isinstance(value[0], str):
        return {"name": value[0], "parameters": [encode(item) for item in value[1:]]}
    if hasattr(value, "__len__") and not isinstance(value, bytes | dict | set):
        return {"samples": len(value)} if len(value) != 2 else [encode(item) for item in value]
    return repr(value)


def decode(value: Any) -> Any:
    """Return the value of a setting from its JSON-serializable form."""
    if isinstance(value, dict) and "name" in value:
        return (value["name"], *value.get("parameters", ()))
    # A list of strings must not become a tuple, which would look like a window with parameters.
    is_pair = isinstance(value, list) and not any(isinstance(item, str) for item in value)
    return tuple(value) if is_pair else value
