"""Tab "Compare": readouts in two columns, and spectrograms side by side or as a difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from functools import cache, partial
from typing import Any, ClassVar, TypeVar

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

T = TypeVar("T")


class ComparePanel(LazyPanel):
    """Readouts and spectrograms of the current settings, A, and of settings B, on the same axes."""

    files: ClassVar[str] = "explorer/panels/compare_panel"
    title: ClassVar[str] = "Compare"
    tooltip: ClassVar[str] = "Two settings and their results, side by side or as a difference."
    supports_static: ClassVar[bool] = True
    synced: ClassVar[tuple[str, ...]] = ("visible", "frequency_axis", "time_axis", "colour_map", "value_range")

    has_b = traitlets.Bool(False, help="Whether there are settings B.").tag(sync=True)
    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._renderer: ComparisonRenderer | None = None
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def badge(self) -> str:
        """Return which of A and B is displayed."""
        return "" if self._source.stored is None else f"{self._source.shown} of A, B"

    def refresh(self) -> None:
        """Publish whether there is a B."""
        self.has_b = self._source.stored is not None
        super().refresh()

    def contents(self) -> dict[str, LazyContent]:
        """Return the readouts and the pair of pictures."""
        state = self._source
        current, stored, picture, shown = state.current, state.stored, state.picture, state.shown
        if current is None or stored is None or picture is None:
            return {}
        sound, now = current.sound, current.settings
        options, limit, renderer = state.display.picture, state.memory_limit, self._renderer_of(stored, sound)
        key = (now, stored, shown, sound)
        return {
            "rows": LazyContent(key, lambda: make_rows(now, stored, shown, sound)),
            "pair": LazyContent(
                (*key, picture),
                lambda: make_pair(picture, renderer.draw(options, limit), shown),
                partial(refine_pair, lambda: picture, renderer, options, shown),
                # What is displayed is refined first, with all threads, and the pair is made again when it is exact.
                defer_refinement=not picture.is_exact,
            ),
        }

    def static_contents(self) -> dict[str, LazyContent]:
        """Return the readouts and the pair of exact pictures of the whole, which can be zoomed without a kernel."""
        contents, state = self.contents(), self._source
        current, stored, picture, shown = state.current, state.stored, state.picture, state.shown
        if not contents or current is None or stored is None or picture is None:
            return contents
        options = replace(state.display.picture, visible=None)
        limit, renderer = state.memory_limit, self._renderer_of(stored, current.sound)
        is_exact = picture.is_exact and picture.grid.is_whole
        displayed = cache(lambda: picture if is_exact else exact_picture(current, options))
        pair = LazyContent(
            None,
            lambda: make_pair(displayed(), renderer.draw(options, limit), shown),
            partial(refine_pair, displayed, renderer, options, shown),
        )
        return {**contents, "pair": pair}

    def _renderer_of(self, stored: STFTSettings, sound: Sound) -> ComparisonRenderer:
        """Return the renderer of what is not displayed, with its cache as long as it and the sound are the same."""
        renderer = self._renderer
        if renderer is None or renderer.settings != stored or renderer.sound is not sound:
            self._renderer = renderer = ComparisonRenderer(stored, sound)
        return renderer


def make_rows(now: STFTSettings, stored: STFTSettings, shown: str, sound: Sound) -> Payload:
    """Return the rows of the comparison."""
    batch, n_samples, channels = sound.samples.shape
    a, b = _as_ab(now, stored, shown)
    rows = compare(a, b, (batch, n_samples, channels), sound.sample_rate)
    return {"rows": [{**asdict(row), "differs": row.differs} for row in rows], "shown": shown}, []


def make_pair(displayed: Picture, other: Picture, shown: str) -> Payload:
    """Return the pictures of A and B, of the same part of the sound."""
    pictures = _as_ab(displayed, other, shown)
    arrays: list[NDArray[Any]] = []
    for picture in pictures:
        arrays += [picture.codes, picture.row_starts, picture.column_starts]
    headers = [{**picture.header(), "serial": 0} for picture in pictures]
    return {"headers": headers}, [np.asarray(array) for array in arrays]


def refine_pair(
    displayed: Callable[[], Picture], renderer: ComparisonRenderer, options: PictureOptions, shown: str, stop: Stop
) -> Iterator[Payload]:
    """Yield both pictures each time that of the stored settings is refined."""
    for other in renderer.refine(options, stop):
        yield make_pair(displayed(), other, shown)


def _as_ab(displayed: T, stored: T, shown: str) -> tuple[T, T]:
    """Return what is displayed and what is stored as A and B."""
    return (displayed, stored) if shown == "A" else (stored, displayed)
