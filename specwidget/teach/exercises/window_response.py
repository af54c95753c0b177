"""Which window has this response."""

from __future__ import annotations

import random

import numpy as np

from specwidget.charts.scene import Axes, Line, Scene, Values
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.window_pair import BINS_SHOWN, LOWEST, response

FRAME_LENGTH = 64
CHOICES = ("boxcar", "bartlett", "hann", "hamming", "blackman", "blackmanharris", "flattop")


def draw(seed: int) -> Case:
    """Draw a window, and show its response."""
    window = random.Random(seed).choice(CHOICES)
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    places, levels = response(values)
    shown = places <= BINS_SHOWN
    axes = Axes(
        "Response of a window",
        "distance from the sine (bins)",
        "level (dB)",
        (0, BINS_SHOWN),
        (LOWEST, 6),
        [Line(places[shown], levels[shown])],
    )
    merits = window_merits(values)
    return Case(
        "window_response",
        seed,
        "Which window has this response?",
        (("frame_length", str(FRAME_LENGTH)),),
        "choice",
        window,
        f"The main lobe ends {merits.null_width / 2:.1f} bins from the middle and the highest side lobe is at "
        f"{merits.highest_side_lobe:.0f} dB: that is {window}.",
        mistakes=tuple((other, _contrast(other)) for other in CHOICES if other != window),
        choices=CHOICES,
        scene=Scene((axes,), _describe(levels[shown], places[shown])),
    )


def _contrast(window: str) -> str:
    """Return what another window would show."""
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    merits = window_merits(values)
    return (
        f"With {window} the main lobe would end {merits.null_width / 2:.1f} bins from the middle, and the highest side "
        f"lobe be at {merits.highest_side_lobe:.0f} dB."
    )


def _describe(levels: Values, places: Values) -> str:
    """Return what is seen, for who does not see it: where the first dip is, and what is highest beyond it."""
    inside = levels[1:-1]
    dips = np.flatnonzero((inside < levels[:-2]) & (inside <= levels[2:]) & (inside < -20)) + 1
    first = int(dips[0])
    beyond = levels[first:].max()
    return f"The main lobe ends {places[first]:.1f} bins from the middle; beyond it the highest is {beyond:.0f} dB."


EXERCISE = Exercise("window_response", "Recognise the window", draw)
