"""Pictures of a survey: levels, share on the floor, outliers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from specwidget.corpus.levels import has_levels
from specwidget.corpus.oddness import rank_by_oddness

if TYPE_CHECKING:
    from specwidget.corpus.surveying import Survey

N_ODD = 10
"""Files that are named as outliers."""

MOST_NAME = 40
"""Characters of a name in a picture."""


def draw_survey(survey: Survey) -> Any:
    """Draw what a survey has: levels and floor with a layer, and outliers."""
    from matplotlib.figure import Figure

    has_values = survey.histogram is not None and len(survey.histogram.counts) > 0
    figure = Figure((12.0, 3.6) if has_values else (6.0, 3.6), layout="constrained")
    if not has_values:
        draw_outliers(figure.subplots(), survey)
        return figure
    levels, floors, outliers = figure.subplots(1, 3)
    draw_levels(levels, survey)
    draw_floor_share(floors, survey)
    draw_outliers(outliers, survey)
    return figure


def draw_levels(axes: Any, survey: Survey) -> None:
    """Draw the distribution of levels, with the layer's floor."""
    histogram = survey.histogram
    assert histogram is not None
    is_level = survey.settings is not None and has_levels(survey.settings)
    counts = histogram.counts / max(int(histogram.counts.sum()), 1) / histogram.width
    axes.stairs(counts, histogram.edges, fill=True)
    x, y = ("level, dB", "share per dB") if is_level else ("value", "density")
    axes.set(title="Values", xlabel=x, ylabel=y)
    _limit(axes, survey)
    if survey.floor is not None:
        axes.axvline(survey.floor.level, color="black", linestyle="--", label=f"{survey.floor.name} of the layer")
        axes.legend()


def draw_floor_share(axes: Any, survey: Survey) -> None:
    """Draw the share of values on the floor for every floor."""
    histogram = survey.histogram
    assert histogram is not None
    name = "floor" if survey.floor is None else survey.floor.name
    cumulative = np.concatenate([[0], np.cumsum(histogram.counts)]) / max(int(histogram.counts.sum()), 1)
    axes.plot(histogram.edges, 100 * cumulative)
    axes.set(title="Share on the floor", xlabel=f"10 log10({name}), dB", ylabel="values at or below it, %")
    _limit(axes, survey)
    if survey.floor is not None:
        axes.axvline(survey.floor.level, color="black", linestyle="--")


def draw_outliers(axes: Any, survey: Survey) -> None:
    """Draw the oddest files and how odd they are."""
    ranked = rank_by_oddness(survey.readable)[:N_ODD][::-1]
    labels = [f"{_short(file.path)} ({measure.replace('_', ' ')})" for file, _, measure in ranked]
    # Beside each other: a name that is not text may be that of two files.
    axes.barh(range(len(ranked)), [oddness for _, oddness, _ in ranked])
    axes.set_yticks(range(len(ranked)), labels)
    axes.set(title="Outliers", xlabel="standard deviations from the median")
    axes.set_xscale("symlog")


def _limit(axes: Any, survey: Survey) -> None:
    """Show the levels between which nearly all values lie, and the floor."""
    histogram = survey.histogram
    assert histogram is not None
    low, high = histogram.level_below(0.001), histogram.level_below(0.9999)
    if survey.floor is not None:
        low, high = min(low, survey.floor.level), max(high, survey.floor.level)
    margin = 0.05 * (high - low) + histogram.width
    axes.set_xlim(low - margin, high + margin)


def _short(path: str) -> str:
    """Return the end of a path as it can be drawn; a dollar would begin a formula."""
    text = path.encode("ascii", "backslashreplace").decode()[-MOST_NAME:]
    return text.replace("$", r"\$")
