"""Exercise: recognise a window by its frequency response."""

from __future__ import annotations

import random
from functools import cache

import numpy as np

from specwidget.charts.scene import Axes, Line, Scene, Values
from specwidget.stft.window_merits import window_merits
from specwidget.stft.windows import make_window
from specwidget.teach.exercises.case import Case, Exercise
from specwidget.teach.scenes.window_comparison import MAX_BIN, MIN_LEVEL_DB, response

FRAME_LENGTH = 64
CHOICES = ("boxcar", "bartlett", "hann", "hamming", "blackman", "blackmanharris", "flattop")


def draw(seed: int, rng: random.Random) -> Case:
    """Draw a window and show its frequency response."""
    window = rng.choice(CHOICES)
    width, side_lobe = _merits(window)
    return Case(
        "window_response",
        seed,
        "Which window has this response?",
        (("frame_length", str(FRAME_LENGTH)),),
        "choice",
        window,
        f"The main lobe ends {width:.1f} bins from its centre and the highest side lobe is at {side_lobe:.0f} dB: this "
        f"is {window}.",
        hint="At which bin does the main lobe end? How high is the highest side lobe?",
        mistakes=tuple((other, _contrast(other)) for other in CHOICES if other != window),
        choices=CHOICES,
        scene=_scene(window),
    )


def _contrast(window: str) -> str:
    """Describe the response of another window."""
    width, side_lobe = _merits(window)
    return (
        f"The main lobe of {window} ends {width:.1f} bins from its centre, and its highest side lobe is at "
        f"{side_lobe:.0f} dB."
    )


@cache
def _merits(window: str) -> tuple[float, float]:
    """Return the distance from the centre of the main lobe to its null, bins, and the highest side lobe, dB."""
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    merits = window_merits(values)
    return merits.null_width / 2, merits.highest_side_lobe


@cache
def _scene(window: str) -> Scene:
    """Draw the response of a window."""
    values = make_window(window, FRAME_LENGTH, True)
    assert values is not None
    offsets, levels = response(values)
    in_range = offsets <= MAX_BIN
    axes = Axes(
        "Frequency response of a window",
        "frequency offset (bins)",
        "level (dB re offset 0)",
        (0, MAX_BIN),
        (MIN_LEVEL_DB, 6),
        [Line(offsets[in_range], levels[in_range])],
    )
    return Scene((axes,), _describe(levels[in_range], offsets[in_range]))


def _describe(levels: Values, offsets: Values) -> str:
    """Describe the curve in words, for screen readers: the first null, and the highest level beyond it."""
    inside = levels[1:-1]
    nulls = np.flatnonzero((inside < levels[:-2]) & (inside <= levels[2:]) & (inside < -20)) + 1
    first = int(nulls[0])
    beyond = levels[first:].max()
    return (
        f"The main lobe ends {offsets[first]:.1f} bins from its centre; beyond it the highest level is {beyond:.0f} dB."
    )


EXERCISE = Exercise("window_response", "Recognise the window", draw)
