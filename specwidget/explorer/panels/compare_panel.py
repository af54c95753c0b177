"""The panel of A and B: their figures in two columns, their pictures side by side or as a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import Any, ClassVar

import numpy as np
import traitlets
from numpy.typing import NDArray

from specwidget.explorer.lazy_panel import LazyContent, LazyPanel, Payload
from specwidget.explorer.state.comparison_renderer import ComparisonRenderer
from specwidget.explorer.state.explorer_state import ExplorerState
from specwidget.explorer.state.picture_cache import Stop, exact_picture
from specwidget.raster.colours import COLOUR_MAPS, ON_DARK, colour_tables
from specwidget.raster.picture import Picture
from specwidget.sounds import Sound
from specwidget.stft.settings import STFTSettings
from specwidget.summary.comparison import compare
from specwidget.summary.display import PictureOptions


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

    def contents(self) -> dict[str, LazyContent]:
        """Return the two columns, and the two pictures."""
        state = self._source
        shown, kept, picture = state.current, state.settings_b, state.picture
        if shown is None or kept is None or picture is None:
            return {}
        sound, settings = shown.sound, shown.settings
        options = state.display.picture
        limit, beside = state.memory_limit, self._other(kept, sound)
        key = (settings, kept, sound)
        return {
            "rows": LazyContent(key, lambda: make_rows(settings, kept, sound)),
            "pair": LazyContent(
                (*key, picture),
                lambda: make_pair(picture, beside.draw(options, limit)),
                partial(refine_pair, lambda: picture, beside, options),
                # A comes first: it is drawn anew when it is exact, and all threads work for it until then.
                defer_refinement=not picture.is_exact,
            ),
        }

    def static_contents(self) -> dict[str, LazyContent]:
        """Return the two columns, and the two pictures of the whole, which a page without a kernel zooms into."""
        contents, state = self.contents(), self._source
        shown, kept, picture = state.current, state.settings_b, state.picture
        if not contents or shown is None or kept is None or picture is None:
            return contents
        options = replace(state.display.picture, visible=None)
        limit, beside = state.memory_limit, self._other(kept, shown.sound)
        is_there = picture.is_exact and picture.grid.is_whole
        first = cache(lambda: picture if is_there else exact_picture(shown, options))
        pair = LazyContent(
            None, lambda: make_pair(first(), beside.draw(options, limit)), partial(refine_pair, first, beside, options)
        )
        return {**contents, "pair": pair}

    def _other(self, kept: STFTSettings, sound: Sound) -> ComparisonRenderer:
        """Return what makes the picture of B; the same as long as B is the same, with the columns that it keeps."""
        now = self._beside
        if now is None or now.settings != kept or now.sound is not sound:
            self._beside = now = ComparisonRenderer(kept, sound)
        return now


def make_rows(a: STFTSettings, b: STFTSettings, sound: Sound) -> Payload:
    """Return the figures of both."""
    batch, n_samples, channels = sound.samples.shape
    rows = compare(a, b, (batch, n_samples, channels), sound.sample_rate)
    told = [{"name": row.name, "values": row.values, "formula": row.formula, "differs": row.differs} for row in rows]
    return {"rows": told}, []


def make_pair(picture: Picture, other: Picture) -> Payload:
    """Return the picture of A, and that of B of the same part of the sound."""
    arrays: list[NDArray[Any]] = []
    for each in (picture, other):
        arrays += [each.codes, each.row_starts, each.column_starts]
    return {"headers": [{**each.header(), "serial": 0} for each in (picture, other)]}, [np.asarray(a) for a in arrays]


def refine_pair(
    first: Callable[[], Picture], beside: ComparisonRenderer, options: PictureOptions, stop: Stop
) -> Iterator[Payload]:
    """Yield both pictures each time that of B has become better."""
    for other in beside.refine(options, stop):
        yield make_pair(first(), other)
