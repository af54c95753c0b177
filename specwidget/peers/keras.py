"""Keras: `keras.layers.STFTSpectrogram`, the layer that this package's layer follows.

Both have the same arguments, modes, layouts and conventions, so nothing has to be aligned but windows that Keras does
not accept. `specwidget.keras_differences` names what differs; where values differ after alignment, `own_reference`
computes Keras's own convention. The code that a report shows sets the kernels of an odd FFT length, so that it gives
the layer's values; the comparison is with the kernels that Keras makes.

A Keras that is imported already is used with its backend. Otherwise `import_keras` lets Keras choose: by KERAS_BACKEND,
or by its configuration file. If that backend is not installed, KERAS_BACKEND names the first of `BACKENDS` that is, for
the duration of the import. Keras keeps its backend until the process ends, so import it first to choose another.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.codegen import keras as code
from specwidget.keras_differences import (
    FLOOR,
    KERAS_DIFFERENCES,
    KERNEL_ACCURACY,
    KerasDifference,
    has_odd_power,
    has_other_floor,
    has_rounded_values,
    kernel_error_bound,
)
from specwidget.peers import reference
from specwidget.peers.peer import (
    AT_START,
    BY_ARGUMENT,
    FIRST_OF_WINDOW,
    MEAN_NOT_REMOVED,
    ONE_SIDED_DOUBLED,
    Convention,
    FrameBlock,
    Peer,
    PeerTransform,
    ShapeMismatchError,
    Values,
    is_installed,
    refuse_large_kernels,
)
from specwidget.peers.report import Difference
from specwidget.stft.accuracy import sum_bound, value_bound
from specwidget.stft.layout import from_output
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape

TITLE = "Keras"

CONVENTION = Convention(
    function="keras.layers.STFTSpectrogram",
    window_position=AT_START,
    window_symmetry=BY_ARGUMENT,
    boundaries="whole frames only, zero-padded for padding='same'",
    scaling="√Σw² for density, Σ|w| for spectrum",
    sides=ONE_SIDED_DOUBLED,
    phase_origin=FIRST_OF_WINDOW,
    floor="√epsilon, in magnitude and log",
    mean=MEAN_NOT_REMOVED,
)

BACKENDS = ("torch", "tensorflow", "jax")
"""Keras's backends, in order of preference."""

DEFAULT_BACKEND = "tensorflow"
"""The backend that Keras uses unless it is configured."""

BACKEND_VARIABLE = "KERAS_BACKEND"


def configured_backend() -> str:
    """Determine the backend that Keras would use if it were imported now."""
    named = os.environ.get(BACKEND_VARIABLE)
    if named:
        return named
    home = os.environ.get("KERAS_HOME")
    file = (Path(home) if home else Path.home() / ".keras") / "keras.json"
    try:
        backend = json.loads(file.read_text(encoding="utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return DEFAULT_BACKEND
    return backend if isinstance(backend, str) else DEFAULT_BACKEND


@contextmanager
def installed_backend() -> Iterator[None]:
    """Set KERAS_BACKEND to an installed backend where the configured one is not installed, and restore it at exit."""
    configured = configured_backend()
    if configured not in BACKENDS or is_installed(configured):
        yield
        return
    before = os.environ.get(BACKEND_VARIABLE)
    os.environ[BACKEND_VARIABLE] = next(filter(is_installed, BACKENDS))
    try:
        yield
    finally:
        if before is None:
            del os.environ[BACKEND_VARIABLE]
        else:
            os.environ[BACKEND_VARIABLE] = before


def import_keras() -> Any:
    """Import Keras with a backend that is installed, unless it is imported already."""
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with installed_backend():
        return importlib.import_module("keras")


def layer_arguments(settings: STFTSettings) -> dict[str, Any]:
    """Make the arguments of Keras's layer, with step and FFT length as the caller gave them.

    So Keras's defaults are compared, too, except for a frame of one sample, for which Keras's default step is 0.
    """
    return {
        "mode": settings.mode,
        "frame_length": settings.frame_length,
        "frame_step": settings.step if settings.frame_length == 1 else settings.frame_step,
        "fft_length": settings.fft_length,
        "window": settings.window if accepts_window(settings) else reference.window_values(settings),
        "periodic": settings.periodic,
        "scaling": settings.scaling,
        "padding": settings.padding,
        "expand_dims": settings.expand_dims,
        "data_format": "channels_last" if settings.channels_last else "channels_first",
        "dtype": settings.compute_dtype,
    }


def accepts_window(settings: STFTSettings) -> bool:
    """Check whether Keras accepts the window as it is given: a name without parameters, or none."""
    return settings.window is None or isinstance(settings.window, str)


def prepare(inputs: NDArray[Any], settings: STFTSettings) -> PeerTransform:
    """Compute Keras's values of the whole input, which the transform then reads block by block."""
    return prepare_kernels(inputs, settings, [])


def prepare_kernels(inputs: NDArray[Any], settings: STFTSettings, kernels: list[NDArray[Any]]) -> PeerTransform:
    """Compute Keras's values with these kernels; with its own where there are none."""
    keras = import_keras()
    with warnings.catch_warnings():
        # The layer has given the same warning.
        warnings.filterwarnings("ignore", message="`fft_length` is recommended")
        # Keras 3.15 converts PyTorch tensors in a way that NumPy deprecates.
        warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
        layer = keras.layers.STFTSpectrogram(**layer_arguments(settings))
        if kernels:
            layer.build(inputs.shape)
            layer.set_weights(kernels)
        # One batch item at a time, to limit the memory that Keras needs besides the result.
        outputs = [keras_to_numpy(keras, layer(keras.ops.convert_to_tensor(item[None]))) for item in inputs]
    output = np.concatenate(outputs)
    expected = output_shape(inputs.shape, settings)
    if output.shape != expected:
        raise ShapeMismatchError(f"its result has the shape {output.shape}, the layer's {expected}.")
    values = from_output(output, settings)
    return lambda block: np.asarray(values[block.batch, block.channel, block.first : block.last], dtype=np.float64)


def keras_to_numpy(keras: Any, tensor: Any) -> NDArray[Any]:
    """Convert a tensor of Keras's backend to a NumPy array in C order."""
    return np.ascontiguousarray(keras.ops.convert_to_numpy(keras.ops.stop_gradient(tensor)))


def keras_epsilon() -> float:
    """Get Keras's epsilon, which all its layers share."""
    return float(import_keras().config.epsilon())


def refusal(settings: STFTSettings) -> str:
    """Explain why Keras can't be compared; empty if it can."""
    if settings.n_fft == 1:
        return "it returns NaN for an FFT of one sample, as it divides by an FFT length of 0."
    if settings.result_dtype == "float64" and not _computes_float64():
        return "on JAX it computes in float32 unless jax_enable_x64 is set."
    return refuse_large_kernels(TITLE, settings.frame_length, settings)


def kernels_refusal(settings: STFTSettings) -> str:
    """Explain why Keras's layer with the layer's kernels has other values; empty if it has not."""
    if has_odd_power(settings):
        return "it does not double the last bin of an odd FFT."
    if has_rounded_values(settings):
        return "it rounds the values of this mode to float32."
    if has_other_floor(settings, keras_epsilon()):
        return f"its floor is {keras_epsilon():g}, the layer's epsilon is {settings.epsilon:g}."
    return ""


def _computes_float64() -> bool:
    """Check whether Keras's backend keeps float64."""
    keras = import_keras()
    return str(keras.ops.convert_to_tensor(np.zeros(1)).dtype).endswith("float64")


def differences(settings: STFTSettings) -> tuple[Difference, ...]:
    """List the differences that affect values; kernel accuracy, which always does, comes last, with its bound."""
    found = [each for each in KERAS_DIFFERENCES if each.affects_values and _applies(each, settings)]
    return (*(Difference(each.name, each.sentence) for each in found), kernel_accuracy(settings))


def _applies(difference: KerasDifference, settings: STFTSettings) -> bool:
    """Check whether a difference applies to the running Keras, whose epsilon may be configured."""
    if difference.name == FLOOR:
        return has_other_floor(settings, keras_epsilon())
    return difference is not KERNEL_ACCURACY and difference.applies(settings)


def kernel_accuracy(settings: STFTSettings) -> Difference:
    """Describe the difference that rounded phases make, with its bound for these settings."""
    return Difference(
        KERNEL_ACCURACY.name,
        f"Keras rounds the phases of its kernels, up to π frame_length, to {settings.compute_dtype}, four times by up "
        f"to eps/2: cosines and sines are off by up to 2 eps π frame_length = {kernel_error_bound(settings):.1e}. The "
        "layer computes phases in float64, modulo one period.",
    )


def keras_kernels(settings: STFTSettings) -> tuple[Values, Values]:
    """Compute Keras's kernels (frame_length, n_bins), real and imaginary, by Keras's own steps in its own types."""
    kind = np.dtype(settings.compute_dtype).type
    points = (settings.n_bins - 1) * 2
    frequencies = np.arange(settings.n_bins, dtype=kind) / kind(points)
    times = np.arange(settings.frame_length, dtype=kind)[:, None]
    phases = ((kind(-2) * times) * frequencies * kind(np.pi)).astype(np.float64)
    window = reference.scaled_window(settings)[:, None]
    return np.cos(phases) * window, np.sin(phases) * window


def own_reference(block: FrameBlock, settings: STFTSettings) -> tuple[Values, Values]:
    """Compute the values by Keras's own convention, and the bound on their rounding error."""
    frames = reference.slice_frames(block.samples, settings)
    real, imag = (frames @ kernel for kernel in keras_kernels(settings))
    spectrum = real + 1j * imag
    bound = sum_bound(reference.frame_sums(block.samples, settings), settings)[:, None]
    rounded = replace(settings, dtype="float32") if has_rounded_values(settings) else settings
    keras_settings = replace(rounded, epsilon=keras_epsilon())
    values = reference.compute_values(spectrum, keras_settings)
    if has_odd_power(settings):
        values[..., -1] /= 2
    return values, value_bound(spectrum, bound, keras_settings)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Describe what was aligned."""
    sentences = []
    if settings.has_named_window and not accepts_window(settings):
        sentences.append("Window: Keras does not accept a (name, parameter...) tuple; it was given the values.")
    if settings.result_dtype == "float16":
        sentences.append("Type: Keras computes float16 in float16; it was given float32, in which the layer computes.")
    return tuple(sentences)


PEER = Peer(
    TITLE,
    CONVENTION,
    {"keras": "keras"},
    code.TARGET,
    prepare,
    conventions,
    refusal,
    differences,
    own_reference,
    requires_any=BACKENDS,
    is_slow_to_load=True,
    prepare_kernels=prepare_kernels,
    kernels_refusal=kernels_refusal,
)
