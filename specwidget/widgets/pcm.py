"""Audio for the browser: 16-bit PCM at a rate that it plays, and a level that it does not clip."""

from __future__ import annotations

from typing import Any

import numpy as np

from specwidget.arrays import to_numpy

PIECE_SAMPLES = 2**19
"""Samples in a message: 1 MiB."""

PLAYABLE_RATES = (8000, 96_000)
"""Lowest and highest rate, Hz, that is given to a browser as it is: Chromium takes 3 to 768 kHz, others less."""

RESAMPLED_RATES = (8000, 48_000)
"""Rate, Hz, to which a lower and a higher one is resampled."""

MAX_PCM = 2**22
"""Most samples of one answer to a browser."""


class PcmStream:
    """Converts the pieces of a sound to PCM, one after the other.

    Parameters
    ----------
    sample_rate : float
        Sample rate of the sound, Hz.
    speed : float
        Playback speed: 2 plays twice as fast and an octave higher.
    peak : float
        Largest magnitude of the whole sound. One that exceeds full scale, 1, is scaled down.

    Attributes
    ----------
    heard : float
        Samples of the sound that are heard in a second.
    rate : int
        Rate of the PCM, Hz.
    gain : float
        Factor by which the samples are multiplied.

    Examples
    --------
    >>> stream = PcmStream(256.0, speed=4.0)
    >>> stream.heard, stream.rate, len(stream.encode(np.zeros(1024), is_last=True)) // 2
    (1024.0, 8000, 8000)
    """

    def __init__(self, sample_rate: float, speed: float = 1.0, peak: float = 0.0) -> None:
        self.heard = sample_rate * speed
        self.gain = full_scale_gain(peak)
        low, high = PLAYABLE_RATES
        self._resampler: Any = None
        if low <= self.heard <= high:
            self.rate = round(self.heard)
            return
        self.rate = RESAMPLED_RATES[self.heard > high]
        # Loaded on request, as most sounds need none. librosa resamples by it, too.
        import soxr

        self._resampler = soxr.ResampleStream(self.heard, self.rate, 1, dtype="float32")

    @property
    def longest(self) -> int:
        """Most samples of the sound in one answer; 0 where one of them lasts too long."""
        return int(MAX_PCM * self.heard / self.rate) if self._resampler is not None else MAX_PCM

    def encode(self, samples: Any, *, is_last: bool = False) -> bytes:
        """Convert the next samples; the last ones flush the resampler."""
        piece = to_numpy(samples).astype(np.float32) * np.float32(self.gain)
        if self._resampler is None:
            return encode_pcm(piece)
        return encode_pcm(self._resampler.resample_chunk(_finite(piece), last=is_last))


def full_scale_gain(peak: float) -> float:
    """Return the factor that brings a larger peak down to full scale, 1."""
    return 1 / peak if np.isfinite(peak) and peak > 1 else 1.0


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
    finite = _finite(to_numpy(samples).astype(np.float32))
    data: bytes = np.clip(np.rint(finite * 2**15), -(2**15), 2**15 - 1).astype("<i2").tobytes()
    return data


def peak_of(samples: Any) -> float:
    """Return the largest finite magnitude of samples; 0 where there is none.

    Examples
    --------
    >>> peak_of(np.array([0.5, -2, np.inf, np.nan]))
    2.0
    """
    values = to_numpy(samples)
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


def _finite(samples: Any) -> Any:
    """Return samples with silence in place of NaN, and full scale in place of infinity."""
    return np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
