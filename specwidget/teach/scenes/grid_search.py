"""Scores over a grid of settings, with the best marked: what `specwidget.teach.figures.grid` shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Image, Points, Scene, Values


def grid_scene(
    scores: Any,
    rows: Sequence[object],
    columns: Sequence[object],
    *,
    row_name: str,
    column_name: str,
    score_name: str = "score",
    unit: str = "",
    highest: bool = True,
) -> Scene:
    """Make a scene of scores over a grid of settings.

    Parameters
    ----------
    scores : array-like (rows, columns)
        Score of each pair of settings; NaN where there is none.
    rows, columns : sequence
        Values of the two settings.
    row_name, column_name : str
        Names of the settings.
    score_name, unit : str
        Name and unit of the score.
    highest : bool
        Whether the highest (True) or the lowest score is the best.

    Returns
    -------
    Scene

    Raises
    ------
    ValueError
        If the shape of `scores` does not match the settings, or no score is finite.

    Examples
    --------
    >>> scene = grid_scene([[1.0, 3.0], [2.0, 0.5]], ("hann", "boxcar"), (256, 512), row_name="window",
    ...                    column_name="frame_length")
    >>> scene.caption
    'The best score, 3, is that of window hann with frame_length 512.'
    """
    values: Values = np.asarray(scores, dtype=np.float64)
    if values.shape != (len(rows), len(columns)):
        raise ValueError(f"`scores` must have shape {(len(rows), len(columns))}; got shape {values.shape}.")
    if not np.isfinite(values).any():
        raise ValueError("`scores` must hold at least one finite number; got none.")
    best = int(np.nanargmax(values) if highest else np.nanargmin(values))
    row, column = divmod(best, len(columns))
    n_rows, n_columns = values.shape
    tick_step = -(-n_columns // 12)
    axes = Axes(
        f"{score_name[:1].upper()}{score_name[1:]}, over {row_name} and {column_name}",
        column_name,
        row_name if max(len(str(value)) for value in rows) <= 6 else "",
        (-0.5, n_columns - 0.5),
        (-0.5, n_rows - 0.5),
        [
            Image(values, (-0.5, n_columns - 0.5), (-0.5, n_rows - 0.5), score_name, unit),
            Points([column], [row], "best", "bad", "ring"),
        ],
        x_ticks=tuple((float(i), str(value)) for i, value in enumerate(columns) if i % tick_step == 0),
        y_ticks=tuple((float(i), str(value)) for i, value in enumerate(rows)),
        height=max(0.6, 0.16 * n_rows),
    )
    best_score = f"{values[row, column]:.3g}{f' {unit}' if unit else ''}"
    caption = (
        f"The best {score_name}, {best_score}, is that of {row_name} {rows[row]} with {column_name} {columns[column]}."
    )
    return Scene((axes,), caption)
