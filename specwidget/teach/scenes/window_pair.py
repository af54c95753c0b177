"""Two windows and their responses."""

from __future__ import annotations

import math

import numpy as np

from specwidget.charts.scene import Axes, Colour, Line, Scene, Style, Values
from specwidget.stft.window_merits import OVERSAMPLING, WindowMerits, window_merits, window_response
from specwidget.stft.windows import NAMED_WINDOWS, make_window
from specwidget.teach.analysis import decibels
from specwidget.teach.audio import tone_under
from specwidget.teach.figure_spec import AudioClip, FigureSpec, choice, length

LOWEST = -120.0
BINS_SHOWN = 16.0

FORMS = (("periodic", "periodic"), ("symmetric", "symmetric"))

HEARD_SECONDS = 0.6
"""How long a window lasts when it is heard."""


def draw(*, first: str, second: str, frame_length: int, first_form: str, second_form: str) -> Scene:
    """Draw the values of two windows, and below them what they do to a sine."""
    chosen: tuple[tuple[str, str, Colour, Style], ...] = (
        (first, first_form, "first", "solid"),
        (second, second_form, "second", "dashed"),
    )
    pairs = [_curves(name, form, frame_length, colour, style) for name, form, colour, style in chosen]
    responses = [response for _, response, _ in pairs]
    shapes = [shape for shape, _, _ in pairs]
    bottom = min(-0.05, min(float(line.y.min()) for line in shapes) - 0.05)
    axes = (
        Axes("Values", "sample n", "w[n]", (-1, frame_length), (bottom, 1.08), shapes),
        Axes(
            "Response",
            "distance from the sine (bins)",
            "level (dB)",
            (0, min(BINS_SHOWN, frame_length / 2)),
            (LOWEST, 6),
            responses,
        ),
    )
    merits = [merits for _, _, merits in pairs]
    sentences = [f"{name} ({form}): {_merits(found)}" for (name, form, _, _), found in zip(chosen, merits, strict=True)]
    return Scene(axes, " ".join(sentences), columns=2)


def response(values: Values) -> tuple[Values, Values]:
    """Return places, in bins, and levels, dB relative to the level at 0, of a window's response."""
    found = window_response(values)
    return np.arange(len(found)) / OVERSAMPLING, decibels(found / (found[0] or 1.0), LOWEST)


def hear_first(*, first: str, first_form: str, frame_length: int, **_others: object) -> AudioClip:
    """Return a tone under the first window, slowed down; what begins or ends abruptly clicks: that is its leakage."""
    return tone_under(_values(first, first_form, frame_length), HEARD_SECONDS)


def hear_second(*, second: str, second_form: str, frame_length: int, **_others: object) -> AudioClip:
    """Return a tone under the second window, slowed down."""
    return tone_under(_values(second, second_form, frame_length), HEARD_SECONDS)


def _values(name: str, form: str, frame_length: int) -> Values:
    """Return the values of a window."""
    values = make_window(name, frame_length, form == "periodic")
    assert values is not None
    return values


def _curves(name: str, form: str, frame_length: int, colour: Colour, style: Style) -> tuple[Line, Line, WindowMerits]:
    """Return a window's values, its response, and its figures of merit."""
    values = _values(name, form, frame_length)
    places, levels = response(values)
    shown = places <= BINS_SHOWN
    label = f"{name}, {form}"
    shape = Line(np.arange(frame_length), values, label, colour, style)
    return shape, Line(places[shown], levels[shown], label, colour, style), window_merits(values)


def _merits(merits: WindowMerits) -> str:
    """Return what a window costs and gives, in a sentence."""
    parts = [
        f"main lobe {_number(merits.null_width, '.2f')} bins wide",
        f"highest side lobe {_number(merits.highest_side_lobe, '.1f')} dB",
        f"noise bandwidth {_number(merits.noise_bandwidth, '.2f')} bins",
        f"scalloping loss {_number(merits.scalloping_loss, '.2f')} dB",
    ]
    return ", ".join(parts) + "."


def _number(value: float, digits: str) -> str:
    """Return a figure of merit, or that there is none."""
    return "not defined," if math.isnan(value) else format(value, digits)


PLAN = FigureSpec(
    "window_pair",
    "Two windows, side by side",
    draw,
    (
        choice(
            "first",
            "hann",
            "Its values on the left, its response on the right.",
            choices=NAMED_WINDOWS,
            label="First window",
        ),
        choice(
            "first_form",
            "periodic",
            "A periodic window is one of a symmetric one, a sample longer.",
            choices=FORMS,
            label="its form",
        ),
        choice("second", "boxcar", "What to compare with.", choices=NAMED_WINDOWS, label="Second window"),
        choice("second_form", "periodic", "Short frames show the difference best.", choices=FORMS, label="its form"),
        length("frame_length", 64, "Widths are told in bins, so the length hardly matters.", span=(4, 1024)),
    ),
    {"Hear a tone under the first window": hear_first, "Hear it under the second": hear_second},
)
