"""What is measured: sounds and settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Case:
    """A sound of noise, and the lengths it is transformed with."""

    name: str
    title: str
    seconds: float
    sample_rate: int
    frame_length: int
    frame_step: int
    batch: int = 1
    channels: int = 1

    @property
    def n_frames(self) -> int:
        """Number of frames of all channels and batch items."""
        n_samples = int(self.seconds * self.sample_rate)
        return self.batch * self.channels * ((n_samples - self.frame_length) // self.frame_step + 1)

    def make_signal(self) -> np.ndarray:
        """Return noise of shape (batch, time, channels), float32."""
        shape = (self.batch, int(self.seconds * self.sample_rate), self.channels)
        return np.random.default_rng(0).standard_normal(shape, dtype=np.float32) * np.float32(0.1)


CASES = {
    case.name: case
    for case in (
        Case("10s", "10 s at 16 kHz, 256/128", 10, 16_000, 256, 128),
        Case("30s", "30 s at 22.05 kHz, 1024/256", 30, 22_050, 1024, 256),
        Case("60s", "60 s at 44.1 kHz, 2048/512", 60, 44_100, 2048, 512),
        Case("batch", "8 x 10 s stereo at 16 kHz, 256/128", 10, 16_000, 256, 128, batch=8, channels=2),
    )
}
HOUR = Case("hour", "1 hour at 44.1 kHz, 2048/512", 3600, 44_100, 2048, 512)

MODES = ("log", "magnitude", "psd", "stft")
EPSILON = 1e-7
