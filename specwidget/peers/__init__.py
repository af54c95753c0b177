"""The cross-check with other libraries: one module for each peer, the comparison, and the report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from specwidget.array_types import check_array_type
from specwidget.arrays import namespace
from specwidget.front_end import BandLayer, FrontEndLayer, output_shape
from specwidget.mel import pipeline
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.stages import BandSettings, FrontEndSettings
from specwidget.peers import keras, librosa, nnaudio, scipy_spectrogram, scipy_stft, torch
from specwidget.peers.band_comparison import BandPeer, compare_bands
from specwidget.peers.band_peers import BAND_PEERS
from specwidget.peers.comparison import CrosscheckCancelled, compare
from specwidget.peers.peer import Peer
from specwidget.peers.report import Difference, ErrorMap, PeerReport
from specwidget.stft.pipeline import check_inputs

PEERS: dict[str, Peer] = {
    "librosa": librosa.PEER,
    "scipy-stft": scipy_stft.PEER,
    "scipy-spectrogram": scipy_spectrogram.PEER,
    "torch": torch.PEER,
    "keras": keras.PEER,
    "nnaudio": nnaudio.PEER,
}
"""The peers by name; a peer's library is imported when a layer is compared with it."""


def peers_of(settings: FrontEndSettings) -> Mapping[str, Peer | BandPeer]:
    """Return the peers by name that have the stage of settings."""
    return BAND_PEERS if isinstance(settings, BandSettings) else PEERS


def crosscheck(
    layer: FrontEndLayer | MelSpectrogram | MFCC,
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
    layer : STFTSpectrogram, MelSpectrogram or MFCC
        The layer; an STFT with Fourier kernels or any others.
    signal : array (time,) or (batch, time, channels)
        Input of the layer, in its layout, or a single channel.
    peers : sequence of str, optional
        Names of the peers, from `PEERS`, or for a mel spectrogram or MFCC from `BAND_PEERS`; None is all of them.
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
    >>> from specwidget.layer import STFTSpectrogram
    >>> crosscheck(STFTSpectrogram(), noise, ["librosa"])["librosa"].verdict
    'agrees'
    """
    if isinstance(layer, MelSpectrogram | MFCC):
        layer = BandLayer(BandSettings.of(layer))
    settings = layer.settings
    names = check_names(peers, peers_of(settings))
    check_array_type("signal", signal)
    if signal.ndim == 1:
        shape = (1, -1, 1) if settings.channels_last else (1, 1, -1)
        signal = namespace(signal).reshape(signal, shape)
    if isinstance(settings, BandSettings):
        pipeline.check_inputs(signal, settings.mel)
    else:
        check_inputs(signal, settings)
    if output is None:
        output = layer(signal)
    expected = output_shape(tuple(signal.shape), settings)
    if tuple(output.shape) != expected:
        raise ValueError(f"`output` must have the shape {expected} of the layer's output; got {tuple(output.shape)}.")
    if not isinstance(layer, BandLayer):
        return {name: compare(name, PEERS[name], layer, signal, output, stop) for name in names}
    return {name: compare_bands(name, BAND_PEERS[name], layer.settings, signal, output) for name in names}


def check_names(peers: Sequence[str] | None, known: Iterable[str] = PEERS) -> tuple[str, ...]:
    """Validate names of peers; None is all that are known."""
    listed = tuple(known)
    names = listed if peers is None else (peers,) if isinstance(peers, str) else tuple(peers)
    for name in names:
        if name not in listed:
            raise ValueError(f"`peers` must be among {', '.join(map(repr, listed))}; got {name!r}.")
    return names


__all__ = [
    "BAND_PEERS",
    "PEERS",
    "BandPeer",
    "CrosscheckCancelled",
    "Difference",
    "ErrorMap",
    "Peer",
    "PeerReport",
    "check_names",
    "compare",
    "crosscheck",
    "peers_of",
]
