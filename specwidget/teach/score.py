"""Count right answers per exercise."""

from __future__ import annotations


class Score:
    """Numbers of right and of given answers per exercise."""

    def __init__(self) -> None:
        self._counts: dict[str, tuple[int, int]] = {}

    def record(self, kind: str, *, right: bool) -> None:
        """Add one answer.

        Parameters
        ----------
        kind : str
            Name of the exercise.
        right : bool
            Whether the answer was right.
        """
        n_right, n_answered = self._counts.get(kind, (0, 0))
        self._counts[kind] = n_right + right, n_answered + 1

    def to_text(self, kind: str | None = None) -> str:
        """Format the score of one exercise, or the total over all.

        Examples
        --------
        >>> score = Score()
        >>> score.to_text()
        'no answers yet'
        >>> score.record("frame_count", right=True)
        >>> score.record("frame_count", right=False)
        >>> score.to_text("frame_count")
        '1 of 2 right'
        """
        counts = list(self._counts.values()) if kind is None else [self._counts.get(kind, (0, 0))]
        n_right, n_answered = (sum(column) for column in zip(*counts, strict=True)) if counts else (0, 0)
        return f"{n_right} of {n_answered} right" if n_answered else "no answers yet"


SCORE = Score()
"""Score shared by all exercises of this Jupyter kernel."""
