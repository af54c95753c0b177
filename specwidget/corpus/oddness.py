"""Which files of a corpus differ most from the others, and in what."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from specwidget.corpus.file_survey import FileSurvey

MEASURES = (
    *("duration", "sample_rate", "channels", "peak", "clipped", "mean", "silence", "not_finite", "floor_share"),
    "level",
)
"""Measures by which a file may be odd."""

LEAST_SPREAD = {
    "duration": 0.1,
    "sample_rate": 1.0,
    "channels": 0.1,
    "peak": 0.01,
    "clipped": 1e-4,
    "mean": 1e-3,
    "silence": 0.01,
    "not_finite": 1.0,
    "floor_share": 0.01,
    "level": 0.01,
}
"""Spread that a measure has at least: where nearly all files are equal, small differences are not odd."""


def rank_by_oddness(files: Sequence[FileSurvey]) -> list[tuple[FileSurvey, float, str]]:
    """Rank files by how far their oddest measure lies from the median.

    Parameters
    ----------
    files : sequence of FileSurvey
        Files that can be read.

    Returns
    -------
    list of (FileSurvey, float, str)
        Each file, its oddness and the measure that it is odd in, the oddest first. The oddness is the distance from the
        median, divided by 1.4826 times the median distance, which is the standard deviation of a normal distribution.

    References
    ----------
    .. [1] B. Iglewicz and D. Hoaglin, "How to detect and handle outliers", ASQC Quality Press, 1993.
    """
    if not files:
        return []
    values = np.array([[getattr(file, name) for name in MEASURES] for file in files], np.float64)
    distances = np.abs(values - np.median(values, axis=0))
    spread = np.maximum(1.4826 * np.median(distances, axis=0), [LEAST_SPREAD[name] for name in MEASURES])
    scores = distances / spread
    worst = scores.argmax(axis=1)
    ranked = [(file, float(scores[i, worst[i]]), MEASURES[worst[i]]) for i, file in enumerate(files)]
    return sorted(ranked, key=lambda each: -each[1])
