"""Audio for the browser: conversion of samples to 16-bit PCM."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import to_numpy

PIECE_SAMPLES = 2**19
"""Samples in a message: 1 MiB."""


def encode_pcm(samples: Any) -> bytes:
    """Convert samples to 16-bit PCM, the data chunk of a WAV file.

    Parameters
    ----------
    samples : array (n,)
        Samples with full scale at 1; larger values are clipped, NaN becomes 0.

    Returns
    -------
    bytes
        `2 n` bytes, little-endian.

    Examples
    --------
    >>> import numpy as np
    >>> np.frombuffer(encode_pcm(np.array([0, 0.5, 1, 2, -1, np.nan])), "<i2").tolist()
    [0, 16384, 32767, 32767, -32768, 0]
    """
    finite = np.nan_to_num(to_numpy(samples).astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(finite * 2**15), -(2**15), 2**15 - 1).astype("<i2").tobytes()
