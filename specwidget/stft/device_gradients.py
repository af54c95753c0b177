"""Vector-Jacobian products on a CUDA device, in blocks of frames that cross channels and batch items.

The number of launches depends on the number of blocks only, and nothing is read back or sent after the first call.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import namespace
from specwidget.stft.device_blocks import NO_ARRAY, TransformBlocks, for_each_block, launch
from specwidget.stft.device_synthesis import OverlapAdd, inverse_fft
from specwidget.stft.kernels import Kernels, kernel_names
from specwidget.stft.layout import from_output, to_rows
from specwidget.stft.settings import STFTSettings
from specwidget.stft.transform import RealImag


def vjp_on_device(
    inputs: Any,
    cotangent: Any,
    settings: STFTSettings,
    kernels: Kernels | None,
    n_block: int,
    *,
    wrt_inputs: bool,
    wrt_kernels: bool = True,
) -> tuple[Any | None, RealImag]:
    """Compute the gradients of CuPy arrays on the current device, block by block.

    Parameters
    ----------
    inputs, cotangent, settings, kernels, wrt_inputs
        As for `compute_vjp`, on the device.
    n_block : int
        Number of frames in a block.
    wrt_kernels : bool, default True
        Whether to compute the gradients with respect to the kernels, a matrix product in each block.

    Returns
    -------
    d_inputs : array or None
        Gradient with respect to the inputs, in their shape and the compute dtype.
    d_kernels : RealImag
        Gradients with respect to the kernels of the mode, (frame_length, n_bins); none if not asked for.
    """
    xp, dtype, n_bins = namespace(inputs), settings.compute_dtype, settings.n_bins
    rows = to_rows(inputs, settings)
    # A contiguous copy only where the layout or the dtype needs one.
    d_values = from_output(xp.ascontiguousarray(cotangent.astype(dtype, copy=False)), settings)
    blocks = TransformBlocks(rows, d_values.shape[2], settings, kernels)
    write = blocks.kernel("write_gradients")
    used = kernel_names(settings)
    bits = np.int64(("real" in used) + 2 * ("imag" in used))
    has_products = wrt_kernels or kernels is not None
    sums = xp.zeros((settings.frame_length, len(used) * n_bins), dtype=dtype) if wrt_kernels else None
    d_inputs = xp.zeros(inputs.shape, dtype=dtype) if wrt_inputs else None
    overlap_add = OverlapAdd(to_rows(d_inputs, settings), blocks.n_frames, settings) if wrt_inputs else None
    # Beside each other, as the gradients with respect to the parts are.
    transposed = None if kernels is None else xp.concat([getattr(kernels, name)[:, 0, :] for name in used], axis=-1).T

    def compute(first: int, n_rows: int) -> None:
        nonlocal sums
        # Linear modes, too, need the parts to find frames that are not finite, for which the host would have to wait.
        frames: Any = blocks.read_frames(first, n_rows, windowed=False) if has_products else None
        parts = blocks.transform(first, n_rows, frames)
        d_parts = xp.empty((n_rows, len(used) * n_bins), dtype=dtype) if has_products else NO_ARRAY
        d_spectrum: Any = NO_ARRAY
        if kernels is None and wrt_inputs:
            d_spectrum = xp.empty((n_rows, n_bins), dtype=parts.complex.dtype)
        arguments = (d_parts, d_spectrum, d_values, bits, np.int64(n_rows), *blocks.describe(parts))
        launch(write, (n_rows, n_bins), (*arguments, *blocks.place(first, d_values)))
        new_sums = None
        if sums is not None:
            # The new sums are an array of the block, so that adding the samples is all that it changes.
            new_sums = xp.matmul(frames.T, d_parts)
            xp.add(sums, new_sums, out=new_sums)
        if overlap_add is not None and kernels is None:
            overlap_add.add(inverse_fft(d_spectrum, settings), first, window=blocks.window)
        elif overlap_add is not None:
            overlap_add.add(xp.matmul(d_parts, transposed), first)
        sums = new_sums

    for_each_block(blocks.total, n_block, compute)
    if sums is None:
        return d_inputs, RealImag(None, None)
    found = {name: sums[:, place * n_bins : (place + 1) * n_bins] for place, name in enumerate(used)}
    return d_inputs, RealImag(found.get("real"), found.get("imag"))
