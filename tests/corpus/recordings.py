"""Sound files for tests, and what a layer makes of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile

from specwidget.sounds import read_sound


def write_noise(
    path: Path, n_samples: int, channels: int = 1, *, rate: int = 16_000, scale: float = 0.1, seed: int = 0
) -> Path:
    """Write a file of noise, 16 bits, and return its path."""
    path.parent.mkdir(exist_ok=True, parents=True)
    noise = scale * np.random.default_rng(seed).standard_normal((n_samples, channels))
    with path.open("wb") as file:
        soundfile.write(file, noise.clip(-1, 1), rate, format=path.suffix[1:], subtype="PCM_16")
    return path


def features_of(layer, path) -> np.ndarray:
    """Return the layer's result for a file, as a call of it has it."""
    samples = read_sound(path).samples
    last = getattr(layer, "mel", layer).settings.data_format != "channels_first"
    return np.asarray(layer(np.ascontiguousarray(samples if last else samples.swapaxes(1, 2)))[0])
