"""Settings, a sound and the layer that transforms it, and what is known about the result.

Only the values that pictures need are computed and cached; the whole result is computed on request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from specwidget.codegen import to_code
from specwidget.front_end import BandLayer, FrontEndLayer, count_frames, floor_value, output_shape
from specwidget.mel.stages import FrontEndSettings
from specwidget.raster.columns import Channel
from specwidget.sounds import Sound
from specwidget.spectrogram import Spectrogram
from specwidget.stft.transform import TransformPath
from specwidget.summary.display import ChannelIndex
from specwidget.summary.limits import check_output

MAX_CACHED_BYTES = 2**26
"""Most bytes of a whole result that is cached; a larger one is computed at each request."""


@dataclass(eq=False)
class Computation:
    """Settings and a sound, and what is known about the transform of the sound.

    Parameters
    ----------
    settings : STFTSettings or BandSettings
        Settings of the front end.
    sound : Sound
        The sound.
    layer : STFTSpectrogram or BandLayer
        The layer that computes.

    Attributes
    ----------
    seconds : float
        Time that it took to transform every frame of the displayed channel; 0 until that is done.
    n_on_floor : dict of (int, int) to int
        Values at the floor of the mode, by channel index, for the channels counted so far.
    computed_by : set of (str, str)
        The library of each part of the transform that was computed, and why backend "auto" did not use CuPy.
    """

    settings: FrontEndSettings
    sound: Sound
    layer: FrontEndLayer
    seconds: float = 0.0
    n_on_floor: dict[ChannelIndex, int] = field(default_factory=dict)
    computed_by: set[tuple[str, str]] = field(default_factory=set)
    _spectrogram: Spectrogram | None = field(default=None, init=False, repr=False)

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
        """Algorithm of the layer."""
        return self.layer.path

    @property
    def library(self) -> str:
        """Library that computed, such as "NumPy", or "CuPy and NumPy"; until then, the one that would."""
        return " and ".join(sorted({library for library, _ in self._where()}))

    @property
    def note(self) -> str:
        """Why it, or a part of it, was not computed on a CUDA device, where that was to be tried."""
        return " ".join(sorted({note for _, note in self._where()} - {""}))

    def _where(self) -> tuple[tuple[str, str], ...]:
        # Copied at once, as other threads may be computing.
        return tuple(self.computed_by) or (self.layer.backend_for(self.sound.samples),)

    @property
    def channel_indices(self) -> list[ChannelIndex]:
        """Indices of every batch item and channel."""
        batch, _, channels = self.sound.samples.shape
        return [(item, channel) for item in range(batch) for channel in range(channels)]

    def channel(self, index: ChannelIndex) -> Channel:
        """Return one channel with the layer; its frames are computed on request."""
        item, channel = index
        return Channel(self.layer, self.sound.samples[item : item + 1, :, channel : channel + 1], self.computed_by)

    def uncounted(self) -> list[ChannelIndex]:
        """Return the channels whose values at the floor are not counted yet."""
        has_floor = floor_value(self.settings) is not None
        return [index for index in self.channel_indices if index not in self.n_on_floor] if has_floor else []

    def floor_share(self) -> float | None:
        """Return the fraction of all values at the floor; None if there is no floor, or not all are counted."""
        if floor_value(self.settings) is None or self.uncounted() or 0 in self.shape:
            return None
        return sum(self.n_on_floor.values()) / math.prod(self.shape)

    def to_code(self, target: str) -> str:
        """Return code that computes the result with another library; see `specwidget.codegen.to_code`.

        A mel spectrogram is computed of a single signal, or of a batch of all batch items and channels.
        """
        if not isinstance(self.layer, BandLayer):
            return to_code(self.layer, self.inputs.shape, target, self.sample_rate)
        batch, n_samples, channels = self.sound.samples.shape
        rows = batch * channels
        return to_code(self.layer.settings, (n_samples,) if rows == 1 else (rows, n_samples), target)

    def spectrogram(self, memory_limit: int) -> Spectrogram:
        """Compute the whole result, or return it from the cache.

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
            If it would take more; the message names the limit and the setting to change.
        """
        if self._spectrogram is None:
            check_output(self.settings, self.inputs.shape, memory_limit)
            result = self.layer.spectrogram(self.inputs, self.sample_rate)
            if result.values.nbytes > MAX_CACHED_BYTES:
                return result
            self._spectrogram = result
        return self._spectrogram
