"""Open the interactive figures of the course.

Each key of `FIGURES` is a function of this module: ``figures.leakage(window="hann")`` opens the figure with that
window. The keywords are the controls of the figure. Where widgets are not available, a static image and the caption
are shown instead.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from specwidget.charts.scene import Scene
from specwidget.teach.figure_spec import AudioClip, FigureSpec
from specwidget.teach.scenes.conventions import FIGURE as CONVENTIONS
from specwidget.teach.scenes.density_and_spectrum import FIGURE as DENSITY_AND_SPECTRUM
from specwidget.teach.scenes.floor import FIGURE as FLOOR
from specwidget.teach.scenes.frames import FIGURE as FRAMES
from specwidget.teach.scenes.gradient_of_one_bin import FIGURE as GRADIENT_OF_ONE_BIN
from specwidget.teach.scenes.grid_search import grid_scene
from specwidget.teach.scenes.griffin_lim import FIGURE as GRIFFIN_LIM
from specwidget.teach.scenes.hop_and_overlap import FIGURE as HOP_AND_OVERLAP
from specwidget.teach.scenes.kernels_as_filters import FIGURE as KERNELS_AS_FILTERS
from specwidget.teach.scenes.layout import FIGURE as LAYOUT
from specwidget.teach.scenes.leakage import FIGURE as LEAKAGE
from specwidget.teach.scenes.level import FIGURE as LEVEL
from specwidget.teach.scenes.library_alignment import FIGURE as LIBRARY_ALIGNMENT
from specwidget.teach.scenes.mode_information import FIGURE as MODE_INFORMATION
from specwidget.teach.scenes.one_bin import FIGURE as ONE_BIN
from specwidget.teach.scenes.operation_count import FIGURE as OPERATION_COUNT
from specwidget.teach.scenes.overfitting import FIGURE as OVERFITTING
from specwidget.teach.scenes.overlap_add import FIGURE as OVERLAP_ADD
from specwidget.teach.scenes.phase_advance import FIGURE as PHASE_ADVANCE
from specwidget.teach.scenes.sampling import FIGURE as SAMPLING
from specwidget.teach.scenes.scalloping import FIGURE as SCALLOPING
from specwidget.teach.scenes.sinusoid import FIGURE as SINUSOID
from specwidget.teach.scenes.source_separation import FIGURE as SOURCE_SEPARATION
from specwidget.teach.scenes.sum_of_sinusoids import FIGURE as SUM_OF_SINUSOIDS
from specwidget.teach.scenes.two_sines_two_clicks import FIGURE as TWO_SINES_TWO_CLICKS
from specwidget.teach.scenes.window_comparison import FIGURE as WINDOW_COMPARISON
from specwidget.teach.scenes.zero_padding import FIGURE as ZERO_PADDING

if TYPE_CHECKING:
    from specwidget.teach.figure_widget import FigureWidget

FIGURES: dict[str, FigureSpec] = {
    figure.name: figure
    for figure in (
        SINUSOID,
        SUM_OF_SINUSOIDS,
        SAMPLING,
        LEVEL,
        ONE_BIN,
        FRAMES,
        LEAKAGE,
        WINDOW_COMPARISON,
        SCALLOPING,
        TWO_SINES_TWO_CLICKS,
        ZERO_PADDING,
        HOP_AND_OVERLAP,
        DENSITY_AND_SPECTRUM,
        FLOOR,
        PHASE_ADVANCE,
        LAYOUT,
        KERNELS_AS_FILTERS,
        OPERATION_COUNT,
        GRADIENT_OF_ONE_BIN,
        OVERFITTING,
        MODE_INFORMATION,
        OVERLAP_ADD,
        GRIFFIN_LIM,
        CONVENTIONS,
        LIBRARY_ALIGNMENT,
        SOURCE_SEPARATION,
    )
}
"""The figures by name, in the order of the course. A new figure is a module in ``scenes/`` and an entry here."""


def show(scene: Scene, title: str = "", sounds: Mapping[str, AudioClip] | None = None) -> FigureWidget:
    """Show a scene without controls.

    Parameters
    ----------
    scene : Scene
        The scene.
    title : str
        Title of the figure.
    sounds : mapping of str to AudioClip, optional
        Audio clips by the label of their play button.

    Returns
    -------
    FigureWidget
    """
    from specwidget.teach.figure_widget import FigureWidget

    clips = {label: partial(_constant, clip) for label, clip in (sounds or {}).items()}
    return FigureWidget(FigureSpec("show", title, lambda: scene, (), clips))


def _constant(clip: AudioClip) -> AudioClip:
    return clip


def grid(
    scores: Any,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    title: str = "",
    sounds: Mapping[str, AudioClip] | None = None,
    **names: Any,
) -> FigureWidget:
    """Show scores over a grid of settings and mark the best.

    Parameters
    ----------
    scores : array-like (rows, columns)
        Score of each pair of settings; NaN where there is none.
    rows, columns : sequence
        Values of the two settings.
    title : str
        Title of the figure.
    sounds : mapping of str to AudioClip, optional
        Audio clips by the label of their play button.
    **names
        `row_name`, `column_name`, and optionally `score_name`, `unit` and `highest`, as for
        `specwidget.teach.scenes.grid_search.grid_scene`.

    Returns
    -------
    FigureWidget
    """
    return show(grid_scene(scores, rows, columns, **names), title, sounds)


@cache
def _opener(name: str) -> Callable[..., FigureWidget]:
    """Make the function that opens a figure, with its controls as keywords."""
    figure = FIGURES[name]

    def open_figure(**values: Any) -> FigureWidget:
        from specwidget.teach.figure_widget import FigureWidget

        return FigureWidget(figure, **values)

    keywords = [
        inspect.Parameter(control.name, inspect.Parameter.KEYWORD_ONLY, default=control.value)
        for control in figure.controls
    ]
    open_figure.__name__ = open_figure.__qualname__ = name
    open_figure.__doc__ = _make_docstring(figure)
    open_figure.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    return open_figure


def _make_docstring(figure: FigureSpec) -> str:
    lines = [f"Open the figure {figure.title!r}.", "", "Parameters", "----------"]
    for control in figure.controls:
        unit = f", {control.unit}" if control.unit else ""
        lines += [f"{control.name} : {type(control.value).__name__}{unit}", f"    {control.tooltip}"]
    return "\n".join([*lines, "", "Returns", "-------", "FigureWidget"])


def __getattr__(name: str) -> Callable[..., FigureWidget]:
    """Return the function that opens a figure, by the figure's name."""
    if name not in FIGURES:
        raise AttributeError(f"module {__name__!r} has no figure {name!r}; it has {', '.join(FIGURES)}")
    return _opener(name)


def __dir__() -> list[str]:
    """List the figures."""
    return sorted([*FIGURES, "FIGURES", "grid", "show"])
