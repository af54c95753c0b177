"""Other libraries that compute the same: one module per peer and its convention, the comparison, the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from specwidget.arrays import namespace
from specwidget.layer import STFTSpectrogram
from specwidget.peers import librosa
from specwidget.peers.comparison import Peer, Stopped, compare
from specwidget.peers.report import PeerReport
from specwidget.stft.pipeline import check_inputs

PEERS: dict[str, Peer] = {"librosa": librosa.PEER}
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

    Parameters
    ----------
    layer : STFTSpectrogram
        The layer, with whatever kernels it has.
    signal : array (time,) or (batch, time, channels)
        What goes in; 3 axes as the layer takes them, or one channel alone.
    peers : sequence of str, optional
        Names of the peers; None is all of them.
    output : array, optional
        What the layer made of `signal`, where that is known already.
    stop : callable, optional
        Asked now and then; the comparison ends where it returns True.

    Returns
    -------
    dict of str to PeerReport
        A report for each peer.

    Raises
    ------
    ValueError
        If there is no such peer, or the layer does not take this signal.
    Stopped
        If `stop` returned True.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).standard_normal(4000).astype("float32")
    >>> crosscheck(STFTSpectrogram(), noise)["librosa"].verdict
    'agrees'
    """
    names = tuple(PEERS) if peers is None else tuple(peers)
    for name in names:
        if name not in PEERS:
            raise ValueError(f"`peers` must be among {', '.join(map(repr, PEERS))}; got {name!r}.")
    if getattr(signal, "ndim", None) == 1:
        shape = (1, -1, 1) if layer.settings.channels_last else (1, 1, -1)
        signal = namespace(signal).reshape(signal, shape)
    check_inputs(signal, layer.settings)
    if output is None:
        output = layer(signal)
    return {name: compare(PEERS[name], layer, signal, output, stop) for name in names}


__all__ = ["PEERS", "Peer", "PeerReport", "Stopped", "compare", "crosscheck"]
