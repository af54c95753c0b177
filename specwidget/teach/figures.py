"""The interactive figures of the course.

Each name in `FIGURES` is a function here: ``figures.leakage(window="hann")`` opens that figure with its window set, in
a notebook. Its keywords are the figure's controls. Where no widget runs, a picture and its caption stand in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from specwidget.charts.scene import Scene
from specwidget.teach.figure_spec import AudioClip, FigureSpec
from specwidget.teach.scenes.aligning import PLAN as ALIGNING
from specwidget.teach.scenes.conventions import PLAN as CONVENTIONS
from specwidget.teach.scenes.cost import PLAN as COST
from specwidget.teach.scenes.density_and_spectrum import PLAN as DENSITY_AND_SPECTRUM
from specwidget.teach.scenes.floor import PLAN as FLOOR
from specwidget.teach.scenes.frames import PLAN as FRAMES
from specwidget.teach.scenes.gradient_of_one_bin import PLAN as GRADIENT_OF_ONE_BIN
from specwidget.teach.scenes.griffin_lim import PLAN as GRIFFIN_LIM
from specwidget.teach.scenes.hop_and_overlap import PLAN as HOP_AND_OVERLAP
from specwidget.teach.scenes.kernels_as_filters import PLAN as KERNELS_AS_FILTERS
from specwidget.teach.scenes.layout import PLAN as LAYOUT
from specwidget.teach.scenes.leakage import PLAN as LEAKAGE
from specwidget.teach.scenes.learned_kernel import PLAN as LEARNED_KERNEL
from specwidget.teach.scenes.one_bin import PLAN as ONE_BIN
from specwidget.teach.scenes.overlap_add import PLAN as OVERLAP_ADD
from specwidget.teach.scenes.phase import PLAN as PHASE
from specwidget.teach.scenes.scalloping import PLAN as SCALLOPING
from specwidget.teach.scenes.separation import PLAN as SEPARATION
from specwidget.teach.scenes.study_grid import PLAN as STUDY_GRID
from specwidget.teach.scenes.study_grid import grid_scene
from specwidget.teach.scenes.two_sines_two_clicks import PLAN as TWO_SINES_TWO_CLICKS
from specwidget.teach.scenes.what_is_kept import PLAN as WHAT_IS_KEPT
from specwidget.teach.scenes.when_training_helps import PLAN as WHEN_TRAINING_HELPS
from specwidget.teach.scenes.window_pair import PLAN as WINDOW_PAIR
from specwidget.teach.scenes.zero_padding import PLAN as ZERO_PADDING

if TYPE_CHECKING:
    from specwidget.teach.figure_widget import FigureWidget

FIGURES: dict[str, FigureSpec] = {
    plan.name: plan
    for plan in (
        FRAMES,
        LEAKAGE,
        WINDOW_PAIR,
        SCALLOPING,
        TWO_SINES_TWO_CLICKS,
        ZERO_PADDING,
        HOP_AND_OVERLAP,
        DENSITY_AND_SPECTRUM,
        FLOOR,
        PHASE,
        LAYOUT,
        ONE_BIN,
        KERNELS_AS_FILTERS,
        COST,
        LEARNED_KERNEL,
        GRADIENT_OF_ONE_BIN,
        WHEN_TRAINING_HELPS,
        WHAT_IS_KEPT,
        OVERLAP_ADD,
        GRIFFIN_LIM,
        CONVENTIONS,
        ALIGNING,
        SEPARATION,
        STUDY_GRID,
    )
}
"""Every figure by name, in the order of the course. A new figure is a file in ``scenes/`` and one more entry."""


def show(scene: Scene, title: str = "", sounds: Mapping[str, AudioClip] | None = None) -> FigureWidget:
    """Show a scene of one's own, which does not move.

    Parameters
    ----------
    scene : Scene
        What is shown.
    title : str
        What it is about.
    sounds : mapping of str to Heard, optional
        What can be heard, by the text of its button.

    Returns
    -------
    LiveFigure
    """
    from specwidget.teach.figure_widget import FigureWidget

    kept = {text: partial(_given, heard) for text, heard in (sounds or {}).items()}
    return FigureWidget(FigureSpec("show", title, lambda: scene, (), kept))


def _given(heard: AudioClip) -> AudioClip:
    """Return a sound that does not move."""
    return heard


def grid(
    scores: Any,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    title: str = "",
    sounds: Mapping[str, AudioClip] | None = None,
    **names: Any,
) -> FigureWidget:
    """Show scores over a grid of settings, with the best marked.

    Parameters
    ----------
    scores : array-like (rows, columns)
        A score for each pair of settings; NaN where there is none.
    rows, columns : sequence
        The settings.
    title : str
        What it is about.
    sounds : mapping of str to Heard, optional
        What can be heard, by the text of its button.
    **names
        `row_name`, `column_name`, and optionally `score_name`, `unit` and `highest`, as for
        `specwidget.teach.scenes.study_grid.grid_scene`.

    Returns
    -------
    LiveFigure
    """
    return show(grid_scene(scores, rows, columns, **names), title, sounds)


@cache
def _opener(name: str) -> Callable[..., FigureWidget]:
    """Return the function that opens a figure, with its controls as keywords."""
    plan = FIGURES[name]

    def open_figure(**values: Any) -> FigureWidget:
        from specwidget.teach.figure_widget import FigureWidget

        return FigureWidget(plan, **values)

    keywords = [
        inspect.Parameter(control.name, inspect.Parameter.KEYWORD_ONLY, default=control.value)
        for control in plan.controls
    ]
    open_figure.__name__ = open_figure.__qualname__ = name
    open_figure.__doc__ = _describe(plan)
    open_figure.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    return open_figure


def _describe(plan: FigureSpec) -> str:
    """Return what a figure shows, and what each of its controls does."""
    lines = [f"Open the figure {plan.title!r}.", "", "Parameters", "----------"]
    for control in plan.controls:
        unit = f", {control.unit}" if control.unit else ""
        lines += [f"{control.name} : {type(control.value).__name__}{unit}", f"    {control.tooltip}"]
    return "\n".join([*lines, "", "Returns", "-------", "LiveFigure"])


def __getattr__(name: str) -> Callable[..., FigureWidget]:
    """Return the function that opens a figure."""
    if name not in FIGURES:
        raise AttributeError(f"module {__name__!r} has no figure {name!r}; it has {', '.join(FIGURES)}")
    return _opener(name)


def __dir__() -> list[str]:
    """List the figures."""
    return sorted([*FIGURES, "FIGURES", "grid", "show"])
