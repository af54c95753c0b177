"""Judge an answer to a case: read it as it was typed, compare it with the solution, and explain a known mistake."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from specwidget.teach.exercises.answers import readings
from specwidget.teach.exercises.case import Case, Form, Shape, is_near, matches

_BETWEEN = re.compile(r"\s*[,;x×*]\s*")
_AROUND = re.compile(r"^[\w.]*\(|^[\s\[]+|[\s)\].,;]+$")


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
