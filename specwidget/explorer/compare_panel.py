"""The panel of A and B: their figures in two columns, their pictures side by side or as a difference."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.comparing import compare
from specwidget.explorer.display import check_display
from specwidget.explorer.late_panel import Content, LatePanel, Part
from specwidget.explorer.limits import check_work
from specwidget.explorer.pictures import Pictures
from specwidget.explorer.shown import Shown
from specwidget.explorer.state import ExplorerState
from specwidget.layer import STFTSpectrogram
from specwidget.pixels.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.pixels.picture import Picture
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings


class ComparePanel(LatePanel):
    """What the settings give and what those kept as B give, on the same axes."""

    files: ClassVar[str] = "compare_panel"
    stands_alone: ClassVar[bool] = True
    mirrored: ClassVar[tuple[str, ...]] = ("visible", "frequency_axis", "time_axis", "colour_map", "value_range")

    has_b = traitlets.Bool(False, help="Whether settings are kept as B.").tag(sync=True)
    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def refresh(self) -> None:
        """Unfold when something is kept for the first time, and follow."""
        has_b = self._source.kept is not None
        if has_b and not self.has_b:
            self.is_open = True
        self.has_b = has_b
        super().refresh()

    def parts(self) -> dict[str, Part]:
        """Return the two columns, and the two pictures."""
        state = self._source
        shown, kept, picture = state.current, state.kept, state.picture
        if shown is None or kept is None or picture is None:
            return {}
        sound, settings = shown.sound, shown.settings
        display, _ = check_display(state, sound)
        limit = state.memory_limit
        key = (settings, kept, sound)
        return {
            "rows": Part(key, lambda: make_rows(settings, kept, sound)),
            "pair": Part((*key, picture), lambda: make_pair(picture, kept, sound, display, limit)),
        }


def make_rows(a: STFTSettings, b: STFTSettings, sound: Sound) -> Content:
    """Return the figures of both."""
    batch, n_samples, channels = sound.samples.shape
    rows = compare(a, b, (batch, n_samples, channels), sound.sample_rate)
    told = [{"name": row.name, "values": row.values, "formula": row.formula, "differs": row.differs} for row in rows]
    return {"rows": told}, []


def make_pair(
    picture: Picture, kept: STFTSettings, sound: Sound, display: dict[str, Any], memory_limit: int
) -> Content:
    """Return the picture of A, and that of B of the same part of the sound.

    Raises
    ------
    ValueError
        If B takes no such sound, or would take too much memory.
    """
    samples = sound.samples
    check_work(kept, samples.shape if kept.channels_last else samples.swapaxes(1, 2).shape, memory_limit)
    other = Pictures().draw(Shown(kept, sound, STFTSpectrogram.from_settings(kept)), display)
    arrays: list[NDArray[Any]] = []
    for each in (picture, other):
        arrays += [each.codes, each.row_starts, each.column_starts]
    return {"headers": [{**each.header(), "serial": 0} for each in (picture, other)]}, [np.asarray(a) for a in arrays]
