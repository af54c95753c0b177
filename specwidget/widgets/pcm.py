"""A channel as it is heard: 16-bit samples, in pieces that a page can be sent."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import to_numpy

PIECE_SAMPLES = 2**19
"""Samples that are sent at a time: 1 MiB."""


def encode_pcm(samples: Any) -> bytes:
    """Return samples as 16-bit PCM, the body of a WAV file.

    Parameters
    ----------
    samples : array (n,)
        Samples with full scale at 1; what is beyond is clipped, and NaN becomes silence.

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
    heard = np.nan_to_num(to_numpy(samples).astype(np.float32), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(heard * 2**15), -(2**15), 2**15 - 1).astype("<i2").tobytes()
