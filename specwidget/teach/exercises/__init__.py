"""Exercises with feedback: each draws a case from a seed and explains the solution with the numbers of that case.

Everything here is plain Python. `specwidget.teach.ask` opens an exercise as a widget.
"""

from __future__ import annotations

from specwidget.teach.exercises import (
    band_centre,
    bin_frequency,
    empty_band,
    frame_count,
    frame_length_from_spectrogram,
    framing,
    kernel_gradient,
    kernel_value,
    library_framing,
    nola_cola,
    one_standard_error,
    output_shape,
    overlap_sum,
    phase_shift,
    resolution,
    scaling,
    value_index,
    which_switch,
    window_response,
)
from specwidget.teach.exercises.case import Case, Exercise, Judgement, judge

EXERCISES: dict[str, Exercise] = {
    module.EXERCISE.name: module.EXERCISE
    for module in (
        output_shape,
        frame_count,
        framing,
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
    )
}
"""The exercises by name, in the order of the course. A new exercise is a module in this folder and an entry here."""

__all__ = ["EXERCISES", "Case", "Exercise", "Judgement", "check", "draw", "judge"]


def draw(kind: str, seed: int) -> Case:
    """Draw a case of an exercise from a seed.

    Parameters
    ----------
    kind : str
        A key of `EXERCISES`.
    seed : int
        Seed of the random generator; the same seed draws the same case.

    Returns
    -------
    Case

    Raises
    ------
    ValueError
        If `kind` is not a key of `EXERCISES`.

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
    """Look up an exercise by name."""
    if kind not in EXERCISES:
        raise ValueError(f"`kind` must be one of {', '.join(map(repr, EXERCISES))}; got {kind!r}.")
    return EXERCISES[kind]


def check(kind: str, seed: int, answer: object) -> Judgement:
    """Check an answer to a case in plain Python, without a widget.

    Parameters
    ----------
    kind : str
        A key of `EXERCISES`.
    seed : int
        Seed of the case, as for `draw` and `specwidget.teach.ask`.
    answer : str, number or sequence of int
        The answer.

    Returns
    -------
    Judgement

    Raises
    ------
    ValueError
        If `kind` is not a key of `EXERCISES`.

    Examples
    --------
    >>> print(check("frame_count", 3, "80"))
    Right. With 'same' there is one frame per step: T = ceil(7903 / 100) = 80.
    """
    return judge(draw(kind, seed), answer)
