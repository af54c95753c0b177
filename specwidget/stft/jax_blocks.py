"""Blocks of frames of JAX arrays, which are computed one after the other, so that long signals take little memory."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frames_extent

UNBLOCKED_BYTES = 2**24
"""On a CPU, frames of at most so many bytes are computed at once. Spectrum and values take twice as much again."""

BLOCK_BYTES = 2**22
"""Bytes of the frames of a block on a CPU."""

DEVICE_FACTOR = 2**4
"""By how much both are larger on other devices, where a block is to take longer than its launches. Not measured."""


def compute_by_blocks(compute: Callable[..., Any], padded: Any, kernels: Any, settings: STFTSettings) -> Any:
    """Compute in blocks of frames where a batch has many frames; derivatives are computed of all frames at once.

    Parameters
    ----------
    compute : callable
        Computes the result of padded signals and kernels.
    padded : JAX array (batch, channels, L)
        The signals.
    kernels : Kernels or None
        The kernels, if the transform uses them.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    JAX array
        The result of `compute`, with its derivatives.
    """
    jax: Any = importlib.import_module("jax")
    *outer, n_samples = padded.shape
    # A size that is a symbol is known when what is exported is called.
    if not all(isinstance(size, int) for size in padded.shape):
        return compute(padded, kernels)
    n_frames = (n_samples - settings.frame_length) // settings.step + 1
    # A frame of all channels and batch items, which may lie on several devices.
    frame_bytes = math.prod(outer) * settings.n_fft * np.dtype(settings.compute_dtype).itemsize
    factor = 1 if jax.default_backend() == "cpu" else DEVICE_FACTOR
    n_block = max(1, factor * BLOCK_BYTES // max(1, frame_bytes))
    if n_frames <= n_block or n_frames * frame_bytes <= factor * UNBLOCKED_BYTES:
        return compute(padded, kernels)
    shape = (*outer, frames_extent(n_block, settings))

    def compute_all(padded: Any, kernels: Any) -> Any:
        def compute_block(index: Any, result: Any) -> Any:
            # The last block begins earlier and computes some frames again.
            first = jax.numpy.minimum(index * n_block, n_frames - n_block)
            block = compute(jax.lax.dynamic_slice(padded, (0, 0, first * settings.step), shape), kernels)
            return jax.lax.dynamic_update_slice_in_dim(result, block, first, axis)

        whole = jax.eval_shape(compute, padded, kernels)
        one = jax.eval_shape(compute, jax.ShapeDtypeStruct(shape, padded.dtype), kernels)
        axis = next(i for i, sizes in enumerate(zip(whole.shape, one.shape, strict=True)) if len(set(sizes)) > 1)
        result = jax.numpy.zeros(whole.shape, whole.dtype)
        return jax.lax.fori_loop(0, math.ceil(n_frames / n_block), compute_block, result)

    differentiable = jax.custom_jvp(compute_all)
    differentiable.defjvp(lambda primals, tangents: jax.jvp(compute, primals, tangents))
    return differentiable(padded, kernels)
