"""What is shown at one moment, to be worked on without the state's lock, however long that takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.picture_cache import Display, exact_picture
from specwidget.raster.columns import Channel
from specwidget.raster.picture import Picture


@dataclass(frozen=True, eq=False)
class Snapshot:
    """What is shown at one moment.

    Parameters
    ----------
    shown : Shown
        Settings and sound.
    display : dict
        The display choices that a picture follows from, as `check_display` returns them.
    looks : dict
        The choices that the page follows by itself: `colour_map`, `value_range` and `time_axis`.
    automatic : tuple of float, or None
        The automatic colour range of the whole, where only a part is visible.
    overview : Picture, or None
        The whole, small.
    """

    shown: Computation
    display: Display
    looks: dict[str, Any]
    automatic: tuple[float, float] | None
    overview: Picture | None

    @property
    def channel(self) -> Channel:
        """The channel that is shown, with the layer."""
        return self.shown.channel(self.display["batch_item"], self.display["channel"])

    @property
    def samples(self) -> Any:
        """The samples of the channel that is shown."""
        return self.channel.samples[0, :, 0]

    @property
    def playback_rate(self) -> int | None:
        """The sample rate at which a browser plays the channel, Hz; None where it can't be heard."""
        return round(self.shown.sample_rate or 0) or None

    def picture(self, n_columns: int, n_rows: int, **display: Any) -> Picture:
        """Compute the picture for another size, looking at every frame.

        It is of what is visible and as it is shown, but for what `display` says of `visible` and `axis`.
        """
        chosen = {**self.display, "n_columns": n_columns, "n_rows": n_rows, **display}
        return exact_picture(self.shown, chosen, self.automatic)
