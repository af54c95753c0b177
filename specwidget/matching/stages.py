"""`Stages`: what is known of a front end, so that one of its settings can be changed and its values computed again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from specwidget.layer import STFTSpectrogram
from specwidget.mel.front_ends import FrontEnd, front_ends
from specwidget.mel.layer import MelSpectrogram
from specwidget.mel.mfcc import MFCC
from specwidget.mel.settings import MelSettings
from specwidget.mel.shapes import frame_centre as mel_frame_centre
from specwidget.stft.formatting import short_repr
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import frame_centre

Layer = MelSpectrogram | MFCC | STFTSpectrogram


@dataclass(frozen=True)
class Cepstrum:
    """The arguments of `MFCC` after its mel spectrogram."""

    num_coefficients: int
    convention: Any
    lifter: float
    zeroth: bool


@dataclass(frozen=True)
class Stages:
    """The settings of a layer, resolved and in float64.

    Parameters
    ----------
    settings : MelSettings or STFTSettings
        Settings of the mel spectrogram or of the transform.
    cepstrum : Cepstrum, optional
        The cosine transform that follows the mel spectrogram.
    """

    settings: MelSettings | STFTSettings
    cepstrum: Cepstrum | None = None

    @classmethod
    def of(cls, layer: Layer) -> Stages:
        """Return the stages of a layer."""
        if isinstance(layer, MFCC):
            rest = Cepstrum(layer.num_coefficients, layer.convention, layer.lifter, layer.zeroth)
            return cls(resolve(layer.mel.settings), rest)
        return cls(resolve(layer.settings))

    @property
    def layer(self) -> Layer:
        """The layer that has these settings."""
        if isinstance(self.settings, STFTSettings):
            return STFTSpectrogram.from_settings(self.settings)
        mel = MelSpectrogram.from_settings(self.settings)
        return mel if self.cepstrum is None else MFCC(mel, *vars(self.cepstrum).values())

    @property
    def sample_rate(self) -> float | None:
        """Sample rate that the settings name, Hz; None for a transform, which has none."""
        return self.settings.sampling_rate if isinstance(self.settings, MelSettings) else None

    @property
    def step(self) -> int:
        """Samples from one frame to the next."""
        return self.settings.step

    def first_centre(self, n_samples: int) -> float:
        """Return the centre of frame 0, in samples."""
        if isinstance(self.settings, STFTSettings):
            return frame_centre(0, n_samples, self.settings)
        return mel_frame_centre(0, self.settings)

    def values(self, signal: NDArray[Any]) -> NDArray[np.float64]:
        """Compute the values (bands or bins, frames) of a signal (time,)."""
        samples = np.asarray(signal, dtype=np.float64)
        if isinstance(self.settings, STFTSettings):
            return np.asarray(self.layer(samples[None, :, None])[0].T)
        return np.asarray(self.layer(samples))


def resolve(settings: Any) -> Any:
    """Return settings in float64 with a number in place of every None that stands for one."""
    if isinstance(settings, STFTSettings):
        lengths: dict[str, Any] = {"frame_step": settings.step, "fft_length": settings.n_fft}
        return replace(settings, **lengths, dtype="float64", expand_dims=False, data_format=None, backend="numpy")
    return replace(
        settings,
        sequence_length=settings.frame_length,
        max_freq=settings.highest_frequency,
        dtype="float64",
        data_format=None,
    )


def known_stages(side: Any) -> Stages | None:
    """Return the stages of a layer or front end; None for a function."""
    if isinstance(side, FrontEnd):
        return Stages.of(side.layer)
    return Stages.of(side) if isinstance(side, MelSpectrogram | MFCC | STFTSpectrogram) else None


def named_front_end(name: str, value: str, others: str) -> FrontEnd:
    """Return the front end of a name; `others` are the other values that an argument may have."""
    if value not in front_ends:
        listed = ", ".join(map(repr, front_ends))
        raise ValueError(f"`{name}` must be {others}, or one of {listed}; got {short_repr(value)}.")
    return front_ends[value]


def check_near(near: Iterable[Any]) -> tuple[Stages, ...]:
    """Return the stages of layers and of front ends or their names."""
    found = []
    for each in near:
        known = known_stages(named_front_end("near", each, "layers") if isinstance(each, str) else each)
        if known is None:
            raise TypeError(f"`near` must have layers, front ends or their names; got {type(each).__name__}.")
        found.append(known)
    return tuple(found)


def align_frames(mine: Stages, other: Stages, n_frames: tuple[int, int], n_samples: int) -> tuple[Any, Any]:
    """Return the indices of frames of two front ends whose centres are next to each other.

    Parameters
    ----------
    mine, other : Stages
        The front ends.
    n_frames : (int, int)
        Their numbers of frames.
    n_samples : int
        Length of the signal, samples.

    Returns
    -------
    ndarray, ndarray of int
        For each frame of `other` the nearest of `mine`, as far as there is one within half a step.
    """
    theirs = np.arange(n_frames[1])
    centres = other.first_centre(n_samples) + theirs * other.step
    nearest = np.rint((centres - mine.first_centre(n_samples)) / mine.step).astype(int)
    exists = (nearest >= 0) & (nearest < n_frames[0])
    return nearest[exists], theirs[exists]
