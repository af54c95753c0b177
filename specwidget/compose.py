"""`layer_stft_spectrogram`: the layer by its name in R, put onto what it is given."""

from __future__ import annotations

from typing import Any

from specwidget.arrays import is_array
from specwidget.layer import STFTSpectrogram


def layer_stft_spectrogram(object: Any = None, **arguments: Any) -> Any:  # noqa: A002 - R's name
    """Return the layer, or what it makes of an array.

    Parameters
    ----------
    object : array (batch, time, channels) or None, default None
        What the layer is put onto. The name is R's.
    **arguments
        The arguments of `specwidget.STFTSpectrogram`.

    Returns
    -------
    STFTSpectrogram or array
        The layer for None, its output for an array.

    Raises
    ------
    TypeError
        If `object` is of another kind.

    See Also
    --------
    specwidget.STFTSpectrogram : The layer itself.

    Examples
    --------
    >>> import numpy as np
    >>> layer_stft_spectrogram(np.zeros((1, 1024, 1), "float32"), mode="psd").shape
    (1, 7, 129)
    """
    layer = STFTSpectrogram(**arguments)
    if object is None:
        return layer
    if is_array(object):
        return layer(object)
    raise TypeError(f"`object` must be None or an array; got {type(object).__name__}.")
