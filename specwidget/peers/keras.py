"""Keras: `keras.layers.STFTSpectrogram`, the layer that this package's layer is modelled on.

Its convention is ours: the same arguments, modes and layouts, so nothing has to be aligned but windows that it does not
take. Where it differs, the difference has a name in `keras_differences`; where one remains in the values, `model`
computes Keras's own convention plainly.

Keras runs on the backend that it has where it is imported already. Else `import_keras` lets Keras choose: by
KERAS_BACKEND, or by its configuration file. Only where what it would choose is not installed, the first of `BACKENDS`
that is installed is named, in KERAS_BACKEND and for the duration of the import. Keras keeps its backend as long as the
process lives, so import it first where it is to be another.
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

from specwidget.peers.calls import is_named, window_lines
from specwidget.peers.keras_differences import (
    FLOOR,
    KERAS_DIFFERENCES,
    KERNEL_ACCURACY,
    KerasDifference,
    has_odd_power,
    has_other_floor,
    has_rounded_values,
    kernel_accuracy,
)
from specwidget.peers.peer import (
    AT_BEGINNING,
    FIRST_OF_WINDOW,
    KEPT,
    ONE_SIDED_DOUBLED,
    Answer,
    Convention,
    OtherShape,
    Peer,
    Piece,
    Values,
    is_installed,
    refuse_large_kernels,
)
from specwidget.peers.plain import frame_sums, plain_frames, plain_values, plain_weights, plain_window
from specwidget.peers.report import Difference
from specwidget.stft.accuracy import sum_bound, value_bound
from specwidget.stft.layout import from_output
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import output_shape

TITLE = "Keras"

CONVENTION = Convention(
    call="keras.layers.STFTSpectrogram",
    window_place=AT_BEGINNING,
    window_kind="symmetric, or periodic as asked",
    ends="whole frames; zeros for padding='same'",
    scaling="√Σw² for density, Σ|w| for spectrum",
    sides=ONE_SIDED_DOUBLED,
    phase_origin=FIRST_OF_WINDOW,
    floor="√epsilon, in magnitude and log",
    mean=KEPT,
)

BACKENDS = ("torch", "tensorflow", "jax")
"""Backends that Keras runs on, in the order in which one is looked for."""

OWN_CHOICE = "tensorflow"
"""The backend that Keras takes where nobody has chosen one."""

VARIABLE = "KERAS_BACKEND"


def wanted_backend() -> str:
    """Return the backend that Keras would take if it were imported now."""
    named = os.environ.get(VARIABLE)
    if named:
        return named
    home = os.environ.get("KERAS_HOME")
    file = (Path(home) if home else Path.home() / ".keras") / "keras.json"
    try:
        chosen = json.loads(file.read_text(encoding="utf-8"))["backend"]
    except (OSError, ValueError, KeyError, TypeError):
        return OWN_CHOICE
    return chosen if isinstance(chosen, str) else OWN_CHOICE


@contextmanager
def usable_backend() -> Iterator[None]:
    """Name an installed backend where the one that Keras would take is not, and take the name back afterwards."""
    wanted = wanted_backend()
    if wanted not in BACKENDS or is_installed(wanted):
        yield
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = next(filter(is_installed, BACKENDS))
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before


def import_keras() -> Any:
    """Import Keras on a backend that is installed, or return it as it is where it is imported already."""
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with usable_backend():
        return importlib.import_module("keras")


def layer_arguments(settings: STFTSettings) -> dict[str, Any]:
    """Return the arguments of Keras's layer: step and FFT as the caller gave them, the window as Keras can take it.

    So the defaults are compared, too, but for a frame of one sample, of which Keras makes a step of 0.
    """
    return {
        "mode": settings.mode,
        "frame_length": settings.frame_length,
        "frame_step": settings.step if settings.frame_length == 1 else settings.frame_step,
        "fft_length": settings.fft_length,
        "window": settings.window if is_own_window(settings) else plain_window(settings),
        "periodic": settings.periodic,
        "scaling": settings.scaling,
        "padding": settings.padding,
        "expand_dims": settings.expand_dims,
        "data_format": "channels_last" if settings.channels_last else "channels_first",
        "dtype": settings.compute_dtype,
    }


def is_own_window(settings: STFTSettings) -> bool:
    """Tell whether Keras takes the window as it is given: a name without parameters, or none."""
    return settings.window is None or isinstance(settings.window, str)


def prepare(inputs: NDArray[Any], settings: STFTSettings) -> Answer:
    """Return what Keras's layer makes of the whole input, piece by piece."""
    keras = import_keras()
    with warnings.catch_warnings():
        # The layer has warned of this already, in the same words.
        warnings.filterwarnings("ignore", message="`fft_length` is recommended")
        # On PyTorch, Keras asks tensors for arrays in a way that NumPy is about to drop.
        warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
        layer = keras.layers.STFTSpectrogram(**layer_arguments(settings))
        # Item by item: what is held beside the result stays small.
        outputs = [to_host(keras, layer(keras.ops.convert_to_tensor(item[None]))) for item in inputs]
    found = np.concatenate(outputs)
    expected = output_shape(inputs.shape, settings)
    if found.shape != expected:
        raise OtherShape(f"its result has the shape {found.shape}, the layer's {expected}.")
    values = from_output(found, settings)
    return lambda piece: np.asarray(values[piece.batch, piece.channel, piece.first : piece.last], dtype=np.float64)


def to_host(keras: Any, tensor: Any) -> NDArray[Any]:
    """Return a tensor of Keras's backend as a NumPy array in C order."""
    return np.ascontiguousarray(keras.ops.convert_to_numpy(keras.ops.stop_gradient(tensor)))


def keras_epsilon() -> float:
    """Return Keras's floor, which is one for all its layers."""
    return float(import_keras().config.epsilon())


def refusal(settings: STFTSettings) -> str:
    """Return why Keras can't be compared, or nothing."""
    if settings.n_fft == 1:
        return "it gives NaN where the FFT has one sample, as it divides by an FFT length of 0."
    if settings.result_dtype == "float64" and not _computes_float64():
        return "on JAX it computes in float32 unless jax_enable_x64 is set."
    return refuse_large_kernels(TITLE, settings.frame_length, settings)


def _computes_float64() -> bool:
    """Tell whether Keras computes in float64 where it is told to."""
    keras = import_keras()
    return str(keras.ops.convert_to_tensor(np.zeros(1)).dtype).endswith("float64")


def differences(settings: STFTSettings) -> tuple[Difference, ...]:
    """Return what can't be aligned; kernel accuracy, which is always there and whose size is counted, comes last."""
    met = [each.to_report() for each in KERAS_DIFFERENCES if each.remains and _is_met(each, settings)]
    return (*met, kernel_accuracy(settings))


def _is_met(difference: KerasDifference, settings: STFTSettings) -> bool:
    """Tell whether settings meet a difference in the Keras that runs, whose floor may be configured."""
    if difference.name == FLOOR:
        return has_other_floor(settings, keras_epsilon())
    return difference is not KERNEL_ACCURACY and difference.meets(settings)


def keras_kernels(settings: STFTSettings) -> tuple[Values, Values]:
    """Return the kernels (frame_length, n_bins) that Keras makes, by its own steps, in the type it makes them in."""
    kind = np.dtype(settings.compute_dtype).type
    points = (settings.n_bins - 1) * 2
    freq = np.arange(settings.n_bins, dtype=kind) / kind(points)
    time = np.arange(settings.frame_length, dtype=kind)[:, None]
    phases = ((kind(-2) * time) * freq * kind(np.pi)).astype(np.float64)
    window = plain_weights(settings)[:, None]
    return np.cos(phases) * window, np.sin(phases) * window


def model(piece: Piece, settings: STFTSettings) -> tuple[Values, Values]:
    """Return what Keras's own convention gives, and how far rounding may move it."""
    frames = plain_frames(piece.samples, settings)
    real, imag = (frames @ kernel for kernel in keras_kernels(settings))
    spectrum = real + 1j * imag
    parts = sum_bound(frame_sums(piece.samples, settings), settings)[:, None]
    rounded = replace(settings, dtype="float32") if has_rounded_values(settings) else settings
    known = replace(rounded, epsilon=keras_epsilon())
    values = plain_values(spectrum, known)
    if has_odd_power(settings):
        values[..., -1] /= 2
    return values, value_bound(spectrum, parts, known)


def call_text(settings: STFTSettings, _padding: tuple[int, int]) -> str:
    """Return the aligned call, in which `x` is one channel of the signal; Keras pads by itself."""
    arguments = {
        name: "w" if name == "window" and not is_own_window(settings) else repr(value)
        for name, value in layer_arguments(settings).items()
        if name not in ("expand_dims", "data_format")
    }
    lines = [
        "import keras",
        "import numpy as np",
        *([] if is_own_window(settings) else window_lines(settings)),
        "layer = keras.layers.STFTSpectrogram(",
        *(f"    {name}={value}," for name, value in arguments.items()),
        '    data_format="channels_last",',
        ")",
        f'x = np.asarray(x, dtype="{settings.compute_dtype}")[None, :, None]',
        "values = keras.ops.convert_to_numpy(keras.ops.stop_gradient(layer(x)))[0]",
    ]
    return "\n".join(lines)


def conventions(settings: STFTSettings) -> tuple[str, ...]:
    """Return what had to be aligned, as sentences."""
    sentences = []
    if is_named(settings) and not is_own_window(settings):
        sentences.append("Window: Keras takes no (name, parameter...) tuple; it was given the values.")
    if settings.result_dtype == "float16":
        sentences.append("Type: Keras computes float16 in float16; it was given float32, in which the layer computes.")
    return tuple(sentences)


PEER = Peer(
    TITLE,
    CONVENTION,
    {"keras": "keras"},
    prepare,
    call_text,
    conventions,
    refusal,
    differences,
    model,
    one_of=BACKENDS,
    is_slow_to_load=True,
)
