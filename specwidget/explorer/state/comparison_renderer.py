"""The picture of other settings beside those that are shown: sketched at once, then exact."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import cached_property

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.picture_cache import Display, Pictures, Stop
from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import Picture
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.limits import check_work


class ComparisonRenderer:
    """Makes the pictures of a sound with settings that are not those shown, and keeps the columns they are made of.

    Parameters
    ----------
    settings : STFTSettings
        The settings.
    sound : Sound
        The sound.
    """

    def __init__(self, settings: STFTSettings, sound: Sound) -> None:
        self.settings = settings
        self.sound = sound
        self._pictures = Pictures()
        self._lock = threading.Lock()

    @cached_property
    def shown(self) -> Computation:
        """The settings, the sound and the layer."""
        return Computation(self.settings, self.sound, STFTSpectrogram.from_settings(self.settings))

    def draw(self, display: Display, memory_limit: int) -> Picture:
        """Return the picture as well as there is time for.

        Raises
        ------
        ValueError
            If the settings take no such sound, or would take more bytes than the limit.
        """
        check_work(self.settings, self.shown.inputs.shape, memory_limit)
        with self._lock:
            return self._pictures.draw(self.shown, display)

    def sharpen(self, display: Display, stop: Stop) -> Iterator[Picture]:
        """Yield the picture each time more of it is exact, the visible part first, until all is.

        Raises
        ------
        Abandoned
            If `stop` returned True.
        """
        while True:
            with self._lock:
                job = self._pictures.next_columns(self.shown, display)
            if job is None:
                return
            keep = job(stop)
            with self._lock:
                keep()
                picture = self._pictures.draw(self.shown, display)
            yield picture
