"""Figure: grid search over window and frame length, with the best score marked."""

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
from specwidget.teach.two_tone import MIN_DIP_DB, dip_between_clicks, dip_between_sines

LENGTHS = tuple(round(2 ** (power / 2)) for power in range(8, 23))
MAX_DIP_DB = 30.0
"""Dips beyond this, dB, count as equally good."""


def draw(*, gap_hz: float, gap_ms: float) -> Scene:
    """Draw how well each window and frame length resolves both pairs of `two_sines_two_clicks`."""
    scores = np.array([[score(window, n, gap_hz, gap_ms) for n in LENGTHS] for window in WINDOWS])
    scene = grid_scene(
        scores, WINDOWS, LENGTHS, row_name="window", column_name="frame_length", score_name="dip", unit="dB"
    )
    verdict = "it resolves both pairs" if scores.max() >= MIN_DIP_DB else "no setting resolves both pairs"
    return Scene(scene.axes, f"{scene.caption.removesuffix('.')}; {verdict}.")


def score(window: str, frame_length: int, gap_hz: float, gap_ms: float) -> float:
    """Compute the smaller of the dips between the sines and between the clicks, dB, clipped to ±`MAX_DIP_DB`."""
    values = cached_window(window, frame_length)
    dips = dip_between_sines(values, gap_hz * frame_length / RATE), dip_between_clicks(values, gap_ms / 1000 * RATE)
    return float(np.clip(min(dips), -MAX_DIP_DB, MAX_DIP_DB))


@lru_cache(maxsize=len(WINDOWS) * len(LENGTHS))
def cached_window(window: str, frame_length: int) -> Values:
    """Make a periodic window; the cache holds all windows of the grid."""
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


def render_audio(*, gap_hz: float, gap_ms: float) -> AudioClip:
    """Render the two sines with the two clicks, played twice."""
    return AudioClip(normalised(np.tile(signal(gap_hz, gap_ms), 2)), RATE)


FIGURE = FigureSpec(
    "grid_search",
    "Grid search",
    draw,
    (
        slider(
            "gap_hz",
            100,
            "Frequency difference of the sines; closer sines need longer frames.",
            span=(10, 400),
            step=10,
            label="Sine spacing",
            unit="Hz",
        ),
        slider(
            "gap_ms",
            20,
            "Time between the clicks; closer clicks need shorter frames.",
            span=(1, 60),
            step=1,
            label="Click spacing",
            unit="ms",
        ),
    ),
    {"Play the signal": render_audio},
)
