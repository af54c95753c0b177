"""Pictures of settings B in the A/B comparison: a preview at once, then the exact one."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.picture_cache import PictureCache, Stop
from specwidget.layer import STFTSpectrogram
from specwidget.raster.picture import Picture
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.display import PictureOptions
from specwidget.summary.limits import check_work


class ComparisonRenderer:
    """Draws a sound with settings other than the current ones, and caches the columns of the picture.

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
        self._computation = Computation(settings, sound, STFTSpectrogram.from_settings(settings))
        self._pictures = PictureCache()
        self._lock = threading.Lock()

    def draw(self, options: PictureOptions, memory_limit: int) -> Picture:
        """Return the picture, as exact as the time for an update allows.

        Raises
        ------
        ValueError
            If the settings don't fit the sound, or the work would take more bytes than the limit.
        """
        check_work(self.settings, self._computation.inputs.shape, memory_limit)
        with self._lock:
            return self._pictures.draw(self._computation, options)

    def refine(self, options: PictureOptions, stop: Stop) -> Iterator[Picture]:
        """Yield the picture each time more of it is exact, the visible part first, until all is.

        Raises
        ------
        Cancelled
            If `stop` returned True.
        """
        while True:
            with self._lock:
                job = self._pictures.next_columns(self._computation, options)
            if job is None:
                return
            store = job(stop)
            with self._lock:
                store()
                picture = self._pictures.draw(self._computation, options)
            yield picture
