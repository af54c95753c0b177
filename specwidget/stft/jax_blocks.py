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
"""Most bytes of frames that are computed at once, with two more arrays of this size. For fewer, blocks are slower."""

BLOCK_BYTES = 2**22
"""Bytes of the frames of a block."""


def compute_by_blocks(compute: Callable[..., Any], padded: Any, kernels: Any, settings: STFTSettings) -> Any:
    """Compute the values of signals in blocks of frames, where they have many and no derivative is asked for.

    Parameters
    ----------
    compute : callable
        Returns the values (..., T, n_outputs) of signals (..., L) and kernels.
    padded : JAX array (batch, channels, L)
        The signals.
    kernels : Kernels or None
        The kernels, if the transform uses them.
    settings : STFTSettings
        Settings of the transform.

    Returns
    -------
    JAX array (batch, channels, T, n_outputs)
        As those of `compute`, of which derivatives are.
    """
    *outer, n_samples = padded.shape
    n_rows, n_frames = math.prod(outer), (n_samples - settings.frame_length) // settings.step + 1
    frame_bytes = settings.n_fft * np.dtype(settings.compute_dtype).itemsize
    if n_rows * n_frames * frame_bytes <= UNBLOCKED_BYTES:
        return compute(padded, kernels)
    jax: Any = importlib.import_module("jax")
    # A block is some frames of a long row, or some short rows.
    n_block = min(n_frames, max(1, BLOCK_BYTES // frame_bytes))
    rows_of_block = min(n_rows, max(1, BLOCK_BYTES // (n_block * frame_bytes)))
    n_across, n_down = math.ceil(n_frames / n_block), math.ceil(n_rows / rows_of_block)
    shape = rows_of_block, frames_extent(n_block, settings)

    def compute_all(padded: Any, kernels: Any) -> Any:
        rows = padded.reshape(n_rows, n_samples)

        def compute_block(index: Any, values: Any) -> Any:
            # The last block begins earlier and computes some frames again.
            row = jax.numpy.minimum(index // n_across * rows_of_block, n_rows - rows_of_block)
            frame = jax.numpy.minimum(index % n_across * n_block, n_frames - n_block)
            block = compute(jax.lax.dynamic_slice(rows, (row, frame * settings.step), shape), kernels)
            return jax.lax.dynamic_update_slice(values, block, (row, frame, 0))

        values = jax.numpy.zeros((n_rows, n_frames, settings.n_outputs), settings.result_dtype)
        values = jax.lax.fori_loop(0, n_across * n_down, compute_block, values)
        return values.reshape(*outer, n_frames, settings.n_outputs)

    differentiable = jax.custom_jvp(compute_all)
    differentiable.defjvp(lambda primals, tangents: jax.jvp(compute, primals, tangents))
    return differentiable(padded, kernels)
