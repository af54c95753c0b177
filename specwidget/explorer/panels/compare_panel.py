"""The panel of A and B: their figures in two columns, their pictures side by side or as a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.lazy_panel import Content, LazyPanel, Part
from specwidget.explorer.state.comparison_renderer import ComparisonRenderer
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.picture_cache import Display, Stop, exact_picture
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.picture import Picture
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.comparison import compare
from specwidget.summary.display import check_display


class ComparePanel(LazyPanel):
    """What the settings give and what those kept as B give, on the same axes."""

    files: ClassVar[str] = "explorer/panels/compare_panel"
    supports_static: ClassVar[bool] = True
    synced: ClassVar[tuple[str, ...]] = ("visible", "frequency_axis", "time_axis", "colour_map", "value_range")

    has_b = traitlets.Bool(False, help="Whether settings are kept as B.").tag(sync=True)
    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._beside: ComparisonRenderer | None = None
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def refresh(self) -> None:
        """Unfold when something is kept for the first time, and follow."""
        has_b = self._source.settings_b is not None
        if has_b and not self.has_b:
            self.is_open = True
        self.has_b = has_b
        super().refresh()

    def parts(self) -> dict[str, Part]:
        """Return the two columns, and the two pictures."""
        state = self._source
        shown, kept, picture = state.current, state.settings_b, state.picture
        if shown is None or kept is None or picture is None:
            return {}
        sound, settings = shown.sound, shown.settings
        display, _ = check_display(state, sound)
        limit, beside = state.memory_limit, self._other(kept, sound)
        key = (settings, kept, sound)
        return {
            "rows": Part(key, lambda: make_rows(settings, kept, sound)),
            "pair": Part(
                (*key, picture),
                lambda: make_pair(picture, beside.draw(display, limit)),
                partial(sharpen_pair, lambda: picture, beside, display),
                # A comes first: it is drawn anew when it is exact, and all threads work for it until then.
                waits=not picture.is_exact,
            ),
        }

    def saved_parts(self) -> dict[str, Part]:
        """Return the two columns, and the two pictures of the whole, which a page without a kernel zooms into."""
        parts, state = self.parts(), self._source
        shown, kept, picture = state.current, state.settings_b, state.picture
        if not parts or shown is None or kept is None or picture is None:
            return parts
        display = {**check_display(state, shown.sound)[0], "visible": None}
        limit, beside = state.memory_limit, self._other(kept, shown.sound)
        is_there = picture.is_exact and picture.grid.is_whole
        first = cache(lambda: picture if is_there else exact_picture(shown, display))
        pair = Part(
            None, lambda: make_pair(first(), beside.draw(display, limit)), partial(sharpen_pair, first, beside, display)
        )
        return {**parts, "pair": pair}

    def _other(self, kept: STFTSettings, sound: Sound) -> ComparisonRenderer:
        """Return what makes the picture of B; the same as long as B is the same, with the columns that it keeps."""
        now = self._beside
        if now is None or now.settings != kept or now.sound is not sound:
            self._beside = now = ComparisonRenderer(kept, sound)
        return now


def make_rows(a: STFTSettings, b: STFTSettings, sound: Sound) -> Content:
    """Return the figures of both."""
    batch, n_samples, channels = sound.samples.shape
    rows = compare(a, b, (batch, n_samples, channels), sound.sample_rate)
    told = [{"name": row.name, "values": row.values, "formula": row.formula, "differs": row.differs} for row in rows]
    return {"rows": told}, []


def make_pair(picture: Picture, other: Picture) -> Content:
    """Return the picture of A, and that of B of the same part of the sound."""
    arrays: list[NDArray[Any]] = []
    for each in (picture, other):
        arrays += [each.codes, each.row_starts, each.column_starts]
    return {"headers": [{**each.header(), "serial": 0} for each in (picture, other)]}, [np.asarray(a) for a in arrays]


def sharpen_pair(
    first: Callable[[], Picture], beside: ComparisonRenderer, display: Display, stop: Stop
) -> Iterator[Content]:
    """Yield both pictures each time that of B has become better."""
    for other in beside.sharpen(display, stop):
        yield make_pair(first(), other)
