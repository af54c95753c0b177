"""A recording under way: the latest seconds of a microphone, as its samples arrive."""

from __future__ import annotations

import weakref

import numpy as np
from numpy.typing import NDArray

from specwidget.sounds import Sound
from specwidget.stft.settings import check_sample_rate

LIVE_SECONDS = 10.0
"""Seconds that are displayed while a recording is under way, and kept of it."""

DESCRIPTION = "From the microphone, with echo cancellation, noise suppression and gain control off."


class LiveRecording:
    """The latest `LIVE_SECONDS` of a recording; zeros before it began.

    Parameters
    ----------
    sample_rate : float
        Sample rate of the microphone, Hz.
    name : str
        Name of the sound.
    key : str
        Identifies the recording among others of the page.

    Attributes
    ----------
    n_received : int
        Samples that have arrived.
    sounds : set of Sound
        The sounds that were returned and are still in use.

    Examples
    --------
    >>> recording = LiveRecording(8000.0, "Recording 1")
    >>> recording.add(np.ones(400, "float32"))
    >>> recording.latest().samples.shape, recording.kept().samples.shape
    ((1, 80000, 1), (1, 400, 1))
    """

    def __init__(self, sample_rate: float, name: str, key: str = "") -> None:
        rate = check_sample_rate(sample_rate)
        assert rate is not None
        self.sample_rate, self.name, self.key = rate, name, key
        self.n_received = 0
        self.sounds: weakref.WeakSet[Sound] = weakref.WeakSet()
        self._ring = np.zeros(round(LIVE_SECONDS * rate), np.float32)

    def add(self, samples: NDArray[np.float32]) -> None:
        """Add the next samples; the oldest make room."""
        new = samples[-len(self._ring) :]
        if len(new):
            self._ring[: -len(new)] = self._ring[len(new) :]
            self._ring[-len(new) :] = new
        self.n_received += len(samples)

    def correct_rate(self, sample_rate: float, sound: Sound) -> None:
        """Take another sample rate for what follows, as it was corrected in a sound of this recording."""
        self.sample_rate = sample_rate
        self.sounds.add(sound)

    def latest(self) -> Sound:
        """Return the latest seconds, always as many."""
        return self._sound(len(self._ring))

    def kept(self) -> Sound:
        """Return what was recorded of the latest seconds."""
        return self._sound(min(self.n_received, len(self._ring)))

    def _sound(self, n_samples: int) -> Sound:
        samples = self._ring[len(self._ring) - n_samples :].copy()
        sound = Sound(samples[None, :, None], self.sample_rate, self.name, description=DESCRIPTION)
        self.sounds.add(sound)
        return sound
