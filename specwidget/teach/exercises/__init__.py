"""Exercises with feedback: each draws a case from a seed and explains the solution with the numbers of that case.

Everything here is plain Python. `specwidget.teach.ask` opens an exercise as a widget.
"""

from __future__ import annotations

from functools import lru_cache

from specwidget.teach.exercises import (
    alias,
    band_centre,
    bin_frequency,
    corpus_statistics,
    dft_value,
    empty_band,
    frame_count,
    frame_length_from_spectrogram,
    framing,
    kernel_gradient,
    kernel_value,
    level,
    library_framing,
    nola_cola,
    one_standard_error,
    output_shape,
    overlap_sum,
    phase_shift,
    resolution,
    scaling,
    sum_of_sines,
    value_index,
    which_switch,
    window_response,
)
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.exercises.judgement import Judgement, judge

EXERCISES: dict[str, Exercise] = {
    module.EXERCISE.name: module.EXERCISE
    for module in (
        sum_of_sines,
        alias,
        level,
        dft_value,
        frame_count,
        framing,
        output_shape,
        bin_frequency,
        window_response,
        frame_length_from_spectrogram,
        resolution,
        scaling,
        value_index,
        kernel_value,
        kernel_gradient,
        overlap_sum,
        nola_cola,
        library_framing,
        phase_shift,
        one_standard_error,
        band_centre,
        empty_band,
        which_switch,
        corpus_statistics,
    )
}
"""The exercises by name, in the order of the course. A new exercise is a module in this folder and an entry here."""

__all__ = ["EXERCISES", "Case", "Exercise", "Judgement", "check", "draw", "judge"]


def draw(name: str, seed: int) -> Case:
    """Draw a case of an exercise from a seed.

    Parameters
    ----------
    name : str
        A key of `EXERCISES`.
    seed : int
        Seed of the random generator; the same seed draws the same case.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If `name` is not a key of `EXERCISES`.
    TypeError
        If `name` is not a string or `seed` not an integer: they may have been swapped.

    Examples
    --------
    >>> print(draw("frame_count", 3).to_text())
    How many frames T does this signal have?
      samples: 7903
      frame_length: 200
      frame_step: 100
      padding: same
    """
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"`seed` must be an int; got {seed!r}. The order is the name, the seed, the answer.")
    return _draw(find(name), seed)


@lru_cache(maxsize=128)
def _draw(exercise: Exercise, seed: int) -> Case:
    """Draw a case, or return it again: a score asks for each of its cases often."""
    return exercise.draw(seed)


def find(name: str) -> Exercise:
    """Look up an exercise by name."""
    if not isinstance(name, str):
        raise TypeError(f"`name` must be a string; got {name!r}. The order is the name, the seed, the answer.")
    if name not in EXERCISES:
        raise ValueError(f"`name` must be one of {', '.join(map(repr, EXERCISES))}; got {name!r}.")
    return EXERCISES[name]


def check(name: str, seed: int, answer: object, *, attempt: int = 1) -> Judgement:
    """Check an answer to a case in plain Python, without a widget.

    Parameters
    ----------
    name : str
        A key of `EXERCISES`.
    seed : int
        Seed of the case, as for `draw` and `specwidget.teach.ask`.
    answer : str, number or sequence of int
        The answer.
    attempt : int
        Which try it is, from 1; from 2 on a wrong answer gets the solution instead of a hint.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If `name` is not a key of `EXERCISES`.
    TypeError
        If `name` is not a string or `seed` not an integer: they may have been swapped.

    Examples
    --------
    >>> print(check("frame_count", 3, "80"))
    Right. With 'same' there is one frame per step: T = ceil(7903 / 100) = 80.
    >>> print(check("frame_count", 3, "79"))
    Not right. Round up: the last step may be incomplete. Try again.
    """
    return judge(draw(name, seed), answer, attempt)
