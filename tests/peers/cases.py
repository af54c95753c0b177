"""Which peers are tested, layers and signals to compare them with, and layers that are wrong on purpose."""

import os
import warnings

import numpy as np

from specwidget import STFTSpectrogram
from specwidget.peers import PEERS

HAS_ALL = os.environ.get("SPECWIDGET_PEERS") == "all"

TESTED = tuple(name for name, peer in PEERS.items() if HAS_ALL or not peer.is_slow_to_load)
"""All peers in `make test-peers`, where none may be missing; elsewhere those that come with the package."""

LENGTHS = [(256, 128, None), (100, 37, 151), (400, 160, 512), (63, 5, 64), (7, 7, 7), (1, 1, 1)]


def make_layer(mode="log", lengths=(256, 128, None), **settings):
    """A layer of three lengths, without the warning about the FFT's length."""
    frame_length, frame_step, fft_length = lengths
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`fft_length`")
        return STFTSpectrogram(mode, frame_length, frame_step, fft_length, **settings)


def make_signal(layer, n_samples=1500, level=1.0):
    """Two items of two channels of noise, in the layer's layout."""
    signal = np.random.default_rng(1).standard_normal((2, n_samples, 2)).astype("float32") * np.float32(level)
    return signal if layer.settings.channels_last else signal.swapaxes(1, 2)


def with_kernels(layer, change=lambda weights: weights):
    """The layer with changed kernels of its own."""
    layer.set_weights(change(layer.get_weights()))
    return layer


def scale_by_one_percent(weights):
    """Kernels 1 % too large."""
    return [kernel * np.float32(1.01) for kernel in weights]


def shift_by_one_sample(weights):
    """Kernels, and with them the window, one sample late."""
    return [np.roll(kernel, 1, axis=0) for kernel in weights]


def conjugate(weights):
    """Kernels that turn the other way."""
    return [weights[0], -weights[1]]
