"""Into Keras and back: a genuine `keras.layers.STFTSpectrogram` with our kernels."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.export.frameworks import check_layer, load_framework
from specwidget.layer import STFTSpectrogram
from specwidget.stft.kernels import kernel_names, make_kernels
from specwidget.stft.modes import floor_value
from specwidget.stft.settings import RESULT_DTYPES, STFTSettings

LAST_BIN = math.sqrt(2.0)
"""What the last bin's kernels are multiplied by where Keras forgets to double its power."""


def to_keras(layer: STFTSpectrogram) -> Any:
    """Make a Keras layer that computes our numbers with our kernels.

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, trained or not.

    Returns
    -------
    keras.layers.STFTSpectrogram
        Keras's own layer, built, with a copy of the kernels. A model with it is saved and loaded as any other.

    Raises
    ------
    ValueError
        If Keras can't compute it: `epsilon` is not Keras's own in a mode that has a floor, the result is float16, or
        the mode is "psd" with an FFT of 1 sample.
    ImportError
        If Keras is not installed.

    See Also
    --------
    from_keras : The way back.
    specwidget.layer_stft_spectrogram : Adds the layer to a `keras.Sequential` or a `keras.Input`.

    Notes
    -----
    Kernels replace those that Keras makes, so an odd `fft_length` is right. What Keras can't hold otherwise:

    - `frame_step` and `fft_length` are given as numbers, never as None, whose meaning differs for 1 sample.
    - A window given by its values or as a tuple becomes ``window=None``: Keras refuses tuples, and can't load a saved
      array. The kernels hold the window.
    - Keras does not double the last bin of "psd" where the FFT is odd: its kernels are multiplied by the root of 2.
    - `data_format` is written out, so that Keras's global one doesn't count.

    Three things remain Keras's: results of "log", "magnitude" and "angle" are float32 where float64 is asked for, the
    gradient of "angle" on silence is NaN, and where Keras meets an infinite sample it need not answer with NaN.

    Examples
    --------
    ::

        layer = specwidget.STFTSpectrogram("log", frame_length=400, frame_step=160, window=("kaiser", 8.6))
        model = keras.Sequential([keras.Input((16_000, 1)), specwidget.export.to_keras(layer)])
    """
    check_layer(layer)
    keras = load_framework("keras")
    settings = layer.settings
    _check_holdable(settings, keras.config.epsilon())
    with warnings.catch_warnings():
        # Our own layer has said it.
        warnings.filterwarnings("ignore", message="`fft_length` is recommended", category=UserWarning)
        made = keras.layers.STFTSpectrogram(**_arguments(settings), name=_own_name(layer))
    made.build((None, None, 1) if settings.channels_last else (None, 1, None))
    held = keras.backend.standardize_dtype(made.weights[0].value.dtype)
    if held != settings.compute_dtype:
        raise ValueError(
            f"`dtype` must be 'float32' while Keras keeps weights as {held} on {keras.backend.backend()}; "
            f"got {settings.result_dtype!r}. With JAX, enable jax_enable_x64."
        )
    made.set_weights([_to_keras_bins(kernel, settings) for kernel in layer.weights])
    return made


def from_keras(layer: Any, window: Any = None) -> STFTSpectrogram:
    """Make our layer from a Keras layer, with its kernels.

    Parameters
    ----------
    layer : keras.layers.STFTSpectrogram
        Keras's layer, built: `to_keras` made it, a model that was loaded holds it, or somebody else made it.
    window : str, tuple or array-like (frame_length,), optional
        The window that the kernels began with, where Keras could not hold it; only drift is counted from it. None is
        the one that the Keras layer tells.

    Returns
    -------
    STFTSpectrogram
        A layer that gives the Keras layer's numbers, with a copy of its kernels.

    Raises
    ------
    TypeError
        If `layer` is no Keras layer of this kind.
    ValueError
        If it is not built, or computes what our layer does not: bfloat16, or "psd" with an FFT of 1 sample.

    Notes
    -----
    Kernels that `to_keras` took there come back bit for bit, but for the last bin of "psd" with an odd FFT: once
    trained, it comes back to within its last digit. Untrained kernels of Keras's own making are kernels, too: they are
    not Fourier's, but for the rounding of float32 or, with an odd FFT, by more.
    """
    keras = load_framework("keras")
    if not isinstance(layer, keras.layers.STFTSpectrogram):
        raise TypeError(f"`layer` must be a keras.layers.STFTSpectrogram; got {type(layer).__name__}.")
    if not layer.built:
        raise ValueError(
            "`layer` must be built; got a layer without kernels. "
            "Call it once, or build it with layer.build((None, None, 1))."
        )
    if layer.compute_dtype not in RESULT_DTYPES:
        raise ValueError(f"`layer` must compute in {', '.join(RESULT_DTYPES)}; got {layer.compute_dtype}.")
    settings = STFTSettings(
        mode=layer.mode,
        frame_length=layer.frame_length,
        frame_step=layer.frame_step,
        fft_length=layer.fft_length,
        window=layer.window if window is None else window,
        periodic=layer.periodic,
        scaling=layer.scaling,
        padding=layer.padding,
        expand_dims=layer.expand_dims,
        data_format=layer.data_format,
        trainable=layer.trainable,
        dtype=layer.compute_dtype,
        epsilon=keras.config.epsilon(),
    )
    _check_power_of_one_bin(settings)
    made = STFTSpectrogram.from_settings(settings, name=layer.name)
    fourier = make_kernels(settings)
    made.set_weights(
        [
            _from_keras_bins(kernel.astype(settings.compute_dtype), getattr(fourier, name), settings)
            for name, kernel in zip(kernel_names(settings), layer.get_weights(), strict=True)
        ]
    )
    return made


def _arguments(settings: STFTSettings) -> dict[str, Any]:
    """Return Keras's arguments for our settings."""
    return {
        "mode": settings.mode,
        "frame_length": settings.frame_length,
        "frame_step": settings.step,
        "fft_length": settings.n_fft,
        "window": settings.window if isinstance(settings.window, str) else None,
        "periodic": settings.periodic,
        "scaling": settings.scaling,
        "padding": settings.padding,
        "expand_dims": settings.expand_dims,
        "data_format": "channels_last" if settings.channels_last else "channels_first",
        "trainable": settings.trainable,
        "dtype": settings.result_dtype,
    }


def _own_name(layer: STFTSpectrogram) -> str | None:
    """Return the name that somebody gave; Keras numbers the default one, as it must within a model."""
    return None if layer.name == "stft_spectrogram" else layer.name


def _check_holdable(settings: STFTSettings, epsilon: float) -> None:
    """Raise where Keras's layer can't compute what the settings tell."""
    if settings.result_dtype == "float16":
        raise ValueError(
            "`dtype` must be 'float32' or 'float64' for Keras; got 'float16', which Keras would compute in float16 "
            "from end to end, and we in float32. Export a layer of 'float32': in a mixed_float16 model the next layer "
            "casts its result."
        )
    # Keras takes the larger of epsilon and its root once more, which counts from 1 on.
    if floor_value(settings) is not None and (settings.epsilon != epsilon or (epsilon > 1 and settings.mode == "log")):
        raise ValueError(
            f"`epsilon` must be {epsilon}, Keras's own for all layers, below 1 for mode 'log'; got {settings.epsilon}. "
            f"Set Keras's before with keras.config.set_epsilon, and set it again where the model is loaded."
        )
    _check_power_of_one_bin(settings)


def _check_power_of_one_bin(settings: STFTSettings) -> None:
    """Raise where Keras makes two bins of one."""
    if settings.mode == "psd" and settings.n_fft == 1:
        raise ValueError("`fft_length` must be at least 2 for mode 'psd' in Keras, which makes two bins of one; got 1.")


def _last_bin_differs(settings: STFTSettings) -> bool:
    """Return whether Keras forgets to double the last bin."""
    return settings.mode == "psd" and settings.n_fft % 2 == 1


def _to_keras_bins(kernel: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Return a kernel as Keras needs it."""
    held = kernel.copy()
    if _last_bin_differs(settings):
        held[..., -1] = (kernel[..., -1].astype(np.float64) * LAST_BIN).astype(kernel.dtype)
    return held


def _from_keras_bins(held: NDArray[Any], fourier: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Return a kernel of Keras's as we need it. What is Fourier's in Keras's form is Fourier's, bit for bit."""
    kernel = held.copy()
    if _last_bin_differs(settings):
        divided = (held[..., -1].astype(np.float64) / LAST_BIN).astype(held.dtype)
        untouched = held[..., -1] == _to_keras_bins(fourier, settings)[..., -1]
        kernel[..., -1] = np.where(untouched, fourier[..., -1], divided)
    return kernel
