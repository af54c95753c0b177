"""Define a case of an exercise, and parse and check answers to it with pure functions."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from specwidget.charts.scene import Scene
from specwidget.teach.figure_spec import AudioClip

Shape: TypeAlias = tuple[int, ...]
Answer: TypeAlias = float | Shape | str
Form = Literal["number", "shape", "choice"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_BETWEEN = re.compile(r"[,;x×*\s]+")


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
    mistakes : tuple of (answer, str)
        Wrong answers that typical mistakes lead to, each with a sentence that explains the mistake.
    choices : tuple of str
        The options, for form "choice".
    tolerance : float
        Largest accepted difference from the solution, for form "number".
    unit : str
        Unit of the answer, for form "number"; the answer may be written with or without it.
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
    mistakes: tuple[tuple[Answer, str], ...] = ()
    choices: tuple[str, ...] = ()
    tolerance: float = 0.0
    unit: str = ""
    scene: Scene | None = field(default=None, repr=False, compare=False)
    sounds: Mapping[str, Callable[[], AudioClip]] = field(default_factory=dict, repr=False, compare=False)

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
    """An exercise: name, title, and the function that draws a case from a seed."""

    name: str
    title: str
    draw: Callable[[int], Case]


def judge(case: Case, answer: object) -> Judgement:
    """Check an answer against the solution and the typical mistakes.

    Parameters
    ----------
    case : Case
        The case.
    answer : str, number or sequence of int
        The answer, as typed text or as a Python value.

    Returns
    -------
    Judgement
        Verdict and reasoning. For an answer that cannot be parsed the reasoning states the expected form.
    """
    try:
        given = READERS[case.form](answer, case)
    except ValueError as error:
        return Judgement(None, str(error))
    if matches(given, case.solution, case.tolerance):
        return Judgement(True, case.reasoning)
    known = [sentence for value, sentence in case.mistakes if matches(given, value, case.tolerance)]
    return Judgement(False, " ".join([*known[:1], case.reasoning]))


def matches(given: Answer, wanted: Answer, tolerance: float = 0.0) -> bool:
    """Compare an answer with the expected one, numbers within a tolerance."""
    if isinstance(given, int | float) and isinstance(wanted, int | float):
        return abs(given - wanted) <= tolerance + 1e-9 * abs(wanted)
    return given == wanted


def read_number(answer: object, case: Case) -> float:
    """Parse a number, with or without its unit, in any of the usual notations.

    Examples
    --------
    >>> case = Case("", 0, "", (), "number", 0.0, "", unit="Hz")
    >>> [read_number(text, case) for text in (" 1 249 ", "1,249", "62,5 Hz", "-3", 7)]
    [1249.0, 1249.0, 62.5, -3.0, 7.0]
    """
    if isinstance(answer, int | float) and not isinstance(answer, bool):
        return _finite(float(answer), answer)
    text = str(answer).replace("\u2212", "-").strip().rstrip(".")
    if case.unit and text.lower().endswith(case.unit.lower()):
        text = text[: -len(case.unit)]
    text = re.sub(r"[\s_]+", "", text).strip("()[]")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    elif _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"`answer` must be a number{_in_unit(case)}; got {str(answer)!r}.")
    return _finite(float(text), answer)


def read_shape(answer: object, _case: Case) -> Shape:
    """Parse a shape, with or without brackets.

    Examples
    --------
    >>> case = Case("", 0, "", (), "shape", (), "")
    >>> [read_shape(text, case) for text in ("(3, 1249, 257)", "3 1249 257", "[3,1249, 257]", (3, 1249, 257))]
    [(3, 1249, 257), (3, 1249, 257), (3, 1249, 257), (3, 1249, 257)]
    """
    parts = list(answer) if isinstance(answer, tuple | list) else _BETWEEN.split(str(answer).strip(" \t()[].,;"))
    texts = [str(part).strip() for part in parts]
    if not all(text.isdecimal() for text in texts):
        raise ValueError(f"`answer` must be a shape of whole numbers, such as 3, 1249, 257; got {str(answer)!r}.")
    return tuple(int(text) for text in texts)


def read_choice(answer: object, case: Case) -> str:
    """Parse one of the choices, ignoring upper and lower case, or its number counted from 1.

    Examples
    --------
    >>> case = Case("", 0, "", (), "choice", "hann", "", choices=("boxcar", "hann"))
    >>> [read_choice(text, case) for text in (" Hann ", "2", "BOXCAR")]
    ['hann', 'hann', 'boxcar']
    """
    text = str(answer).strip().rstrip(".").lower()
    for choice in case.choices:
        if text == choice.lower():
            return choice
    # Checked last, because a choice may itself be a number.
    if text.isdecimal() and 1 <= int(text) <= len(case.choices):
        return case.choices[int(text) - 1]
    raise ValueError(f"`answer` must be one of {', '.join(case.choices)}; got {str(answer)!r}.")


READERS: Mapping[Form, Callable[[object, Case], Any]] = {
    "number": read_number,
    "shape": read_shape,
    "choice": read_choice,
}
"""Parser of each form of answer."""


def _finite(number: float, answer: object) -> float:
    if not math.isfinite(number):
        raise ValueError(f"`answer` must be a finite number; got {str(answer)!r}.")
    return number


def _in_unit(case: Case) -> str:
    return f" in {case.unit}" if case.unit else ""
