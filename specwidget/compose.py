"""The layers as functions with their names in R, composed with an array or a model."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from specwidget.arrays import is_array
from specwidget.export import to_keras, to_torch
from specwidget.layer import STFTSpectrogram
from specwidget.mel.layer import MelSpectrogram


def layer_stft_spectrogram(object: Any = None, *settings: Any, **arguments: Any) -> Any:  # noqa: A002 - R's name
    """Create the layer, and compose it with an array or a model as R's keras3 does.

    Parameters
    ----------
    object : None, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential, default None
        Object to compose the layer with. The name is R's.
    *settings, **arguments
        The arguments of `specwidget.STFTSpectrogram`.

    Returns
    -------
    STFTSpectrogram, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential
        Depending on `object`:

        - None: the layer.
        - An array (batch, time, channels) of NumPy, CuPy, PyTorch or JAX: its transform, in the same library.
        - A `keras.Sequential`: the same model, with the layer added as a Keras layer.
        - A `keras.Input` or the output of another Keras layer: the symbolic output of the Keras layer.
        - A `torch.nn.Sequential`: the same model, with the layer appended as a module.

    Raises
    ------
    TypeError
        If `object` has another type.
    ValueError
        If a setting is out of bounds, or Keras does not support it; see `specwidget.export.to_keras`.

    See Also
    --------
    specwidget.STFTSpectrogram : The layer itself.
    specwidget.export : Conversion of a layer and its kernels to Keras, PyTorch and ONNX.

    Examples
    --------
    >>> import numpy as np
    >>> layer_stft_spectrogram(np.zeros((1, 1024, 1), "float32"), mode="psd").shape
    (1, 7, 129)
    """
    return _find_composer(object)(object, STFTSpectrogram(*settings, **arguments))


def layer_mel_spectrogram(object: Any = None, *settings: Any, **arguments: Any) -> Any:  # noqa: A002 - R's name
    """Create the layer, and compose it with an array or a model as R's keras3 does.

    Parameters
    ----------
    object : None, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential, default None
        Object to compose the layer with. The name is R's.
    *settings, **arguments
        The arguments of `specwidget.MelSpectrogram`.

    Returns
    -------
    MelSpectrogram, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential
        Depending on `object`, as for `layer_stft_spectrogram`.

    Raises
    ------
    TypeError
        If `object` has another type.
    ValueError
        If a setting is out of bounds, or Keras does not support it; see `specwidget.export.to_keras`.

    Examples
    --------
    >>> import numpy as np
    >>> layer_mel_spectrogram(np.zeros((1, 16_000), "float32"), num_mel_bins=80).shape
    (1, 80, 32)
    """
    return _find_composer(object)(object, MelSpectrogram(*settings, **arguments))


def _find_composer(value: object) -> Callable[[Any, Any], Any]:
    for matches, compose in COMPOSERS:
        if matches(value):
            return compose
    raise TypeError(
        "`object` must be None, an array, a keras.Sequential, a keras.Input or a torch.nn.Sequential; "
        f"got {type(value).__name__}. For another kind of model, convert the layer with specwidget.export."
    )


def _is_instance_of(module: str, class_name: str) -> Callable[[object], bool]:
    """Return a test for instances of a class, without importing its library: unless imported, it has no instances."""

    def is_instance(value: object) -> bool:
        loaded = getattr(sys.modules.get(module), class_name, None)
        return loaded is not None and isinstance(value, loaded)

    return is_instance


def _add_to_keras(model: Any, layer: STFTSpectrogram | MelSpectrogram) -> Any:
    model.add(to_keras(layer))
    return model


COMPOSERS: tuple[tuple[Callable[[object], bool], Callable[[Any, Any], Any]], ...] = (
    # Tried in order; arrays last, as their test is the broadest.
    (lambda value: value is None, lambda _, layer: layer),
    (_is_instance_of("keras", "Sequential"), _add_to_keras),
    (_is_instance_of("keras", "KerasTensor"), lambda tensor, layer: to_keras(layer)(tensor)),
    (_is_instance_of("torch.nn", "Sequential"), lambda model, layer: model.append(to_torch(layer))),
    (is_array, lambda array, layer: layer(array)),
)
"""Tests for the supported types of objects, in order, each with the function that composes the layer with them."""
