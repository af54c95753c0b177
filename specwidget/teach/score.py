"""Score of the exercises, by exercise and case: kept while the kernel runs, saved as a small file to be handed in."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path

from specwidget.files import atomic_write
from specwidget.teach.exercises import draw, judge

VERSION = 1
"""Version of the format of the file."""


@dataclass
class Score:
    """The answers to each case that were judged, up to the right one or the last try.

    Parameters
    ----------
    answers : dict of (str, int) to list of str
        Answers in their order, by name and seed.
    """

    answers: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def record(self, name: str, seed: int, answer: object) -> None:
        """Add an answer. An answer that can't be read, or to a case that has ended, changes nothing.

        Parameters
        ----------
        name : str
            Name of the exercise.
        seed : int
            Seed of the case.
        answer : object
            The answer, as it was given.
        """
        if not self.has_ended(name, seed) and judge(draw(name, seed), answer).right is not None:
            self.answers.setdefault((name, seed), []).append(str(answer))

    def attempt(self, name: str, seed: int) -> int:
        """Return which try the next answer to a case is, from 1; the last one, if the case has ended."""
        return min(len(self.answers.get((name, seed), ())) + 1, draw(name, seed).n_tries)

    def has_ended(self, name: str, seed: int) -> bool:
        """Whether a case was answered right, or its last try is over."""
        given = self.answers.get((name, seed), [])
        return self.is_right(name, seed) or len(given) >= draw(name, seed).n_tries

    def is_right(self, name: str, seed: int) -> bool:
        """Whether one of the answers to a case is right."""
        case = draw(name, seed)
        return any(judge(case, answer).right for answer in self.answers.get((name, seed), ())[: case.n_tries])

    def to_text(self, name: str | None = None) -> str:
        """Format the score of one exercise, or the total over all.

        Examples
        --------
        >>> score = Score()
        >>> score.to_text()
        'no answers yet'
        >>> score.record("frame_count", 3, "79")
        >>> score.record("frame_count", 3, "80")
        >>> score.record("frame_count", 3, "80")
        >>> score.to_text("frame_count")
        '1 of 1 right'
        """
        cases = [case for case in self.answers if name in (None, case[0])]
        n_right = sum(self.is_right(*case) for case in cases)
        return f"{n_right} of {len(cases)} right" if cases else "no answers yet"


SCORE = Score()
"""Score shared by all exercises of this Jupyter kernel."""


def save_score(person: str, path: str | os.PathLike[str], score: Score | None = None) -> str:
    """Save the score with a name, as a small JSON file to be handed in.

    Parameters
    ----------
    person : str
        Name of the person.
    path : path
        The file; an existing one is replaced.
    score : Score, optional
        The score; None is that of this kernel.

    Returns
    -------
    str
        The name and the score as one line.

    Raises
    ------
    ValueError
        If the name is empty.
    """
    if not person.strip():
        raise ValueError(f"`person` must be a name; got {person!r}.")
    chosen = SCORE if score is None else score
    cases = [{"exercise": name, "seed": seed, "answers": given} for (name, seed), given in chosen.answers.items()]
    content = {"specwidget_score": VERSION, "person": person.strip(), "cases": cases}
    with atomic_write(path) as file:
        file.write((json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
    return f"{person.strip()}: {chosen.to_text()}"


def read_score(path: str | os.PathLike[str]) -> tuple[str, Score]:
    """Read a file of `save_score`, and judge its answers again.

    Parameters
    ----------
    path : path
        The file.

    Returns
    -------
    person : str
        Name of the person.
    score : Score
        The score; answers that can't be read are left out.

    Raises
    ------
    ValueError
        If the file holds no score.
    """
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        person, cases = str(content["person"]), content["cases"]
        if content["specwidget_score"] != VERSION:
            raise ValueError("version")
        score = Score()
        for case in cases:
            for answer in case["answers"]:
                score.record(case["exercise"], case["seed"], str(answer))
    except (ValueError, TypeError, KeyError, AttributeError):
        raise ValueError(f"`path` must be a file of `save_score`; {Path(path).name!r} holds no score.") from None
    return person, score
