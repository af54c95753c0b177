"""Where Keras's layer differs from this package's on purpose: each difference by its name, in one table.

The cross-check, the explorer's notes, the code for Keras and the README's table tell what is written here. Nothing here
imports Keras; `tests/peers/test_keras.py` shows each difference on Keras itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specwidget.peers.calls import is_named
from specwidget.peers.report import Difference
from specwidget.stft.settings import STFTSettings

VERSION = "3.15.1"
"""The version of Keras that was read and run."""

EPSILON = 1e-7
"""Keras's floor, unless it is configured."""

FLOOR = "floor"
"""Name of the difference whose side in Keras may be configured."""

FLOAT32_MODES = ("log", "magnitude", "angle")
"""Modes that Keras computes in float32 after the transform, whatever the dtype."""


@dataclass(frozen=True)
class KerasDifference:
    """A difference between Keras's layer and this package's.

    Parameters
    ----------
    name : str
        What differs, in few words.
    keras, here : str
        What Keras does, and what the layer does: what follows "Keras" and "the layer" in a sentence.
    meets : callable
        Takes the settings; returns whether they meet the difference in a Keras that is not configured.
    remains : bool
        Whether the values still differ where Keras is given all that it can be given: step and FFT length as numbers,
        the window by its values.
    """

    name: str
    keras: str
    here: str
    meets: Callable[[STFTSettings], bool]
    remains: bool = False

    @property
    def sentence(self) -> str:
        """The difference as a sentence."""
        return f"Keras {self.keras}; the layer {self.here}."

    def to_report(self) -> Difference:
        """Return the difference as a report tells it."""
        return Difference(self.name, self.sentence)


def has_odd_length(settings: STFTSettings) -> bool:
    """Tell whether the FFT has an odd length above 1."""
    return settings.n_fft % 2 == 1 and settings.n_fft > 1


def has_odd_power(settings: STFTSettings) -> bool:
    """Tell whether psd's last bin is no Nyquist bin."""
    return has_odd_length(settings) and settings.mode == "psd"


def has_rounded_values(settings: STFTSettings) -> bool:
    """Tell whether Keras rounds to float32 on the way to float64."""
    return settings.result_dtype == "float64" and settings.mode in FLOAT32_MODES


def has_other_floor(settings: STFTSettings, epsilon: float = EPSILON) -> bool:
    """Tell whether the floor matters and is not Keras's, `epsilon`."""
    return settings.mode in ("log", "magnitude") and settings.epsilon != epsilon


def kernel_error(settings: STFTSettings) -> float:
    """Return how far Keras's cosines and sines may be off: phases up to π frame_length, rounded four times."""
    return 2 * float(np.finfo(settings.compute_dtype).eps) * np.pi * settings.frame_length


def _has_parameters(settings: STFTSettings) -> bool:
    """Tell whether the window is a name with parameters."""
    return is_named(settings) and not isinstance(settings.window, str)


def _has_values(settings: STFTSettings) -> bool:
    """Tell whether the window is given by its values."""
    return settings.window is not None and not is_named(settings)


def _has_one_sample(settings: STFTSettings) -> bool:
    """Tell whether the FFT has one sample, or the step is half of one."""
    return settings.n_fft == 1 or (settings.frame_length == 1 and settings.frame_step is None)


def _is_long(settings: STFTSettings) -> bool:
    """Tell whether rounded phases are seen: the values' own rounding is far below."""
    return settings.frame_length >= 2048 and settings.result_dtype == "float32"


def _has_trained_angle(settings: STFTSettings) -> bool:
    """Tell whether somebody may ask for the gradient of an angle."""
    return settings.mode == "angle" and settings.trainable


def _never(_settings: STFTSettings) -> bool:
    """Tell that no settings meet it: they are refused."""
    return False


KERNEL_ACCURACY = KerasDifference(
    "kernel accuracy",
    "rounds the phases of its kernels to float32: cosines are off by 5e-5 at frame 256, by 8e-4 at 4096",
    "has float64 phases, counted within one turn: cosines are off by less than 1e-6",
    _is_long,
    remains=True,
)

KERAS_DIFFERENCES: tuple[KerasDifference, ...] = (
    KerasDifference(
        "odd fft_length",
        "makes the kernels of an (N - 1)-point DFT for an odd `fft_length`: at 715 noise is off by 0.9 of its norm",
        "makes those of the N-point DFT",
        has_odd_length,
        remains=True,
    ),
    KerasDifference(
        "psd's last bin",
        "does not double the last bin of psd for an odd `fft_length`",
        "doubles it: it is no Nyquist bin",
        has_odd_power,
        remains=True,
    ),
    KERNEL_ACCURACY,
    KerasDifference(
        "window of zeros",
        "gives NaN, silently, for a window of zeros that scaling divides by",
        "refuses it with a ValueError",
        _never,
    ),
    KerasDifference(
        "window parameters",
        'takes no windows with parameters, such as `("kaiser", 8.6)`',
        "takes them",
        _has_parameters,
    ),
    KerasDifference(
        "window array",
        "checks a window's values late, shares them with the caller and can't load them again",
        "checks and copies them at once, and loads them",
        _has_values,
    ),
    KerasDifference(
        "single samples",
        "gives NaN for `fft_length=1`, and makes a step of 0 of `frame_length=1`",
        "gives one bin, and makes a step of 1",
        _has_one_sample,
    ),
    KerasDifference(
        "dtype float64",
        "computes log, magnitude and angle in float32 (eps 1.2e-7), whatever the dtype",
        "computes every mode in float64",
        has_rounded_values,
        remains=True,
    ),
    KerasDifference(
        "gradient of angle on silence",
        "gives NaN for the gradient of angle on silence, on JAX (0 on PyTorch)",
        "gives 0",
        _has_trained_angle,
    ),
    KerasDifference(
        FLOOR,
        "has one `epsilon` for all its layers, 1e-7 unless configured",
        "has its own",
        has_other_floor,
        remains=True,
    ),
)
"""Every difference, in the order in which they are told."""


def differences_met(settings: STFTSettings) -> tuple[KerasDifference, ...]:
    """Return the differences that settings meet in a Keras that is not configured."""
    return tuple(each for each in KERAS_DIFFERENCES if each.meets(settings))


def kernel_accuracy(settings: STFTSettings) -> Difference:
    """Return the difference that rounded phases make, with its bound for these settings."""
    return Difference(
        KERNEL_ACCURACY.name,
        f"Keras rounds the phases of its kernels to {settings.compute_dtype}, four times by half an eps of up to π "
        f"frame_length: cosines and sines are off by up to 2 eps π frame_length = {kernel_error(settings):.1e}. The "
        "layer's phases are float64, counted within one turn.",
    )
