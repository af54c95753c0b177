"""Define an exercise and its cases: question, solution, and the mistakes that lead to other answers."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from specwidget.charts.scene import Scene
from specwidget.teach.figure_spec import AudioClip

Shape: TypeAlias = tuple[int, ...]
Answer: TypeAlias = float | Shape | str
Form = Literal["number", "shape", "choice"]

LEAST_FOR_TWO_TRIES = 6
"""Number of choices from which on a case has two tries: so no more than every third case is passed by luck."""


@dataclass(frozen=True)
class Case:
    """One case of an exercise.

    Parameters
    ----------
    kind : str
        Name of the exercise.
    seed : int
        Seed it was drawn from; the same seed draws the same case.
    prompt : str
        The question.
    facts : tuple of (str, str)
        Given quantities: names and values as they are displayed.
    form : {"number", "shape", "choice"}
        Kind of answer.
    solution : float, tuple of int, or str
        The correct answer.
    reasoning : str
        Derivation of the solution with the numbers of this case.
    hint : str
        What to look at for a second try, without the solution.
    mistakes : tuple of (answer, str)
        Wrong answers that typical mistakes lead to, each with a sentence that explains the mistake, without the
        solution. A case in which one of them leads to the solution is not drawn.
    choices : tuple of str
        The options, for form "choice".
    tolerance : float
        Largest accepted difference from the solution, for form "number".
    unit : str
        Unit of the answer, for form "number"; the answer may be written with or without it.
    period : float
        Where positive, answers that differ by a multiple of it are the same, as angles are.
    scene : Scene, optional
        Figure that belongs to the question.
    sounds : mapping of str to callable
        Functions that return an `AudioClip`, by the label of their play button.
    """

    kind: str
    seed: int
    prompt: str
    facts: tuple[tuple[str, str], ...]
    form: Form
    solution: Answer
    reasoning: str
    hint: str
    mistakes: tuple[tuple[Answer, str], ...] = ()
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    unit: str = ""
    period: float = 0.0
    scene: Scene | None = field(default=None, repr=False, compare=False)
    sounds: Mapping[str, Callable[[], AudioClip]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_tries(self) -> int:
        """Number of answers before the solution is shown: with few choices one, as two guesses would often be right."""
        return 1 if 0 < len(self.choices) < LEAST_FOR_TWO_TRIES else 2

    @property
    def is_telling(self) -> bool:
        """Whether every known mistake leads to another answer than the solution, by more than is rounded."""
        return all(not matches(value, self, 2 * self.tolerance) for value, _ in self.mistakes)

    def to_text(self) -> str:
        """Format question, given quantities and choices as text."""
        lines = [self.prompt, *(f"  {name}: {value}" for name, value in self.facts)]
        if self.choices:
            lines.append(f"  Choose one of: {', '.join(self.choices)}")
        return "\n".join(lines)


@dataclass(frozen=True)
class Exercise:
    """An exercise.

    Parameters
    ----------
    name : str
        Its name in `specwidget.teach.exercises.EXERCISES`.
    title : str
        Its title.
    make : callable
        Function of a seed and of a random generator with this seed that makes a `Case`.
    """

    name: str
    title: str
    make: Callable[[int, random.Random], Case]

    def draw(self, seed: int) -> Case:
        """Draw the case of a seed: the first in which no known mistake leads to the solution."""
        rng = random.Random(seed)
        while True:
            case = self.make(seed, rng)
            if case.is_telling:
                return case


def matches(given: Answer, case: Case, tolerance: float) -> bool:
    """Compare an answer with the solution of a case."""
    return is_near(given, case.solution, tolerance, case.period)


def is_near(given: Answer, wanted: Answer, tolerance: float, period: float = 0.0) -> bool:
    """Compare two answers, numbers within a tolerance and modulo a period.

    Examples
    --------
    >>> is_near(-90.0, 270.0, 0.5, 360.0), is_near("hann", "hamming", 0.0)
    (True, False)
    """
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        apart = math.remainder(given - wanted, period) if period else given - wanted
        return abs(apart) <= tolerance + 1e-9 * abs(wanted)
    return given == wanted
