"""Panel "Compare A and B": readouts in two columns, and spectrograms side by side or as a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
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
    """Readouts and spectrograms of the current settings, A, and of settings B, on the same axes."""

    files: ClassVar[str] = "explorer/panels/compare_panel"
    supports_static: ClassVar[bool] = True
    synced: ClassVar[tuple[str, ...]] = ("visible", "frequency_axis", "time_axis", "colour_map", "value_range")

    has_b = traitlets.Bool(False, help="Whether there are settings B.").tag(sync=True)
    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._renderer: ComparisonRenderer | None = None
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def refresh(self) -> None:
        """Unfold when there are settings B for the first time."""
        has_b = self._source.settings_b is not None
        if has_b and not self.has_b:
            self.is_open = True
        self.has_b = has_b
        super().refresh()

    def contents(self) -> dict[str, LazyContent]:
        """Return the readouts and the pair of pictures."""
        state = self._source
        current, b, picture = state.current, state.settings_b, state.picture
        if current is None or b is None or picture is None:
            return {}
        sound, a = current.sound, current.settings
        options, limit, renderer = state.display.picture, state.memory_limit, self._renderer_of(b, sound)
        key = (a, b, sound)
        return {
            "rows": LazyContent(key, lambda: make_rows(a, b, sound)),
            "pair": LazyContent(
                (*key, picture),
                lambda: make_pair(picture, renderer.draw(options, limit)),
                partial(refine_pair, lambda: picture, renderer, options),
                # A is refined first, with all threads, and the pair is made again when A is exact.
                defer_refinement=not picture.is_exact,
            ),
        }

    def static_contents(self) -> dict[str, LazyContent]:
        """Return the readouts and the pair of exact pictures of the whole, which can be zoomed without a kernel."""
        contents, state = self.contents(), self._source
        current, b, picture = state.current, state.settings_b, state.picture
        if not contents or current is None or b is None or picture is None:
            return contents
        options = replace(state.display.picture, visible=None)
        limit, renderer = state.memory_limit, self._renderer_of(b, current.sound)
        is_exact = picture.is_exact and picture.grid.is_whole
        picture_a = cache(lambda: picture if is_exact else exact_picture(current, options))
        pair = LazyContent(
            None,
            lambda: make_pair(picture_a(), renderer.draw(options, limit)),
            partial(refine_pair, picture_a, renderer, options),
        )
        return {**contents, "pair": pair}

    def _renderer_of(self, b: STFTSettings, sound: Sound) -> ComparisonRenderer:
        """Return the renderer of B, with its cache as long as B and the sound are the same."""
        renderer = self._renderer
        if renderer is None or renderer.settings != b or renderer.sound is not sound:
            self._renderer = renderer = ComparisonRenderer(b, sound)
        return renderer


def make_rows(a: STFTSettings, b: STFTSettings, sound: Sound) -> Payload:
    """Return the rows of the comparison."""
    batch, n_samples, channels = sound.samples.shape
    rows = compare(a, b, (batch, n_samples, channels), sound.sample_rate)
    return {"rows": [{**asdict(row), "differs": row.differs} for row in rows]}, []


def make_pair(picture_a: Picture, picture_b: Picture) -> Payload:
    """Return the pictures of A and B, of the same part of the sound."""
    arrays: list[NDArray[Any]] = []
    for picture in (picture_a, picture_b):
        arrays += [picture.codes, picture.row_starts, picture.column_starts]
    headers = [{**picture.header(), "serial": 0} for picture in (picture_a, picture_b)]
    return {"headers": headers}, [np.asarray(array) for array in arrays]


def refine_pair(
    picture_a: Callable[[], Picture], renderer: ComparisonRenderer, options: PictureOptions, stop: Stop
) -> Iterator[Payload]:
    """Yield both pictures each time that of B is refined."""
    for picture_b in renderer.refine(options, stop):
        yield make_pair(picture_a(), picture_b)
