"""The interactive figures of the course.

Each name in `FIGURES` is a function here: ``figures.leakage(window="hann")`` opens that figure with its window set, in
a notebook. Its keywords are the figure's controls. Where no widget runs, a picture and its caption stand in.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

from specwidget.teach.plan import Plan
from specwidget.teach.scenes import frames, leakage, two_sines_two_clicks, window_pair

if TYPE_CHECKING:
    from specwidget.teach.live import LiveFigure

FIGURES: dict[str, Plan] = {
    module.PLAN.name: module.PLAN
    for module in (
        frames,
        leakage,
        window_pair,
        two_sines_two_clicks,
    )
}
"""Every figure by name, in the order of the course. A new figure is a file in ``scenes/`` and one more entry."""

del frames, leakage, two_sines_two_clicks, window_pair


@cache
def _opener(name: str) -> Callable[..., LiveFigure]:
    """Return the function that opens a figure, with its controls as keywords."""
    plan = FIGURES[name]

    def open_figure(**values: Any) -> LiveFigure:
        from specwidget.teach.live import LiveFigure

        return LiveFigure(plan, **values)

    keywords = [
        inspect.Parameter(control.name, inspect.Parameter.KEYWORD_ONLY, default=control.value)
        for control in plan.controls
    ]
    open_figure.__name__ = open_figure.__qualname__ = name
    open_figure.__doc__ = _describe(plan)
    open_figure.__signature__ = inspect.Signature(keywords)  # type: ignore[attr-defined]
    return open_figure


def _describe(plan: Plan) -> str:
    """Return what a figure shows, and what each of its controls does."""
    lines = [f"Open the figure {plan.title!r}.", "", "Parameters", "----------"]
    for control in plan.controls:
        unit = f", {control.unit}" if control.unit else ""
        lines += [f"{control.name} : {type(control.value).__name__}{unit}", f"    {control.tooltip}"]
    return "\n".join([*lines, "", "Returns", "-------", "LiveFigure"])


def __getattr__(name: str) -> Callable[..., LiveFigure]:
    """Return the function that opens a figure."""
    if name not in FIGURES:
        raise AttributeError(f"module {__name__!r} has no figure {name!r}; it has {', '.join(FIGURES)}")
    return _opener(name)


def __dir__() -> list[str]:
    """List the figures."""
    return sorted([*FIGURES, "FIGURES"])
