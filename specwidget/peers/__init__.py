"""The cross-check with other libraries: one module for each peer, the comparison, and the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from specwidget.array_types import check_array_type
from specwidget.arrays import namespace
from specwidget.layer import STFTSpectrogram
from specwidget.peers import keras, librosa, nnaudio, scipy_spectrogram, scipy_stft, torch
from specwidget.peers.comparison import CrosscheckCancelled, compare
from specwidget.peers.peer import Peer
from specwidget.peers.report import Difference, ErrorMap, PeerReport
from specwidget.stft.pipeline import check_inputs
from specwidget.stft.shapes import output_shape

PEERS: dict[str, Peer] = {
    "librosa": librosa.PEER,
    "scipy-stft": scipy_stft.PEER,
    "scipy-spectrogram": scipy_spectrogram.PEER,
    "torch": torch.PEER,
    "keras": keras.PEER,
    "nnaudio": nnaudio.PEER,
}
"""The peers by name; a peer's library is imported when a layer is compared with it."""


def crosscheck(
    layer: STFTSpectrogram,
    signal: Any,
    peers: Sequence[str] | None = None,
    *,
    output: Any | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, PeerReport]:
    """Compare a layer with other libraries, after aligning their conventions.

    A library is imported when a layer is compared with it. Keras uses the backend that it is configured for or, where
    that is not installed, one that is (see `specwidget.peers.keras`).

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, with Fourier kernels or any others.
    signal : array (time,) or (batch, time, channels)
        Input of the layer, in its layout, or a single channel.
    peers : sequence of str, optional
        Names of the peers, from `PEERS`; None is all of them.
    output : array, optional
        The layer's output for `signal`, if it was computed before.
    stop : callable, optional
        Called at intervals; returning True cancels the comparison.

    Returns
    -------
    dict of str to PeerReport
        A report for each peer. That of a peer that is not installed says how to install it.

    Raises
    ------
    ValueError
        If there is no such peer, the layer does not accept the signal, or `output` has the wrong shape.
    CrosscheckCancelled
        If `stop` returned True.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal(4000).astype("float32")
    >>> crosscheck(STFTSpectrogram(), noise, ["librosa"])["librosa"].verdict
    'agrees'
    """
    names = check_names(peers)
    check_array_type("signal", signal)
    if signal.ndim == 1:
        shape = (1, -1, 1) if layer.settings.channels_last else (1, 1, -1)
        signal = namespace(signal).reshape(signal, shape)
    check_inputs(signal, layer.settings)
    if output is None:
        output = layer(signal)
    expected = output_shape(signal.shape, layer.settings)
    if tuple(output.shape) != expected:
        raise ValueError(f"`output` must have the shape {expected} of the layer's output; got {tuple(output.shape)}.")
    return {name: compare(name, PEERS[name], layer, signal, output, stop) for name in names}


def check_names(peers: Sequence[str] | None) -> tuple[str, ...]:
    """Validate names of peers; None is all of them."""
    names = tuple(PEERS) if peers is None else (peers,) if isinstance(peers, str) else tuple(peers)
    for name in names:
        if name not in PEERS:
            raise ValueError(f"`peers` must be among {', '.join(map(repr, PEERS))}; got {name!r}.")
    return names


__all__ = [
    "PEERS",
    "CrosscheckCancelled",
    "Difference",
    "ErrorMap",
    "Peer",
    "PeerReport",
    "check_names",
    "compare",
    "crosscheck",
]
