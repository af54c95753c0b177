"""Pictures of what is not displayed of A and B: a preview at once, then the exact one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.picture_cache import PictureCache, Stop
from specwidget.front_end import make_layer
from specwidget.raster.picture import Picture
from specwidget.raster.scales import IN_HERTZ, FrequencyAxis
from specwidget.sounds import Sound
from specwidget.summary.comparison import Variant
from specwidget.summary.display import PictureOptions
from specwidget.summary.limits import check_work


class ComparisonRenderer:
    """Draws settings and a sound other than the displayed ones, and caches the columns of the picture.

    Parameters
    ----------
    variant : Variant
        The settings and the sound.
    """

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        layer = make_layer(variant.settings)
        self._computation = Computation(variant.settings, variant.sound, layer)
        self._pictures = PictureCache()
        self._lock = threading.Lock()

    def options_for(self, options: PictureOptions, displayed: Sound) -> PictureOptions:
        """Return the options for the part of this sound that is visible of the displayed one, by time and frequency."""
        sound = self.variant.sound
        if sound is displayed:
            return options
        batch, n_samples, channels = sound.samples.shape
        rates = displayed.sample_rate, sound.sample_rate
        visible = options.visible
        if visible is not None:
            # A sound without a sample rate has no time in common with one that has a rate.
            ratio = 0.0 if None in rates and rates != (None, None) else (rates[1] or 1.0) / (rates[0] or 1.0)
            first, last = (min(end * ratio, n_samples) for end in visible[:2])
            low, high = (min(end / ratio, 1.0) if ratio else 1.0 for end in visible[2:])
            visible = (first, last, low, high) if first < last and low < high else None
        return replace(
            options,
            batch_item=min(options.batch_item, batch - 1),
            channel=min(options.channel, channels - 1),
            frequency_axis=_available_axis(options.frequency_axis, sound.sample_rate),
            visible=visible,
        )

    def draw(self, options: PictureOptions, memory_limit: int) -> Picture:
        """Return the picture, as exact as the time for an update allows.

        Raises
        ------
        ValueError
            If the settings don't fit the sound, or the work would take more bytes than the limit.
        """
        check_work(self.variant.settings, self._computation.inputs.shape, memory_limit)
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


def _available_axis(axis: FrequencyAxis, sample_rate: float | None) -> FrequencyAxis:
    """Return a frequency axis, or the linear one where it would need a sample rate."""
    return "linear" if axis in IN_HERTZ and sample_rate is None else axis
