"""Snapshot of the page: for long work that runs without the state's lock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from specwidget.explorer.state.computation import Computation
from specwidget.explorer.state.picture_cache import exact_picture
from specwidget.raster.columns import Channel
from specwidget.raster.picture import Picture
from specwidget.summary.display import DisplayChoices


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Computation, display choices and overview at one moment.

    Parameters
    ----------
    computation : Computation
        Settings and sound.
    choices : DisplayChoices
        The display choices.
    automatic : tuple of float, or None
        The automatic colour range of the whole, where only a part is visible.
    overview : Picture, or None
        The small picture of the whole.
    """

    computation: Computation
    choices: DisplayChoices
    automatic: tuple[float, float] | None
    overview: Picture | None

    @property
    def channel(self) -> Channel:
        """The displayed channel, with the layer."""
        return self.computation.channel(self.choices.picture.channel_index)

    @property
    def samples(self) -> Any:
        """The samples of the displayed channel."""
        return self.channel.samples[0, :, 0]

    def picture(self, n_columns: int, n_rows: int, **options: Any) -> Picture:
        """Compute the exact picture at another size.

        It is of the visible part and on the displayed axis, unless `options` has other fields of `PictureOptions`.
        """
        options = {"n_columns": n_columns, "n_rows": n_rows, **options}
        return exact_picture(self.computation, replace(self.choices.picture, **options), self.automatic)
