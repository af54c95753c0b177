"""Other libraries that compute the same: one module per peer and its convention, the comparison, the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from specwidget.arrays import namespace
from specwidget.layer import STFTSpectrogram
from specwidget.peers import keras, librosa, nnaudio, scipy_spectrogram, scipy_stft, torch
from specwidget.peers.comparison import Stopped, compare
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
"""The peers by name; a peer's library is imported only when it is compared with."""


def crosscheck(
    layer: STFTSpectrogram,
    signal: Any,
    peers: Sequence[str] | None = None,
    *,
    output: Any | None = None,
    stop: Callable[[], bool] | None = None,
) -> dict[str, PeerReport]:
    """Compare a layer with other libraries, their conventions aligned.

    A library is imported when it is compared with, and not before. Keras takes the backend that it would take anyway;
    where that is not installed, one that is (see `specwidget.peers.keras`).

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, with whatever kernels it has.
    signal : array (time,) or (batch, time, channels)
        What goes in; 3 axes as the layer takes them, or one channel alone.
    peers : sequence of str, optional
        Names of the peers, of `PEERS`; None is all of them.
    output : array, optional
        What the layer made of `signal`, where that is known already.
    stop : callable, optional
        Asked now and then; the comparison ends where it returns True.

    Returns
    -------
    dict of str to PeerReport
        A report for each peer. One that is not installed has a report, too, which says how to install it.

    Raises
    ------
    ValueError
        If there is no such peer, the layer does not take this signal, or `output` has another shape than its result.
    Stopped
        If `stop` returned True.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal(4000).astype("float32")
    >>> crosscheck(STFTSpectrogram(), noise, ["librosa"])["librosa"].verdict
    'agrees'
    """
    names = check_names(peers)
    if getattr(signal, "ndim", None) == 1:
        shape = (1, -1, 1) if layer.settings.channels_last else (1, 1, -1)
        signal = namespace(signal).reshape(signal, shape)
    check_inputs(signal, layer.settings)
    if output is None:
        output = layer(signal)
    expected = output_shape(signal.shape, layer.settings)
    if tuple(output.shape) != expected:
        raise ValueError(f"`output` must have the shape {expected} that the layer gives; got {tuple(output.shape)}.")
    return {name: compare(name, PEERS[name], layer, signal, output, stop) for name in names}


def check_names(peers: Sequence[str] | None) -> tuple[str, ...]:
    """Return names of peers, all where None is given; raise where there is no such peer."""
    names = tuple(PEERS) if peers is None else (peers,) if isinstance(peers, str) else tuple(peers)
    for name in names:
        if name not in PEERS:
            raise ValueError(f"`peers` must be among {', '.join(map(repr, PEERS))}; got {name!r}.")
    return names


__all__ = ["PEERS", "Difference", "ErrorMap", "Peer", "PeerReport", "Stopped", "check_names", "compare", "crosscheck"]
