"""What is shown: settings and a sound, and what has been found out about the transform of one by the other.

Nothing of the transform is held but what its pictures need; the whole is computed when it is asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from specwidget.layer import STFTSpectrogram
from specwidget.raster.columns import Channel
from specwidget.sounds import Sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.modes import floor_value
from specwidget.stft.settings import STFTSettings
from specwidget.stft.shapes import count_frames, output_shape
from specwidget.stft.transform import TransformPath
from specwidget.summary.limits import check_output


@dataclass(eq=False)
class Computation:
    """Settings and a sound, and what is known about them.

    Parameters
    ----------
    settings : STFTSettings
        Settings of the transform.
    sound : Sound
        The sound.
    layer : STFTSpectrogram
        The layer that computes.

    Attributes
    ----------
    seconds : float
        How long it took to look at every frame of the channel shown; 0 while that is still to be done.
    on_floor : dict of (int, int) to int
        Values on the floor of the mode, for each batch item and channel that was looked at.
    """

    settings: STFTSettings
    sound: Sound
    layer: STFTSpectrogram
    seconds: float = 0.0
    on_floor: dict[tuple[int, int], int] = field(default_factory=dict)

    @property
    def inputs(self) -> Any:
        """The samples in the order of axes that the layer takes."""
        samples = self.sound.samples
        return samples if self.settings.channels_last else samples.swapaxes(1, 2)

    @property
    def n_samples(self) -> int:
        """Length of the signal, L."""
        return int(self.sound.samples.shape[1])

    @property
    def n_channels(self) -> int:
        """Number of channels, C."""
        return int(self.sound.samples.shape[2])

    @property
    def sample_rate(self) -> float | None:
        """Samples per second."""
        return self.sound.sample_rate

    @property
    def n_frames(self) -> int:
        """Number of frames, T."""
        return count_frames(self.n_samples, self.settings)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole output."""
        return tuple(int(length or 0) for length in output_shape(self.inputs.shape, self.settings))

    @property
    def path(self) -> TransformPath:
        """By which transform the layer computes."""
        return self.layer.path

    @cached_property
    def place(self) -> tuple[str, str]:
        """The library that computes, and the note of a fallback."""
        return self.layer.backend_for(self.sound.samples)

    @property
    def library(self) -> str:
        """Library that computes, such as "NumPy"."""
        return self.place[0]

    @property
    def note(self) -> str:
        """Why it is not computed on a CUDA device, where that was to be tried."""
        return self.place[1]

    @property
    def channels(self) -> list[tuple[int, int]]:
        """Every batch item and channel."""
        batch, _, channels = self.sound.samples.shape
        return [(item, channel) for item in range(batch) for channel in range(channels)]

    def channel(self, item: int, channel: int) -> Channel:
        """Return one channel, whose frames are computed when they are asked for."""
        return Channel(self.layer, self.sound.samples[item : item + 1, :, channel : channel + 1])

    def uncounted(self) -> list[tuple[int, int]]:
        """Return the channels whose values on the floor are not counted yet."""
        has_floor = floor_value(self.settings) is not None
        return [channel for channel in self.channels if channel not in self.on_floor] if has_floor else []

    def floor_share(self) -> float | None:
        """Return the share of all values that lie on the floor; None where there is none, or not all were counted."""
        if floor_value(self.settings) is None or self.uncounted() or 0 in self.shape:
            return None
        return sum(self.on_floor.values()) / math.prod(self.shape)

    def spectrogram(self, memory_limit: int) -> Spectrogram:
        """Compute the whole.

        Parameters
        ----------
        memory_limit : int
            Most bytes that it may take.

        Returns
        -------
        Spectrogram

        Raises
        ------
        ValueError
            If it would take more; the sentence names the limit and the setting to change.
        """
        check_output(self.settings, self.inputs.shape, memory_limit)
        return self.layer.spectrogram(self.inputs, self.sample_rate)
