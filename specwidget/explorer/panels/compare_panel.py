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
from specwidget.summary.comparison import Variant, compare
from specwidget.summary.display import PictureOptions

T = TypeVar("T")


class ComparePanel(LazyPanel):
    """Readouts and spectrograms of A and B, each with its settings and its sound, on the same axes."""

    files: ClassVar[str] = "explorer/panels/compare_panel"
    title: ClassVar[str] = "Compare"
    tooltip: ClassVar[str] = "Two settings or sounds and their results, side by side or as a difference."
    supports_static: ClassVar[bool] = True
    synced: ClassVar[tuple[str, ...]] = ("visible", "frequency_axis", "time_axis", "colour_map", "value_range")

    has_b = traitlets.Bool(False, help="Whether there is a B.").tag(sync=True)
    sounds: traitlets.List[Any] = traitlets.List(help="Names of the sounds of A and B; empty if both have one.").tag(
        sync=True
    )
    colour_tables = traitlets.Dict().tag(sync=True)
    default_maps = traitlets.Dict({kind: maps[0] for kind, maps in COLOUR_MAPS.items()}).tag(sync=True)
    dark_maps = traitlets.Dict(ON_DARK).tag(sync=True)

    def __init__(self, state: ExplorerState, **kwargs: Any) -> None:
        self._renderer: ComparisonRenderer | None = None
        super().__init__(state, colour_tables=colour_tables(), **kwargs)

    def badge(self) -> str:
        """Return which of A and B is displayed."""
        return "" if self._source.stored is None else f"{self._source.shown} shown"

    def refresh(self) -> None:
        """Publish whether there is a B."""
        compared = self._source.compared()
        self.has_b = self._source.stored is not None
        has_two = compared is not None and compared[0].sound is not compared[1].sound
        self.sounds = [side.sound.name for side in compared] if compared is not None and has_two else []
        super().refresh()

    def handle(self, content: dict[str, Any], buffers: list[memoryview]) -> None:
        """Apply A and B to one sound, or send the contents."""
        if content.get("kind") == "share_sound":
            self._source.share_sound()
        else:
            super().handle(content, buffers)

    def contents(self) -> dict[str, LazyContent]:
        """Return the readouts and the pair of pictures."""
        state = self._source
        picture, shown, compared = state.picture, state.shown, state.compared()
        if picture is None or compared is None:
            return {}
        now, stored = _ordered(*compared, shown)
        limit, renderer = state.memory_limit, self._renderer_of(stored)
        options = renderer.options_for(state.display.picture, now.sound)
        key = (now, stored, shown)
        return {
            "rows": LazyContent(key, lambda: make_rows(*compared, shown)),
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
        whole = replace(state.display.picture, visible=None)
        limit, renderer = state.memory_limit, self._renderer_of(stored)
        options = renderer.options_for(whole, current.sound)
        is_exact = picture.is_exact and picture.grid.is_whole
        displayed = cache(lambda: picture if is_exact else exact_picture(current, whole))
        pair = LazyContent(
            None,
            lambda: make_pair(displayed(), renderer.draw(options, limit), shown),
            partial(refine_pair, displayed, renderer, options, shown),
        )
        return {**contents, "pair": pair}

    def _renderer_of(self, stored: Variant) -> ComparisonRenderer:
        """Return the renderer of what is not displayed, with its cache as long as it is the same."""
        renderer = self._renderer
        if renderer is None or renderer.variant != stored:
            self._renderer = renderer = ComparisonRenderer(stored)
        return renderer


def make_rows(a: Variant, b: Variant, shown: str) -> Payload:
    """Return the rows of the comparison."""
    return {"rows": [{**asdict(row), "differs": row.differs} for row in compare(a, b)], "shown": shown}, []


def make_pair(displayed: Picture, other: Picture, shown: str) -> Payload:
    """Return the pictures of A and B, of the same part of the sound."""
    pictures = _ordered(displayed, other, shown)
    arrays: list[NDArray[Any]] = []
    for picture in pictures:
        arrays += [picture.codes, picture.row_starts, picture.column_starts]
    headers = [{**picture.header(), "serial": 0} for picture in pictures]
    return {"headers": headers, "shown": shown}, [np.asarray(array) for array in arrays]


def refine_pair(
    displayed: Callable[[], Picture], renderer: ComparisonRenderer, options: PictureOptions, shown: str, stop: Stop
) -> Iterator[Payload]:
    """Yield both pictures each time that of the stored settings is refined."""
    for other in renderer.refine(options, stop):
        yield make_pair(displayed(), other, shown)


def _ordered(one: T, other: T, shown: str) -> tuple[T, T]:
    """Return what is displayed and what is stored as A and B; and A and B as what is displayed and what is stored."""
    return (one, other) if shown == "A" else (other, one)
