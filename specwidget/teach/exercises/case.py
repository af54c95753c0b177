"""Define a case of an exercise, and parse and check answers to it with pure functions."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from specwidget.charts.scene import Scene
from specwidget.teach.exercises.answers import readings
from specwidget.teach.figure_spec import AudioClip

Shape: TypeAlias = tuple[int, ...]
Answer: TypeAlias = float | Shape | str
Form = Literal["number", "shape", "choice"]

LEAST_FOR_TWO_TRIES = 6
"""Number of choices from which on a case has two tries: so no more than every third case is passed by luck."""

_BETWEEN = re.compile(r"\s*[,;x×*]\s*")
_AROUND = re.compile(r"^[\w.]*\(|^[\s\[]+|[\s)\].,;]+$")


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
class Judgement:
    """Feedback on an answer.

    Parameters
    ----------
    right : bool or None
        Whether the answer is correct; None if it could not be parsed, which is not counted.
    reasoning : str
        Explanation with the numbers of this case.
    """

    right: bool | None
    reasoning: str

    @property
    def verdict(self) -> str:
        """Verdict as text."""
        return {True: "Right", False: "Not right", None: "Not understood"}[self.right]

    def __str__(self) -> str:
        """Format verdict and reasoning as one line."""
        return f"{self.verdict}. {self.reasoning}"


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


def judge(case: Case, answer: object, attempt: int = 1) -> Judgement:
    """Check an answer against the solution and the typical mistakes.

    Parameters
    ----------
    case : Case
        The case.
    answer : str, number or sequence of int
        The answer, as typed text or as a Python value.
    attempt : int
        Which try at this case it is, from 1. A wrong answer before the last try gets a hint, not the solution.

    Returns
    -------
    Judgement
        Verdict and reasoning. For an answer that can be read in no way or in two, the reasoning says so.
    """
    try:
        given = READERS[case.form](answer, case)
    except ValueError as error:
        return Judgement(None, str(error))
    if matches(given, case, case.tolerance):
        return Judgement(True, case.reasoning)
    known = [sentence for value, sentence in case.mistakes if is_near(given, value, case.tolerance, case.period)][:1]
    if attempt < case.n_tries:
        return Judgement(False, f"{' '.join(known) or case.hint} Try again.")
    return Judgement(False, " ".join([*known, case.reasoning]))


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


def read_number(answer: object, case: Case) -> float:
    """Read a number, with or without its unit, in any of the notations of `specwidget.teach.exercises.answers`.

    Examples
    --------
    >>> case = Case("", 0, "", (), "number", 0.0, "", "", unit="Hz")
    >>> [read_number(text, case) for text in (" 1 249 ", "1.5 kHz", "62,5 Hz", "−3", 7)]
    [1249.0, 1500.0, 62.5, -3.0, 7.0]
    """
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        found = [float(answer)] if math.isfinite(answer) else []
    else:
        found = readings(str(answer), case.unit, is_whole=case.tolerance == 0)
    if not found:
        raise ValueError(f"`answer` must be a number{_in_unit(case)}; got {str(answer)!r}.")
    if len(found) > 1:
        ways = " or ".join(f"{value:.10g}" for value in found)
        raise ValueError(f"`answer` must have one meaning; got {str(answer)!r}, which is {ways}. Write one of these.")
    return found[0]


def read_shape(answer: object, _case: Case) -> Shape:
    """Read a shape, with or without brackets.

    Examples
    --------
    >>> case = Case("", 0, "", (), "shape", (), "", "")
    >>> [read_shape(text, case) for text in ("(3, 1249, 257)", "3 1249 257", "3×1249×257", (3, 1249, 257))]
    [(3, 1249, 257), (3, 1249, 257), (3, 1249, 257), (3, 1249, 257)]
    """
    bare = _AROUND.sub("", _AROUND.sub("", str(answer).strip()))
    # Spaces separate sizes only where nothing else does: 3, 1 249, 257 would have two meanings.
    parts = _BETWEEN.split(bare) if _BETWEEN.search(bare) else bare.split()
    texts = [str(part) for part in answer] if isinstance(answer, tuple | list) else parts
    if not texts or not all(text.isdecimal() for text in texts):
        raise ValueError(f"`answer` must be a shape of whole numbers, such as 3, 1249, 257; got {str(answer)!r}.")
    return tuple(int(text) for text in texts)


def read_choice(answer: object, case: Case) -> str:
    """Read one of the choices, ignoring upper and lower case, or its number counted from 1 where none is a number.

    Examples
    --------
    >>> case = Case("", 0, "", (), "choice", "hann", "", "", choices=("boxcar", "hann"))
    >>> [read_choice(text, case) for text in (" Hann ", "2", "BOXCAR")]
    ['hann', 'hann', 'boxcar']
    """
    text = str(answer).strip().rstrip(".").lower()
    for choice in case.choices:
        if text == choice.lower():
            return choice
    are_numbers = any(choice.isdecimal() for choice in case.choices)
    if not are_numbers and text.isdecimal() and 1 <= int(text) <= len(case.choices):
        return case.choices[int(text) - 1]
    raise ValueError(f"`answer` must be one of {', '.join(case.choices)}; got {str(answer)!r}.")


READERS: Mapping[Form, Callable[[object, Case], Any]] = {
    "number": read_number,
    "shape": read_shape,
    "choice": read_choice,
}
"""Parser of each form of answer."""


def _in_unit(case: Case) -> str:
    return f" in {case.unit}" if case.unit else ""
