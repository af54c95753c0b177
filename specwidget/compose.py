"""`layer_stft_spectrogram`: the layer by its name in R, put onto what it is given."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from specwidget.arrays import is_array
from specwidget.export import to_keras, to_torch
from specwidget.layer import STFTSpectrogram


def layer_stft_spectrogram(object: Any = None, *settings: Any, **arguments: Any) -> Any:  # noqa: A002 - R's name
    """Return the layer, or what becomes of an array or a model that it is put onto.

    Parameters
    ----------
    object : None, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential, default None
        What the layer is put onto. The name is R's.
    *settings, **arguments
        The arguments of `specwidget.STFTSpectrogram`.

    Returns
    -------
    STFTSpectrogram, array, keras.Sequential, keras.KerasTensor or torch.nn.Sequential
        By what `object` is:

        - None: the layer.
        - An array (batch, time, channels) of NumPy, CuPy, PyTorch or JAX: its transform, in the same library.
        - A `keras.Sequential`: the same model, with a Keras layer added.
        - A `keras.Input`, or what another Keras layer gave: the symbolic result of a Keras layer.
        - A `torch.nn.Sequential`: the same model, with a module appended.

    Raises
    ------
    TypeError
        If `object` is of another kind.
    ValueError
        If a setting is out of its bounds, or Keras can't hold it; see `specwidget.export.to_keras`.

    See Also
    --------
    specwidget.STFTSpectrogram : The layer itself.
    specwidget.export : The layer, and kernels that it learnt, in Keras, PyTorch and ONNX.

    Examples
    --------
    >>> import numpy as np
    >>> layer_stft_spectrogram(np.zeros((1, 1024, 1), "float32"), mode="psd").shape
    (1, 7, 129)
    """
    compose = _find_composer(object)
    return compose(object, STFTSpectrogram(*settings, **arguments))


def _find_composer(value: object) -> Callable[[Any, STFTSpectrogram], Any]:
    """Return how the layer is put onto a value."""
    for is_kind, compose in COMPOSERS:
        if is_kind(value):
            return compose
    raise TypeError(
        "`object` must be None, an array, a keras.Sequential, a keras.Input or a torch.nn.Sequential; "
        f"got {type(value).__name__}. For a model of another kind, put in what specwidget.export makes of a layer."
    )


def _is_made_by(module: str, attribute: str) -> Callable[[object], bool]:
    """Return a test for instances of a class in a library, which is not imported: where it isn't, there are none."""

    def is_instance(value: object) -> bool:
        made_by = getattr(sys.modules.get(module), attribute, None)
        return made_by is not None and isinstance(value, made_by)

    return is_instance


def _add_to_keras(model: Any, layer: STFTSpectrogram) -> Any:
    """Return a Keras model with the layer added."""
    model.add(to_keras(layer))
    return model


COMPOSERS: tuple[tuple[Callable[[object], bool], Callable[[Any, STFTSpectrogram], Any]], ...] = (
    (lambda value: value is None, lambda _, layer: layer),
    (_is_made_by("keras", "Sequential"), _add_to_keras),
    (_is_made_by("keras", "KerasTensor"), lambda tensor, layer: to_keras(layer)(tensor)),
    (_is_made_by("torch.nn", "Sequential"), lambda model, layer: model.append(to_torch(layer))),
    (is_array, lambda array, layer: layer(array)),
)
"""What the layer can be put onto: a test, and what is done then."""
