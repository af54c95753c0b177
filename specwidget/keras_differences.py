"""Where the layers deliberately differ from Keras's layers of the same names: a table of named differences for each.

The cross-check, the explorer's notes, the generated code for Keras and the tables in the README all read these tables.
Nothing here imports Keras; `tests/peers/test_keras.py` and `tests/frameworks/test_mel_keras.py` demonstrate each
difference on Keras itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from specwidget.mel.settings import MelSettings
from specwidget.stft.settings import STFTSettings

KERAS_VERSION = "3.15.1"
"""The version of Keras that was read and run."""

KERAS_EPSILON = 1e-7
"""Keras's default `epsilon`, from which it derives the floor of magnitudes; `keras.config` can change it."""

KERAS_NO_TOP = 1e9
"""A `top_db` of Keras's `MelSpectrogram` that limits nothing: it has no None."""

FLOOR = "floor"
"""Name of the difference that depends on Keras's configuration."""

FLOAT32_MODES = ("log", "magnitude", "angle")
"""Modes that Keras computes in float32 after the transform, whatever the dtype."""


@dataclass(frozen=True)
class KerasDifference:
    """A difference between Keras's layer and this package's.

    Parameters
    ----------
    name : str
        Short name of what differs.
    keras, layer : str
        What Keras does and what this package's layer does: predicates that follow "Keras" and "specwidget".
    applies : callable
        Takes the settings; returns whether the difference applies to them, with Keras's default configuration.
    affects_values : bool
        Whether values still differ after alignment: after passing step and FFT length as numbers and the window by
        its values.
    """

    name: str
    keras: str
    layer: str
    applies: Callable[[STFTSettings], bool]
    affects_values: bool = False

    @property
    def sentence(self) -> str:
        """The difference as a sentence."""
        return f"Keras {self.keras}; specwidget {self.layer}."


def has_odd_length(settings: STFTSettings) -> bool:
    """Check whether the FFT length is odd and above 1."""
    return settings.n_fft % 2 == 1 and settings.n_fft > 1


def has_odd_power(settings: STFTSettings) -> bool:
    """Check for a power spectrum of an odd FFT length, whose last bin is not the Nyquist bin."""
    return has_odd_length(settings) and settings.mode == "psd"


def has_rounded_values(settings: STFTSettings) -> bool:
    """Check whether Keras rounds a float64 result to float32."""
    return settings.result_dtype == "float64" and settings.mode in FLOAT32_MODES


def has_other_floor(settings: STFTSettings, epsilon: float = KERAS_EPSILON) -> bool:
    """Check whether the mode has a floor and it differs from that of a Keras configured with `epsilon`."""
    return settings.mode in ("log", "magnitude") and settings.epsilon != epsilon


def kernel_error_bound(settings: STFTSettings) -> float:
    """Bound the error of Keras's cosines and sines.

    Their phases reach `pi * frame_length` and are rounded four times, by half an eps each.
    """
    return 2 * float(np.finfo(settings.compute_dtype).eps) * np.pi * settings.frame_length


def _has_window_parameters(settings: STFTSettings) -> bool:
    return settings.has_named_window and not isinstance(settings.window, str)


def _has_window_values(settings: STFTSettings) -> bool:
    return settings.window is not None and not settings.has_named_window


def _has_single_sample(settings: STFTSettings) -> bool:
    """Check for an FFT of one sample, or a default step of half a frame of one sample."""
    return settings.n_fft == 1 or (settings.frame_length == 1 and settings.frame_step is None)


def _has_visible_kernel_error(settings: STFTSettings) -> bool:
    """Check whether the error of rounded phases is well above the rounding of the values themselves."""
    return settings.frame_length >= 2048 and settings.result_dtype == "float32"


def _has_angle_gradient(settings: STFTSettings) -> bool:
    return settings.mode == "angle" and settings.trainable


def _never(_settings: STFTSettings) -> bool:
    """Return False: `STFTSettings` rejects the settings to which the difference would apply."""
    return False


KERNEL_ACCURACY = KerasDifference(
    "kernel accuracy",
    "rounds the phases of its kernels to float32: cosines are off by 5e-5 at frame_length=256, by 8e-4 at 4096",
    "computes phases in float64, modulo one period: cosines are off by less than 1e-6",
    _has_visible_kernel_error,
    affects_values=True,
)

KERAS_DIFFERENCES: tuple[KerasDifference, ...] = (
    KerasDifference(
        "odd fft_length",
        "uses the kernels of an (N - 1)-point DFT for an odd `fft_length`: at 715, noise has a relative error of 0.9",
        "uses those of the N-point DFT",
        has_odd_length,
        affects_values=True,
    ),
    KerasDifference(
        "psd's last bin",
        "does not double the last bin of psd for an odd `fft_length`",
        "doubles it, as it is not the Nyquist bin",
        has_odd_power,
        affects_values=True,
    ),
    KERNEL_ACCURACY,
    KerasDifference(
        "window of zeros",
        "returns NaN without an error where scaling divides by a window of zeros",
        "raises a ValueError",
        _never,
    ),
    KerasDifference(
        "window parameters",
        'does not accept windows with parameters, such as `("kaiser", 8.6)`',
        "accepts them",
        _has_window_parameters,
    ),
    KerasDifference(
        "window array",
        "validates an array window when it builds, does not copy it, and can't deserialize it",
        "validates and copies it at construction, and deserializes it",
        _has_window_values,
    ),
    KerasDifference(
        "single samples",
        "returns NaN for `fft_length=1`, and uses a step of 0 for `frame_length=1`",
        "returns one bin, and uses a step of 1",
        _has_single_sample,
    ),
    KerasDifference(
        "dtype float64",
        "computes log, magnitude and angle in float32 (eps 1.2e-7), whatever the dtype",
        "computes every mode in float64",
        has_rounded_values,
        affects_values=True,
    ),
    KerasDifference(
        "gradient of angle on silence",
        "returns NaN for the gradient of angle on silence, on JAX (0 on PyTorch)",
        "returns 0",
        _has_angle_gradient,
    ),
    KerasDifference(
        FLOOR,
        "has one `epsilon` for all its layers, 1e-7 unless configured",
        "has one for each layer",
        has_other_floor,
        affects_values=True,
    ),
)
"""All differences, in the order of the README's table."""


def applicable_differences(settings: STFTSettings) -> tuple[KerasDifference, ...]:
    """Select the differences that apply to the settings, with Keras's default configuration."""
    return tuple(each for each in KERAS_DIFFERENCES if each.applies(settings))


@dataclass(frozen=True)
class KerasMelDifference:
    """A difference between Keras's `MelSpectrogram` and this package's.

    Parameters
    ----------
    name : str
        Short name of what differs.
    keras, layer : str
        What Keras does and what this package's layer does: predicates that follow "Keras" and "specwidget".
    applies : callable
        Takes the settings; returns whether the difference can affect a result or its shape.
    """

    name: str
    keras: str
    layer: str
    applies: Callable[[MelSettings], bool]


def _always(_settings: MelSettings) -> bool:
    return True


def _has_other_window(settings: MelSettings) -> bool:
    return isinstance(settings.window, str) and settings.window not in ("hann", "hamming")


KERAS_MEL_DIFFERENCES: tuple[KerasMelDifference, ...] = (
    KerasMelDifference(
        "output shape",
        "says one frame too many in `compute_output_shape` where the length is one less than a multiple of "
        "`sequence_stride`: 101 instead of 100 for (1, 15999) and 160",
        "says the number of frames that a call returns",
        _always,
    ),
    KerasMelDifference(
        "top of a batch",
        "limits values by `top_db` below the largest of the whole batch, so that a recording depends on the others",
        "limits them below the largest of each recording and channel",
        lambda settings: settings.top is not None,
    ),
    KerasMelDifference(
        "NaN",
        "returns NaN for the whole batch if one sample is NaN",
        "returns NaN in the frames that hold the sample",
        lambda settings: settings.top is not None,
    ),
    KerasMelDifference(
        "short inputs",
        "raises an error of its backend for up to `fft_length // 2` samples",
        "reflects the samples as often as needed",
        _always,
    ),
    KerasMelDifference(
        "bank accuracy",
        "computes the weights of the bank in float32: at the defaults they are off by up to 2e-5",
        "computes them in float64 and rounds once",
        _always,
    ),
    KerasMelDifference(
        "empty bands",
        "does not say that a band holds no bin and is constant, as 4 of 128 at `fft_length=400` from 0 Hz",
        "warns at construction, and lists them in `layer.bank.empty_bands`",
        lambda settings: bool(settings.advice),
    ),
    KerasMelDifference(
        "odd fft_length",
        "spaces the bins of an odd `fft_length` up to half the sample rate, though the last one lies below it",
        "places bin k at k / N of the sample rate",
        lambda settings: settings.n_fft % 2 == 1,
    ),
    KerasMelDifference(
        "windows",
        'accepts the names "hann" and "hamming" only',
        "accepts every window of SciPy, with parameters, and Kaldi's",
        _has_other_window,
    ),
)
"""All differences of `MelSpectrogram`, in the order of the README's table."""
