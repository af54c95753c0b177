"""The course's interactive figures, and exercises that answer.

- `figures`: each a function that opens a figure with its controls, such as ``figures.leakage()``.
- `ask` opens an exercise; `check` judges an answer in plain Python; `exercises` holds them as pure functions.

A figure is a pure function of its controls to a `Scene`: one file in ``scenes/``, one entry in `figures.FIGURES`.
`live` shows a scene in the page and `drawing` on paper. Widgets are loaded with the first figure that is opened.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from specwidget.teach import exercises as exercises
    from specwidget.teach import figures as figures
    from specwidget.teach.exercise_widget import ExerciseWidget, ask
    from specwidget.teach.exercises import check
    from specwidget.teach.figure_widget import FigureWidget

_HOMES = {
    "ExerciseWidget": "exercise_widget",
    "FigureWidget": "figure_widget",
    "ask": "exercise_widget",
    "check": "exercises",
}
_MODULES = ("exercises", "figures")

__all__ = ["ExerciseWidget", "FigureWidget", "ask", "check", "exercises", "figures"]


def __getattr__(name: str) -> Any:
    """Load a public name at its first use."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
