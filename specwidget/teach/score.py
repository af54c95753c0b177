"""How many answers were right, by exercise."""

from __future__ import annotations


class Score:
    """Counts of answers, by the name of the exercise."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def record(self, kind: str, *, right: bool) -> None:
        """Count an answer.

        Parameters
        ----------
        kind : str
            Name of the exercise.
        right : bool
            Whether the answer was right.
        """
        n_right, n_asked = self._counts.get(kind, (0, 0))
        self._counts[kind] = n_right + right, n_asked + 1

    def to_text(self, kind: str | None = None) -> str:
        """Return the score of an exercise, or of all together.

        Examples
        --------
        >>> score = Score()
        >>> score.to_text()
        'nothing answered yet'
        >>> score.record("frame_count", right=True)
        >>> score.record("frame_count", right=False)
        >>> score.to_text("frame_count")
        '1 of 2 right'
        """
        counts = list(self._counts.values()) if kind is None else [self._counts.get(kind, (0, 0))]
        n_right, n_asked = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
        return f"{n_right} of {n_asked} right" if n_asked else "nothing answered yet"


SCORE = Score()
"""The score of this kernel: all questions of a notebook count into it."""
