"""Which files of a corpus differ most from the others, and in what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specwidget.corpus.file_survey import FileSurvey


@dataclass(frozen=True)
class Measure:
    """A measure by which a file may be odd.

    Parameters
    ----------
    title : str
        Its title in a list, with its unit.
    form : str
        How a value is shown.
    least_spread : float
        Spread that it has at least: where nearly all files are equal, small differences are not odd.
    """

    title: str
    form: str
    least_spread: float


MEASURES = {
    "duration": Measure("Duration, s", "{:.2f}", 0.1),
    "sample_rate": Measure("Rate, Hz", "{:g}", 1.0),
    "channels": Measure("Channels", "{}", 0.1),
    "peak": Measure("Peak", "{:.3f}", 0.01),
    "clipped": Measure("Clipped", "{:.2%}", 1e-4),
    "mean": Measure("Mean", "{:.4f}", 1e-3),
    "silence": Measure("Silence", "{:.1%}", 0.01),
    "not_finite": Measure("NaN", "{}", 1.0),
    "floor_share": Measure("On the floor", "{:.1%}", 0.01),
    "level": Measure("Level", "{:.2f}", 0.01),
}
"""Measures by their names in `FileSurvey`."""


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
    least = [measure.least_spread for measure in MEASURES.values()]
    spread = np.maximum(1.4826 * np.median(distances, axis=0), least)
    scores = distances / spread
    worst, names = scores.argmax(axis=1), [*MEASURES]
    ranked = [(file, float(scores[i, worst[i]]), names[worst[i]]) for i, file in enumerate(files)]
    return sorted(ranked, key=lambda each: -each[1])
