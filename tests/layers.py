"""Layers and signals for many tests, including a layer that uses the matmul path."""

import warnings

import numpy as np

import specwidget

# Every argument with a value other than its default.
ARGUMENTS = {
    "mode": "psd",
    "frame_length": 40,
    "frame_step": 7,
    "fft_length": 64,
    "window": ("kaiser", 8.6),
    "periodic": True,
    "scaling": "spectrum",
    "padding": "same",
    "expand_dims": True,
    "data_format": "Channels_First",
    "trainable": False,
    "dtype": "float64",
    "name": "front_end",
    "epsilon": 1e-5,
    "backend": "numpy",
}


def noise(*shape, seed=0):
    """White noise of variance 1, float32."""
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


def make_layer(**settings):
    """A layer, without the warning about FFT lengths that are no power of two."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="`fft_length`", category=UserWarning)
        return specwidget.STFTSpectrogram(**settings)


def make_matmul_layer(**settings):
    """A layer that computes `settings` by the matrix product.

    It has the Fourier kernels of one layer set into a layer with another window, for which they are custom kernels.
    """
    source = make_layer(**settings)
    other_window = np.linspace(2.0, 3.0, source.frame_length)
    layer = make_layer(**settings | {"window": other_window, "scaling": None})
    layer.set_weights(source.get_weights())
    return layer
