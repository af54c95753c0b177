"""Exercises that answer: each draws a case by seed, and judges an answer with the reasoning for that case.

Everything here is plain Python. `specwidget.teach.ask` shows an exercise in the page.
"""

from __future__ import annotations

from specwidget.teach.exercises import (
    bins,
    decision,
    frame_count,
    frame_from_picture,
    framing,
    kernel_gradient,
    kernel_value,
    output_shape,
    overlap,
    overlap_sum,
    peers,
    phase_turn,
    resolution,
    scaling,
    value_place,
    window_response,
)
from specwidget.teach.exercises.case import Case, Exercise, Judgement, judge

EXERCISES: dict[str, Exercise] = {
    module.EXERCISE.name: module.EXERCISE
    for module in (
        output_shape,
        frame_count,
        framing,
        bins,
        window_response,
        frame_from_picture,
        resolution,
        scaling,
        value_place,
        kernel_value,
        kernel_gradient,
        overlap_sum,
        overlap,
        peers,
        phase_turn,
        decision,
    )
}
"""Every exercise by name, in the order of the course. A new one is a file in this folder and one more entry."""

__all__ = ["EXERCISES", "Case", "Exercise", "Judgement", "check", "draw", "judge"]


def draw(kind: str, seed: int) -> Case:
    """Draw a case of an exercise.

    Parameters
    ----------
    kind : str
        A key of `EXERCISES`.
    seed : int
        The same seed draws the same case.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> print(draw("frame_count", 3).to_text())
    How many frames T does this signal have?
      samples: 7903
      frame_length: 200
      frame_step: 100
      padding: same
    """
    return find(kind).draw(seed)


def find(kind: str) -> Exercise:
    """Return an exercise by its name; refuse what is none."""
    if kind not in EXERCISES:
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, EXERCISES))}; got {kind!r}.")
    return EXERCISES[kind]


def check(kind: str, seed: int, answer: object) -> Judgement:
    """Judge an answer to the case of a seed, without a page.

    Parameters
    ----------
    kind : str
        A key of `EXERCISES`.
    seed : int
        The seed of the case, as `draw` and `specwidget.teach.ask` take it.
    answer : str, number or sequence of int
        The answer.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If there is no such exercise.

    Examples
    --------
    >>> print(check("frame_count", 3, "80"))
    Right. With 'same' there is a frame for every step: T = ceil(7903 / 100) = 80.
    """
    return judge(draw(kind, seed), answer)
