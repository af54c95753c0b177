"""Interactive figures and exercises with feedback: the course.

- `figures`: one function per figure, for example ``figures.leakage()``; its keywords are the figure's controls.
- `ask`: open an exercise as a widget. `check`: check an answer in plain Python. `exercises`: the exercises as pure
  functions of a seed. `save_score`, `read_score`: the score as a file to be handed in.

A figure is a pure function from the values of its controls to a `Scene`: one module in ``scenes/`` and one entry in
`figures.FIGURES`. `specwidget.charts` draws the scene on a canvas or with matplotlib. The widget modules are imported
when the first figure or exercise is opened.
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
    from specwidget.teach.score import read_score, save_score

_MODULE_OF = {
    "ExerciseWidget": "exercise_widget",
    "FigureWidget": "figure_widget",
    "ask": "exercise_widget",
    "check": "exercises",
    "read_score": "score",
    "save_score": "score",
}
_MODULES = ("exercises", "figures")

__all__ = ["ExerciseWidget", "FigureWidget", "ask", "check", "exercises", "figures", "read_score", "save_score"]


def __getattr__(name: str) -> Any:
    """Import a public name on first access."""
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted({*globals(), *__all__})
