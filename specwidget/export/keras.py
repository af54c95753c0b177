"""Conversion to and from Keras: a `keras.layers.STFTSpectrogram` with this package's kernels."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.export.frameworks import check_layer, load_framework
from specwidget.export.mel_keras import mel_from_keras, mel_to_keras
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram
from specwidget.stft.kernels import kernel_names, make_kernels
from specwidget.stft.modes import floor_value
from specwidget.stft.settings import RESULT_DTYPES, STFTSettings

LAST_BIN_FACTOR = math.sqrt(2.0)
"""Factor of the last bin's kernels where Keras does not double its power."""


def to_keras(layer: STFTSpectrogram | MelSpectrogram) -> Any:
    """Convert a layer to Keras, with its kernels.

    Parameters
    ----------
    layer : STFTSpectrogram or MelSpectrogram
        The layer, trained or not.

    Returns
    -------
    keras.layers.STFTSpectrogram or keras.layers.MelSpectrogram
        Keras's own layer, built, with a copy of the kernels. It gives the numbers of `layer`, and Keras saves and loads
        it as any other. That of a mel spectrogram has Keras's bank and differs as the README lists.

    Raises
    ------
    ValueError
        If Keras can't compute it: `epsilon` is not Keras's own in a mode that has a floor, the result is float16, or
        the mode is "psd" with an FFT of 1 sample. Of mel spectrograms, those with Keras's own conventions only.
    ImportError
        If Keras is not installed.

    See Also
    --------
    from_keras : Converts it back.
    specwidget.layer_stft_spectrogram : Adds the layer to a `keras.Sequential` or a `keras.Input`.

    Notes
    -----
    The kernels replace those that Keras makes, so the result is right for an odd `fft_length`, too. Besides:

    - `frame_step` and `fft_length` are passed as numbers, as None has another meaning in Keras for 1 sample.
    - A window given by its values or as a tuple becomes ``window=None``, as Keras rejects tuples and can't load a saved
      array. The kernels contain the window.
    - Keras does not double the last bin of "psd" for an odd FFT length, so its kernels are multiplied by the root of 2.
    - `data_format` is passed explicitly, so that Keras's global setting has no effect.

    Three differences remain: Keras computes "log", "magnitude" and "angle" in float32 for a dtype of float64, its
    gradient of "angle" on silence may be NaN, and an infinite sample does not always make its frames NaN.

    Examples
    --------
    ::

        layer = specwidget.STFTSpectrogram("log", frame_length=400, frame_step=160, window=("kaiser", 8.6))
        model = keras.Sequential([keras.Input((16_000, 1)), specwidget.export.to_keras(layer)])
    """
    check_layer(layer)
    if isinstance(layer, MelSpectrogram):
        return mel_to_keras(layer)
    if not isinstance(layer, STFTSpectrogram):
        raise TypeError(
            "`layer` must be an STFTSpectrogram or a MelSpectrogram for Keras, which has no MFCC; got MFCC."
        )
    keras = load_framework("keras")
    settings = layer.settings
    _check_convertible(settings, keras.config.epsilon())
    with warnings.catch_warnings():
        # The layer has given the same warning.
        warnings.filterwarnings("ignore", message="`fft_length` is recommended", category=UserWarning)
        converted = keras.layers.STFTSpectrogram(**_arguments(settings), name=_explicit_name(layer))
    converted.build((None, None, 1) if settings.channels_last else (None, 1, None))
    dtype = keras.backend.standardize_dtype(converted.weights[0].value.dtype)
    if dtype != settings.compute_dtype:
        raise ValueError(
            f"`dtype` must be 'float32' while Keras keeps weights as {dtype} on {keras.backend.backend()}; "
            f"got {settings.result_dtype!r}. With JAX, enable jax_enable_x64."
        )
    converted.set_weights([_to_keras_bins(kernel, settings) for kernel in layer.weights])
    return converted


def from_keras(layer: Any, window: Any = None) -> Any:
    """Convert a Keras layer to an `STFTSpectrogram`, with its kernels, or to a `MelSpectrogram`.

    Parameters
    ----------
    layer : keras.layers.STFTSpectrogram or keras.layers.MelSpectrogram
        Keras's layer, built: from `to_keras`, from a loaded model, or any other.
    window : str, tuple or array-like (frame_length,), optional
        The window of the initial kernels, where Keras could not represent it; the drift of the kernels is measured from
        it. None is the Keras layer's `window`.

    Returns
    -------
    STFTSpectrogram or MelSpectrogram
        A layer that gives the Keras layer's numbers, with a copy of its kernels.

    Raises
    ------
    TypeError
        If `layer` is neither.
    ValueError
        If it is not built, a value of its kernels is NaN or infinite, or it has no equivalent: bfloat16, or "psd" with
        an FFT of 1 sample.

    Notes
    -----
    Kernels from `to_keras` are converted back without rounding, except for trained kernels of the last bin of "psd"
    with an odd FFT length, which are rounded once. Kernels that Keras made itself differ from the Fourier kernels: by
    the rounding of float32 or, for an odd FFT length, by more.
    """
    keras = load_framework("keras")
    if isinstance(layer, keras.layers.MelSpectrogram):
        return mel_from_keras(layer)
    if not isinstance(layer, keras.layers.STFTSpectrogram):
        raise TypeError(
            f"`layer` must be a keras.layers.STFTSpectrogram or MelSpectrogram; got {type(layer).__name__}."
        )
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
    converted = STFTSpectrogram.from_settings(settings, name=layer.name)
    fourier = make_kernels(settings)
    converted.set_weights(
        [
            _from_keras_bins(kernel.astype(settings.compute_dtype), getattr(fourier, name), settings)
            for name, kernel in zip(kernel_names(settings), layer.get_weights(), strict=True)
        ]
    )
    return converted


def _arguments(settings: STFTSettings) -> dict[str, Any]:
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


def _explicit_name(layer: STFTSpectrogram) -> str | None:
    """Get the layer's name, or None for the default one, which Keras numbers to make it unique in a model."""
    return None if layer.name == "stft_spectrogram" else layer.name


def _check_convertible(settings: STFTSettings, epsilon: float) -> None:
    """Raise a ValueError where Keras's layer can't compute the settings."""
    if settings.result_dtype == "float16":
        raise ValueError(
            "`dtype` must be 'float32' or 'float64' for Keras; got 'float16', which Keras computes in float16, the "
            "layer in float32. Export a layer of 'float32': in a mixed_float16 model the next layer casts its result."
        )
    # For "log", Keras applies the floor epsilon a second time, to the magnitude, which has an effect above 1.
    if floor_value(settings) is not None and (settings.epsilon != epsilon or (epsilon > 1 and settings.mode == "log")):
        raise ValueError(
            f"`epsilon` must be {epsilon}, Keras's for all layers, and below 1 for mode 'log'; got {settings.epsilon}. "
            f"Set Keras's first with keras.config.set_epsilon, and again where the model is loaded."
        )
    _check_power_of_one_bin(settings)


def _check_power_of_one_bin(settings: STFTSettings) -> None:
    """Raise a ValueError where Keras returns two bins for one."""
    if settings.mode == "psd" and settings.n_fft == 1:
        raise ValueError(
            "`fft_length` must be at least 2 for mode 'psd' in Keras, which returns two bins for one; got 1."
        )


def _last_bin_differs(settings: STFTSettings) -> bool:
    """Check whether Keras does not double the power of the last bin and the layer does."""
    return settings.mode == "psd" and settings.n_fft % 2 == 1


def _to_keras_bins(kernel: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Convert a kernel to Keras's convention."""
    converted = kernel.copy()
    if _last_bin_differs(settings):
        converted[..., -1] = (kernel[..., -1].astype(np.float64) * LAST_BIN_FACTOR).astype(kernel.dtype)
    return converted


def _from_keras_bins(kernel: NDArray[Any], fourier: NDArray[Any], settings: STFTSettings) -> NDArray[Any]:
    """Convert a kernel from Keras's convention; values that were not trained become the exact Fourier kernel's."""
    converted = kernel.copy()
    if _last_bin_differs(settings):
        divided = (kernel[..., -1].astype(np.float64) / LAST_BIN_FACTOR).astype(kernel.dtype)
        is_untrained = kernel[..., -1] == _to_keras_bins(fourier, settings)[..., -1]
        converted[..., -1] = np.where(is_untrained, fourier[..., -1], divided)
    return converted
