"""The controls of the page in one table: the trait that each sets, its kind of input, its label and its tooltip.

A control for a new argument is one more entry. Choices come from the transform's own tables, so that a new mode or
window appears by itself.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from specwidget.raster.colours import AUTOMATIC, COLOUR_MAPS
from specwidget.raster.scales import FREQUENCY_AXES, TIME_AXES
from specwidget.stft.settings import BACKENDS, DATA_FORMATS, DTYPES, MODES, PADDINGS, SCALINGS
from specwidget.stft.windows import NAMED_WINDOWS, PARAMETRIC_WINDOWS

Kind = Literal["choice", "length", "number", "switch", "window", "index", "range"]
Choice = tuple[Any, str]


@dataclass(frozen=True)
class Control:
    """One control.

    Parameters
    ----------
    name : str
        The trait that it sets.
    label : str
        Its label on the page.
    kind : {"choice", "length", "number", "switch", "window", "index", "range"}
        Kind of input; `fields.js` has a function for each.
    tooltip : str
        Its effect on the spectrogram.
    group : str
        Part of the page that it belongs to.
    choices : tuple of (value, label)
        For "choice"; in groups for "window".
    unit : str
        Unit of the value.
    optional : bool
        Whether None is a valid value, labelled "default".
    span : tuple of int
        For "length", lowest and highest value of the slider; any integer can be typed.
    steps : int
        For "length", values of the slider per octave.
    """

    name: str
    label: str
    kind: Kind
    tooltip: str
    group: str = "analysis"
    choices: tuple[Any, ...] = ()
    unit: str = ""
    optional: bool = False
    span: tuple[int, int] = (1, 16384)
    steps: int = 8

    def to_page(self) -> dict[str, Any]:
        """Return a JSON-serializable form."""
        return asdict(self)


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
    ),
    Control(
        "frame_length",
        "Frame length",
        "length",
        "Longer frames resolve closer frequencies and blur short events; shorter frames do the opposite.",
        unit="samples",
        span=(8, 16384),
    ),
    Control(
        "frame_step",
        "Frame step",
        "length",
        "A smaller step gives more frames, so a smoother spectrogram in time. The default is half a frame.",
        unit="samples",
        optional=True,
        span=(1, 16384),
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
        "Periodic for spectral analysis and overlap-add, symmetric for filter design. The effect is barely visible.",
    ),
    Control(
        "scaling",
        "Scaling",
        "choice",
        "Overall gain: 'density' makes noise levels, 'spectrum' sine amplitudes, independent of frame length.",
        choices=_plain(SCALINGS),
    ),
    Control(
        "padding",
        "Padding",
        "choice",
        "'same' zero-pads so there is one frame per step; 'valid' keeps only complete frames.",
        choices=_plain(PADDINGS),
    ),
    Control(
        "epsilon",
        "Epsilon",
        "number",
        "Lowest power in modes log and magnitude; smaller values are clipped to it. A lower one shows quieter parts.",
        group="output",
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
        "Order of the axes of input and output. The picture stays the same.",
        group="output",
        choices=((None, "default (channels_last)"), *_plain(DATA_FORMATS)),
    ),
    Control(
        "backend",
        "Backend",
        "choice",
        "Library for NumPy input: NumPy on the CPU, or CuPy on a GPU. The picture stays the same.",
        group="output",
        choices=_plain(BACKENDS),
    ),
    Control(
        "expand_dims",
        "Expand dims",
        "switch",
        "Put the channels on an axis of their own in the output. The picture stays the same.",
        group="output",
    ),
    Control(
        "trainable",
        "Trainable kernels",
        "switch",
        "Expose the kernels as trainable weights. The picture stays the same.",
        group="output",
    ),
)
"""Controls of the layer's arguments."""

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
        "Unit of time: seconds, frames (the time steps of a model), or samples. The picture stays the same.",
        group="display",
        choices=_plain(TIME_AXES),
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
