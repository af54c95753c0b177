"""A score over a grid of settings, with the best of them marked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from specwidget.charts.scene import Axes, Image, Points, Scene, Values
from specwidget.stft.windows import make_window
from specwidget.teach.figure_spec import AudioClip, FigureSpec, normalised, slider
from specwidget.teach.scenes.leakage import WINDOWS
from specwidget.teach.scenes.two_sines_two_clicks import RATE, signal
from specwidget.teach.two_tone import TOLD_APART, dip_between_clicks, dip_between_sines

LENGTHS = tuple(round(2 ** (power / 2)) for power in range(8, 23))
MOST = 30.0
"""Dip, dB, beyond which more is of no use."""


def draw(*, gap_hz: float, gap_ms: float) -> Scene:
    """Draw how well each window and frame length tells both pairs of `two_sines_two_clicks` apart."""
    scores = np.array([[score(window, n, gap_hz, gap_ms) for n in LENGTHS] for window in WINDOWS])
    scene = grid_scene(
        scores, WINDOWS, LENGTHS, row_name="window", column_name="frame_length", score_name="dip", unit="dB"
    )
    told = "it tells both pairs apart" if scores.max() >= TOLD_APART else "no setting tells both pairs apart"
    return Scene(scene.axes, f"{scene.caption.removesuffix('.')}; {told}.")


def score(window: str, frame_length: int, gap_hz: float, gap_ms: float) -> float:
    """Return the smaller of the dips between the sines and between the clicks, dB, within `MOST` of 0."""
    values = window_of(window, frame_length)
    dips = dip_between_sines(values, gap_hz * frame_length / RATE), dip_between_clicks(values, gap_ms / 1000 * RATE)
    return float(np.clip(min(dips), -MOST, MOST))


@lru_cache(maxsize=len(WINDOWS) * len(LENGTHS))
def window_of(window: str, frame_length: int) -> Values:
    """Return the values of a window; all of the grid are kept."""
    values = make_window(window, frame_length, True)
    assert values is not None
    return values


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
    """Return a scene of scores over a grid of settings.

    Parameters
    ----------
    scores : array-like (rows, columns)
        A score for each pair of settings; what could not be scored is NaN.
    rows, columns : sequence
        The settings.
    row_name, column_name : str
        Names of the settings.
    score_name, unit : str
        What the score is.
    highest : bool
        Whether the highest score is the best, or the lowest.

    Returns
    -------
    Scene

    Raises
    ------
    ValueError
        If `scores` has not a row and a column for each setting, or holds no number.

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
    every = -(-n_columns // 12)
    axes = Axes(
        f"{score_name[:1].upper()}{score_name[1:]}, over {row_name} and {column_name}",
        column_name,
        row_name if max(len(str(value)) for value in rows) <= 6 else "",
        (-0.5, n_columns - 0.5),
        (-0.5, n_rows - 0.5),
        [
            Image(values, (-0.5, n_columns - 0.5), (-0.5, n_rows - 0.5), score_name, unit),
            Points([column], [row], "the best", "bad", "ring"),
        ],
        x_ticks=tuple((float(i), str(value)) for i, value in enumerate(columns) if i % every == 0),
        y_ticks=tuple((float(i), str(value)) for i, value in enumerate(rows)),
        height=max(0.6, 0.16 * n_rows),
    )
    shown = f"{values[row, column]:.3g}{f' {unit}' if unit else ''}"
    caption = f"The best {score_name}, {shown}, is that of {row_name} {rows[row]} with {column_name} {columns[column]}."
    return Scene((axes,), caption)


def hear(*, gap_hz: float, gap_ms: float) -> AudioClip:
    """Return the two sines with the two clicks, twice."""
    return AudioClip(normalised(np.tile(signal(gap_hz, gap_ms), 2)), RATE)


PLAN = FigureSpec(
    "study_grid",
    "A study of parameters",
    draw,
    (
        slider(
            "gap_hz",
            100,
            "Nearer sines want longer frames.",
            span=(10, 400),
            step=10,
            label="Between the sines",
            unit="Hz",
        ),
        slider(
            "gap_ms",
            20,
            "Nearer clicks want shorter frames.",
            span=(1, 60),
            step=1,
            label="Between the clicks",
            unit="ms",
        ),
    ),
    {"Hear the signal": hear},
)
